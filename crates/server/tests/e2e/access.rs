//! Who may call the running service.

use whatsapp_graph::client::{HttpLimits, http_client};

use crate::{
    deployment::Deployment,
    process::{Running, binary},
    replicas::on_postgres,
};

fn said(output: &std::process::Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_command_line_opens_the_api_until_it_is_revoked() {
    let deployment = Deployment::new();
    let token = |args: &[&str]| {
        let args = [&["token"], args].concat();
        said(&deployment.command(&args).output().unwrap())
    };
    let created = token(&["create", "CRM", "--scope", "rooms:read", "--days", "7"]);
    let secret = created.lines().next().unwrap().to_owned();
    assert!(secret.starts_with("lxo_"), "{secret}");
    let asks = async || {
        let replica = deployment.serve();
        let asked = deployment.http.get(format!("{}/api/v1/me", replica.public));
        let answer = asked.bearer_auth(&secret).send().await.unwrap();
        let headers = answer.headers().clone();
        let status = answer.status().as_u16();
        let me: serde_json::Value = answer.json().await.unwrap();
        assert!(!replica.running.log().contains(&secret), "tokens are not logged");
        assert_eq!(replica.running.stop(), Some(0));
        (status, me, headers)
    };
    let (status, me, headers) = asks().await;
    assert_eq!((status, me["service"]["name"].as_str()), (200, Some("CRM")));
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["cache-control"], "no-store");
    let listed = token(&["list"]);
    assert!(
        listed.contains("holds") && listed.contains("CRM") && !listed.contains(&secret),
        "{listed}"
    );
    let id = me["service"]["token"].as_str().unwrap();
    token(&["revoke", id]);
    assert!(token(&["list"]).contains("revoked"));
    assert_eq!(asks().await.0, 401);
}

/// A browser without HTTPS, on this machine: the cookie has no promises that only HTTPS can keep.
#[tokio::test(flavor = "multi_thread")]
async fn the_demo_signs_in_with_one_click() {
    let mut command = binary();
    command.arg("demo");
    let demo = Running::start(command);
    let line = demo.line_with("Sign in");
    let page = line
        .split_whitespace()
        .find(|word| word.starts_with("http://"))
        .unwrap();
    let base = page.strip_suffix("/sign-in").unwrap();
    let http = http_client(&HttpLimits::default()).unwrap();
    let shown = http.get(page).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains("value=\"dom\""), "{shown}");
    let answer = http
        .post(page)
        .header("Origin", base)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body("form_token=&username=dom");
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 303);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let me = http.get(format!("{base}/api/v1/me")).header("Cookie", cookie);
    let me: serde_json::Value = me.send().await.unwrap().json().await.unwrap();
    assert_eq!(me["user"]["username"], "dom");
    assert_eq!(demo.stop(), Some(0));
}

#[test]
fn a_wrong_wish_for_a_token_is_told_in_one_line() {
    let deployment = Deployment::new();
    for (args, words) in [
        (
            &["create", "CRM", "--scope", "all"][..],
            "--scope: `all` is none; known are config:read",
        ),
        (
            &["create", "", "--scope", "rooms:read"],
            "the name must have 1 to 100 characters",
        ),
        (
            &["create", "CRM", "--scope", "rooms:read", "--days", "366"],
            "within 365 days",
        ),
        (
            &["revoke", "00000000-0000-7000-8000-000000000000"],
            "has no token",
        ),
    ] {
        let output = deployment.command(&[&["token"], args].concat()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && stderr.contains(words), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
}

/// As `head` does when it has enough.
#[test]
fn a_command_whose_output_nobody_reads_to_its_end_ends_quietly() {
    let deployment = Deployment::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = deployment.command(&["token", "create", "CRM", "--scope", "rooms:read"]);
    let output = command.stdout(writer).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_refused_on_every_replica_within_a_second() {
    let (deployment, _server) = on_postgres();
    let replicas = [deployment.serve(), deployment.serve()];
    let created = said(
        &deployment
            .command(&["token", "create", "CRM", "--scope", "rooms:read"])
            .output()
            .unwrap(),
    );
    let secret = created.lines().next().unwrap();
    let asks = async || {
        let mut answers = Vec::new();
        for replica in &replicas {
            let asked = deployment.http.get(format!("{}/api/v1/me", replica.public));
            answers.push(asked.bearer_auth(secret).send().await.unwrap());
        }
        answers
    };
    let mut id = String::new();
    for answer in asks().await {
        assert_eq!(answer.status().as_u16(), 200);
        let me: serde_json::Value = answer.json().await.unwrap();
        me["service"]["token"].as_str().unwrap().clone_into(&mut id);
    }
    said(&deployment.command(&["token", "revoke", &id]).output().unwrap());
    let answers = tokio::time::timeout(std::time::Duration::from_secs(1), asks()).await;
    for answer in answers.expect("both answer within a second") {
        assert_eq!(answer.status().as_u16(), 401);
    }
}
