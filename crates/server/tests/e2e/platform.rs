//! WhatsApp's side: what its webhooks and its answers make of an account.

use std::time::Duration;

use serde_json::{Value, json};
use whatsapp_simulator::{AccountHealth, ClientMessage, TemplateStatus};

use crate::{
    deployment::{Deployment, JANE, PRIMARY, Replica},
    process::PATIENCE,
};

const WABA: &str = "200000000000001";
const PRIMARY_ID: &str = "100000000000001";

/// Waits until the metrics have a line that begins like this.
async fn metric(deployment: &Deployment, replica: &Replica, line: &str) {
    let shown = async {
        let mut every = tokio::time::interval(Duration::from_millis(200));
        loop {
            every.tick().await;
            let url = format!("{}/metrics", replica.operations);
            let metrics = deployment
                .http
                .get(url)
                .send()
                .await
                .unwrap()
                .text()
                .await
                .unwrap();
            if metrics.lines().any(|one| one.starts_with(line)) {
                break;
            }
        }
    };
    let shown = tokio::time::timeout(PATIENCE, shown).await;
    shown.unwrap_or_else(|_| panic!("no metric {line}"));
}

fn state(state: &str) -> String {
    format!(
        "onboarding_account_state{{company=\"acme\",phone_number_id=\"{PRIMARY_ID}\",state=\"{state}\"}} 1"
    )
}

/// A webhook about the account, as of now.
fn update(deployment: &Deployment, field: &str, value: &Value) {
    let time = deployment.graph.now_ms() / 1_000;
    deployment.graph.send_webhook(&json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": WABA, "time": time, "changes": [{"field": field, "value": value}]}],
    }));
}

fn blocked() -> AccountHealth {
    AccountHealth {
        can_send_message: "BLOCKED".to_owned(),
        problem: Some((
            "There is an error with the payment method.".to_owned(),
            "Add or fix the payment method.".to_owned(),
        )),
        ..AccountHealth::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_told_by_webhook_is_an_alarm_and_ends_with_its_reinstatement() {
    let deployment = Deployment::new();
    let replica = deployment.serve();
    metric(&deployment, &replica, &state("healthy")).await;
    let ban = |state: &str| json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": state}});
    update(&deployment, "account_update", &ban("DISABLE"));
    metric(&deployment, &replica, &state("blocked")).await;
    let log = replica.running.log_with("Meta has disabled the account");
    assert!(log.contains("Ask for a review"), "{log}");
    deployment
        .graph
        .client_sends(JANE, ClientMessage::text(PRIMARY, "#dom123456"))
        .unwrap();
    let told = deployment.heard(PRIMARY, 1).await;
    assert!(!told[0].contains("wa.me"), "{told:?}");
    update(&deployment, "account_update", &ban("REINSTATE"));
    metric(&deployment, &replica, &state("healthy")).await;
    deployment
        .graph
        .client_sends(JANE, ClientMessage::text(PRIMARY, "#dom123456"))
        .unwrap();
    let secondary = deployment.secondary().await;
    deployment.heard(&secondary, 1).await;
    drop(replica);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_whatsapp_says_when_asked_is_known_from_the_start() {
    let deployment = Deployment::new();
    deployment.graph.set_account_health(PRIMARY, blocked()).unwrap();
    let replica = deployment.serve();
    metric(&deployment, &replica, &state("blocked")).await;
    let left = format!("onboarding_messaging_left{{company=\"acme\",waba_id=\"{WABA}\"}} 100000");
    metric(&deployment, &replica, &left).await;
    drop(replica);
    let check = deployment.command(&["check"]).output().unwrap();
    let said = String::from_utf8(check.stdout).unwrap();
    assert!(!check.status.success(), "{said}");
    let stop = said
        .lines()
        .find(|line| line.starts_with("STOP"))
        .unwrap_or_default();
    assert!(
        stop.contains("+85256428035") && stop.contains("payment method"),
        "{said}"
    );
    assert!(stop.contains("Add or fix the payment method."), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_template_told_by_webhook_opens_no_room_that_would_fail() {
    let deployment = Deployment::new();
    let replica = deployment.serve();
    metric(&deployment, &replica, &state("healthy")).await;
    let paused = json!({
        "event": "PAUSED", "message_template_id": 1, "message_template_name": "client_invitation",
        "message_template_language": "en", "reason": "NONE",
    });
    update(&deployment, "message_template_status_update", &paused);
    let troubled = format!(
        "onboarding_template_troubled{{company=\"acme\",waba_id=\"{WABA}\",purpose=\"invitation\"}} 1"
    );
    metric(&deployment, &replica, &troubled).await;
    deployment
        .graph
        .client_sends(JANE, ClientMessage::text(PRIMARY, "#dom123456"))
        .unwrap();
    assert_eq!(
        deployment.heard(PRIMARY, 1).await.len(),
        1,
        "told at once, not after a failure"
    );
    drop(replica);
}

#[test]
fn apply_warns_of_templates_that_differ_and_says_when_it_could_not_look() {
    let deployment = Deployment::new();
    deployment
        .graph
        .set_template_status("client_invitation", TemplateStatus::Paused);
    let apply = |url: &str| {
        let mut command = deployment.command(&["apply", "acme.toml"]);
        let output = command.env("ONBOARDING_GRAPH_URL", url).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let said = apply(&deployment.graph.graph_url());
    assert!(
        said.contains("warning: template invitation “client_invitation”") && said.contains("is paused"),
        "{said}"
    );
    let said = apply("http://127.0.0.1:9");
    assert!(said.contains("templates: not checked at WhatsApp"), "{said}");
}
