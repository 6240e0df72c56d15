//! Browsers: whose session holds, and which requests are of our pages.

use std::time::Duration;

use onboarding_core::{Role, audit::Origin, config::ConfigChange, ports::Clock as _};
use onboarding_testkit::acme_id;

use crate::bench::{Bench, Browser, ORIGIN, companies, request};

/// Headers, and the status and kind of the answer.
type Try<'a> = (&'a [(&'a str, &'a str)], u16, &'a str);

async fn me(bench: &Bench, browser: &Browser) -> u16 {
    let asked = request("GET", "/api/v1/me").insert_header(("Cookie", browser.cookie.as_str()));
    bench.sends(asked).await.status.as_u16()
}

#[actix_web::test]
async fn a_session_ends_when_it_rests_too_long_and_at_the_end_of_the_day() {
    let bench = Bench::new().await;
    for (username, idle) in [("dom", 30), ("michael", 15)] {
        let browser = bench.signs_in(&acme_id(), username).await;
        bench.clock.advance(Duration::from_secs(60 * idle - 1));
        assert_eq!(me(&bench, &browser).await, 200);
        bench.clock.advance(Duration::from_mins(idle));
        assert_eq!(me(&bench, &browser).await, 401, "{username}");
        let browser = bench.signs_in(&acme_id(), username).await;
        for _ in 0..71 {
            bench.clock.advance(Duration::from_mins(10));
            assert_eq!(me(&bench, &browser).await, 200);
        }
        bench.clock.advance(Duration::from_mins(10));
        assert_eq!(me(&bench, &browser).await, 401, "{username}: twelve hours");
    }
}

#[actix_web::test]
async fn who_leaves_or_gets_another_role_is_out_at_the_next_request() {
    let bench = Bench::new().await;
    let [(company, config), _] = companies();
    let apply = async |change: ConfigChange| {
        let (_, revision) = bench.api.store.config(&company).await.unwrap().unwrap();
        let now = bench.clock.now();
        bench
            .api
            .store
            .apply(
                &company,
                Some(revision),
                vec![change],
                &Origin::operator("tests"),
                now,
            )
            .await
            .unwrap();
    };
    let (dom, kate) = (
        bench.signs_in(&company, "dom").await,
        bench.signs_in(&company, "kate").await,
    );
    apply(ConfigChange::DeactivateUser {
        username: "dom".to_owned(),
        successor: None,
    })
    .await;
    assert_eq!(me(&bench, &dom).await, 401);
    let mut as_admin = config
        .users
        .iter()
        .find(|user| user.username == "kate")
        .unwrap()
        .clone();
    as_admin.roles = vec![Role::Admin];
    let id = onboarding_core::UserId::from_uuid(uuid::Uuid::nil());
    apply(ConfigChange::PutUser {
        new_id: id,
        user: as_admin,
    })
    .await;
    assert_eq!(me(&bench, &kate).await, 401);
}

#[actix_web::test]
async fn a_change_must_come_from_a_page_of_ours() {
    let bench = Bench::new().await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    let address = "/api/v1/tokens/00000000-0000-7000-8000-000000000000";
    let tries: [Try<'_>; 10] = [
        (
            &[("Origin", ORIGIN), ("X-CSRF-Token", &admin.csrf)],
            404,
            "not-found",
        ),
        (
            &[("Sec-Fetch-Site", "same-origin"), ("X-CSRF-Token", &admin.csrf)],
            404,
            "not-found",
        ),
        (&[("X-CSRF-Token", &admin.csrf)], 403, "foreign-origin"),
        (
            &[("Origin", "https://evil.example"), ("X-CSRF-Token", &admin.csrf)],
            403,
            "foreign-origin",
        ),
        // As browsers send the forms of a page with `Referrer-Policy: no-referrer`.
        (
            &[
                ("Origin", "null"),
                ("Sec-Fetch-Site", "same-origin"),
                ("X-CSRF-Token", &admin.csrf),
            ],
            404,
            "not-found",
        ),
        (
            &[("Origin", "null"), ("X-CSRF-Token", &admin.csrf)],
            403,
            "foreign-origin",
        ),
        (
            &[
                ("Origin", "null"),
                ("Sec-Fetch-Site", "cross-site"),
                ("X-CSRF-Token", &admin.csrf),
            ],
            403,
            "foreign-origin",
        ),
        (
            &[
                ("Origin", "https://evil.example"),
                ("Sec-Fetch-Site", "same-origin"),
                ("X-CSRF-Token", &admin.csrf),
            ],
            403,
            "foreign-origin",
        ),
        (&[("Origin", ORIGIN)], 403, "csrf-token-needed"),
        (
            &[("Origin", ORIGIN), ("X-CSRF-Token", "0000")],
            403,
            "csrf-token-needed",
        ),
    ];
    for (headers, status, kind) in tries {
        let mut asked = request("DELETE", address).insert_header(("Cookie", admin.cookie.as_str()));
        for (name, value) in headers {
            asked = asked.insert_header((*name, *value));
        }
        let answer = bench.sends(asked).await;
        assert_eq!(
            (answer.status.as_u16(), answer.kind()),
            (status, kind),
            "{headers:?}"
        );
    }
}

#[actix_web::test]
async fn what_hands_out_access_needs_a_sign_in_of_the_last_minutes() {
    let bench = Bench::new().await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    bench.clock.advance(Duration::from_mins(10));
    assert_eq!(
        bench
            .browses(&admin, request("GET", "/api/v1/tokens"))
            .await
            .status,
        200
    );
    bench.clock.advance(Duration::from_mins(5));
    let answer = bench.browses(&admin, request("GET", "/api/v1/tokens")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.kind()),
        (403, "fresh-sign-in-needed")
    );
}

#[actix_web::test]
async fn pages_learn_their_csrf_token_and_services_have_none() {
    let bench = Bench::new().await;
    let dom = bench.signs_in(&acme_id(), "dom").await;
    let answer = bench.browses(&dom, request("GET", "/api/v1/me")).await;
    assert_eq!(answer.json["csrf_token"], dom.csrf);
    assert_eq!(answer.json["user"]["username"], "dom");
}
