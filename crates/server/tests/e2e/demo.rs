//! `onboarding-server demo` under test: its phones, its webhook, its decisions.

use std::{future::Future, process::Output, time::Duration};

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use reqwest::{Client, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{interval, timeout};
use whatsapp_graph::{
    AppSecret,
    client::{HttpLimits, http_client},
};

use crate::process::{PATIENCE, Running, binary};

pub(crate) const PRIMARY: &str = "85256428035";
pub(crate) const SG_PRIMARY: &str = "6531580001";
pub(crate) const JANE: &str = "447700900123";
pub(crate) const CHAN: &str = "85291234567";
pub(crate) const ANA: &str = "BR.9988776655";

/// A message on a phone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Bubble {
    pub(crate) id: String,
    pub(crate) from_client: bool,
    pub(crate) state: String,
    pub(crate) kind: String,
    pub(crate) text: String,
}

/// A decision as the demo's page tells it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Decision {
    pub(crate) text: String,
    pub(crate) outcome: String,
    pub(crate) steps: Vec<Step>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Step {
    pub(crate) stage: String,
    pub(crate) finding: String,
    pub(crate) candidates: Vec<Weighed>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Weighed {
    pub(crate) subject: String,
    pub(crate) verdict: String,
}

impl Decision {
    pub(crate) fn step(&self, stage: &str) -> &Step {
        self.steps
            .iter()
            .find(|step| step.stage == stage)
            .unwrap_or_else(|| panic!("no {stage} in {self:#?}"))
    }
}

/// What a stopped demo left behind.
pub(crate) struct Stopped {
    pub(crate) data: TempDir,
}

impl Stopped {
    /// Runs a command on its database.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        let database = format!("sqlite://{}/onboarding.db", self.data.path().display());
        let mut command = binary();
        command.args(args).env("DATABASE_URL", database);
        command.output().unwrap()
    }

    /// Changes the stored data behind the service's back.
    pub(crate) fn damage(&self, sql: &str) {
        let file = self.data.path().join("onboarding.db");
        let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
        connection.batch_execute(sql).unwrap();
    }

    /// Starts it again.
    pub(crate) fn start(self) -> Demo {
        let mut command = binary();
        command.arg("demo").arg("--data").arg(self.data.path());
        Demo::of(Running::start(command), self.data)
    }
}

pub(crate) struct Demo {
    pub(crate) base: String,
    pub(crate) operations: String,
    pub(crate) http: Client,
    pub(crate) data: TempDir,
    pub(crate) running: Running,
}

impl Demo {
    pub(crate) fn start() -> Self {
        let data = TempDir::new().unwrap();
        let mut command = binary();
        command.arg("demo").arg("--data").arg(data.path());
        Self::of(Running::start(command), data)
    }

    /// A demo that was started with more of an environment.
    pub(crate) fn of(running: Running, data: TempDir) -> Self {
        let after = |line: &str, end: &str| {
            let from = line.find("http://").expect("an address");
            line[from..].split(end).next().expect("the address").to_owned()
        };
        let base = after(&running.line_with("  Phone  "), "/simulator");
        let operations = after(&running.line_with("Health and metrics"), "/readyz");
        let http = http_client(&HttpLimits {
            total: PATIENCE,
            ..HttpLimits::default()
        })
        .unwrap();
        Self {
            base,
            operations,
            http,
            data,
            running,
        }
    }

    /// Stops it as an operator does and keeps its folder: the database is free for commands.
    pub(crate) fn stop(self) -> Stopped {
        assert_eq!(self.running.stop(), Some(0));
        Stopped { data: self.data }
    }

    /// Stops it and checks the invariants on what it stored.
    pub(crate) fn verify(self) {
        let verified = self.stop().run(&["verify"]);
        let said = String::from_utf8_lossy(&verified.stdout);
        assert!(verified.status.success(), "{said}");
        assert!(said.starts_with("companies checked: 1; violations: 0;"), "{said}");
    }

    /// A client writes `text` to one of our numbers.
    pub(crate) async fn writes(&self, client: &str, to: &str, text: &str) -> String {
        self.sends(client, json!({"to_account": to, "text": text})).await
    }

    /// A client sends any message that the simulator's control API takes.
    pub(crate) async fn sends(&self, client: &str, message: Value) -> String {
        let answer = self.post(&format!("clients/{client}/messages"), message).await;
        assert_eq!(answer.status(), 202);
        answer.json::<Value>().await.unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        self.http
            .post(format!("{}/simulator/api/{path}", self.base))
            .json(&body)
            .send()
            .await
            .unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.base);
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// The conversation of a client with one of our numbers, oldest first.
    pub(crate) async fn thread(&self, client: &str, account: &str) -> Vec<Bubble> {
        let thread = self
            .get(&format!("/simulator/api/clients/{client}/threads/{account}"))
            .await;
        serde_json::from_value(thread["messages"].clone()).unwrap()
    }

    /// What we wrote to a client from one number.
    pub(crate) async fn heard(&self, client: &str, account: &str) -> Vec<Bubble> {
        self.thread(client, account)
            .await
            .into_iter()
            .filter(|bubble| !bubble.from_client)
            .collect()
    }

