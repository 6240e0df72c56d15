//! `serve` as it is deployed: a manifest, a database, a Graph API elsewhere.

use std::time::Duration;

use whatsapp_graph::AppSecret;
use whatsapp_simulator::{ClientMessage, TemplateStatus};

use crate::{
    deployment::{Deployment, JANE, PRIMARY},
    process::PATIENCE,
    replicas::delivery,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_while_the_service_is_down_is_answered_when_it_is_back() {
    let deployment = Deployment::new();
    let replica = deployment.serve();
    deployment
        .graph
        .client_sends(JANE, ClientMessage::text(PRIMARY, "#dom123456"))
        .unwrap();
    let secondary = deployment.secondary().await;
    deployment.heard(&secondary, 1).await;
    assert_eq!(replica.running.stop(), Some(0));
    deployment
        .graph
        .client_sends(JANE, ClientMessage::text(PRIMARY, "Hi there"))
        .unwrap();
    let replica = deployment.serve();
    assert_eq!(deployment.heard(PRIMARY, 2).await.len(), 2);
    assert_eq!(replica.running.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_answer_never_came_is_not_sent_twice() {
    let deployment = Deployment::new();
    let replica = deployment.serve();
    let operations = &replica.operations;
    // Graph takes each message and answers nothing: the statuses tell that they arrived.
    let faults = whatsapp_simulator::Faults {
        graph_timeout_after_acceptance: 1.0,
        ..deployment.graph.faults()
    };
    deployment.graph.set_faults(faults);
    deployment
        .graph
        .client_sends(JANE, ClientMessage::text(PRIMARY, "Hi there"))
        .unwrap();
    deployment.heard(PRIMARY, 1).await;
    let settled = async {
        let mut every = tokio::time::interval(Duration::from_millis(50));
        loop {
            every.tick().await;
            let ready = deployment
                .http
                .get(format!("{operations}/readyz"))
                .send()
                .await
                .unwrap();
            let ready: serde_json::Value = ready.json().await.unwrap();
            if ready["outbox"] == 0 && ready["inbox"] == 0 {
                break;
            }
        }
    };
    tokio::time::timeout(PATIENCE, settled)
        .await
        .expect("the status settles the message");
    assert_eq!(deployment.heard(PRIMARY, 1).await.len(), 1);
    drop(replica);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_finds_what_would_stop_onboarding() {
    let deployment = Deployment::new();
    let check = || {
        let output = deployment.command(&["check"]).output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let (good, said) = check();
    assert!(good, "{said}");
    assert_eq!(
        said.lines().filter(|line| line.contains("number +852")).count(),
        4,
        "{said}"
    );
    assert!(
        deployment
            .graph
            .set_template_status("client_invitation", TemplateStatus::Paused)
    );
    let (good, said) = check();
    assert!(!good && said.contains("STOP  acme template invitation"), "{said}");
    assert!(
        deployment
            .graph
            .set_template_status("client_invitation", TemplateStatus::Approved)
    );
    std::fs::write(deployment.folder.path().join("access_token"), "expired").unwrap();
    let (good, said) = check();
    assert!(!good && said.contains("the access token is not valid"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_metrics_are_on_the_operations_listener_only() {
    let deployment = Deployment::new();
    let replica = deployment.serve();
    let operations = &replica.operations;
    for path in ["livez", "readyz", "metrics"] {
        assert_eq!(
            deployment
                .http
                .get(format!("{operations}/{path}"))
                .send()
                .await
                .unwrap()
                .status(),
            200,
            "{path}"
        );
    }
    assert_eq!(
        deployment
            .http
            .get(format!("{operations}/webhooks/whatsapp"))
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
    drop(replica);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_app_secret_counts_without_a_restart_and_the_old_one_for_a_while() {
    let deployment = Deployment::new();
    let replica = deployment.serve();
    let (old, new) = (
        Deployment::app_secret(),
        AppSecret::new("the new app_secret".to_owned()),
    );
    let post = async |secret: &AppSecret, id: &str| {
        let body = delivery(id, JANE, "Hi there");
        let signature = secret.sign(&body);
        let url = format!("{}/webhooks/whatsapp", replica.public);
        let request = deployment.http.post(url).header("X-Hub-Signature-256", signature);
        request.body(body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(
        (post(&old, "wamid.1").await, post(&new, "wamid.2").await),
        (200, 401)
    );
    std::fs::write(
        deployment.folder.path().join("app_secret"),
        "the new app_secret\n",
    )
    .unwrap();
    let mut every = tokio::time::interval(Duration::from_millis(200));
    let counts = async {
        while post(&new, "wamid.3").await != 200 {
            every.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, counts)
        .await
        .expect("it is read again");
    assert_eq!(
        post(&old, "wamid.4").await,
        200,
        "Meta may not have changed it yet"
    );
    let forged = AppSecret::new("another".to_owned());
    assert_eq!(post(&forged, "wamid.5").await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_access_token_loses_no_message_whichever_side_changes_first() {
    let deployment = Deployment::new();
    let replica = deployment.serve();
    let asks = |words: &str| {
        let text = whatsapp_simulator::ClientMessage::text(PRIMARY, words);
        deployment.graph.client_sends(JANE, text).unwrap();
    };
    asks("one");
    deployment.heard(PRIMARY, 1).await;
    // Changed here before WhatsApp knows the new one: the one before it helps out.
    let path = deployment.folder.path().join("access_token");
    std::fs::write(&path, "the next access_token\n").unwrap();
    let both = ["the access_token", "the next access_token"];
    let url = format!("{}/webhooks/whatsapp", replica.public);
    std::fs::write(
        deployment.folder.path().join("verify_token"),
        "the next verify_token\n",
    )
    .unwrap();
    let handshake = async |token: &str| {
        let query = format!(
            "{url}?hub.mode=subscribe&hub.challenge=7&hub.verify_token={}",
            token.replace(' ', "%20")
        );
        deployment.http.get(query).send().await.unwrap().status().as_u16()
    };
    let mut every = tokio::time::interval(Duration::from_millis(200));
    let read_again = async {
        while handshake("the next verify_token").await != 200 {
            every.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, read_again)
        .await
        .expect("it is read again");
    assert_eq!(
        handshake("the verify_token").await,
        200,
        "Meta may ask with the old one"
    );
    assert_eq!(handshake("another").await, 403);
    asks("two");
    deployment.heard(PRIMARY, 2).await;
    deployment.graph.set_access_tokens(&both);
    asks("three");
    deployment.heard(PRIMARY, 3).await;
    // And the old one ends.
    deployment.graph.set_access_tokens(&both[1..]);
    asks("four");
    deployment.heard(PRIMARY, 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_told_to_stop_in_the_first_moment_stops_in_order() {
    let deployment = Deployment::new();
    for _ in 0..3 {
        assert_eq!(deployment.serve().running.stop(), Some(0));
    }
}
