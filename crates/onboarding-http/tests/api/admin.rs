//! The Organization Admin, as an admin, an auditor and a user find it.

use std::sync::Arc;

use onboarding_core::{
    FactName, Health, PlatformFact, Subject,
    audit::{AuditSubject, Origin, SubjectKind},
    ports::{Clock as _, Observation, OnboardingStore},
};
use onboarding_http::api::Limits;
use onboarding_testkit::{MemoryStore, PRIMARY, SeededEntropy, TestService, acme_id, refused};

use crate::bench::{Bench, Browser, ORIGIN, companies, request};

/// Acme with one client who was connected, and one whose answer was given up.
async fn lived_in() -> Bench {
    let [(_, ours), _] = companies();
    let store: Arc<dyn OnboardingStore> = Arc::new(MemoryStore::new());
    let service = TestService::on(store.clone(), ours).await;
    service
        .client("85291234567")
        .sends(PRIMARY, "Hi, #dom123456")
        .await;
    service.pump().await;
    service.messenger.next(Err(refused(131_026)));
    service.client("85291234568").sends(PRIMARY, "hello").await;
    service.pump().await;
    Bench::on(
        store,
        service.clock.clone(),
        SeededEntropy::new(8),
        Limits::default(),
    )
    .await
}

async fn page(bench: &Bench, browser: &Browser, path: &str) -> String {
    let answer = bench.browses(browser, request("GET", path)).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.text
}

/// The address of the first link that begins so and goes on.
fn link(page: &str, beginning: &str) -> String {
    let found = page
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    let mut found = found.filter(|to| to.len() > beginning.len() && to.starts_with(beginning));
    found.next().unwrap().to_owned()
}

#[actix_web::test]
async fn a_connected_client_is_a_story_that_says_why_and_reading_it_is_in_the_audit() {
    let bench = lived_in().await;
    for username in ["michael", "lee"] {
        let browser = bench.signs_in(&acme_id(), username).await;
        let list = page(&bench, &browser, "/admin/onboardings?outcome=onboarded").await;
        assert!(
            list.contains("Connected: a chat was opened") && list.contains("<bdi>Dom</bdi>"),
            "{list}"
        );
        assert!(
            !list.contains("No extension in the message</span></td>"),
            "{list}"
        );
        let before = bench.audit(&acme_id()).await.len();
        let story = page(&bench, &browser, &link(&list, "/admin/onboardings/")).await;
        for told in [
            "Whom the client asked for",
            "Which number carries the chat",
            "Chosen",
        ] {
            assert!(story.contains(told), "{told}: {story}");
        }
        let told = bench.audit(&acme_id()).await.split_off(before);
        assert_eq!(told.len(), 1);
        assert_eq!(
            (told[0].action.as_str(), told[0].subject_kind.as_str()),
            ("read", "onboarding")
        );
    }
}

/// What WhatsApp told of Acme: a paused template, a limit, a number that works with restrictions.
async fn told(store: &dyn OnboardingStore, now: onboarding_core::Timestamp) {
    let waba = Subject::BusinessAccount("waba-acme".to_owned());
    let template = Subject::Template {
        waba_id: "waba-acme".to_owned(),
        name: "acme_invitation".to_owned(),
        language: "en".to_owned(),
    };
    let number = Subject::Number("id-85251079302".to_owned());
    let facts = vec![
        PlatformFact::good(waba, FactName::MessagingLimit, "TIER_250", now),
        PlatformFact::good(template.clone(), FactName::Category, "UTILITY", now),
        PlatformFact::good(template, FactName::Status, "PAUSED", now)
            .but(Health::Blocked, "the template is paused")
            .mended_by("Mend the template <soon>."),
        PlatformFact::good(number, FactName::Quality, "RED", now).but(Health::Limited, "its quality is low"),
    ];
    let revision = store.company(&acme_id()).await.unwrap().unwrap().revision;
    let observation = Observation {
        company: acme_id(),
        expected_revision: revision,
        cause: None,
        facts,
        now,
    };
    store.observe(observation).await.unwrap();
}

