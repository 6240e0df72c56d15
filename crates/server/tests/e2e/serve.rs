//! `serve` as it is deployed: a manifest, a database, a Graph API elsewhere.

use std::time::Duration;

use reqwest::Client;
use tempfile::TempDir;
use whatsapp_graph::client::{HttpLimits, http_client};
use whatsapp_simulator::{
    Account, AccountHealth, ClientMessage, Latencies, PhoneClient, RunningSimulator, Simulator,
    SimulatorConfig, Template, TemplateStatus,
};

use crate::process::{PATIENCE, Running, binary};

const MANIFEST: &str = include_str!("../../src/demo/company.toml");
const JANE: &str = "447700900123";
const PRIMARY: &str = "85256428035";

fn world() -> RunningSimulator {
    let mut config = SimulatorConfig::new("the app_secret", "the access_token");
    config.latencies = Latencies::NONE;
    let numbers = ["+85256428035", "+85251079302", "+85251079303", "+85251079304"];
    config.accounts = (1..)
        .zip(numbers)
        .map(|(nth, number)| Account {
            phone_number_id: format!("10000000000000{nth}"),
            phone_number: number.to_owned(),
            waba_id: "200000000000001".to_owned(),
            verified_name: "Acme Wealth".to_owned(),
            advertised: nth == 1,
            health: AccountHealth::default(),
        })
        .collect();
    let template = |name: &str, body: &str| Template {
        waba_id: None,
        name: name.to_owned(),
        language: "en".to_owned(),
        body: body.to_owned(),
        buttons: Vec::new(),
        status: TemplateStatus::Approved,
    };
    config.templates = vec![
        template("client_invitation", "{{1}} of {{2}}"),
        template("room_reminder", "{{1}}"),
    ];
    let bsuid = "GB.1029384756".to_owned();
    config.clients = vec![PhoneClient {
        name: "Jane Roe".to_owned(),
        phone: Some(JANE.to_owned()),
        bsuid,
        username: None,
    }];
    Simulator::start(config, "127.0.0.1:0".parse().unwrap()).unwrap()
}

struct Deployment {
    folder: TempDir,
    graph: RunningSimulator,
    http: Client,
}

impl Deployment {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        for name in ["app_secret", "verify_token", "access_token"] {
            std::fs::write(folder.path().join(name), format!("the {name}\n")).unwrap();
        }
        let manifest = MANIFEST.replace("SECRETS", folder.path().to_str().unwrap());
        std::fs::write(folder.path().join("acme.toml"), manifest).unwrap();
        let http = http_client(&HttpLimits::default()).unwrap();
        let new = Self {
            folder,
            graph: world(),
            http,
        };
        let applied = new.command(&["apply", "acme.toml"]).output().unwrap();
        assert!(
            applied.status.success(),
            "{}",
            String::from_utf8_lossy(&applied.stderr)
        );
        new
    }

    fn command(&self, args: &[&str]) -> std::process::Command {
        let mut command = binary();
        command.args(args).current_dir(self.folder.path());
        command.env(
            "DATABASE_URL",
            format!("sqlite://{}/onboarding.db", self.folder.path().display()),
        );
        command.env("ONBOARDING_GRAPH_URL", self.graph.graph_url());
        command
    }

    /// Starts the service, tells the simulator where it is, and gives its operations address.
    fn serve(&self) -> (Running, String) {
        let running = Running::start(self.command(&["serve"]));
        let line: serde_json::Value = serde_json::from_str(&running.log_with("\"serving\"")).unwrap();
        let address = |key: &str| format!("http://{}", line[key].as_str().unwrap());
        self.graph
            .set_webhook(format!("{}/webhooks/whatsapp", address("public")));
        (running, address("operations"))
    }

    /// Waits until the client has heard this many messages from a number.
    async fn heard(&self, number: &str, count: usize) -> Vec<String> {
        let look = |simulator: &Simulator| {
            let thread = simulator.thread(JANE, number);
            let texts: Vec<_> = thread
                .into_iter()
                .filter(|m| !m.from_client)
                .map(|m| m.content.text)
                .collect();
            (texts.len() >= count).then_some(texts)
        };
        self.graph
            .wait_for(PATIENCE, look)
            .await
            .expect("the client hears it")
    }

    async fn secondary(&self) -> String {
        let look = |simulator: &Simulator| {
            let state = simulator.state();
            let threads = &state.clients.iter().find(|client| client.id == JANE)?.threads;
            threads
                .iter()
                .map(|thread| thread.account.clone())
                .find(|account| account != PRIMARY)
        };
        self.graph
            .wait_for(PATIENCE, look)
            .await
            .expect("a secondary writes")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_while_the_service_is_down_is_answered_when_it_is_back() {
    let deployment = Deployment::new();
    let (running, _) = deployment.serve();
    deployment
        .graph
        .client_sends(JANE, ClientMessage::text(PRIMARY, "#dom123456"))
        .unwrap();
    let secondary = deployment.secondary().await;
    deployment.heard(&secondary, 1).await;
    assert_eq!(running.stop(), Some(0));
    deployment
        .graph
        .client_sends(JANE, ClientMessage::text(PRIMARY, "Hi there"))
        .unwrap();
    let (running, _) = deployment.serve();
    assert_eq!(deployment.heard(PRIMARY, 2).await.len(), 2);
    assert_eq!(running.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_answer_never_came_is_not_sent_twice() {
    let deployment = Deployment::new();
    let (running, operations) = deployment.serve();
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
    drop(running);
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
    assert!(!good && said.contains("graph error 190"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_metrics_are_on_the_operations_listener_only() {
    let deployment = Deployment::new();
    let (running, operations) = deployment.serve();
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
    drop(running);
}
