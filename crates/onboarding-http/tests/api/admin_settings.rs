//! Templates, opt-out words, secrets and sign-in on the pages of the Organization Admin; and how a user comes in.

use onboarding_core::{InvitationButton, Language, OptOutChange, TemplatePurpose};
use onboarding_testkit::acme_id;

use crate::{
    admin_forms::{fields, page, sends, set},
    bench::{Bench, Browser, request},
    world::{no_limits, seeded},
};

/// Opens the form, sets what is given, sends it, and tells what came back: status and text.
async fn changes(bench: &Bench, browser: &Browser, path: &str, values: &[(&str, &str)]) -> (u16, String) {
    let mut filled = fields(&page(bench, browser, path).await);
    for (name, value) in values {
        set(&mut filled, name, value);
    }
    let answer = sends(bench, browser, path, &filled).await;
    (answer.status.as_u16(), answer.text)
}

async fn settings(bench: &Bench) -> onboarding_core::CompanySettings {
    let (config, _) = bench.api.store.config(&acme_id()).await.unwrap().unwrap();
    config.settings
}

#[actix_web::test]
async fn a_template_is_named_changed_judged_at_its_field_and_taken_away() {
    let bench = seeded().await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    let path = "/admin/company/templates/user_info";
    let name = |field: &str| format!("templates/user_info/{field}");
    let body = "{user_name}\r\n{company_name}";
    let words = "This is {{1}}\r\nof {{2}}.";
    let filled = [
        (&*name("text"), words),
        (&*name("name"), "acme_user_info"),
        (&*name("language"), "en_US"),
        (&*name("body"), body),
    ];
    let (status, text) = changes(&bench, &michael, path, &filled).await;
    assert_eq!(status, 303, "{text}");
    let template = settings(&bench).await.templates[&TemplatePurpose::UserInfo].clone();
    assert_eq!(
        (&*template.name, &*template.language, template.body.len()),
        ("acme_user_info", "en_US", 2)
    );
    assert_eq!(template.text.unwrap().source(), "This is {{1}}\nof {{2}}.");
    let (status, text) = changes(&bench, &michael, path, &[(&*name("text"), "This is {{1}}")]).await;
    assert_eq!(status, 422);
    assert!(text.contains("f-templates-user_info-text-wrong"), "{text}");
    let list = page(&bench, &michael, "/admin/company?q=acme_user_info").await;
    assert!(
        list.contains("acme_user_info") && list.contains(&format!("href=\"{path}\"")),
        "{list}"
    );
    let (status, text) = changes(&bench, &michael, path, &[(&*name("body"), "{nonsense}")]).await;
    assert_eq!(status, 422);
    assert!(text.contains("f-templates-user_info-body-wrong"), "{text}");
    let (status, text) = changes(&bench, &michael, path, &[(&*name("name"), "")]).await;
    assert_eq!(status, 303, "{text}");
    let after = settings(&bench).await.templates;
    assert!(!after.contains_key(&TemplatePurpose::UserInfo));
    assert_eq!(
        after[&TemplatePurpose::Invitation].buttons,
        [InvitationButton::Accept, InvitationButton::Decline]
            [..after[&TemplatePurpose::Invitation].buttons.len()]
    );
    let none = bench
        .browses(&michael, request("GET", "/admin/company/templates/unicorn"))
        .await;
    assert_eq!(none.status, 404);
}

#[actix_web::test]
async fn opt_out_words_take_the_place_of_ours_until_they_are_emptied() {
    let bench = seeded().await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    let path = "/admin/company/opt-out/en";
    let shown = page(&bench, &michael, path).await;
    assert!(shown.contains("ours hold: stop, stop all"), "{shown}");
    let own = [
        ("opt_out/en/stop", "leave me alone\r\nquiet"),
        ("opt_out/en/start", "hello again"),
    ];
    let (status, text) = changes(&bench, &michael, path, &own).await;
    assert_eq!(status, 303, "{text}");
    let words = settings(&bench).await.opt_out;
    assert_eq!(words.read("Quiet!"), Some(OptOutChange::Out));
    assert_eq!(words.read("stop all"), None);
    let emptied = [("opt_out/en/stop", ""), ("opt_out/en/start", "")];
    let (status, text) = changes(&bench, &michael, path, &emptied).await;
    assert_eq!(status, 303, "{text}");
    let words = settings(&bench).await.opt_out;
    assert_eq!(
        words
            .iter()
            .filter(|(language, _)| **language == Language::parse("en").unwrap())
            .count(),
        0
    );
    assert_eq!(words.read("stop all"), Some(OptOutChange::Out));
}

#[actix_web::test]
async fn secrets_are_references_and_a_secret_itself_is_refused_at_its_field() {
    let bench = seeded().await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    let path = "/admin/company/secrets";
    let (status, text) = changes(&bench, &michael, path, &[("app_secret", "EAAGm0PX4ZCps")]).await;
    assert_eq!(status, 422);
    assert!(text.contains("f-app_secret-wrong"), "{text}");
    let (status, text) = changes(&bench, &michael, path, &[("app_secret", "env:ACME_OTHER_SECRET")]).await;
    assert_eq!(status, 303, "{text}");
    let secret = settings(&bench).await.whatsapp.app_secret;
    assert_eq!(secret.to_string(), "env:ACME_OTHER_SECRET");
    let lee = bench.signs_in(&acme_id(), "lee").await;
    assert_eq!(bench.browses(&lee, request("GET", path)).await.status, 403);
}

