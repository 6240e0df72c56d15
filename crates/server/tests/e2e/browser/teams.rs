//! Leap Work as a tab of Microsoft Teams: Microsoft's own script, a window of Teams around it, tokens of a directory, and no
//! cookie anywhere.

use std::process::Stdio;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::{Value, json};
use tempfile::TempDir;
use whatsapp_simulator::ClientMessage;

use super::{Browser, look::DESK};
use crate::{
    deployment::{Deployment, JANE, PRIMARY, Replica},
    openid::{OBJECT, Provider},
    process::Running,
};

/// The service, the company's directory, and a window of Teams in a browser.
struct Teams {
    directory: Provider,
    deployment: Deployment,
    replica: Replica,
    admin: String,
    browser: Browser,
    _window: Running,
    _keys: TempDir,
}

impl Teams {
    async fn start() -> Self {
        let mut directory = Provider::start("ES256");
        let deployment = directory.deployment();
        let args = ["token", "create", "tests", "--scope", "config:write"];
        let created = deployment.command(&args).output().unwrap();
        let said = String::from_utf8(created.stdout).unwrap();
        let admin = said.lines().next().expect("a token").to_owned();
        let replica = directory.serve(&deployment);
        let keys = TempDir::new().unwrap();
        let (window, port) = window(&keys);
        let rules = ["teams.microsoft.com", "res.cdn.office.net"];
        let rules = rules
            .map(|name| format!("MAP {name}:443 127.0.0.1:{port}"))
            .join(", ");
        let rules = format!("--host-resolver-rules={rules}");
        let browser = Browser::start_with(&[&rules, "--ignore-certificate-errors"]).await;
        browser.is(DESK).await;
        let teams = Self {
            directory,
            deployment,
            replica,
            admin,
            browser,
            _window: window,
            _keys: keys,
        };
        teams
            .browser
            .page
            .goto("https://teams.microsoft.com/v2/")
            .await
            .unwrap();
        teams
    }

    /// The person with this object id opens the tab; what the host shows of itself is set before. Next one looks into the tab.
    async fn opens(&self, path: &str, host: Value, tokens: &[&str]) {
        self.outside().await;
        let url = format!("{}{path}", self.replica.public);
        let script = format!(
            "Object.assign(host, {host}, {{ tokens: {} }}); host.open({}); return 0",
            json!(tokens),
            json!(url)
        );
        self.browser.says(&script).await;
        self.inside().await;
    }

    async fn inside(&self) {
        self.browser.page.enter_frame(0).await.unwrap();
    }

    async fn outside(&self) {
        self.browser.page.enter_default_frame().await.unwrap();
    }

    /// What the window says.
    async fn host(&self, script: &str) -> Value {
        self.outside().await;
        let said = self.browser.says(script).await;
        self.inside().await;
        said
    }

    async fn gives_dom(&self, extension: &str) {
        let url = format!("{}/api/v1/users/dom/extension", self.replica.public);
        let http = &self.deployment.http;
        let shown = http.get(&url).bearer_auth(&self.admin).send().await.unwrap();
        let tag = shown.headers()["etag"].clone();
        let put = http.put(&url).bearer_auth(&self.admin).header("If-Match", tag);
        let put = put.json(&json!({ "extension": extension })).send().await.unwrap();
        assert!(put.status().is_success(), "{}", put.text().await.unwrap());
    }

    fn jane_writes(&self, to: &str, text: &str) {
        let message = ClientMessage::text(to, text);
        self.deployment.graph.client_sends(JANE, message).unwrap();
    }

    /// No cookie was set, and the browser complained about nothing.
    async fn ends(self) {
        let cookies = self.browser.page.get_all_cookies().await.unwrap();
        assert!(cookies.is_empty(), "{cookies:?}");
        self.browser.close().await;
        assert_eq!(self.replica.running.stop(), Some(0));
    }
}

/// The server that the browser takes for Microsoft's, and its port.
fn window(keys: &TempDir) -> (Running, String) {
    let names = ["teams.microsoft.com", "res.cdn.office.net"].map(str::to_owned);
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
    let (key, certificate) = (keys.path().join("key.pem"), keys.path().join("cert.pem"));
    std::fs::write(&key, signing_key.serialize_pem()).unwrap();
    std::fs::write(&certificate, cert.pem()).unwrap();
    let sdk = test_tools::npm_file("@microsoft/teams-js/dist/umd/MicrosoftTeams.min.js");
    let mut node = test_tools::node(include_str!("teams.mjs"));
    node.args([key, certificate, sdk])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let window = Running::start(node);
    let said = window.line_with("listens on ");
    let port = said.trim_start_matches("listens on ").to_owned();
    (window, port)
}

