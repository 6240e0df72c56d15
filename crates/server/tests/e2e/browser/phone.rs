//! The phone page in a real browser: the first rows of the flow as a person does them.

use thirtyfour::Key;

use super::Browser;
use crate::demo::{Demo, JANE, PRIMARY};

async fn open_phone(demo: &Demo, browser: &Browser) {
    browser
        .page
        .goto(format!("{}/simulator/?client={JANE}", demo.base))
        .await
        .unwrap();
    browser.find("client-switcher", "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writing_the_extension_brings_the_info_and_a_new_chat() {
    let (demo, browser) = (Demo::start(), Browser::start().await);
    browser
        .page
        .goto(format!("{}/simulator/?client={JANE}&chat={PRIMARY}", demo.base))
        .await
        .unwrap();
    let composer = browser.find("composer", "").await;
    composer.send_keys("#dom123456" + Key::Enter).await.unwrap();
    browser.find("message-out", "#dom123456").await;
    let info = browser.find("message-in", "Dom AM").await.text().await.unwrap();
    browser.find("back", "").await.click().await.unwrap();
    let secondary = demo.secondaries(JANE).await[0].clone();
    assert!(info.contains(&format!("+{secondary}")), "{info}");
    let chat = browser
        .find(&format!("chat-item-{secondary}"), "Acme Wealth")
        .await;
    chat.click().await.unwrap();
    browser.find("message-in", "this is Dom AM of Acme Wealth").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scanning_a_code_types_the_extension_and_sends_nothing_by_itself() {
    let (demo, browser) = (Demo::start(), Browser::start().await);
    open_phone(&demo, &browser).await;
    browser.find("scan", "").await.click().await.unwrap();
    browser.find("scannable-0", "Dom AM").await.click().await.unwrap();
    let composer = browser.find("composer", "").await;
    assert_eq!(
        composer.prop("value").await.unwrap().as_deref(),
        Some("#dom123456")
    );
    assert_eq!(browser.count("message-out").await, 0);
    browser.find("send", "").await.click().await.unwrap();
    browser.find("message-in", "Dom AM").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_without_an_extension_are_answered_by_the_bot() {
    let (demo, browser) = (Demo::start(), Browser::start().await);
    browser
        .page
        .goto(format!("{}/simulator/?client={JANE}&chat={PRIMARY}", demo.base))
        .await
        .unwrap();
    let composer = browser.find("composer", "").await;
    composer.send_keys("Hi there" + Key::Enter).await.unwrap();
    browser
        .find("message-in", "Acme Wealth Bot: To reach a member of our team")
        .await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_decisions_page_tells_the_story() {
    let (demo, browser) = (Demo::start(), Browser::start().await);
    demo.writes(JANE, PRIMARY, "<b>#dom123456</b>").await;
    demo.quiet().await;
    browser
        .page
        .goto(format!("{}/demo/decisions", demo.base))
        .await
        .unwrap();
    let told = browser
        .find("decisions", "Opened the room")
        .await
        .text()
        .await
        .unwrap();
    assert!(
        told.contains("<b>#dom123456</b>"),
        "what clients write is text, never markup: {told}"
    );
    assert!(told.contains("drawn at random"), "{told}");
    browser.close().await;
}
