//! Coming in and going out, in the demo.

use onboarding_testkit::acme_id;

use crate::bench::{Answer, Bench, ORIGIN, request};

async fn signs_in(bench: &Bench, username: &str, headers: &[(&str, &str)]) -> Answer {
    let mut asked = request("POST", "/sign-in")
        .insert_header(("Content-Type", "application/x-www-form-urlencoded"))
        .set_payload(format!("form_token=&username={username}"));
    for (name, value) in headers {
        asked = asked.insert_header((*name, *value));
    }
    bench.sends(asked).await
}

fn cookie_of(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie").split(';').next();
    cookie.unwrap().to_owned()
}

async fn me(bench: &Bench, cookie: &str) -> Answer {
    let asked = request("GET", "/api/v1/me").insert_header(("Cookie", cookie));
    bench.sends(asked).await
}

#[actix_web::test]
async fn one_click_signs_in_and_one_out() {
    let bench = Bench::new().await;
    let page = bench.sends(request("GET", "/sign-in")).await;
    assert!(page.text.contains("value=\"kate\"") && page.text.contains("This is a demo"));
    assert!(
        page.header("content-security-policy")
            .contains("frame-ancestors 'none'")
    );
    let answer = signs_in(&bench, "kate", &[("Origin", ORIGIN)]).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-s="), "{cookie}");
    for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let cookie = cookie_of(&answer);
    let seen = me(&bench, &cookie).await;
    assert_eq!(seen.json["user"]["username"], "kate");

    let out = |token: &str| {
        request("POST", "/sign-out")
            .insert_header(("Cookie", cookie.as_str()))
            .insert_header(("Origin", ORIGIN))
            .insert_header(("Content-Type", "application/x-www-form-urlencoded"))
            .set_payload(format!("form_token={token}"))
    };
    assert_eq!(bench.sends(out("")).await.kind(), "csrf-token-needed");
    let token = seen.json["csrf_token"].as_str().unwrap();
    let left = bench.sends(out(token)).await;
    assert_eq!((left.status.as_u16(), left.header("location")), (303, "/sign-in"));
    assert_eq!(me(&bench, &cookie).await.status, 401);
    let told = bench.audit(&acme_id()).await.into_iter();
    let actions: Vec<_> = told.map(|entry| entry.action).collect();
    assert_eq!(actions[actions.len() - 2..], ["sign_in", "sign_out"]);
}

#[actix_web::test]
async fn nobody_is_signed_in_from_elsewhere_or_as_nobody() {
    let bench = Bench::new().await;
    for (username, headers, kind) in [
        ("kate", &[][..], "foreign-origin"),
        ("kate", &[("Origin", "https://evil.example")], "foreign-origin"),
        ("kate", &[("Origin", "null")], "foreign-origin"),
        ("nobody", &[("Origin", ORIGIN)], "sign-in-failed"),
        ("KATE", &[("Origin", ORIGIN)], "sign-in-failed"),
    ] {
        let answer = signs_in(&bench, username, headers).await;
        let refused = (answer.status.as_u16(), answer.kind());
        assert_eq!(refused, (403, kind), "{username} {headers:?}");
        assert_eq!(answer.header("set-cookie"), "");
    }
}

/// A secret that was planted before the sign-in opens nothing after it, and the old session is over.
#[actix_web::test]
async fn each_sign_in_is_a_session_of_its_own() {
    let bench = Bench::new().await;
    let first = cookie_of(&signs_in(&bench, "kate", &[("Origin", ORIGIN)]).await);
    let again = signs_in(&bench, "dom", &[("Origin", ORIGIN), ("Cookie", &first)]).await;
    let second = cookie_of(&again);
    assert_ne!(first, second);
    assert_eq!(me(&bench, &first).await.status, 401);
    assert_eq!(me(&bench, &second).await.json["user"]["username"], "dom");
}

#[actix_web::test]
async fn the_page_speaks_the_language_that_is_asked_for_and_its_files_are_there() {
    let bench = Bench::new().await;
    let page = bench.sends(request("GET", "/sign-in?lang=ar")).await;
    assert!(page.text.contains("dir=\"rtl\""));
    let mut files = page.text.split('"').filter(|part| part.starts_with("/assets/"));
    let stylesheet = files
        .find(|path| path.contains("leap.") && path.contains("css"))
        .unwrap();
    let answer = bench.sends(request("GET", stylesheet)).await;
    assert_eq!(answer.header("content-type"), "text/css; charset=utf-8");
    assert!(answer.header("cache-control").contains("immutable"));
    let seen = request("GET", stylesheet).insert_header(("If-None-Match", answer.header("etag")));
    assert_eq!(bench.sends(seen).await.status, 304);
    assert_eq!(bench.sends(request("GET", "/assets/leap.css")).await.status, 404);
}
