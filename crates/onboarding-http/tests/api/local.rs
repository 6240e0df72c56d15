//! Coming in with a password, over HTTP.

use std::time::Duration;

use onboarding_core::{CompanyId, access::LINK_LASTS, audit::Origin};
use onboarding_testkit::acme_id;
use secrecy::ExposeSecret as _;

use crate::{
    bench::{Answer, Bench, ORIGIN, initech, request},
    world::no_limits,
};

const PASSWORD: &str = "plum+harbour+tilts";

async fn link(bench: &Bench, company: &CompanyId, username: &str) -> String {
    let user = bench.api.store.user_named(company, username).await.unwrap();
    let by = Origin::operator("tests");
    let made = bench
        .api
        .local
        .make_link(company, &user.unwrap(), LINK_LASTS, &by)
        .await;
    format!("/set-up/{}", made.unwrap().secret.expose_secret())
}

async fn posts(bench: &Bench, path: &str, body: &str, origin: &str) -> Answer {
    let asked = request("POST", path)
        // As browsers ask.
        .insert_header(("Accept", "text/html,*/*"))
        .insert_header(("Content-Type", "application/x-www-form-urlencoded"))
        .insert_header(("Origin", origin))
        .set_payload(body.to_owned());
    bench.sends(asked).await
}

async fn sets_up(bench: &Bench, link: &str) -> Answer {
    let body = format!("password={PASSWORD}&again={PASSWORD}&code=");
    posts(bench, link, &body, ORIGIN).await
}

async fn signs_in(bench: &Bench, company: &str, username: &str, password: &str) -> Answer {
    let body = format!("company={company}&username={username}&password={password}&code=");
    posts(bench, "/sign-in", &body, ORIGIN).await
}

#[actix_web::test]
async fn a_link_opens_its_page_once_and_the_password_signs_in_to_its_company() {
    let bench = Bench::with_passwords(no_limits()).await;
    let link = link(&bench, &initech(), "dom").await;
    let page = bench.sends(request("GET", &link)).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("data:image/svg+xml;base64,") && page.text.contains("value=\"dom\""));
    let arabic = bench.sends(request("GET", &format!("{link}?lang=ar"))).await;
    assert!(arabic.text.contains("dir=\"rtl\"") && arabic.header("set-cookie").contains("lang=ar"));
    let differ = format!("password={PASSWORD}&again=other&code=");
    let refused = posts(&bench, &link, &differ, ORIGIN).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("not the same"), "{}", refused.text);
    let foreign = posts(&bench, &link, &differ, "https://evil.example").await;
    assert_eq!(foreign.status, 403);
    assert!(!foreign.text.contains("not the same"), "{}", foreign.text);
    let done = sets_up(&bench, &link).await;
    assert_eq!(
        (done.status.as_u16(), done.header("location")),
        (303, "/app/profile")
    );
    assert!(done.header("set-cookie").starts_with("__Host-s="));
    assert_eq!(bench.sends(request("GET", &link)).await.status, 410);
    assert_eq!(sets_up(&bench, &link).await.status, 410);
    assert_eq!(signs_in(&bench, "initech", "dom", PASSWORD).await.status, 303);
    for (company, username, password) in [
        (acme_id().to_string().as_str(), "dom", PASSWORD),
        ("", "dom", PASSWORD),
        ("nowhere", "dom", PASSWORD),
        ("initech", "kate", PASSWORD),
        ("initech", "dom", "plum+harbour+tilt"),
        ("initech", "dom", ""),
    ] {
        let answer = signs_in(&bench, company, username, password).await;
        assert_eq!(answer.status, 403, "{company} {username}");
        assert!(answer.text.contains("That did not match"), "{}", answer.text);
        assert_eq!(answer.header("set-cookie"), "");
    }
}

#[actix_web::test]
async fn an_admin_is_not_set_up_without_a_second_factor() {
    let bench = Bench::with_passwords(no_limits()).await;
    let link = link(&bench, &acme_id(), "michael").await;
    let refused = sets_up(&bench, &link).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.text.contains("one-time code is wrong"),
        "{}",
        refused.text
    );
}

