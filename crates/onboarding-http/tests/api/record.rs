//! What happened, over HTTP, and what people do about it.

use onboarding_core::access::TokenScope;
use onboarding_testkit::acme_id;
use serde_json::{Value, json};

use crate::{
    bench::{Answer, Bench, Browser, request, with_body, with_token},
    world::seeded,
};

async fn gets(bench: &Bench, caller: &Browser, path: &str) -> Answer {
    bench
        .browses(caller, request("GET", &format!("/api/v1/{path}")))
        .await
}

async fn posts(bench: &Bench, caller: &Browser, path: &str, body: Option<Value>) -> Answer {
    let asked = request("POST", &format!("/api/v1/{path}"));
    let asked = match body {
        Some(body) => with_body(asked, &body.to_string()),
        None => asked,
    };
    bench.browses(caller, asked).await
}

fn first(page: &Answer) -> &Value {
    &page.json["items"][0]
}

#[actix_web::test]
async fn an_onboarding_tells_its_outcome_and_why_and_not_what_was_written() {
    let bench = seeded().await;
    let auditor = bench.signs_in(&acme_id(), "lee").await;
    let page = gets(&bench, &auditor, "onboardings?user=dom").await;
    let one = first(&page);
    assert_eq!(
        (&one["outcome"], &one["user"]),
        (&json!("onboarded"), &json!("dom")),
        "{one}"
    );
    assert_eq!(one["number"], "+85256428035");
    let stages: Vec<_> = one["trace"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["stage"].as_str().unwrap())
        .collect();
    assert!(stages.contains(&"secondary_number_allocation"), "{stages:?}");
    let id = one["id"].as_str().unwrap();
    assert_eq!(
        gets(&bench, &auditor, &format!("onboardings/{id}")).await.json,
        *one
    );
    let room = one["chat_room"].as_str().unwrap();
    let room = gets(&bench, &auditor, &format!("chat-rooms/{room}")).await;
    assert_eq!(
        (&room.json["user"], &room.json["state"]),
        (&json!("dom"), &json!("active"))
    );
    assert_eq!(
        gets(&bench, &auditor, "onboardings?user=nobody").await.json["items"],
        json!([])
    );
    assert_eq!(
        gets(&bench, &auditor, "onboardings?user=%00").await.json["items"],
        json!([])
    );
}

#[actix_web::test]
async fn every_list_is_read_page_by_page_to_its_end() {
    let bench = seeded().await;
    let (admin, auditor) = (
        bench.signs_in(&acme_id(), "michael").await,
        bench.signs_in(&acme_id(), "lee").await,
    );
    for list in [
        "onboardings",
        "chat-rooms",
        "prospects",
        "dead-letters",
        "audit-events",
        "users",
    ] {
        let whole = gets(&bench, &auditor, &format!("{list}?limit=200")).await.json["items"].clone();
        let (mut read, mut path) = (Vec::new(), format!("{list}?limit=1"));
        loop {
            let page = gets(&bench, &auditor, &path).await.json;
            read.extend(page["items"].as_array().unwrap().clone());
            let Some(cursor) = page["next_cursor"].as_str() else {
                break;
            };
            path = format!("{list}?limit=1&cursor={cursor}");
        }
        assert!(Value::Array(read) == whole, "{list}");
        assert_ne!(whole, json!([]), "{list}");
    }
    drop(admin);
}

#[actix_web::test]
async fn reading_what_was_written_is_in_the_audit() {
    let bench = seeded().await;
    let dom = bench.signs_in(&acme_id(), "dom").await;
    let room = first(&gets(&bench, &dom, "chat-rooms").await)["id"].clone();
    let path = format!("chat-rooms/{}/messages", room.as_str().unwrap());
    let messages = gets(&bench, &dom, &path).await;
    assert_eq!(
        messages.json["items"][0]["from_client"], false,
        "{}",
        messages.text
    );
    let entry = bench.audit(&acme_id()).await.pop().unwrap();
    assert_eq!(
        (entry.action.as_str(), entry.subject_id),
        ("read", room.as_str().unwrap().to_owned())
    );
    let admin = bench.signs_in(&acme_id(), "michael").await;
    assert_eq!(
        gets(&bench, &admin, &path).await.status,
        403,
        "admins do not read along"
    );
}

#[actix_web::test]
async fn a_room_is_closed_once() {
    let bench = seeded().await;
    let dom = bench.signs_in(&acme_id(), "dom").await;
    let room = first(&gets(&bench, &dom, "chat-rooms").await)["id"].clone();
    let path = format!("chat-rooms/{}", room.as_str().unwrap());
    let closure = format!("{path}/closure");
    let long = json!({ "note": "a".repeat(1001) });
    assert_eq!(posts(&bench, &dom, &closure, Some(long)).await.status, 422);
    let closed = posts(&bench, &dom, &closure, Some(json!({ "note": "done" }))).await;
    assert_eq!(closed.status, 204, "{}", closed.text);
    let end = gets(&bench, &dom, &path).await.json["end"].clone();
    assert_eq!((&end["reason"], &end["note"]), (&json!("ended"), &json!("done")));
    assert!(end["by"].as_str().unwrap().starts_with("user "), "{end}");
    let again = posts(&bench, &dom, &closure, Some(json!({}))).await;
    assert_eq!((again.status.as_u16(), again.kind()), (409, "prevented"));
    assert_eq!(
        gets(&bench, &dom, "chat-rooms?live=true").await.json["items"],
        json!([])
    );
}