#[actix_web::test]
async fn the_admin_sees_templates_what_is_left_of_the_limit_and_how_numbers_are() {
    let bench = lived_in().await;
    let browser = bench.signs_in(&acme_id(), "michael").await;
    let before = page(&bench, &browser, "/admin/whatsapp").await;
    assert!(
        before.contains("No limit known") && before.contains("Nothing heard yet"),
        "{before}"
    );
    told(bench.api.store.as_ref(), bench.clock.now()).await;
    let seen = page(&bench, &browser, "/admin/whatsapp").await;
    for part in [
        "invitation: acme_invitation (en)",
        "WhatsApp refuses it",
        "category: UTILITY",
        "the template is paused",
        "249 / 250 left in these 24 hours",
        "+85251079302",
        "Restricted",
        "its quality is low",
    ] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
    assert!(
        !seen.contains("<soon>"),
        "what WhatsApp says is no markup: {seen}"
    );
    let auditor = bench.signs_in(&acme_id(), "lee").await;
    let chinese = page(&bench, &auditor, "/admin/whatsapp?lang=zh-HK").await;
    assert!(
        chinese.contains("範本") && chinese.contains("249 / 250"),
        "{chinese}"
    );
}

#[actix_web::test]
async fn an_admin_connects_the_company_to_whatsapp_and_looking_changes_nothing() {
    let bench = lived_in().await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    let status = page(&bench, &michael, "/admin/whatsapp").await;
    assert!(status.contains("href=\"/admin/whatsapp/connect\""), "{status}");
    let form = page(&bench, &michael, "/admin/whatsapp/connect").await;
    assert!(
        form.contains("name=\"accounts\"") && !form.contains("Proposed manifest"),
        "{form}"
    );
    let sends = async |what: &str| {
        let sent = request("POST", "/admin/whatsapp/connect")
            .insert_header(("Content-Type", "application/x-www-form-urlencoded"))
            .set_payload(what.to_owned());
        let answer = bench.browses(&michael, sent).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.text
    };
    let before = bench.audit(&acme_id()).await.len();
    let looked = sends("accounts=2000&what=look").await;
    for part in [
        "Would be done",
        "account 2000",
        "id = &#34;acme&#34;",
        "value=\"2000\"",
    ] {
        assert!(looked.contains(part), "{part}: {looked}");
    }
    assert_eq!(
        bench.audit(&acme_id()).await.len(),
        before,
        "looking changes nothing"
    );
    let done = sends("accounts=&what=connect").await;
    assert!(
        done.contains("Done now") && done.contains("All is as it should be."),
        "{done}"
    );
    let told = bench.audit(&acme_id()).await.split_off(before);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0]
            .after
            .as_deref()
            .unwrap_or_default()
            .contains("account 2000"),
        "{told:?}"
    );
    for (accounts, why) in [
        ("404", "&#60;b&#62;it is not yours"),
        ("our+account", "has digits only"),
    ] {
        let refused = sends(&format!("accounts={accounts}&what=connect")).await;
        assert!(refused.contains(why), "{refused}");
        assert!(!refused.contains("All is as it should be"), "{refused}");
    }
    let auditor = bench.signs_in(&acme_id(), "lee").await;
    let answer = bench
        .browses(&auditor, request("GET", "/admin/whatsapp/connect"))
        .await;
    assert_eq!(answer.status, 403, "an auditor looks, and changes nothing");
    let status = page(&bench, &auditor, "/admin/whatsapp").await;
    assert!(!status.contains("/admin/whatsapp/connect"), "{status}");
}

#[actix_web::test]
async fn the_admin_is_not_for_users() {
    let bench = lived_in().await;
    let dom = bench.signs_in(&acme_id(), "dom").await;
    for path in [
        "/admin",
        "/admin/features",
        "/admin/users",
        "/admin/pools",
        "/admin/whatsapp",
        "/admin/onboardings",
        "/admin/dead-letters",
        "/admin/audit",
    ] {
        assert_eq!(
            bench.browses(&dom, request("GET", path)).await.status,
            403,
            "{path}"
        );
    }
}

