//! Setting a company up from an access token.

use std::process::Output;

use crate::deployment::{Deployment, JANE, PRIMARY};

const WABA: &str = "200000000000001";

/// `connect` for the app of the simulator, with the secrets of the deployment.
fn connect(deployment: &Deployment, public_url: &str, more: &[&str]) -> Output {
    let mut args = vec!["connect"];
    for flag in [
        "--access-token=file:access_token",
        "--app-secret=file:app_secret",
        "--verify-token=file:verify_token",
    ] {
        args.push(flag);
    }
    args.extend(more);
    let mut command = deployment.command(&args);
    command.env("ONBOARDING_PUBLIC_URL", public_url).output().unwrap()
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|stream| String::from_utf8_lossy(stream).into_owned())
        .concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn connect_subscribes_registers_and_proposes_a_manifest_that_works() {
    let deployment = Deployment::not_subscribed();
    let replica = deployment.serve();
    // Nothing is known of the service over there yet.
    deployment.graph.set_webhook("http://127.0.0.1:9/elsewhere");
    let dry = said(&connect(&deployment, &replica.public, &["--dry-run"]));
    assert!(
        dry.contains(&format!("would subscribe our app to account {WABA}")),
        "{dry}"
    );
    assert!(
        dry.contains(&format!(
            "would send webhooks to {}/webhooks/whatsapp",
            replica.public
        )),
        "{dry}"
    );
    assert!(
        dry.contains("phone_number = \"+85251079302\"") && dry.contains("client_invitation"),
        "{dry}"
    );
    let again = said(&connect(&deployment, &replica.public, &["--dry-run"]));
    assert_eq!(again, dry, "a dry run changes nothing");

    let output = connect(&deployment, &replica.public, &["--out", "proposed.toml"]);
    let done = said(&output);
    assert!(output.status.success(), "{done}");
    assert!(
        done.contains(&format!("done  account {WABA}: our app is subscribed now")),
        "{done}"
    );
    assert!(done.contains("done  webhooks go to"), "{done}");
    let third = said(&connect(&deployment, &replica.public, &["--dry-run"]));
    assert!(!third.contains("would "), "twice comes to the same: {third}");

    // A client's message finds its way now.
    let text = whatsapp_simulator::ClientMessage::text(PRIMARY, "hello");
    deployment.graph.client_sends(JANE, text).unwrap();
    assert_eq!(deployment.heard(PRIMARY, 1).await.len(), 1);
    drop(replica);

    let proposed = std::fs::read_to_string(deployment.folder.path().join("proposed.toml")).unwrap();
    for secret in ["the app_secret", "the access_token", "the verify_token"] {
        assert!(!proposed.contains(secret) && !done.contains(secret));
    }
    std::fs::remove_file(deployment.folder.path().join("onboarding.db")).unwrap();
    let applied = deployment.command(&["apply", "proposed.toml"]).output().unwrap();
    assert!(applied.status.success(), "{}{proposed}", said(&applied));
    let check = deployment.command(&["check"]).output().unwrap();
    assert!(check.status.success(), "{}", said(&check));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_in_a_line_and_nothing_is_changed() {
    let deployment = Deployment::not_subscribed();
    let nobody = "http://127.0.0.1:9";
    let output = connect(&deployment, nobody, &[]);
    let told = said(&output);
    assert!(
        !output.status.success() && told.contains("does not take this address"),
        "{told}"
    );
    for (name, words, part) in [
        ("app_secret", "another", "--app-secret"),
        ("access_token", "another", "the access token is not valid"),
        ("verify_token", "", "--verify-token: the secret is empty"),
    ] {
        let path = deployment.folder.path().join(name);
        let right = std::fs::read(&path).unwrap();
        std::fs::write(&path, words).unwrap();
        let output = connect(&deployment, nobody, &["--dry-run"]);
        let told = said(&output);
        assert!(!output.status.success() && told.contains(part), "{name}: {told}");
        std::fs::write(&path, right).unwrap();
    }
}
