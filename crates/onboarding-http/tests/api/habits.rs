//! What callers may rely on everywhere: kinds of mistakes, repeated requests, limits.

use std::time::Duration;

use onboarding_core::{Rate, access::TokenScope};
use onboarding_http::api::{Limits, MAX_JSON};
use onboarding_testkit::acme_id;
use serde_json::json;

use crate::bench::{Answer, Bench, Browser, request, with_body, with_token};

const TOKENS: &str = "/api/v1/tokens";

fn body(name: &str) -> String {
    json!({ "name": name, "scopes": ["rooms:read"], "expires_at": "2027-01-01T00:00:00Z" }).to_string()
}

async fn creates(bench: &Bench, admin: &Browser, key: &str, body: &str) -> Answer {
    let asked = with_body(request("POST", TOKENS), body).insert_header(("Idempotency-Key", key));
    bench.browses(admin, asked).await
}

async fn count(bench: &Bench) -> usize {
    bench.api.store.tokens(&acme_id(), None, 99).await.unwrap().len()
}

#[actix_web::test]
async fn a_body_that_is_not_ours_is_refused_by_its_kind() {
    let bench = Bench::new().await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    let large = format!("{{\"name\": \"{}\"}}", "a".repeat(MAX_JSON));
    for (kind, content_type, body, status) in [
        ("wrong-content-type", "text/plain", body("a"), 415),
        (
            "wrong-content-type",
            "application/json; charset=latin1",
            body("a"),
            415,
        ),
        (
            "wrong-content-type",
            "application/x-www-form-urlencoded",
            "name=a".to_owned(),
            415,
        ),
        ("body-too-large", "application/json", large, 413),
        ("invalid-json", "application/json", "{".to_owned(), 400),
        ("invalid-json", "application/json", "\u{feff}{}".to_owned(), 400),
        (
            "duplicate-key",
            "application/json",
            "{\"name\": \"a\", \"name\": \"b\"}".to_owned(),
            400,
        ),
        ("invalid-field", "application/json", "[]".to_owned(), 422),
        (
            "invalid-field",
            "application/json; charset=UTF-8",
            "{}".to_owned(),
            422,
        ),
    ] {
        let asked = request("POST", TOKENS)
            .insert_header(("Content-Type", content_type))
            .set_payload(body);
        let answer = bench.browses(&admin, asked).await;
        assert_eq!(
            (answer.status.as_u16(), answer.kind()),
            (status, kind),
            "{}",
            answer.text
        );
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.json["status"], status);
    }
    assert_eq!(count(&bench).await, 0);
}

#[actix_web::test]
async fn a_repeated_creation_creates_nothing_and_gets_the_same_answer() {
    let bench = Bench::new().await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    let first = creates(&bench, &admin, "0000-1111", &body("a")).await;
    assert_eq!((first.status.as_u16(), count(&bench).await), (201, 1));
    bench.clock.advance(Duration::from_mins(5));
    let again = creates(&bench, &admin, "0000-1111", &body("a")).await;
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(count(&bench).await, 1);
    let other = creates(&bench, &admin, "0000-2222", &body("a")).await;
    assert_eq!((other.status.as_u16(), count(&bench).await), (201, 2));
}

#[actix_web::test]
async fn a_key_is_not_used_for_another_body() {
    let bench = Bench::new().await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    creates(&bench, &admin, "0000-1111", &body("a")).await;
    let answer = creates(&bench, &admin, "0000-1111", &body("b")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.kind()),
        (422, "idempotency-key-reused")
    );
    assert_eq!(count(&bench).await, 1);
}

#[actix_web::test]
async fn a_refused_creation_leaves_its_key_free() {
    let bench = Bench::new().await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    let refused = creates(&bench, &admin, "0000-1111", "{}").await;
    assert_eq!(refused.status, 422);
    let mended = creates(&bench, &admin, "0000-1111", &body("a")).await;
    assert_eq!(mended.status, 201);
}

#[actix_web::test]
async fn a_key_that_is_none_is_refused() {
    let bench = Bench::new().await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    for key in ["", "short", "with space here", &"a".repeat(256)] {
        let answer = creates(&bench, &admin, key, &body("a")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.kind()),
            (400, "invalid-idempotency-key"),
            "{key}"
        );
    }
    assert_eq!(count(&bench).await, 0);
}

#[actix_web::test]
async fn a_caller_learns_what_is_left_and_is_refused_when_nothing_is() {
    let rate = Rate {
        burst: 2,
        every: Duration::from_secs(5),
    };
    let bench = Bench::with(Limits {
        caller: rate,
        stranger: rate,
    })
    .await;
    let token = bench.token(&acme_id(), &[TokenScope::RoomsRead]).await;
    let other = bench.token(&acme_id(), &[TokenScope::RoomsRead]).await;
    let asks = async |token: &str| bench.sends(with_token("GET", "/api/v1/me", token)).await;
    let first = asks(&token).await;
    assert_eq!(first.header("ratelimit-policy"), "\"caller\";q=2;w=10");
    assert_eq!(first.header("ratelimit"), "\"caller\";r=1;t=5");
    assert_eq!(asks(&token).await.status, 200);
    let refused = asks(&token).await;
    assert_eq!(
        (refused.status.as_u16(), refused.kind()),
        (429, "too-many-requests")
    );
    assert_eq!(refused.header("retry-after"), "5");
    assert_eq!(asks(&other).await.status, 200, "nobody else is in the way");
    bench.clock.advance(Duration::from_secs(5));
    assert_eq!(asks(&token).await.status, 200);
}

#[actix_web::test]
async fn who_guesses_tokens_is_slowed_down() {
    let rate = Rate {
        burst: 3,
        every: Duration::from_secs(1),
    };
    let bench = Bench::with(Limits {
        caller: rate,
        stranger: rate,
    })
    .await;
    let mut seen = Vec::new();
    for _ in 0..5 {
        let answer = bench.sends(with_token("GET", "/api/v1/me", "lxo_guess")).await;
        seen.push(answer.status.as_u16());
    }
    assert_eq!(seen, [401, 401, 401, 429, 429]);
}
