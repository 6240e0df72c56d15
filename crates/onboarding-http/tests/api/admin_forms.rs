//! The forms of the Organization Admin, filled and sent as a browser does it, without script.

use onboarding_testkit::acme_id;

use crate::{
    bench::{Answer, Bench, Browser, ORIGIN, request},
    world::seeded,
};

pub(crate) type Fields = Vec<(String, String)>;

pub(crate) async fn page(bench: &Bench, browser: &Browser, path: &str) -> String {
    let answer = bench.browses(browser, request("GET", path)).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.text
}

/// Sends a form as a browser does: with its fields, which hold its token, and the page's origin.
pub(crate) async fn sends(bench: &Bench, browser: &Browser, path: &str, fields: &Fields) -> Answer {
    let form = request("POST", path)
        .insert_header(("Cookie", browser.cookie.as_str()))
        .insert_header(("Origin", ORIGIN))
        .insert_header(("Accept", "text/html"))
        .set_form(fields);
    bench.sends(form).await
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split_once(&format!(" {name}=\""))?.1;
    let value = rest.split('"').next()?;
    Some(unescaped(value))
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&#60;", "<").replace("&#62;", ">");
    let text = text.replace("&#34;", "\"").replace("&#39;", "'");
    text.replace("&#38;", "&")
}

/// What a browser sends of the page's form when nothing was touched.
pub(crate) fn fields(page: &str) -> Fields {
    let (_, form) = page.split_once("<form class=\"form edit").unwrap();
    let (form, _) = form.split_once("</form>").unwrap();
    let mut found = Fields::new();
    for part in form.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        let Some(name) = attribute(tag, "name") else {
            if tag.starts_with("option") && (tag.contains(" selected") || found.last().unwrap().1 == "?") {
                found.last_mut().unwrap().1 = attribute(tag, "value").unwrap();
            }
            continue;
        };
        let is_box = tag.contains("type=\"checkbox\"");
        if tag.starts_with("input") && (!is_box || tag.contains(" checked")) {
            found.push((name, attribute(tag, "value").unwrap_or_default()));
        } else if tag.starts_with("textarea") {
            let text = text.strip_prefix('\n').unwrap_or(text);
            found.push((name, unescaped(text).replace('\n', "\r\n")));
        } else if tag.starts_with("select") {
            found.push((name, "?".to_owned()));
        }
    }
    found
}

pub(crate) fn set(fields: &mut Fields, name: &str, value: &str) {
    let field = fields.iter_mut().find(|(known, _)| known == name);
    let field = field.unwrap_or_else(|| panic!("no field {name}"));
    value.clone_into(&mut field.1);
}

const FORMS: [&str; 26] = [
    "/admin/users/dom",
    "/admin/users/michael",
    "/admin/org-units/hk",
    "/admin/org-units/zz-unit",
    "/admin/external-companies/zz-firm",
    "/admin/pools/hk",
    "/admin/pools/sg",
    "/admin/official-accounts/%2B85256428035",
    "/admin/company/name",
    "/admin/company/limits",
    "/admin/company/qr",
    "/admin/company/sign-in",
    "/admin/company/secrets",
    "/admin/company/templates/invitation",
    "/admin/company/templates/waiting_expired",
    "/admin/company/opt-out/en",
    "/admin/company/opt-out/zh-HK",
    "/admin/features/auto_promotion",
    "/admin/features/unique_phone_number",
    "/admin/features/profile_choice",
    "/admin/features/mandatory_profile_fields",
    "/admin/features/room_activation",
    "/admin/features/invitation",
    "/admin/features/link_fallback",
    "/admin/features/pair_reuse_after_days",
    "/admin/features/waiting_list",
];

#[actix_web::test]
async fn a_form_that_is_sent_as_it_came_changes_nothing() {
    let bench = seeded().await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    let before = bench.api.store.config(&acme_id()).await.unwrap().unwrap().0;
    let entries = bench.audit(&acme_id()).await.len();
    for form in FORMS {
        let shown = page(&bench, &michael, form).await;
        let answer = sends(&bench, &michael, form, &fields(&shown)).await;
        assert_eq!(answer.status, 303, "{form}: {}", answer.text);
    }
    let after = bench.api.store.config(&acme_id()).await.unwrap().unwrap().0;
    assert_eq!(before, after);
    assert_eq!(bench.audit(&acme_id()).await.len(), entries);
}