#[actix_web::test]
async fn a_new_link_ends_the_sessions_and_the_old_password() {
    let bench = Bench::with_passwords(no_limits()).await;
    sets_up(&bench, &link(&bench, &acme_id(), "dom").await).await;
    let answer = signs_in(&bench, "acme", "dom", PASSWORD).await;
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let me = || request("GET", "/api/v1/me").insert_header(("Cookie", cookie.as_str()));
    assert_eq!(bench.sends(me()).await.status, 200);
    let again = link(&bench, &acme_id(), "dom").await;
    let body = "password=other+words+altogether&again=other+words+altogether";
    assert_eq!(posts(&bench, &again, body, ORIGIN).await.status, 303);
    assert_eq!(bench.sends(me()).await.status, 401);
    assert_eq!(signs_in(&bench, "acme", "dom", PASSWORD).await.status, 403);
}

#[actix_web::test]
async fn guessing_one_password_is_slowed_down_and_its_owner_comes_in_later() {
    let bench = Bench::with_passwords(no_limits()).await;
    sets_up(&bench, &link(&bench, &acme_id(), "dom").await).await;
    for _ in 0..5 {
        assert_eq!(signs_in(&bench, "acme", "dom", "wrong").await.status, 403);
    }
    assert_eq!(signs_in(&bench, "acme", "dom", PASSWORD).await.status, 403);
    bench.clock.advance(Duration::from_secs(30));
    assert_eq!(signs_in(&bench, "acme", "dom", PASSWORD).await.status, 303);
}

#[actix_web::test]
async fn the_page_leads_only_to_pages_of_ours() {
    let bench = Bench::with_passwords(no_limits()).await;
    sets_up(&bench, &link(&bench, &acme_id(), "dom").await).await;
    for (to, expected) in [
        ("/admin/pools", "/admin/pools"),
        ("//evil.example/", "/app/profile"),
        ("https://evil.example/app/", "/app/profile"),
        ("/app/..%5Cevil", "/app/profile"),
    ] {
        let body = format!("company=acme&username=dom&password={PASSWORD}&to={to}");
        let answer = posts(&bench, "/sign-in", &body, ORIGIN).await;
        assert_eq!(answer.header("location"), expected, "{to}");
    }
    let extra = posts(&bench, "/sign-in", "username=dom&roles=admin", ORIGIN).await;
    assert_eq!(extra.status, 400);
}

#[actix_web::test]
async fn an_admin_makes_links_for_others_and_ends_their_sessions() {
    let bench = Bench::with_passwords(no_limits()).await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    let made = bench
        .browses(&admin, request("POST", "/api/v1/users/dom/set-up-links"))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let url = made.json["url"].as_str().unwrap();
    let path = url.strip_prefix(ORIGIN).unwrap().to_owned();
    let done = sets_up(&bench, &path).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let cookie = done.header("set-cookie").split(';').next().unwrap().to_owned();
    let me = || request("GET", "/api/v1/me").insert_header(("Cookie", cookie.as_str()));
    assert_eq!(bench.sends(me()).await.status, 200);
    let end = || request("DELETE", "/api/v1/users/dom/sessions");
    let ended = bench.browses(&admin, end()).await;
    assert_eq!(ended.json["ended"], 1, "{}", ended.text);
    assert_eq!(bench.sends(me()).await.status, 401);
    assert_eq!(bench.browses(&admin, end()).await.json["ended"], 0);
    let nobody = request("DELETE", "/api/v1/users/nobody/sessions");
    assert_eq!(bench.browses(&admin, nobody).await.kind(), "not-found");
    let told = bench.audit(&acme_id()).await;
    let deeds: Vec<_> = told
        .iter()
        .rev()
        .take(4)
        .map(|entry| {
            let actor = entry.actor_id.as_deref().unwrap_or_default();
            format!("{actor} {} {}", entry.action, entry.subject_kind)
        })
        .collect();
    assert_eq!(
        deeds,
        [
            "michael sign_out user",
            "dom sign_in user",
            "dom change local_account",
            "michael create local_account",
        ]
    );
}