#[actix_web::test]
async fn a_room_is_handed_over() {
    let bench = seeded().await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    let room = first(&gets(&bench, &admin, "chat-rooms").await)["id"].clone();
    let path = format!("chat-rooms/{}/handover", room.as_str().unwrap());
    let nobody = posts(&bench, &admin, &path, Some(json!({ "to": "nobody" }))).await;
    assert_eq!(nobody.json["errors"][0]["field"], "/to");
    let done = posts(&bench, &admin, &path, Some(json!({ "to": "kate" }))).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let new = done.json["chat_room"].as_str().unwrap();
    assert_eq!(
        gets(&bench, &admin, &format!("chat-rooms/{new}")).await.json["user"],
        "kate"
    );
}

/// A service does what its scope lets it, and the record names its token.
#[actix_web::test]
async fn a_prospect_is_promoted_or_rejected() {
    let bench = seeded().await;
    let token = bench.token(&acme_id(), &[TokenScope::RoomsWrite]).await;
    let ask = async |method: &str, path: &str| {
        bench
            .sends(with_token(method, &format!("/api/v1/{path}"), &token))
            .await
    };
    let waiting = ask("GET", "prospects?waiting=true").await;
    let id = first(&waiting)["id"].as_str().unwrap().to_owned();
    assert_eq!(first(&waiting)["waits_for"], "promotion");
    let promoted = ask("POST", &format!("prospects/{id}/promotion")).await;
    assert_eq!(promoted.status, 200, "{}", promoted.text);
    let room = promoted.json["chat_room"].as_str().unwrap();
    assert_eq!(
        ask("GET", &format!("chat-rooms/{room}")).await.json["user"],
        "kate"
    );
    let over = ask("GET", &format!("prospects/{id}")).await.json;
    assert_eq!(over["state"], "promoted");
    assert!(over["ended_by"].as_str().unwrap().starts_with("token "), "{over}");
    let late = ask("POST", &format!("prospects/{id}/rejection")).await;
    assert_eq!((late.status.as_u16(), late.kind()), (409, "prevented"));
    assert_eq!(
        ask("GET", "prospects?waiting=true").await.json["items"],
        json!([])
    );
}

#[actix_web::test]
async fn a_dead_letter_is_tried_again_once() {
    let bench = seeded().await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    let letter = first(&gets(&bench, &admin, "dead-letters").await).clone();
    assert_eq!(letter["kind"], "outbound", "{letter}");
    let path = format!("dead-letters/{}", letter["id"].as_str().unwrap());
    assert_eq!(gets(&bench, &admin, &path).await.json, letter);
    let replay = format!("{path}/replay");
    assert_eq!(posts(&bench, &admin, &replay, None).await.status, 204);
    let entry = bench.audit(&acme_id()).await.pop().unwrap();
    assert_eq!(
        (entry.action.as_str(), entry.actor_id.as_deref()),
        ("replay", Some("michael"))
    );
    assert_eq!(posts(&bench, &admin, &replay, None).await.status, 404);
    assert_eq!(
        gets(&bench, &admin, "dead-letters").await.json["items"],
        json!([])
    );
}

#[actix_web::test]
async fn the_audit_is_searched() {
    let bench = seeded().await;
    let auditor = bench.signs_in(&acme_id(), "lee").await;
    let of = async |query: &str| {
        let page = gets(&bench, &auditor, &format!("audit-events?limit=200&{query}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        page.json["items"].as_array().unwrap().clone()
    };
    let signed_in = of("action=sign_in&actor_id=lee").await;
    assert_eq!(signed_in.len(), 1, "{signed_in:?}");
    let one = &signed_in[0];
    assert_eq!(one["actor"], json!({ "kind": "person", "id": "lee" }));
    assert_eq!(one["after"]["means"], "password");
    let path = format!("audit-events/{}", one["sequence"]);
    assert_eq!(gets(&bench, &auditor, &path).await.json, *one);
    assert_eq!(
        of("subject_kind=chat_room&from=2099-01-01T00:00:00Z").await,
        [Value::Null; 0]
    );
    assert_eq!(of("subject_id=%00").await, [Value::Null; 0]);
    for query in ["action=dance", "actor_kind=x", "from=yesterday", "sequence=1"] {
        let refused = gets(&bench, &auditor, &format!("audit-events?{query}")).await;
        assert_eq!(
            (refused.status.as_u16(), refused.kind()),
            (400, "invalid-parameter"),
            "{query}"
        );
    }
    for nowhere in ["0", "99999", "18446744073709551615", "-1", "x"] {
        assert_eq!(
            gets(&bench, &auditor, &format!("audit-events/{nowhere}"))
                .await
                .status,
            404,
            "{nowhere}"
        );
    }
}

#[actix_web::test]
async fn a_pool_tells_how_far_it_is_used_up() {
    let bench = seeded().await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    let used = gets(&bench, &admin, "pools/hk/utilisation").await;
    assert_eq!(used.json["countries"][0]["clients"], 1, "{}", used.text);
    assert_eq!(used.json["countries"][0]["numbers"], 3);
    assert_eq!(
        gets(&bench, &admin, "pools/nowhere/utilisation").await.status,
        404
    );
}