#[actix_web::test]
async fn forms_are_for_admins_and_carry_their_token() {
    let bench = seeded().await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    let lee = bench.signs_in(&acme_id(), "lee").await;
    for form in FORMS
        .into_iter()
        .chain(["/admin/new/users", "/admin/users/dom/removal"])
    {
        let shown = page(&bench, &michael, form).await;
        let mut sent = fields(&shown);
        assert_eq!(
            bench.browses(&lee, request("GET", form)).await.status,
            403,
            "{form}"
        );
        set(&mut sent, "form_token", "another");
        let answer = sends(&bench, &michael, form, &sent).await;
        assert_eq!(answer.status, 403, "{form}");
        assert!(answer.text.contains("You may not do this"), "{}", answer.text);
    }
    for list in [
        "users",
        "org-units",
        "external-companies",
        "official-accounts",
        "pools",
        "texts",
        "features",
    ] {
        let (edits, looks) = (
            page(&bench, &michael, &format!("/admin/{list}")).await,
            page(&bench, &lee, &format!("/admin/{list}")).await,
        );
        let way = format!("href=\"/admin/{list}/");
        assert!(edits.contains(&way) && !looks.contains(&way), "{list}");
    }
}

#[actix_web::test]
async fn a_user_is_added_with_each_mistake_told_at_its_field() {
    let bench = seeded().await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    let form = "/admin/new/users";
    let mut sent = fields(&page(&bench, &michael, form).await);
    for (name, value) in [
        ("username", "mia"),
        ("name", "Mia <b>"),
        ("extension", "#d om"),
        ("org_unit", "hk"),
    ] {
        set(&mut sent, name, value);
    }
    let refused = sends(&bench, &michael, form, &sent).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("href=\"#f-extension\""), "{}", refused.text);
    assert!(
        refused.text.contains("id=\"f-extension-wrong\""),
        "{}",
        refused.text
    );
    assert!(
        refused.text.contains("value=\"Mia &#60;b&#62;\""),
        "what was typed stays"
    );
    let taken = [("extension", "#dom123456"), ("extension", "#mia")];
    for (name, value) in taken {
        set(&mut sent, name, value);
        let answer = sends(&bench, &michael, form, &sent).await;
        let is_refused = value == "#dom123456";
        assert_eq!(answer.status == 422, is_refused, "{}", answer.text);
        assert!(
            !is_refused || answer.text.contains("f-extension-wrong"),
            "{}",
            answer.text
        );
    }
    let told = bench.audit(&acme_id()).await.pop().unwrap();
    assert_eq!(
        (told.action.as_str(), told.subject_id.as_str()),
        ("create", "mia")
    );
    assert_eq!(told.actor_id.as_deref(), Some("michael"));
    let list = page(&bench, &michael, "/admin/users?q=mia&said=saved").await;
    assert!(
        list.contains("href=\"/admin/users/mia\"") && list.contains("Saved."),
        "{list}"
    );
    let again = sends(&bench, &michael, form, &sent).await;
    assert_eq!(again.status, 422);
    assert!(again.text.contains("f-username-wrong"), "{}", again.text);
}

#[actix_web::test]
async fn nobody_overwrites_what_they_have_not_seen() {
    let bench = seeded().await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    let form = "/admin/org-units/hk";
    let sent = fields(&page(&bench, &michael, form).await);
    for (name, status) in [("Hongkong", 303), ("Too late", 412)] {
        let mut sent = sent.clone();
        set(&mut sent, "name", name);
        let answer = sends(&bench, &michael, form, &sent).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
        if status == 412 {
            assert!(answer.text.contains("Somebody changed this meanwhile."));
            assert!(answer.text.contains("value=\"Too late\""), "what was typed stays");
        }
    }
    let list = page(&bench, &michael, "/admin/org-units").await;
    assert!(list.contains("Hongkong") && !list.contains("Too late"), "{list}");
}

#[actix_web::test]
async fn a_user_leaves_after_a_question_and_their_clients_go_to_whom_is_named() {
    let bench = seeded().await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    let form = "/admin/users/dom/removal";
    let asked = page(&bench, &michael, form).await;
    assert!(asked.contains("This cannot be undone."), "{asked}");
    let mut sent = fields(&asked);
    set(&mut sent, "hand_over_to", "unicorn");
    let refused = sends(&bench, &michael, form, &sent).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("f-hand_over_to-wrong"), "{}", refused.text);
    set(&mut sent, "hand_over_to", "kate");
    let answer = sends(&bench, &michael, form, &sent).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let user = bench
        .api
        .store
        .user_named(&acme_id(), "dom")
        .await
        .unwrap()
        .unwrap();
    assert!(!user.active);
    let list = page(&bench, &michael, "/admin/users?q=dom").await;
    assert!(list.contains("Nothing here"), "{list}");
}

