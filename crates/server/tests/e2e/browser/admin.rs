//! The Organization Admin as it looks and as it is used: each page for everybody, with keys alone, and what changes by itself.

use serde_json::json;
use tempfile::TempDir;
use thirtyfour::Key;

use super::{
    Browser,
    look::{DESK, PHONE},
};
use crate::demo::{Demo, JANE, PRIMARY};

/// What is set.
const SETTINGS: [(&str, &str); 19] = [
    ("company", "/admin/company"),
    ("limits", "/admin/company/limits"),
    ("features", "/admin/features"),
    ("feature", "/admin/features/profile_choice"),
    ("users", "/admin/users"),
    ("badges-refused", "/admin/badges.pdf?q=unicorn"),
    ("user", "/admin/users/dom"),
    ("user-new", "/admin/new/users"),
    ("user-leaves", "/admin/users/dom/removal"),
    ("import", "/admin/import"),
    ("units", "/admin/org-units"),
    ("unit", "/admin/org-units/sg"),
    ("firms", "/admin/external-companies"),
    ("pools", "/admin/pools"),
    ("pool", "/admin/pools/hk"),
    ("accounts", "/admin/official-accounts"),
    ("account", "/admin/official-accounts/%2B85256428035"),
    ("texts", "/admin/texts"),
    ("text", "/admin/texts/zh-HK/user_info"),
];

/// What else is set, and what is asked before it is done.
const MORE_SETTINGS: [(&str, &str); 7] = [
    ("logo", "/admin/company/logo"),
    ("sign-in", "/admin/company/sign-in"),
    ("secrets", "/admin/company/secrets"),
    ("template", "/admin/company/templates/invitation"),
    ("opt-out", "/admin/company/opt-out/en"),
    ("sessions", "/admin/users/dom/sessions"),
    (
        "account-leaves",
        "/admin/official-accounts/%2B85256428035/removal",
    ),
];

/// What is told, and what is not there.
const RECORDS: [(&str, &str); 7] = [
    ("whatsapp", "/admin/whatsapp"),
    ("tokens", "/admin/tokens"),
    ("notices", "/admin/notices"),
    ("activity", "/admin/onboardings"),
    ("dead-letters", "/admin/dead-letters"),
    ("audit", "/admin/audit?verify=now"),
    ("nowhere", "/admin/nowhere"),
];

/// Those in which a language has most to say.
const WORDY: [&str; 7] = [
    "features",
    "users",
    "user",
    "user-leaves",
    "pools",
    "text",
    "activity",
];

impl Browser {
    async fn presses(&self, keys: impl Into<thirtyfour::TypingData>) {
        let pressed = self.page.action_chain().send_keys(keys).perform().await;
        pressed.expect("the browser takes keys");
    }
}

