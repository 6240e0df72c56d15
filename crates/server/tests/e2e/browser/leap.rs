//! Leap Work as it looks: each state of each page, in each language, at a desk and on a phone, for everybody.

use serde_json::json;

use super::{
    Browser,
    look::{DESK, PHONE, WIDE},
};
use crate::{
    demo::{CHAN, Demo, JANE, PRIMARY, until},
    deployment::Deployment,
};

const TONGUES: [&str; 3] = ["en", "zh-HK", "ar"];

/// A demo whose configuration this test changes over the API.
pub(super) struct Company {
    pub(super) demo: Demo,
    token: String,
}

impl Company {
    pub(super) fn start() -> Self {
        let stopped = Demo::start().stop();
        let created = stopped.run(&[
            "token",
            "create",
            "tests",
            "--scope",
            "config:write",
            "--scope",
            "rooms:write",
        ]);
        let said = String::from_utf8(created.stdout).unwrap();
        let token = said.lines().next().expect("a token").to_owned();
        let demo = stopped.start();
        Self { demo, token }
    }

    /// Changes what is at the address, as an admin's program would.
    pub(super) async fn changes(&self, path: &str, key: &str, value: serde_json::Value) {
        let url = format!("{}/api/v1/{path}", self.demo.base);
        let shown = self
            .demo
            .http
            .get(&url)
            .bearer_auth(&self.token)
            .send()
            .await
            .unwrap();
        let tag = shown.headers()["etag"].clone();
        let mut form: serde_json::Value = shown.json().await.unwrap();
        form[key] = value;
        let put = self
            .demo
            .http
            .put(&url)
            .bearer_auth(&self.token)
            .header("If-Match", tag);
        let answer = put.json(&form).send().await.unwrap();
        assert!(
            answer.status().is_success(),
            "{path}: {}",
            answer.text().await.unwrap()
        );
    }

    pub(super) async fn gives_dom(&self, extension: Option<&str>) {
        self.changes("users/dom/extension", "extension", json!(extension))
            .await;
    }

