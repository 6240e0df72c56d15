//! What people are told, over HTTP.

use onboarding_core::access::TokenScope;
use onboarding_testkit::acme_id;
use serde_json::{Value, json};

use crate::{
    bench::{Answer, Bench, Browser, ORIGIN, request, with_token},
    world::seeded,
};

async fn gets(bench: &Bench, caller: &Browser, query: &str) -> Answer {
    let address = format!("/api/v1/notices{query}");
    bench.browses(caller, request("GET", &address)).await
}

async fn sees(bench: &Bench, caller: &Browser, notice: &Value) -> u16 {
    let address = format!("/api/v1/notices/{}/seen", notice["id"].as_str().unwrap());
    bench
        .browses(caller, request("POST", &address))
        .await
        .status
        .as_u16()
}

#[actix_web::test]
async fn a_user_sees_their_notices_and_nobody_elses() {
    let bench = seeded().await;
    let kate = bench.signs_in(&acme_id(), "kate").await;
    let page = gets(&bench, &kate, "").await;
    let told = &page.json["items"][0];
    assert_eq!(told["kind"], "prospect_waits", "{}", page.text);
    assert_eq!(told["seen_at"], Value::Null);
    assert!(told["text"].as_str().unwrap().contains("waits"), "{told}");
    let zoe = bench.signs_in(&acme_id(), "zoe").await;
    assert_eq!(gets(&bench, &zoe, "").await.json["items"], json!([]));
    assert_eq!(
        gets(&bench, &kate, "?audience=admins").await.json["items"],
        json!([])
    );
    assert_eq!(sees(&bench, &zoe, told).await, 404);
    assert_eq!(
        [sees(&bench, &kate, told).await, sees(&bench, &kate, told).await],
        [200, 200]
    );
    assert_eq!(gets(&bench, &kate, "?unseen=true").await.json["items"], json!([]));
    assert_ne!(
        gets(&bench, &kate, "").await.json["items"][0]["seen_at"],
        Value::Null
    );
}

#[actix_web::test]
async fn admins_see_what_is_for_admins_and_an_auditor_changes_nothing() {
    let bench = seeded().await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    let page = gets(&bench, &michael, "?unseen=true").await;
    let told = page.json["items"].as_array().unwrap().clone();
    assert!(
        told.iter().any(|one| one["kind"] == "asked_elsewhere"),
        "{}",
        page.text
    );
    assert_eq!(
        gets(&bench, &michael, "?audience=me").await.json["items"],
        json!([])
    );
    let service = bench.token(&acme_id(), &[TokenScope::RoomsRead]).await;
    let seen = bench
        .sends(with_token("GET", "/api/v1/notices?unseen=true", &service))
        .await;
    assert_eq!(seen.json["items"], page.json["items"]);
    let lee = bench.signs_in(&acme_id(), "lee").await;
    assert_eq!(sees(&bench, &lee, &told[0]).await, 403);
    assert_eq!(sees(&bench, &michael, &told[0]).await, 200);
    assert_eq!(gets(&bench, &michael, "?audience=all").await.status.as_u16(), 400);
}

async fn page(bench: &Bench, caller: &Browser, path: &str) -> String {
    let answer = bench.browses(caller, request("GET", path)).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.text
}

async fn sends_form(bench: &Bench, caller: &Browser, path: &str) -> u16 {
    let form = request("POST", path)
        .insert_header(("Cookie", caller.cookie.as_str()))
        .insert_header(("Origin", ORIGIN))
        .insert_header(("Content-Type", "application/x-www-form-urlencoded"))
        .set_payload(format!("form_token={}", caller.csrf));
    bench.sends(form).await.status.as_u16()
}

/// Where the first form that begins so leads.
fn form_of(page: &str, beginning: &str) -> String {
    let mut forms = page
        .split("action=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    let found = forms.find(|to| to.starts_with(beginning));
    found
        .unwrap_or_else(|| panic!("no form to {beginning}: {page}"))
        .to_owned()
}

#[actix_web::test]
async fn a_user_reads_their_notices_beside_their_chats_until_they_saw_them() {
    let bench = seeded().await;
    let kate = bench.signs_in(&acme_id(), "kate").await;
    let form = form_of(&page(&bench, &kate, "/app/chats").await, "/app/notices/");
    let zoe = bench.signs_in(&acme_id(), "zoe").await;
    assert!(!page(&bench, &zoe, "/app/chats").await.contains("/app/notices/"));
    assert_eq!(sends_form(&bench, &zoe, &form).await, 404, "it is Kate's");
    assert_eq!(sends_form(&bench, &kate, &form).await, 303);
    assert!(!page(&bench, &kate, "/app/chats").await.contains(&form));
}

#[actix_web::test]
async fn admins_read_what_is_for_admins_and_one_of_them_sees_to_it() {
    let bench = seeded().await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    let list = page(&bench, &michael, "/admin/notices").await;
    assert!(list.contains("whom no pool of that primary serves"), "{list}");
    let form = form_of(&list, "/admin/notices/");
    let lee = bench.signs_in(&acme_id(), "lee").await;
    let looked_at = page(&bench, &lee, "/admin/notices").await;
    assert!(!looked_at.contains("/seen"), "an auditor only reads: {looked_at}");
    assert_eq!(sends_form(&bench, &lee, &form).await, 403);
    assert_eq!(sends_form(&bench, &michael, &form).await, 303);
    assert!(!page(&bench, &michael, "/admin/notices").await.contains(&form));
}
