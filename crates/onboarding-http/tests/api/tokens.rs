//! The life of an API token.

use onboarding_core::{
    access::{ApiTokenId, TokenScope},
    ports::Clock as _,
};
use onboarding_testkit::acme_id;
use serde_json::json;

use crate::bench::{Bench, Browser, initech, request, with_body, with_token};

const TOKENS: &str = "/api/v1/tokens";

async fn creates(bench: &Bench, admin: &Browser, name: &str) -> (String, String) {
    let body = json!({ "name": name, "scopes": ["config:read"], "expires_at": "2027-01-01T00:00:00Z" });
    let answer = bench
        .browses(admin, with_body(request("POST", TOKENS), &body.to_string()))
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let text = |key: &str| answer.json[key].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), format!("{TOKENS}/{}", text("id")));
    (text("id"), text("secret"))
}

#[actix_web::test]
async fn a_token_is_created_used_revoked_and_refused() {
    let bench = Bench::new().await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    let (id, secret) = creates(&bench, &admin, "CRM").await;
    let me = bench.sends(with_token("GET", "/api/v1/me", &secret)).await;
    assert_eq!(
        me.json["service"],
        json!({ "token": id, "name": "CRM", "scopes": ["config:read"] })
    );
    let shown = bench
        .browses(&admin, request("GET", &format!("{TOKENS}/{id}")))
        .await;
    assert!(shown.json["last_used_at"].is_string());
    assert!(!shown.text.contains(&secret[40..]), "it is shown once");
    let revoked = bench
        .browses(&admin, request("DELETE", &format!("{TOKENS}/{id}")))
        .await;
    assert_eq!(revoked.status, 204);
    let me = bench.sends(with_token("GET", "/api/v1/me", &secret)).await;
    assert_eq!((me.status.as_u16(), me.kind()), (401, "not-signed-in"));
    assert!(me.header("www-authenticate").contains("invalid_token"));
    let again = bench
        .browses(&admin, request("DELETE", &format!("{TOKENS}/{id}")))
        .await;
    assert_eq!(again.status, 204, "repeating it changes nothing");
}

#[actix_web::test]
async fn a_token_ends_when_its_time_is_over() {
    let bench = Bench::new().await;
    let token = bench.token(&acme_id(), &[TokenScope::RoomsRead]).await;
    let status = async || {
        bench
            .sends(with_token("GET", "/api/v1/me", &token))
            .await
            .status
            .as_u16()
    };
    bench.clock.advance(std::time::Duration::from_secs(24 * 3600 - 1));
    assert_eq!(status().await, 200);
    bench.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(status().await, 401);
}