#[actix_web::test]
async fn what_something_needs_is_not_taken_away_and_the_page_says_what_needs_it() {
    let bench = seeded().await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    for (form, needed_by) in [
        ("/admin/org-units/hk/removal", "this would not fit the rest"),
        (
            "/admin/official-accounts/%2B85256428035/removal",
            "this would not fit the rest",
        ),
    ] {
        let sent = fields(&page(&bench, &michael, form).await);
        let answer = sends(&bench, &michael, form, &sent).await;
        assert_eq!(answer.status, 422, "{form}");
        assert!(answer.text.contains(needed_by), "{}", answer.text);
    }
    let sent = fields(&page(&bench, &michael, "/admin/org-units/zz-unit/removal").await);
    let answer = sends(&bench, &michael, "/admin/org-units/zz-unit/removal", &sent).await;
    assert_eq!(
        answer.header("location"),
        "/admin/org-units?said=removed",
        "{}",
        answer.text
    );
}

#[actix_web::test]
async fn a_switch_is_turned_by_itself() {
    let bench = seeded().await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    let form = "/admin/features/waiting_list";
    let mut sent = fields(&page(&bench, &michael, form).await);
    let was_on = sent.iter().any(|(name, _)| name == "waiting_list");
    if was_on {
        sent.retain(|(name, _)| name != "waiting_list");
    } else {
        sent.push(("waiting_list".to_owned(), "on".to_owned()));
    }
    assert_eq!(sends(&bench, &michael, form, &sent).await.status, 303);
    let (config, _) = bench.api.store.config(&acme_id()).await.unwrap().unwrap();
    assert_eq!(config.settings.features.waiting_list, !was_on);
    assert!(
        !config.settings.features.auto_promotion,
        "the others stay as they were"
    );
    assert_eq!(
        bench
            .browses(&michael, request("GET", "/admin/features/unicorn"))
            .await
            .status,
        404
    );
    let form = "/admin/company/limits";
    let mut sent = fields(&page(&bench, &michael, form).await);
    set(&mut sent, "wrong_extensions/attempts", "many");
    let refused = sends(&bench, &michael, form, &sent).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.text.contains("f-wrong_extensions-attempts-wrong") && refused.text.contains("value=\"many\""),
        "{}",
        refused.text
    );
}

#[actix_web::test]
async fn a_text_is_previewed_saved_and_given_back_to_ours() {
    let bench = seeded().await;
    let michael = bench.signs_in(&acme_id(), "michael").await;
    let form = "/admin/texts/en/room_closed";
    let shown = page(&bench, &michael, form).await;
    assert!(!shown.contains("value=\"ours\""), "{shown}");
    let sent = |shown: &str, text: &str, what: &str| {
        let mut sent = fields(shown);
        set(&mut sent, "texts", text);
        sent.push(("what".to_owned(), what.to_owned()));
        sent.retain(|(name, value)| name != "what" || value == what);
        sent
    };
    let before = bench.audit(&acme_id()).await.len();
    let own = "Closed at {company_name}.\nسلام";
    let previewed = sends(&bench, &michael, form, &sent(&shown, own, "preview")).await;
    assert_eq!(previewed.status, 200);
    assert!(previewed.text.contains("Closed at Acme"), "{}", previewed.text);
    assert_eq!(
        bench.audit(&acme_id()).await.len(),
        before,
        "a preview changes nothing"
    );
    let refused = sends(&bench, &michael, form, &sent(&shown, "Hi {nobody}", "save")).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.text.contains("unknown placeholder {nobody}") && refused.text.contains("Hi {nobody}"),
        "{}",
        refused.text
    );
    assert_eq!(
        sends(&bench, &michael, form, &sent(&shown, own, "save"))
            .await
            .status,
        303
    );
    let list = page(&bench, &michael, "/admin/texts?language=en&q=Closed+at").await;
    assert!(list.contains("Your own"), "{list}");
    let shown = page(&bench, &michael, form).await;
    assert_eq!(
        sends(&bench, &michael, form, &sent(&shown, own, "ours"))
            .await
            .status,
        303
    );
    let (config, _) = bench.api.store.config(&acme_id()).await.unwrap().unwrap();
    assert_eq!(config.settings.texts.iter().count(), 0);
    assert_eq!(bench.audit(&acme_id()).await.len(), before + 2);
}