    /// The secondaries from which a client heard, in order of their numbers.
    pub(crate) async fn secondaries(&self, client: &str) -> Vec<String> {
        let state = self
            .get(&format!("/simulator/api/clients/{client}/threads"))
            .await;
        let accounts = state["threads"]
            .as_array()
            .unwrap()
            .iter()
            .map(|thread| thread["account"].as_str().unwrap());
        let mut secondaries: Vec<_> = accounts
            .filter(|account| ![PRIMARY, SG_PRIMARY].contains(account))
            .map(str::to_owned)
            .collect();
        secondaries.sort();
        secondaries
    }

    /// Every decision so far, newest first.
    pub(crate) async fn decisions(&self) -> Vec<Decision> {
        serde_json::from_value(self.get("/demo/decisions.json").await).unwrap()
    }

    /// The newest decision on a message that says exactly this.
    pub(crate) async fn decision_on(&self, text: &str) -> Decision {
        until(&format!("a decision on {text:?}"), || async {
            self.decisions()
                .await
                .into_iter()
                .find(|decision| decision.text == text)
        })
        .await
    }

    /// Waits until nothing is on its way: every message of a client arrived and was decided on, every answer is
    /// settled and on the phone, every status was told.
    pub(crate) async fn quiet(&self) {
        until("a quiet service", || async {
            // In this order: what was told before the queues were empty has led to all that it leads to, and what was
            // sent for it is among the calls that are counted last.
            let bubbles = self.all_bubbles().await?;
            let arrived = bubbles
                .iter()
                .all(|bubble| matches!(bubble.state.as_str(), "delivered" | "read"));
            let ours = bubbles.iter().filter(|bubble| !bubble.from_client).count();
            let (all_told, _) = self.told_and_accepted().await?;
            self.idle().await?;
            let (still_told, accepted) = self.told_and_accepted().await?;
            (arrived && all_told && still_told && ours == accepted).then_some(())
        })
        .await;
    }

    /// Whether every webhook was delivered, and how many messages Graph took.
    async fn told_and_accepted(&self) -> Option<(bool, usize)> {
        let ledger = self.get("/simulator/api/ledger").await;
        let deliveries = ledger["deliveries"].as_array()?;
        let told = deliveries.iter().all(|delivery| delivery["state"] == "delivered");
        let calls = ledger["graph_calls"].as_array()?;
        let accepted = calls.iter().filter(|call| call["message_id"].is_string());
        Some((told, accepted.count()))
    }

    /// Both queues are empty.
    async fn idle(&self) -> Option<()> {
        let url = format!("{}/readyz", self.operations);
        let ready: Value = self.http.get(url).send().await.ok()?.json().await.ok()?;
        (ready["inbox"] == 0 && ready["outbox"] == 0).then_some(())
    }

    async fn all_bubbles(&self) -> Option<Vec<Bubble>> {
        let state = self.get("/simulator/api/state").await;
        let mut bubbles = Vec::new();
        for client in state["clients"].as_array()? {
            let id = client["id"].as_str()?;
            let threads = self.get(&format!("/simulator/api/clients/{id}/threads")).await;
            for thread in threads["threads"].as_array()? {
                bubbles.extend(serde_json::from_value::<Vec<Bubble>>(thread["messages"].clone()).ok()?);
            }
        }
        Some(bubbles)
    }

    /// Waits until so much was given up.
    pub(crate) async fn gave_up(&self, count: u64) {
        until("what was given up", || async {
            let url = format!("{}/readyz", self.operations);
            let ready: Value = self.http.get(url).send().await.ok()?.json().await.ok()?;
            (ready["dead_letters"] == count && ready["outbox"] == 0).then_some(())
        })
        .await;
    }

    /// Changes what the simulator does, by its control API.
    pub(crate) async fn put(&self, path: &str, body: Value) {
        let url = format!("{}/simulator/api/{path}", self.base);
        let answer = self.http.put(url).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }

    pub(crate) fn app_secret(&self) -> AppSecret {
        AppSecret::new(std::fs::read_to_string(self.data.path().join("app_secret")).unwrap())
    }

    /// Posts to the webhook as Meta does; `None` leaves the signature out.
    pub(crate) async fn webhook(&self, body: impl Into<Vec<u8>>, signature: Option<&str>) -> Response {
        let mut request = self.http.post(format!("{}/webhooks/whatsapp", self.base));
        if let Some(signature) = signature {
            request = request.header("X-Hub-Signature-256", signature);
        }
        request.body(body.into()).send().await.unwrap()
    }

    /// Posts a genuine delivery.
    pub(crate) async fn signed(&self, body: impl Into<Vec<u8>>) -> Response {
        let body = body.into();
        let signature = self.app_secret().sign(&body);
        self.webhook(body, Some(&signature)).await
    }
}

/// Looks again and again until there is an answer.
pub(crate) async fn until<T, F>(what: &str, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let mut every = interval(Duration::from_millis(25));
    let found = timeout(PATIENCE, async {
        loop {
            every.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    });
    found
        .await
        .unwrap_or_else(|_| panic!("waited in vain for {what}"))
}