#[actix_web::test]
async fn nothing_but_the_whole_token_opens_anything() {
    let bench = Bench::new().await;
    let token = bench.token(&acme_id(), &[TokenScope::RoomsRead]).await;
    let mut wrong = token.clone();
    let last = if wrong.ends_with('0') { "1" } else { "0" };
    wrong.replace_range(wrong.len() - 1.., last);
    for authorization in [
        format!("Bearer {wrong}"),
        format!("Bearer {}", token.to_uppercase()),
        format!("Basic {token}"),
        token.clone(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Bearer {token} {token}"),
    ] {
        let asked = request("GET", "/api/v1/me").insert_header(("Authorization", authorization.as_str()));
        let answer = bench.sends(asked).await;
        assert_eq!(
            (answer.status.as_u16(), answer.kind()),
            (401, "not-signed-in"),
            "{authorization}"
        );
    }
    let twice = with_token("GET", "/api/v1/me", &token).append_header(("Authorization", "Bearer x"));
    assert_eq!(bench.sends(twice).await.status, 401);
}

#[actix_web::test]
async fn only_the_hash_is_stored() {
    let bench = Bench::new().await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    let (id, secret) = creates(&bench, &admin, "CRM").await;
    let id = ApiTokenId::from_uuid(id.parse().unwrap());
    let stored = format!("{:?}", bench.api.store.token(id).await.unwrap());
    assert!(!stored.contains(secret.rsplit('_').next().unwrap()));
}

#[actix_web::test]
async fn another_companys_token_is_like_none() {
    let bench = Bench::new().await;
    let ours = bench.signs_in(&acme_id(), "michael").await;
    let theirs = bench.signs_in(&initech(), "michael").await;
    let (id, secret) = creates(&bench, &theirs, "theirs").await;
    for method in ["GET", "DELETE"] {
        let mut answers = Vec::new();
        for id in [
            id.as_str(),
            "00000000-0000-7000-8000-000000000000",
            "no-id-at-all",
        ] {
            let answer = bench
                .browses(&ours, request(method, &format!("{TOKENS}/{id}")))
                .await;
            assert_eq!(answer.status, 404);
            answers.push(answer.text);
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    }
    assert_eq!(
        bench.sends(with_token("GET", "/api/v1/me", &secret)).await.status,
        200
    );
    let list = bench.browses(&ours, request("GET", TOKENS)).await;
    assert_eq!(list.json["items"], json!([]));
}

#[actix_web::test]
async fn lists_come_page_by_page() {
    let bench = Bench::new().await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    for name in ["a", "b", "c"] {
        creates(&bench, &admin, name).await;
        bench.clock.advance(std::time::Duration::from_secs(1));
    }
    let page = async |query: &str| {
        let answer = bench
            .browses(&admin, request("GET", &format!("{TOKENS}?{query}")))
            .await;
        let items = answer.json["items"].as_array().cloned().unwrap_or_default();
        let names: Vec<_> = items
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect();
        (
            names,
            answer.json["next_cursor"].as_str().map(str::to_owned),
            answer.kind().to_owned(),
        )
    };
    let (first, cursor, _) = page("limit=2").await;
    assert_eq!(first, ["c", "b"]);
    let (second, end, _) = page(&format!("limit=2&cursor={}", cursor.unwrap())).await;
    assert_eq!((second, end), (vec!["a".to_owned()], None));
    assert_eq!(page("limit=3").await.1, None, "exactly full is the last");
    for (query, kind) in [
        ("limit=0", "invalid-parameter"),
        ("limit=201", "invalid-parameter"),
        ("limit=x", "invalid-parameter"),
        ("offset=1", "invalid-parameter"),
        ("limit=1&limit=2", "invalid-parameter"),
        ("cursor=%00", "invalid-cursor"),
        ("cursor=e30", "invalid-cursor"),
    ] {
        assert_eq!(page(query).await.2, kind, "{query}");
    }
}

#[actix_web::test]
async fn a_wish_that_cannot_be_fulfilled_names_the_field() {
    let bench = Bench::new().await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    let year = bench.clock.now() + std::time::Duration::from_hours(366 * 24);
    let good = json!({ "name": "CRM", "scopes": ["config:read"], "expires_at": "2027-01-01T00:00:00Z" });
    for (key, value, field) in [
        ("name", json!(""), "/name"),
        ("name", json!("a\nb"), "/name"),
        ("name", json!("a".repeat(101)), "/name"),
        ("scopes", json!([]), "/scopes"),
        ("scopes", json!(["config:read", "everything"]), "/scopes/1"),
        ("scopes", json!("config:read"), "/scopes"),
        ("expires_at", json!("tomorrow"), "/expires_at"),
        ("expires_at", json!("2020-01-01T00:00:00Z"), "/expires_at"),
        ("expires_at", json!(year.to_string()), "/expires_at"),
        ("company", json!("initech"), "/company"),
    ] {
        let mut body = good.clone();
        body[key] = value;
        let answer = bench
            .browses(&admin, with_body(request("POST", TOKENS), &body.to_string()))
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.kind()),
            (422, "invalid-field"),
            "{}",
            answer.text
        );
        assert_eq!(answer.json["errors"][0]["field"], field, "{}", answer.text);
    }
    let list = bench.browses(&admin, request("GET", TOKENS)).await;
    assert_eq!(list.json["items"], json!([]), "nothing was made");
}
