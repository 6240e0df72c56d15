//! A deployment under test: a manifest, a database, a Graph API elsewhere, and any number of replicas.

use reqwest::Client;
use tempfile::TempDir;
use whatsapp_graph::{
    AppSecret,
    client::{HttpLimits, http_client},
};
use whatsapp_simulator::{
    Account, AccountHealth, Latencies, PhoneClient, RunningSimulator, Simulator, SimulatorConfig, Template,
    TemplateStatus,
};

use crate::process::{PATIENCE, Running, binary};

const MANIFEST: &str = include_str!("../../src/demo/company.toml");

/// The client with a phone.
pub(crate) const JANE: &str = "447700900123";
/// The number that clients write to first.
pub(crate) const PRIMARY: &str = "85256428035";

fn world(subscribed: bool) -> RunningSimulator {
    let mut config = SimulatorConfig::new("the app_secret", "the access_token");
    config.subscribed = subscribed;
    config.latencies = Latencies::NONE;
    let numbers = [
        (1, "+85256428035"),
        (2, "+85251079302"),
        (3, "+85251079303"),
        (4, "+85251079304"),
        (11, "+6531580001"),
        (12, "+6531580002"),
    ];
    config.accounts = numbers
        .into_iter()
        .map(|(nth, number)| Account {
            phone_number_id: format!("1{nth:014}"),
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

pub(crate) struct Deployment {
    pub(crate) folder: TempDir,
    pub(crate) graph: RunningSimulator,
    pub(crate) http: Client,
    database: String,
}

/// A running replica and where it answers.
pub(crate) struct Replica {
    pub(crate) running: Running,
    pub(crate) public: String,
    pub(crate) operations: String,
}

impl Deployment {
    /// On an embedded database of its own.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let database = format!("sqlite://{}/onboarding.db", folder.path().display());
        Self::on(database, folder)
    }

    /// The same, where our app gets no webhook of the account yet.
    pub(crate) fn not_subscribed() -> Self {
        let folder = TempDir::new().unwrap();
        let database = format!("sqlite://{}/onboarding.db", folder.path().display());
        Self::set_up(database, folder, false)
    }

    /// On the database of this address.
    pub(crate) fn on(database: String, folder: TempDir) -> Self {
        Self::set_up(database, folder, true)
    }

    fn set_up(database: String, folder: TempDir, subscribed: bool) -> Self {
        for name in ["app_secret", "verify_token", "access_token"] {
            std::fs::write(folder.path().join(name), format!("the {name}\n")).unwrap();
        }
        let manifest = MANIFEST.replace("SECRETS", folder.path().to_str().unwrap());
        std::fs::write(folder.path().join("acme.toml"), manifest).unwrap();
        let http = http_client(&HttpLimits::default()).unwrap();
        let new = Self {
            folder,
            graph: world(subscribed),
            http,
            database,
        };
        let applied = new.command(&["apply", "acme.toml"]).output().unwrap();
        assert!(
            applied.status.success(),
            "{}",
            String::from_utf8_lossy(&applied.stderr)
        );
        new
    }

    pub(crate) fn command(&self, args: &[&str]) -> std::process::Command {
        let mut command = binary();
        command.args(args).current_dir(self.folder.path());
        command.env("DATABASE_URL", &self.database);
        command.env("ONBOARDING_GRAPH_URL", self.graph.graph_url());
        command
    }

    /// Nothing in the books breaks what always holds.
    #[track_caller]
    pub(crate) fn is_sound(&self) {
        let output = self.command(&["verify"]).output().unwrap();
        let (said, log) = (output.stdout, output.stderr);
        let said = String::from_utf8_lossy(&said) + String::from_utf8_lossy(&log);
        assert!(output.status.success(), "{said}");
    }

    /// Starts a replica. The simulator sends its webhooks to the one that was started last.
    pub(crate) fn serve(&self) -> Replica {
        self.serve_with(&[])
    }

    /// The same with more in its environment.
    pub(crate) fn serve_with(&self, environment: &[(&str, &str)]) -> Replica {
        let mut command = self.command(&["serve"]);
        command.envs(environment.iter().copied());
        let running = Running::start(command);
        let line: serde_json::Value = serde_json::from_str(&running.log_with("\"serving\"")).unwrap();
        let address = |key: &str| format!("http://{}", line[key].as_str().unwrap());
        let (public, operations) = (address("public"), address("operations"));
        self.graph.set_webhook(format!("{public}/webhooks/whatsapp"));
        Replica {
            running,
            public,
            operations,
        }
    }

    /// The secret that webhooks are signed with.
    pub(crate) fn app_secret() -> AppSecret {
        AppSecret::new("the app_secret".to_owned())
    }

    /// Waits until the client has heard this many messages from a number.
    pub(crate) async fn heard(&self, number: &str, count: usize) -> Vec<String> {
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

    pub(crate) async fn secondary(&self) -> String {
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