#[actix_web::test]
async fn sign_in_gets_a_provider_with_each_mistake_at_its_field_and_loses_it_again() {
    let bench = seeded().await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    let path = "/admin/company/sign-in";
    let half = [
        ("provider/issuer", "login.example.com"),
        ("provider/client_secret", "env:ACME_OIDC_SECRET"),
    ];
    let (status, text) = changes(&bench, &michael, path, &half).await;
    assert_eq!(status, 422);
    assert!(text.contains("f-provider-issuer-wrong"), "{text}");
    let whole = [
        ("provider/issuer", "https://login.example.com"),
        ("provider/client_id", "acme"),
        ("provider/client_secret", "env:ACME_OIDC_SECRET"),
        ("provider/subject_claim", "oid"),
        ("teams/tenant", "72f988bf-86f1-41af-91ab-2d7cd011db47"),
        ("teams/audience", "5a0b1c2d-0000-4000-8000-000000000001"),
    ];
    let (status, text) = changes(&bench, &michael, path, &whole).await;
    assert_eq!(status, 303, "{text}");
    let sign_in = settings(&bench).await.sign_in;
    let provider = sign_in.provider.clone().unwrap();
    assert_eq!(
        (&*provider.client_id, provider.subject_claim.as_str()),
        ("acme", "oid")
    );
    assert!(sign_in.teams.is_some());
    let none = [
        "provider/issuer",
        "provider/client_id",
        "provider/client_secret",
        "teams/tenant",
        "teams/audience",
    ];
    let none = none.map(|name| (name, ""));
    let (status, text) = changes(&bench, &michael, path, &none).await;
    assert_eq!(status, 303, "{text}");
    let sign_in = settings(&bench).await.sign_in;
    assert!(sign_in.provider.is_none() && sign_in.teams.is_none());
}

#[actix_web::test]
async fn an_admin_makes_a_set_up_link_that_is_shown_once_and_works() {
    let bench = Bench::with_passwords(no_limits()).await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    let user = page(&bench, &michael, "/admin/users/dom").await;
    let path = "/admin/users/dom/set-up-link";
    assert!(user.contains(path), "{user}");
    let asked = page(&bench, &michael, path).await;
    assert!(
        asked.contains("Good once") || asked.contains("good once"),
        "{asked}"
    );
    let made = bench.browses(&michael, request("POST", path)).await;
    assert_eq!(
        (made.status.as_u16(), made.header("cache-control")),
        (200, "no-store")
    );
    let link = made
        .text
        .split("/set-up/")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap()
        .to_owned();
    let opened = bench.sends(request("GET", &format!("/set-up/{link}"))).await;
    assert_eq!(opened.status, 200, "{}", opened.text);
    let user = page(&bench, &michael, "/admin/users/dom").await;
    assert!(!user.contains(&link), "it is shown once");
    let lee = bench.signs_in(&acme_id(), "lee").await;
    assert_eq!(bench.browses(&lee, request("POST", path)).await.status, 403);
}

#[actix_web::test]
async fn an_admin_ends_all_sessions_of_a_user_after_a_question() {
    let bench = seeded().await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    let dom = bench.signs_in(&acme_id(), "dom").await;
    let user = page(&bench, &michael, "/admin/users/dom").await;
    let path = "/admin/users/dom/sessions";
    let asked = page(&bench, &michael, path).await;
    assert!(
        user.contains(path) && asked.contains("signed out everywhere"),
        "{asked}"
    );
    assert_eq!(
        bench.browses(&dom, request("GET", "/api/v1/me")).await.status,
        200
    );
    let ended = bench.browses(&michael, request("POST", path)).await;
    assert_eq!(ended.header("location"), "/admin/users?said=sessions_ended");
    assert_eq!(
        bench.browses(&dom, request("GET", "/api/v1/me")).await.status,
        401
    );
    let told = page(&bench, &michael, ended.header("location")).await;
    assert!(told.contains("All sessions of this user are ended."), "{told}");
}

#[actix_web::test]
async fn before_a_user_a_number_or_a_pool_goes_one_reads_how_many_chats_are_open() {
    let bench = seeded().await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    let rooms = bench.api.store.config(&acme_id()).await.unwrap().unwrap().0;
    let numbers = rooms
        .official_accounts
        .iter()
        .map(|account| account.phone_number.to_string());
    let mut open = Vec::new();
    for number in numbers {
        let path = format!("/admin/official-accounts/%2B{}/removal", &number[1..]);
        let shown = page(&bench, &michael, &path).await;
        let (_, rest) = shown.split_once("id=\"f-open_chats\">").unwrap();
        open.push(rest.split('<').next().unwrap().parse::<u32>().unwrap());
    }
    assert_eq!(open.iter().sum::<u32>(), 1, "{open:?}");
    for path in ["/admin/users/dom/removal", "/admin/pools/hk/removal"] {
        let shown = page(&bench, &michael, path).await;
        assert!(shown.contains("id=\"f-open_chats\">1<"), "{path}: {shown}");
    }
    let pool = page(&bench, &michael, "/admin/pools/hk").await;
    let told: Vec<_> = pool.split("open chats: ").skip(1).collect();
    let busy = told.iter().filter(|rest| rest.starts_with('1')).count();
    assert!(
        busy == 2 && told.len() > 2,
        "as a secondary and as one that drains: {pool}"
    );
    let unit = page(&bench, &michael, "/admin/org-units/zz-unit/removal").await;
    assert!(!unit.contains("open_chats"), "{unit}");
}
