//! A company's own logo in the codes of its users.

use actix_web::http::StatusCode;
use onboarding_core::access::TokenScope;
use onboarding_testkit::acme_id;

use crate::{
    bench::{Answer, Bench, Browser, initech, request, with_token},
    world::no_limits,
};

const LOGO: &str = "/api/v1/qr/logo";
const BANK: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#7a1f2b" d="M12 2 22 8H2zM4 10h3v8H4zM10.5 10h3v8h-3zM17 10h3v8h-3zM2 20h20v2H2z"/></svg>"##;
const DISC: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="11" fill="#00a0e3"/></svg>"##;

async fn puts(bench: &Bench, admin: &Browser, file: &str, seen: Option<&str>) -> Answer {
    let asked = request("PUT", LOGO).insert_header(("Content-Type", "image/svg+xml"));
    let asked = match seen {
        Some(tag) => asked.insert_header(("If-Match", tag)),
        None => asked,
    };
    bench.browses(admin, asked.set_payload(file.to_owned())).await
}

async fn gets(bench: &Bench, admin: &Browser, path: &str) -> Answer {
    bench.browses(admin, request("GET", path)).await
}

#[actix_web::test]
async fn a_logo_is_set_shown_replaced_and_taken_away_and_every_code_follows() {
    let bench = Bench::with(no_limits()).await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    let pictures =
        ["qr.svg", "qr.png", "qr-card.png", "signature.html"].map(|file| format!("/api/v1/users/dom/{file}"));
    let pictures = [
        &pictures[..],
        &[
            "/api/v1/badges.pdf?username=dom".to_owned(),
            "/app/qr.png".to_owned(),
        ],
    ]
    .concat();
    let tags = async || {
        let mut tags = Vec::new();
        for path in &pictures {
            let answer = gets(&bench, &admin, path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            tags.push(answer.header("etag").to_owned());
        }
        tags
    };
    let page = async || gets(&bench, &admin, "/app/profile").await.text;
    assert_eq!(gets(&bench, &admin, LOGO).await.status, 404);
    let (ours, profile) = (tags().await, page().await);

    let set = puts(&bench, &admin, BANK, None).await;
    assert_eq!(set.status, 204, "{}", set.text);
    let shown = gets(&bench, &admin, LOGO).await;
    assert_eq!(
        (shown.status, shown.header("content-type")),
        (StatusCode::OK, "image/png")
    );
    assert_eq!(shown.header("etag"), set.header("etag"));
    assert!(shown.bytes.starts_with(b"\x89PNG"));
    let known = request("GET", LOGO).insert_header(("If-None-Match", shown.header("etag")));
    assert_eq!(bench.browses(&admin, known).await.status, 304);
    let (with_bank, changed) = (tags().await, page().await);
    for (before, after) in ours.iter().zip(&with_bank) {
        assert_ne!(before, after);
    }
    assert_ne!(profile, changed, "an open page reads itself again");
    let svg = gets(&bench, &admin, &pictures[0]).await.text;
    assert!(svg.contains("data:image/png;base64,"), "the code holds it");
    let png = gets(&bench, &admin, &pictures[1]).await.bytes;
    let mut prepared = rqrr::PreparedImage::prepare(image::load_from_memory(&png).unwrap().to_luma8());
    let read = prepared.detect_grids()[0].decode().unwrap().1;
    assert_eq!(read, "https://wa.me/85256428035?text=%23dom123456");

    let stale = puts(&bench, &admin, DISC, Some("\"old\"")).await;
    assert_eq!(stale.status, 412);
    let replaced = puts(&bench, &admin, DISC, Some(set.header("etag"))).await;
    assert_eq!(replaced.status, 204, "{}", replaced.text);
    assert_ne!(tags().await, with_bank);
    let gone = bench.browses(&admin, request("DELETE", LOGO)).await;
    assert_eq!(gone.status, 204);
    assert_eq!(gets(&bench, &admin, LOGO).await.status, 404);
    assert_eq!(tags().await, ours);

    let told: Vec<_> = bench.audit(&acme_id()).await.into_iter().rev().take(3).collect();
    assert!(
        told.iter()
            .all(|entry| entry.actor_id.as_deref() == Some("michael")),
        "each change is in the audit"
    );
}

#[actix_web::test]
async fn what_is_no_logo_changes_nothing_and_is_told_with_its_mend() {
    let bench = Bench::with(no_limits()).await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    assert_eq!(puts(&bench, &admin, BANK, None).await.status, 204);
    let before = gets(&bench, &admin, LOGO).await;
    for (file, words) in [
        ("", "the file is empty"),
        ("not a picture", "give an SVG, PNG or JPEG file"),
        (&BANK.replace("path", "script"), "holds a script"),
        (&BANK.replace("0 0 24 24", "0 0 240 24"), "more than twice"),
        (&DISC.replace("#00a0e3", "#ffffff"), "give it in a darker colour"),
    ] {
        let refused = puts(&bench, &admin, file, None).await;
        assert_eq!(
            (refused.status.as_u16(), refused.kind()),
            (422, "invalid-logo"),
            "{}",
            refused.text
        );
        assert!(refused.text.contains(words), "{}", refused.text);
    }
    let large = puts(&bench, &admin, &" ".repeat((1 << 20) + 1), None).await;
    assert_eq!(large.status, 413, "{}", large.text);
    let after = gets(&bench, &admin, LOGO).await;
    assert_eq!(
        (after.header("etag"), &after.bytes),
        (before.header("etag"), &before.bytes)
    );
}

#[actix_web::test]
async fn a_logo_is_the_companys_own_and_set_by_whoever_may() {
    let bench = Bench::with(no_limits()).await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    assert_eq!(puts(&bench, &admin, BANK, None).await.status, 204);
    let theirs = bench.token(&initech(), &[TokenScope::ConfigRead]).await;
    assert_eq!(bench.sends(with_token("GET", LOGO, &theirs)).await.status, 404);
    let reader = bench.token(&acme_id(), &[TokenScope::ConfigRead]).await;
    assert_eq!(bench.sends(with_token("GET", LOGO, &reader)).await.status, 200);
    let dom = bench.signs_in(&acme_id(), "dom").await;
    for (method, who) in [("PUT", &dom), ("DELETE", &dom)] {
        let refused = bench.browses(who, request(method, LOGO).set_payload(DISC)).await;
        assert_eq!(refused.status, 403, "{method}: {}", refused.text);
    }
}

/// As the form of the Organization Admin sends it.
fn form(browser: &Browser, tag: &str, file: &str) -> (String, String) {
    let part = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{value}\r\n")
    };
    let value = |text: &str| format!("\r\n\r\n{text}");
    let named = format!("; filename=\"logo.svg\"\r\nContent-Type: image/svg+xml\r\n\r\n{file}");
    let body = [
        part("form_token", &value(&browser.csrf)),
        part("tag", &value(tag)),
        part("logo", &named),
        "--b--\r\n".to_owned(),
    ];
    ("multipart/form-data; boundary=b".to_owned(), body.concat())
}