fn wears(theme: &str) -> Value {
    json!({ "theme": theme, "locale": "en-us" })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tab_shows_ones_profile_and_code_in_the_hosts_theme_and_language() {
    let mut teams = Teams::start().await;
    let token = teams.directory.token_of(OBJECT);
    let browser = &teams.browser;
    let themes = [("default", "light"), ("dark", "dark"), ("contrast", "contrast")];
    for (host, ours) in themes {
        teams.opens("/teams/profile", wears(host), &[&token]).await;
        browser.shows("#facts", "#dom123456").await;
        browser.shows(&format!("html[data-theme={ours}]"), "").await;
        browser.looks_fine(&format!("teams-profile-{ours}")).await;
        browser.opens_the_code().await;
        browser.shows("dialog .qr img[src^='blob:']", "").await;
        let drawn = "const img = document.querySelector('dialog .qr img'); await img.decode(); return img.naturalWidth > 0";
        let drawn = browser
            .says(&format!("return (async () => {{ {drawn} }})()"))
            .await;
        assert_eq!(drawn, true, "the code came with the token");
        browser.looks_fine(&format!("teams-code-{ours}")).await;
    }
    assert!(
        teams
            .host("return host.heard")
            .await
            .as_array()
            .unwrap()
            .contains(&json!("appInitialization.success")),
        "Teams takes its own sign of waiting away"
    );
    // Whoever changes the theme of Teams sees ours follow.
    teams.host("host.wears('dark'); return 0").await;
    browser.shows("html[data-theme=dark]", "").await;
    for (locale, tongue) in [("ar-sa", "ar"), ("zh-tw", "zh-HK")] {
        let host = json!({ "theme": "default", "locale": locale });
        teams.opens("/teams/profile", host, &[&token]).await;
        browser
            .shows(&format!("html[lang={tongue}] #facts"), "#dom123456")
            .await;
        browser.looks_fine(&format!("teams-profile-{tongue}")).await;
    }
    teams.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tab_is_used_without_loading_it_again() {
    let mut teams = Teams::start().await;
    let token = teams.directory.token_of(OBJECT);
    let browser = &teams.browser;
    teams.opens("/teams", wears("default"), &[&token]).await;
    browser.shows("#facts", "#dom123456").await;
    browser.says("window.stillTheSame = true; return 0").await;
    browser.opens_the_code().await;
    let src = "return document.querySelector('dialog .qr img')?.src ?? ''";
    browser.shows("dialog .qr img[src^='blob:']", "").await;
    let before = browser.says(src).await;
    teams.gives_dom("#dom999").await;
    browser
        .shows("dialog[open] [data-copies$='text=%23dom999']", "")
        .await;
    assert_ne!(browser.says(src).await, before, "another code is drawn");

    // Copied as the host does it, and downloaded with the token.
    browser.clicks("dialog [data-copies]", "").await;
    browser.shows("dialog [role=status]", "Link copied").await;
    let link = "aHR0cHM6Ly93YS5tZS84NTI1NjQyODAzNT90ZXh0PSUyM2RvbTk5OQ==";
    assert_eq!(
        teams.host("return host.copied").await,
        json!(["text/plain", link])
    );
    browser
        .says(
            "const make = URL.createObjectURL;
             URL.createObjectURL = (blob) => { window.made = blob; return make.call(URL, blob); };
             HTMLAnchorElement.prototype.click = async function () {
                 document.body.dataset.saved = [this.download, (await window.made.text()).slice(0, 4)].join(' ');
             };
             return 0",
        )
        .await;
    browser.clicks("dialog a[download$='.svg']", "").await;
    browser.shows("body[data-saved^='dom.svg <']", "").await;
    browser.clicks("dialog [data-closes]", "").await;

    // A chat, from the first message to its end.
    browser.clicks(".rail a[href='/teams/chats']", "").await;
    browser.shows("#rooms", "No chats yet").await;
    let focused = "return document.activeElement?.tagName";
    assert_eq!(
        browser.says(focused).await,
        "H1",
        "the reader is told of the new page"
    );
    teams.jane_writes(PRIMARY, "#dom999");
    browser.clicks("#rooms a.row", "Jane").await;
    browser
        .shows(".bubble.ours", "this is Dom AM of Acme Wealth")
        .await;
    let secondary = teams.deployment.secondary().await;
    teams.jane_writes(&secondary, "<b>Hello</b> Dom");
    browser.shows(".bubble:not(.ours)", "<b>Hello</b> Dom").await;
    browser.looks_fine("teams-chat").await;
    browser.clicks("[data-opens=closing]", "").await;
    browser.clicks("dialog#closing[open] .danger", "").await;
    browser.shows("#mark", "Closed").await;
    browser.says("history.back(); return 0").await;
    browser.shows("#rooms", "Jane").await;
    assert_eq!(browser.says("return window.stillTheSame === true").await, true);
    teams.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_let_in_is_told_what_to_do() {
    let mut teams = Teams::start().await;
    let token = teams.directory.token_of(OBJECT);
    let unknown = teams.directory.token_of("0b2f4f9e-1111-4222-8333-000000000008");
    let browser = &teams.browser;
    // A token that ended on the way is had anew.
    teams
        .opens("/teams/profile", wears("default"), &["a.b.c", &token])
        .await;
    browser.shows("#facts", "#dom123456").await;
    for (name, tokens, words) in [
        ("unknown", vec![unknown.as_str()], "You are not known here yet"),
        ("refused", vec!["a.b.c"], "Microsoft Teams did not sign you in"),
        ("no-consent", vec![], "Microsoft Teams did not sign you in"),
    ] {
        teams.opens("/teams/profile", wears("dark"), &tokens).await;
        browser.shows("main h1", words).await;
        browser.looks_fine(&format!("teams-{name}")).await;
    }
    // Once an admin has approved the app, it goes on from there.
    teams
        .host(&format!("host.tokens = {}; return 0", json!([token])))
        .await;
    browser.clicks("main a.button", "Try again").await;
    browser.shows("#facts", "#dom123456").await;

    teams.outside().await;
    let alone = format!("{}/teams/profile", teams.replica.public);
    browser.page.goto(alone).await.unwrap();
    browser
        .shows("main h1", "This page belongs in Microsoft Teams")
        .await;
    browser.looks_fine("teams-outside").await;
    teams.ends().await;
}
