//! Who is counted and written down behind a proxy, and how often strangers may try to come in.

use std::time::Duration;

use actix_web::test::TestRequest;
use onboarding_core::Rate;
use onboarding_http::api::Limits;
use onboarding_testkit::acme_id;

use crate::bench::{Bench, ORIGIN, request};

const PROXY: &str = "10.0.0.5:443";

fn signs_in(username: &str, peer: &str, forwarded: &str) -> TestRequest {
    request("POST", "/sign-in")
        .peer_addr(peer.parse().unwrap())
        .insert_header(("X-Forwarded-For", forwarded))
        .insert_header(("Origin", ORIGIN))
        .insert_header(("Content-Type", "application/x-www-form-urlencoded"))
        .set_payload(format!("form_token=&username={username}"))
}

#[actix_web::test]
async fn the_audit_names_the_client_behind_a_trusted_proxy_and_no_invented_one() {
    let bench = Bench::new().await;
    for (peer, expected) in [(PROXY, "203.0.113.9"), ("198.51.100.7:443", "198.51.100.7")] {
        let answer = bench.sends(signs_in("kate", peer, "6.6.6.6, 203.0.113.9")).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let told = bench.audit(&acme_id()).await;
        let address = told.last().unwrap().address.as_deref();
        assert_eq!(address, Some(expected));
    }
}

#[actix_web::test]
async fn who_tries_to_sign_in_too_often_waits_and_nobody_else_does() {
    let stranger = Rate {
        burst: 2,
        every: Duration::from_secs(30),
    };
    let bench = Bench::with(Limits {
        stranger,
        ..Limits::default()
    })
    .await;
    for left in ["r=1", "r=0"] {
        let answer = bench.sends(signs_in("nobody", PROXY, "203.0.113.9")).await;
        assert_eq!((answer.status.as_u16(), answer.kind()), (403, "sign-in-failed"));
        assert!(
            answer.header("ratelimit").contains(left),
            "{}",
            answer.header("ratelimit")
        );
    }
    // Inventing other addresses in front of one's own does not help, nor does it to be right at last.
    let refused = bench.sends(signs_in("kate", PROXY, "7.7.7.7, 203.0.113.9")).await;
    assert_eq!(
        (refused.status.as_u16(), refused.kind()),
        (429, "too-many-requests")
    );
    assert_eq!(refused.header("retry-after"), "30");
    assert_eq!(refused.header("set-cookie"), "");
    let other = bench.sends(signs_in("kate", PROXY, "203.0.113.10")).await;
    assert_eq!(other.status, 303, "{}", other.text);
    bench.clock.advance(Duration::from_secs(30));
    let again = bench.sends(signs_in("kate", PROXY, "203.0.113.9")).await;
    assert_eq!(again.status, 303, "{}", again.text);
}