#[actix_web::test]
async fn switches_and_users_are_found_by_what_is_searched_for() {
    let bench = lived_in().await;
    let browser = bench.signs_in(&acme_id(), "michael").await;
    let found = page(&bench, &browser, "/admin/features?q=auto_promotion").await;
    assert!(
        found.contains("Auto promotion") && found.contains("Learn more"),
        "{found}"
    );
    assert!(!found.contains("features.waiting_list"), "{found}");
    let found = page(&bench, &browser, "/admin/users?q=%23DOM").await;
    assert!(
        found.contains("#dom123456") || found.contains("&#35;dom123456"),
        "{found}"
    );
    assert!(!found.contains(">michael<"), "{found}");
    let none = page(&bench, &browser, "/admin/users?q=unicorn").await;
    assert!(none.contains("Nothing here"), "{none}");
    let pools = page(&bench, &browser, "/admin/pools").await;
    assert!(
        pools.contains("class=\"chart\"") && pools.contains("Forecast"),
        "{pools}"
    );
    let arabic = page(&bench, &browser, "/admin/pools?lang=ar").await;
    assert!(arabic.contains("dir=\"rtl\""), "{arabic}");
}

#[actix_web::test]
async fn a_dead_letter_is_tried_again_after_a_question_and_only_by_an_admin() {
    let bench = lived_in().await;
    let auditor = bench.signs_in(&acme_id(), "lee").await;
    let seen = page(&bench, &auditor, "/admin/dead-letters").await;
    assert!(
        seen.contains("To a client") && !seen.contains("/replay"),
        "{seen}"
    );
    let browser = bench.signs_in(&acme_id(), "michael").await;
    let list = page(&bench, &browser, "/admin/dead-letters").await;
    let way = link(&list, "/admin/dead-letters/");
    assert_eq!(bench.browses(&auditor, request("POST", &way)).await.status, 403);
    let asked = page(&bench, &browser, &way).await;
    assert!(asked.contains("This cannot be undone."), "{asked}");
    let without_token = request("POST", &way)
        .insert_header(("Cookie", browser.cookie.as_str()))
        .insert_header(("Origin", ORIGIN))
        .set_form([("form_token", "wrong")]);
    assert_eq!(bench.sends(without_token).await.status, 403);
    let form = request("POST", &way)
        .insert_header(("Cookie", browser.cookie.as_str()))
        .insert_header(("Origin", ORIGIN))
        .set_form([("form_token", browser.csrf.as_str())]);
    let answer = bench.sends(form).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let after = page(&bench, &browser, answer.header("location")).await;
    assert!(
        after.contains("It is in its queue again.") && !after.contains("/replay"),
        "{after}"
    );
    let told = bench.audit(&acme_id()).await;
    assert_eq!(told.iter().filter(|entry| entry.action == "replay").count(), 1);
}

#[actix_web::test]
async fn the_audit_is_shown_latest_first_page_by_page_and_verified() {
    let bench = lived_in().await;
    let browser = bench.signs_in(&acme_id(), "lee").await;
    let subject = AuditSubject::new(SubjectKind::User, "dom");
    for _ in 0..60 {
        let (store, by) = (&bench.api.store, Origin::system());
        store
            .record_read(&acme_id(), &by, &subject, bench.clock.now())
            .await
            .unwrap();
    }
    let audit = page(&bench, &browser, "/admin/audit?verify=now").await;
    assert!(audit.contains("The chain is whole"), "{audit}");
    let latest = bench.audit(&acme_id()).await.len();
    assert!(
        audit.contains(&format!("<span class=\"code\">{latest}</span>")),
        "{audit}"
    );
    let older = link(&audit, "/admin/audit?before=").replace("&#38;", "&");
    let older = page(&bench, &browser, &older).await;
    assert!(
        older.contains(&format!("<span class=\"code\">{}</span>", latest - 50)),
        "{older}"
    );
    assert!(
        !older.contains(&format!("<span class=\"code\">{latest}</span>")),
        "{older}"
    );
}