    /// WhatsApp disables the company's account, or takes that back.
    pub(super) async fn is_banned(&self, state: &str) {
        let now = self.demo.get("/simulator/api/state").await["now_ms"]
            .as_u64()
            .unwrap()
            / 1_000;
        let news = json!({
            "object": "whatsapp_business_account",
            "entry": [{"id": "200000000000001", "time": now, "changes": [{"field": "account_update", "value":
                {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": state}}}]}],
        });
        let answer = self.demo.post("webhooks", news).await;
        assert!(answer.status().is_success());
    }
}

impl Browser {
    /// Signs in as somebody of the demo and is at their profile.
    pub(super) async fn signs_in(&self, base: &str, username: &str) {
        self.page.goto(format!("{base}/sign-in")).await.unwrap();
        let button = format!("button[name=username][value={username}]");
        self.shows(&button, "").await.click().await.unwrap();
        self.shows("main", "").await;
        until("the first page", || async {
            let at = self.page.current_url().await.ok()?;
            at.path().starts_with("/app/").then_some(())
        })
        .await;
    }

    pub(super) async fn opens(&self, base: &str, path: &str, tongue: &str) {
        let sign = if path.contains('?') { '&' } else { '?' };
        let address = format!("{base}{path}{sign}lang={tongue}");
        self.page.goto(address).await.unwrap();
        self.shows(&format!("html[lang={tongue}]"), "").await;
    }

    pub(super) async fn opens_the_code(&self) {
        self.shows("[data-opens=qr]", "").await.click().await.unwrap();
        self.shows("dialog#qr[open]", "").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_profile_and_code_are_for_everybody_in_each_language_and_window() {
    let (demo, browser) = (Demo::start(), Browser::start().await);
    browser.is(DESK).await;
    for tongue in TONGUES {
        browser.opens(&demo.base, "/sign-in", tongue).await;
        browser.looks_fine(&format!("sign-in-{tongue}")).await;
    }
    browser.signs_in(&demo.base, "dom").await;
    for tongue in TONGUES {
        browser.opens(&demo.base, "/app/profile", tongue).await;
        assert!(browser.moved().await < 0.01, "the profile moved while it loaded");
        browser.looks_fine(&format!("profile-{tongue}")).await;
        browser.opens_the_code().await;
        browser.looks_fine(&format!("code-{tongue}")).await;
    }
    browser.opens(&demo.base, "/app/code", "en").await;
    browser.looks_fine("code-alone").await;
    browser.opens(&demo.base, "/app/nowhere", "en").await;
    browser.looks_fine("not-found").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_code_is_told_why_in_each_language_and_window() {
    let (company, browser) = (Company::start(), Browser::start().await);
    let base = &company.demo.base;
    browser.is(DESK).await;
    browser.signs_in(base, "priya").await;
    for tongue in TONGUES {
        browser.opens(base, "/app/profile", tongue).await;
        assert_eq!(
            browser
                .says("return document.querySelectorAll('[data-opens=qr]').length")
                .await,
            0
        );
        browser.looks_fine(&format!("no-extension-{tongue}")).await;
    }
    browser.opens(base, "/app/code", "en").await;
    browser.looks_fine("no-extension-code").await;
    browser.opens(base, "/app/chats", "en").await;
    browser.looks_fine("no-chats").await;
    company.is_banned("DISABLE").await;
    browser.signs_in(base, "dom").await;
    for tongue in TONGUES {
        browser.opens(base, "/app/profile", tongue).await;
        browser.opens_the_code().await;
        browser.shows("dialog#qr .trouble", "").await;
        let share = browser.shows("dialog#qr [aria-disabled=true]", "").await;
        assert_eq!(
            share.attr("href").await.unwrap(),
            None,
            "nothing is shared that would not be answered"
        );
        browser.looks_fine(&format!("trouble-{tongue}")).await;
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_and_prospects_are_for_everybody_in_each_language_and_window() {
    let (company, browser) = (Company::start(), Browser::start().await);
    let (demo, base) = (&company.demo, &company.demo.base);
    demo.writes(JANE, PRIMARY, "#dom123456").await;
    demo.quiet().await;
    let secondary = demo.secondaries(JANE).await[0].clone();
    for words in [
        "Hello Dom, it is good to meet you here.",
        "مرحبا دوم، متى يمكننا التحدث؟",
        "https://acme.example/a/very/long/address/without/any/place/to/break/it/that/a/client/might/paste/into/a/chat",
    ] {
        demo.writes(JANE, &secondary, words).await;
    }
    company.changes("features", "auto_promotion", json!(false)).await;
    demo.writes(CHAN, PRIMARY, "#dom123456 您好").await;
    demo.quiet().await;
    browser.is(DESK).await;
    browser.signs_in(base, "dom").await;
    for tongue in TONGUES {
        browser.opens(base, "/app/chats", tongue).await;
        browser.shows("#prospects", "陳大文").await;
        browser.looks_fine(&format!("chats-{tongue}")).await;
        browser.shows("#rooms a.row", "Jane").await.click().await.unwrap();
        browser.shows(".bubble", "مرحبا").await;
        browser.looks_fine(&format!("chat-{tongue}")).await;
    }
    browser.opens(base, "/app/chats", "en").await;
    browser.shows("#rooms a.row", "Jane").await.click().await.unwrap();
    browser.is(PHONE).await;
    browser
        .shows("[data-opens=closing]", "")
        .await
        .click()
        .await
        .unwrap();
    browser.shows("dialog#closing[open]", "").await;
    browser.looks_fine("closing").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_of_the_demo_leads_to_the_phone_leap_work_and_the_admin() {
    let (demo, browser) = (Demo::start(), Browser::start().await);
    browser.is(DESK).await;
    browser.page.goto(&demo.base).await.unwrap();
    browser.looks_fine("demo").await;
    browser.is(WIDE).await;
    for (button, frame, words) in [
        (None, "client", "Jane Roe"),
        (
            Some("form[aria-label*='Leap Work'] [value=dom]"),
            "employee",
            "No chats yet",
        ),
        (
            Some("form[aria-label*=Admin] button"),
            "employee",
            "Organization Admin",
        ),
    ] {
        if let Some(button) = button {
            browser.shows(button, "").await.click().await.unwrap();
        }
        let frame = format!("[aria-labelledby={frame}] iframe");
        browser.looks_into(&frame, words).await;
        browser.page.enter_default_frame().await.unwrap();
    }
    browser.is_pictured("demo-admin").await;
    browser.close().await;
}

/// How people outside the demo come in.
#[tokio::test(flavor = "multi_thread")]
async fn signing_in_with_a_password_is_for_everybody_in_each_language_and_window() {
    let deployment = Deployment::new();
    let linked = deployment.command(&["sign-in", "link", "dom"]).output().unwrap();
    let said = String::from_utf8(linked.stdout).unwrap();
    let link = said
        .split_whitespace()
        .find(|word| word.contains("/set-up/"))
        .expect("a link");
    let path = link[link.find("/set-up/").expect("a path")..].to_owned();
    let (replica, browser) = (deployment.serve(), Browser::start().await);
    browser.is(DESK).await;
    for tongue in TONGUES {
        browser.opens(&replica.public, "/sign-in", tongue).await;
        browser.looks_fine(&format!("password-{tongue}")).await;
        browser.opens(&replica.public, &path, tongue).await;
        browser.looks_fine(&format!("set-up-{tongue}")).await;
    }
    browser.close().await;
}
