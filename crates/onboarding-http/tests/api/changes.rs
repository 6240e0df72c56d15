//! Nobody overwrites what they have not seen: every endpoint that replaces something.

use onboarding_http::api::endpoints;
use onboarding_testkit::acme_id;

use crate::{
    bench::{Bench, Browser, request, with_body},
    matrix::{key_of, with_key},
    world::seeded,
};

async fn puts(bench: &Bench, admin: &Browser, address: &str, tag: Option<&str>, body: &str) -> (u16, String) {
    let asked = with_body(request("PUT", address), body);
    let asked = match tag {
        Some(tag) => asked.insert_header(("If-Match", tag)),
        None => asked,
    };
    let answer = bench.browses(admin, asked).await;
    let shown = if answer.status == 200 {
        answer.text.clone()
    } else {
        answer.kind().to_owned()
    };
    (answer.status.as_u16(), shown)
}

#[actix_web::test]
async fn what_is_sent_back_as_it_was_read_changes_nothing_and_what_was_not_read_is_refused() {
    let bench = seeded().await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    let mut looked_at = 0;
    for endpoint in endpoints() {
        // A logo goes in as one file and comes out as another: `logo.rs` has its rules.
        if endpoint.method() != "PUT" || endpoint.path() == "/api/v1/qr/logo" {
            continue;
        }
        let address = if endpoint.path().contains('{') {
            let key = key_of(&bench, endpoint.path()).await;
            with_key(endpoint.path(), &key)
        } else {
            endpoint.path().to_owned()
        };
        let read = bench.browses(&admin, request("GET", &address)).await;
        assert_eq!(read.status, 200, "{address}: {}", read.text);
        let (tag, body) = (read.header("etag"), &read.text);
        assert!(tag.starts_with('"'), "{address}: {tag}");
        let before = bench.audit(&acme_id()).await.len();
        for (seen, status, kind) in [
            (None, 428, "if-match-needed"),
            (Some("\"stale\""), 412, "stale"),
            (Some("*"), 412, "stale"),
            (Some(&*format!("W/{tag}")), 412, "stale"),
        ] {
            let refused = puts(&bench, &admin, &address, seen, body).await;
            assert_eq!(refused, (status, kind.to_owned()), "{address} {seen:?}");
        }
        let kept = puts(&bench, &admin, &address, Some(tag), body).await;
        assert_eq!(kept, (200, body.clone()), "{address}");
        assert_eq!(
            bench.audit(&acme_id()).await.len(),
            before,
            "{address}: nothing was changed"
        );
        looked_at += 1;
    }
    assert!(looked_at > 12, "{looked_at}");
}
