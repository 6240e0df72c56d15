//! The phone page in a real browser: the first rows of the flow as a person does them.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use thirtyfour::{
    By, ChromiumLikeCapabilities, DesiredCapabilities, Key, WebDriver, WebElement,
    extensions::query::ElementQueryable,
};

use crate::{
    demo::{Demo, JANE, PRIMARY},
    process::PATIENCE,
};

/// A headless browser with a driver and a profile of its own.
struct Browser {
    page: WebDriver,
    driver: Child,
    _profile: TempDir,
}

impl Browser {
    async fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver: `cargo xtask test` installs it");
        let lines = BufReader::new(driver.stdout.take().expect("piped")).lines();
        let port = lines
            .map_while(Result::ok)
            .find_map(|line| {
                line.split_once("successfully on port ")
                    .map(|(_, port)| port.trim_end_matches('.').to_owned())
            })
            .expect("chromedriver says its port");
        let profile = TempDir::new().unwrap();
        let mut wanted = DesiredCapabilities::chrome();
        for argument in [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--window-size=390,844",
            &format!("--user-data-dir={}", profile.path().display()),
        ] {
            wanted.add_arg(argument).unwrap();
        }
        let page = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted)
            .await
            .expect("the browser starts");
        Self {
            page,
            driver,
            _profile: profile,
        }
    }

    /// The first element with this test id whose text holds `words`; waits for it.
    async fn find(&self, test_id: &str, words: &str) -> WebElement {
        let (wanted, css) = (words.to_owned(), format!("[data-testid='{test_id}']"));
        let holds = move |element: WebElement| {
            let wanted = wanted.clone();
            // The page may draw itself anew at any moment: what was there is then looked for again.
            async move { Ok(element.text().await.is_ok_and(|text| text.contains(&wanted))) }
        };
        let query = self
            .page
            .query(By::Css(css))
            .wait(PATIENCE, Duration::from_millis(50))
            .with_filter(holds);
        query
            .first()
            .await
            .unwrap_or_else(|error| panic!("no {test_id} with {words:?}: {error}"))
    }

    /// How many elements with this test id there are now.
    async fn count(&self, test_id: &str) -> usize {
        self.page
            .find_all(By::Css(format!("[data-testid='{test_id}']")))
            .await
            .unwrap()
            .len()
    }

    async fn close(mut self) {
        let _ = self.page.clone().quit().await;
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

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