#[actix_web::test]
async fn an_admin_sets_the_logo_on_a_page_and_takes_it_away_when_sure() {
    let bench = Bench::with(no_limits()).await;
    let admin = bench.signs_in(&acme_id(), "michael").await;
    let page = "/admin/company/logo";
    let tag = async || {
        let shown = gets(&bench, &admin, page).await;
        assert_eq!(shown.status, 200, "{}", shown.text);
        let tag = shown.text.split("name=\"tag\" value=\"").nth(1).unwrap();
        let tag = tag
            .split('"')
            .next()
            .unwrap()
            .replace("&quot;", "\"")
            .replace("&#34;", "\"");
        (shown.text.contains("/admin/company/logo/removal"), tag)
    };
    let sends = async |tag: &str, file: &str| {
        let (kind, body) = form(&admin, tag, file);
        let asked = request("POST", page).insert_header(("Content-Type", kind));
        bench.browses(&admin, asked.set_payload(body)).await
    };
    let (removable, none) = tag().await;
    assert!(!removable);
    let refused = sends(&none, &BANK.replace("path", "script")).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(
        refused.text.contains("the SVG holds a script"),
        "{}",
        refused.text
    );
    let set = sends(&none, BANK).await;
    assert_eq!(
        (set.status.as_u16(), set.header("location")),
        (303, "/admin/company/logo?said=saved"),
        "{}",
        set.text
    );
    assert_eq!(sends(&none, DISC).await.status, 412, "another set one meanwhile");
    let sample = gets(&bench, &admin, "/admin/company/logo.svg").await;
    assert!(sample.text.contains("data:image/png;base64,"), "{}", sample.text);
    assert!(tag().await.0, "it can be taken away");
    let sure = gets(&bench, &admin, "/admin/company/logo/removal").await;
    assert!(sure.text.contains("our mark again"), "{}", sure.text);
    let gone = bench
        .browses(&admin, request("POST", "/admin/company/logo/removal"))
        .await;
    assert_eq!(gone.status, 303, "{}", gone.text);
    assert_eq!(gets(&bench, &admin, LOGO).await.status, 404);
}