/// A demo with one client who was connected, and its admin at the first page.
async fn administered() -> (Demo, Browser) {
    let (demo, browser) = (Demo::start(), Browser::start().await);
    demo.writes(JANE, PRIMARY, "#dom123456").await;
    demo.quiet().await;
    browser.is(DESK).await;
    browser.signs_in(&demo.base, "michael").await;
    (demo, browser)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_with_settings_is_for_everybody() {
    let (demo, browser) = administered().await;
    for (name, path) in SETTINGS {
        browser.opens(&demo.base, path, "en").await;
        browser.looks_fine(&format!("admin-{name}")).await;
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_further_page_with_settings_is_for_everybody() {
    let (demo, browser) = administered().await;
    for (name, path) in MORE_SETTINGS {
        browser.opens(&demo.base, path, "en").await;
        browser.looks_fine(&format!("admin-{name}")).await;
    }
    browser
        .opens(&demo.base, "/admin/company/templates/invitation", "ar")
        .await;
    browser.looks_fine("admin-template-ar").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_changed_and_a_user_is_signed_out_everywhere() {
    let (demo, browser) = administered().await;
    browser.opens(&demo.base, "/admin/company?q=reminder", "en").await;
    browser.clicks("table.rows a", "Reminder of a chat").await;
    let name = browser.shows("[name='templates/room_reminder/name']", "").await;
    name.clear().await.unwrap();
    name.send_keys("acme_reminder").await.unwrap();
    let language = browser
        .shows("[name='templates/room_reminder/language']", "")
        .await;
    language.clear().await.unwrap();
    language.send_keys("en_GB" + Key::Enter).await.unwrap();
    browser.shows("[role=status]", "Saved.").await;
    browser
        .opens(&demo.base, "/admin/company?q=acme_reminder", "en")
        .await;
    browser.shows("table.rows", "acme_reminder").await;
    browser.opens(&demo.base, "/admin/users/dom", "en").await;
    browser.clicks("a.button", "End all sessions").await;
    browser.shows(".sure", "signed out everywhere").await;
    browser.clicks("button.danger", "End all sessions").await;
    browser
        .shows("[role=status]", "All sessions of this user are ended.")
        .await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_with_records_is_for_everybody() {
    let (demo, browser) = administered().await;
    for (name, path) in RECORDS {
        browser.opens(&demo.base, path, "en").await;
        browser.looks_fine(&format!("admin-{name}")).await;
    }
    browser.opens(&demo.base, "/admin/onboardings", "en").await;
    browser.clicks("table.rows a", "").await;
    browser.shows(".story", "Whom the client asked for").await;
    browser.looks_fine("admin-story").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admin_is_for_everybody_in_chinese_and_arabic() {
    let (demo, browser) = administered().await;
    for tongue in ["zh-HK", "ar"] {
        let all = SETTINGS.iter().chain(&RECORDS);
        for (name, path) in all.filter(|(name, _)| WORDY.contains(name)) {
            browser.opens(&demo.base, path, tongue).await;
            browser.looks_fine(&format!("admin-{name}-{tongue}")).await;
        }
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_added_with_keys_alone_and_hears_what_is_wrong() {
    let (demo, browser) = administered().await;
    browser.is(PHONE).await;
    browser.opens(&demo.base, "/admin/features", "en").await;
    browser.presses(Key::Tab + Key::Tab).await;
    browser.presses(Key::Enter + "").await;
    browser.shows(".side:popover-open", "Users and extensions").await;
    browser.presses(Key::Tab + "").await;
    let inside = "return document.activeElement.closest('.side') !== null";
    assert_eq!(browser.says(inside).await, json!(true));
    browser.is_pictured("admin-menu-phone").await;
    browser.presses(Key::Escape + "").await;
    let closed = "return document.querySelector('.side:popover-open') === null";
    assert_eq!(browser.says(closed).await, json!(true));
    browser.is(DESK).await;
    browser.opens(&demo.base, "/admin/new/users", "en").await;
    browser.shows("#f-username", "").await.focus().await.unwrap();
    browser
        .presses("mia" + Key::Tab + "Mia Wong" + Key::Tab + Key::Tab + Key::Tab + Key::Tab)
        .await;
    browser.presses("#dom123456" + Key::Enter).await;
    browser.shows("[role=alert] a", "Extension").await;
    browser.looks_fine("admin-user-refused").await;
    browser.clicks("[role=alert] a", "Extension").await;
    let extension = browser.shows("#f-extension", "").await;
    assert_eq!(
        extension.attr("aria-invalid").await.unwrap().as_deref(),
        Some("true")
    );
    extension.clear().await.unwrap();
    extension.send_keys("#mia" + Key::Enter).await.unwrap();
    browser.shows("[role=status]", "Saved.").await;
    browser.shows("table.rows a", "Mia Wong").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pools_fill_while_one_looks() {
    let (demo, browser) = (Demo::start(), Browser::start().await);
    browser.is(DESK).await;
    browser.signs_in(&demo.base, "michael").await;
    browser.opens(&demo.base, "/admin/pools", "en").await;
    browser
        .shows("#pools", "No client uses a number of this pool yet.")
        .await;
    browser.says("window.stays = true; return null").await;
    demo.writes(JANE, PRIMARY, "#dom123456").await;
    browser.shows("#pools .bars", "GB").await;
    assert_eq!(browser.says("return window.stays === true").await, json!(true));
    browser.looks_fine("admin-pools-in-use").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_users_is_looked_at_imported_and_reported() {
    let (demo, browser) = administered().await;
    let folder = TempDir::new().unwrap();
    let table = folder.path().join("users.csv");
    let rows = "username,name,org_unit,extension\nmia,Mia Wong,hk,#mia\nzoe,Zoe,nowhere,#zoe\n";
    std::fs::write(&table, rows).unwrap();
    browser.opens(&demo.base, "/admin/import", "en").await;
    let input = browser
        .page
        .find(thirtyfour::By::Css("input[type=file]"))
        .await
        .unwrap();
    input.send_keys(table.to_str().unwrap()).await.unwrap();
    browser.clicks("main button", "See what would change").await;
    browser.shows("h1", "What would change").await;
    browser.shows("table.rows", "zoe").await;
    browser.looks_fine("admin-import-preview").await;
    browser.clicks("input[name=skip_refused]", "").await;
    browser.clicks("main button", "Begin the import").await;
    browser.shows("#progress .mark", "Finished").await;
    browser.shows("#refused table", "zoe").await;
    browser.looks_fine("admin-import-run").await;
    browser.opens(&demo.base, "/admin/users?q=mia", "en").await;
    browser.shows("table.rows a", "Mia Wong").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logo_is_given_and_stands_in_the_middle_of_every_code() {
    let (demo, browser) = administered().await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("logo.svg");
    let disc = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="11" fill="#b4121b"/></svg>"##;
    std::fs::write(&file, disc).unwrap();
    // What is in the middle of the picture, as the browser draws it.
    let middle = async |picture: &str| {
        let script = format!(
            "const picture = document.querySelector('{picture}');
             const canvas = Object.assign(document.createElement('canvas'), {{ width: 201, height: 201 }});
             const drawn = canvas.getContext('2d');
             drawn.drawImage(picture, 0, 0, 201, 201);
             return [...drawn.getImageData(100, 100, 1, 1).data]"
        );
        browser.says(&script).await
    };
    let red = json!([0xb4, 0x12, 0x1b, 0xff]);
    browser.is(DESK).await;
    let at = |path: &str| format!("{}{path}", demo.base);
    browser.page.goto(at("/admin/company/logo")).await.unwrap();
    assert_ne!(middle(".sample").await, red);
    let input = browser.shows("#logo", "").await;
    input.send_keys(file.display().to_string()).await.unwrap();
    browser.clicks("form.edit .button", "Set the logo").await;
    browser.shows("[role=status]", "").await;
    assert_eq!(middle(".sample").await, red);
    browser.looks_fine("admin-logo-set").await;
    browser.page.goto(at("/app/code")).await.unwrap();
    browser.shows(".qr img", "").await;
    assert_eq!(middle(".qr img").await, red);
    browser.looks_fine("code-with-logo").await;
    browser.close().await;
}
