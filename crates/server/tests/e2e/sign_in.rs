//! Signing in to the running service where no identity provider says who people are.

use reqwest::{Client, Response};
use totp_rs::{Builder, Secret};

use crate::deployment::{Deployment, Replica};

const PASSWORD: &str = "plum harbour tilts";

/// Michael administers the company.
pub(crate) fn deployment() -> Deployment {
    administered(Deployment::new())
}

/// The same on this one.
pub(crate) fn administered(deployment: Deployment) -> Deployment {
    let path = deployment.folder.path().join("acme.toml");
    let manifest = std::fs::read_to_string(&path).unwrap();
    let named = "username = \"michael\"\n";
    assert!(manifest.contains(named), "the manifest has michael");
    let manifest = manifest.replace(named, "username = \"michael\"\nroles = [\"admin\"]\n");
    std::fs::write(&path, manifest).unwrap();
    let applied = deployment.command(&["apply", "acme.toml"]).output().unwrap();
    assert!(
        applied.status.success(),
        "{}",
        String::from_utf8_lossy(&applied.stderr)
    );
    deployment
}

fn form<'a>(password: &'a str, code: &'a str) -> [(&'a str, &'a str); 3] {
    [("password", password), ("again", password), ("code", code)]
}

fn tries<'a>(password: &'a str, code: &'a str) -> [(&'a str, &'a str); 3] {
    [("username", "michael"), ("password", password), ("code", code)]
}

/// The link in a line.
fn link_in(line: &str) -> String {
    let mut words = line.split_whitespace();
    words.find(|word| word.starts_with("http")).unwrap().to_owned()
}

/// The admin's session in a service that had its first start: what its cookie is.
pub(crate) async fn first_session(deployment: &Deployment, replica: &Replica) -> String {
    let link = link_in(&replica.running.line_with("/set-up/"));
    let page = deployment.http.get(&link).send().await.unwrap();
    let code = code(&page.text().await.unwrap(), 0);
    cookie(&posts(&deployment.http, &link, &form(PASSWORD, &code)).await)
}

async fn posts(http: &Client, address: &str, form: &[(&str, &str)]) -> Response {
    let base = &address[..address.find("/s").unwrap()];
    http.post(address)
        .header("Origin", base)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(
            form.iter()
                .map(|(name, value)| format!("{name}={}", value.replace(' ', "+")))
                .collect::<Vec<_>>()
                .join("&"),
        )
        .send()
        .await
        .unwrap()
}

/// What an authenticator shows that read the key of the page, so many half minutes from now.
fn code(page: &str, later: u64) -> String {
    let key = page.split("<span class=\"code\">").nth(1).unwrap();
    let key = key.split('<').next().unwrap().replace(' ', "");
    let secret = Secret::try_from_base32(&key).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    #[expect(
        clippy::disallowed_methods,
        reason = "the service under test has the real clock"
    )]
    let now = std::time::SystemTime::now();
    let seconds = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    totp.generate(seconds + 30 * later).to_string()
}

fn cookie(answer: &Response) -> String {
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn who(http: &Client, replica: &Replica, cookie: &str) -> Option<String> {
    let asked = http.get(format!("{}/api/v1/me", replica.public));
    let me: serde_json::Value = asked
        .header("Cookie", cookie)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    me["user"]["username"].as_str().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_shows_one_link_and_an_admin_signs_in_with_password_and_code() {
    let deployment = deployment();
    let http = &deployment.http;
    let replica = deployment.serve();
    let said = replica.running.line_with("/set-up/");
    assert!(said.contains("michael sets up how to sign in"), "{said}");
    let link = link_in(&said);
    assert!(link.starts_with(&replica.public), "{link}");
    let page = http.get(&link).send().await.unwrap().text().await.unwrap();
    for (refused, why) in [
        (form("too short", "000000"), "15 characters or more"),
        (form(PASSWORD, "000000"), "one-time code is wrong"),
        (form(PASSWORD, ""), "one-time code is wrong"),
    ] {
        let answer = posts(http, &link, &refused).await;
        assert_eq!(answer.status().as_u16(), 422);
        let shown = answer.text().await.unwrap();
        assert!(shown.contains(why), "{shown}");
    }
    let used = code(&page, 0);
    let answer = posts(http, &link, &form(PASSWORD, &used)).await;
    assert_eq!(answer.status().as_u16(), 303, "{}", answer.text().await.unwrap());
    assert_eq!(answer.headers()["location"], "/admin");
    let session = cookie(&answer);
    assert_eq!(who(http, &replica, &session).await.as_deref(), Some("michael"));
    assert_eq!(http.get(&link).send().await.unwrap().status().as_u16(), 410);

    let sign_in = format!("{}/sign-in", replica.public);
    let next = code(&page, 1);
    for wrong in [
        tries("plum harbour tilt", &next),
        tries(PASSWORD, ""),
        tries(PASSWORD, &used),
    ] {
        let answer = posts(http, &sign_in, &wrong).await;
        assert_eq!(answer.status().as_u16(), 403);
        assert!(answer.text().await.unwrap().contains("That did not match"));
    }
    let answer = posts(http, &sign_in, &tries(PASSWORD, &next)).await;
    assert_eq!(answer.status().as_u16(), 303);
    assert_eq!(
        who(http, &replica, &cookie(&answer)).await.as_deref(),
        Some("michael")
    );
    let log = replica.running.log();
    let secret = link.rsplit('/').next().unwrap();
    assert!(!log.contains(secret) && !log.contains(PASSWORD), "{log}");
    assert_eq!(replica.running.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_makes_a_link_for_somebody_and_a_newer_one_takes_its_place() {
    let deployment = Deployment::new();
    let http = &deployment.http;
    let made = || {
        let output = deployment
            .command(&["sign-in", "link", "dom"])
            .env("ONBOARDING_PUBLIC_URL", "http://127.0.0.1:1")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let said = String::from_utf8(output.stdout).unwrap();
        let link = link_in(&said);
        link.strip_prefix("http://127.0.0.1:1").unwrap().to_owned()
    };
    let (older, newer) = (made(), made());
    let unknown = deployment
        .command(&["sign-in", "link", "nobody"])
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&unknown.stderr);
    assert!(!unknown.status.success() && stderr.contains("nobody"), "{stderr}");
    let replica = deployment.serve();
    let at = |path: &str| format!("{}{path}", replica.public);
    assert_eq!(http.get(at(&older)).send().await.unwrap().status().as_u16(), 410);
    let answer = posts(http, &at(&newer), &form(PASSWORD, "")).await;
    assert_eq!(answer.status().as_u16(), 303);
    assert_eq!(
        who(http, &replica, &cookie(&answer)).await.as_deref(),
        Some("dom")
    );
    assert_eq!(replica.running.stop(), Some(0));
}
