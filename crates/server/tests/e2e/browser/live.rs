//! Leap Work as it is used: codes that change while one looks, sharing, the keyboard, a chat that goes on.

use serde_json::json;
use thirtyfour::Key;

use super::{
    Browser,
    leap::Company,
    look::{DESK, PHONE},
};
use crate::demo::{Demo, JANE, PRIMARY};

/// Notes something in the page that would be gone with it.
async fn marks(browser: &Browser) {
    browser.says("window.stillTheSame = true; return 0").await;
}

async fn is_still_the_same(browser: &Browser) {
    assert_eq!(
        browser.says("return window.stillTheSame === true").await,
        true,
        "the page was read again as a whole"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_code_follows_its_extension_and_its_account_without_a_reload() {
    let (company, browser) = (Company::start(), Browser::start().await);
    let (demo, base) = (&company.demo, &company.demo.base);
    browser.is(DESK).await;
    browser.signs_in(base, "dom").await;
    browser.opens_the_code().await;
    browser
        .shows("dialog [data-copies$='text=%23dom123456']", "")
        .await;
    marks(&browser).await;

    company.gives_dom(Some("#dom999")).await;
    browser.shows("dialog [data-copies$='text=%23dom999']", "").await;
    browser.shows("#facts", "#dom999").await;
    let code = browser
        .says("return document.querySelector('dialog .qr img').src")
        .await;
    let drawn = demo.http.get(code.as_str().unwrap());
    assert_eq!(drawn.send().await.unwrap().status(), 303, "nobody else sees it");
    // The code that somebody printed yesterday.
    demo.writes(JANE, PRIMARY, "#dom123456").await;
    demo.quiet().await;
    let heard = demo.heard(JANE, PRIMARY).await;
    assert!(heard[0].text.contains("not valid"), "{heard:?}");

    company.gives_dom(None).await;
    browser.shows("dialog .note", "You have no extension yet").await;
    browser.shows("#no-extension", "").await;
    browser.looks_fine("code-retired").await;

    company.gives_dom(Some("#dom1000")).await;
    browser.shows("dialog [data-copies$='text=%23dom1000']", "").await;
    company.is_banned("DISABLE").await;
    browser
        .shows(
            "dialog .trouble",
            "There has been an issue with the WhatsApp Business Account",
        )
        .await;
    company.is_banned("REINSTATE").await;
    browser.shows("dialog [data-copies$='text=%23dom1000']", "").await;
    is_still_the_same(&browser).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_shared_as_a_picture_or_downloaded_and_its_link_copied() {
    let (demo, browser) = (Demo::start(), Browser::start().await);
    browser.is(PHONE).await;
    browser.signs_in(&demo.base, "dom").await;
    browser.opens_the_code().await;
    // As on a phone: its system takes files.
    browser
        .says(
            "navigator.canShare = () => true;
             navigator.share = async ({ files: [file] }) => {
                 const begin = new Uint8Array(await file.slice(0, 4).arrayBuffer());
                 document.body.dataset.shared = [file.name, file.type, ...begin].join(' ');
             };
             return 0",
        )
        .await;
    browser
        .shows("dialog [data-shares]", "")
        .await
        .click()
        .await
        .unwrap();
    browser
        .shows("body[data-shared='dom.png image/png 137 80 78 71']", "")
        .await;
    let fallback = browser.shows("dialog [data-shares]", "").await;
    assert_eq!(
        fallback.attr("download").await.unwrap().as_deref(),
        Some("dom.png")
    );

    browser
        .says("navigator.clipboard.writeText = async (text) => { window.copied = text; }; return 0")
        .await;
    browser
        .shows("dialog [data-copies]", "")
        .await
        .click()
        .await
        .unwrap();
    browser.shows("dialog [role=status]", "Link copied").await;
    let copied = browser.says("return window.copied").await;
    assert_eq!(copied, json!("https://wa.me/85256428035?text=%23dom123456"));
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_opens_the_code_and_escape_leads_back_to_its_icon() {
    let (demo, browser) = (Demo::start(), Browser::start().await);
    browser.is(DESK).await;
    browser.signs_in(&demo.base, "dom").await;
    let focused = "return document.activeElement?.dataset.opens ?? document.activeElement?.className ?? ''";
    let press = async |key: Key| {
        let at = browser.page.active_element().await.unwrap();
        at.send_keys("" + key).await.unwrap();
    };
    let mut passed = Vec::new();
    while browser.says(focused).await != "qr" {
        passed.push(browser.says(focused).await);
        assert!(
            passed.len() < 20,
            "the icon is not among what the keyboard reaches: {passed:?}"
        );
        press(Key::Tab).await;
    }
    let tip = "return getComputedStyle(document.activeElement, '::after').content";
    assert_eq!(
        browser.says(tip).await,
        "\"My QR Code\"",
        "who gets there is told what it is"
    );
    browser.is_pictured("tooltip-desk").await;
    press(Key::Enter).await;
    browser.shows("dialog#qr[open]", "My QR Code").await;
    press(Key::Escape).await;
    browser.shows("dialog#qr:not([open])", "").await;
    assert_eq!(browser.says(focused).await, "qr");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_goes_on_while_one_reads_it() {
    let (demo, browser) = (Demo::start(), Browser::start().await);
    browser.is(PHONE).await;
    browser.signs_in(&demo.base, "dom").await;
    browser
        .page
        .goto(format!("{}/app/chats", demo.base))
        .await
        .unwrap();
    browser.shows("#rooms", "No chats yet").await;
    marks(&browser).await;
    demo.writes(JANE, PRIMARY, "#dom123456").await;
    browser.shows("#rooms a.row", "Jane").await;
    is_still_the_same(&browser).await;
    demo.quiet().await;
    browser.shows("#rooms a.row", "Jane").await.click().await.unwrap();
    browser
        .shows(".bubble.ours", "this is Dom AM of Acme Wealth")
        .await;
    marks(&browser).await;
    let secondary = demo.secondaries(JANE).await[0].clone();
    demo.writes(JANE, &secondary, "<b>Hello</b> Dom").await;
    browser.shows(".bubble:not(.ours)", "<b>Hello</b> Dom").await;
    is_still_the_same(&browser).await;
    browser.close().await;
}
