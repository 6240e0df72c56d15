//! A simulator, and a webhook receiver that keeps everything and answers as it is told.

#![expect(clippy::unwrap_used, reason = "test helpers outside of #[test] functions")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt, web};
use serde_json::{Value, json};
use tokio::sync::watch;
use whatsapp_graph::AppSecret;
use whatsapp_graph::client::{HttpLimits, http_client};
use whatsapp_simulator::{
    Account, AccountHealth, Latencies, PhoneClient, Retries, RunningSimulator, Scannable, Simulator,
    SimulatorConfig, Template, TemplateStatus,
};

pub(crate) const PRIMARY: &str = "+85256428035";
pub(crate) const PRIMARY_ID: &str = "100000000000001";
pub(crate) const SECONDARY: &str = "+85251079302";
pub(crate) const SECONDARY_ID: &str = "100000000000002";
pub(crate) const WABA: &str = "200000000000001";
pub(crate) const JANE: &str = "85291234567";
pub(crate) const HIDDEN: &str = "FR.9081726354";
pub(crate) const LIMIT: Duration = Duration::from_secs(10);
pub(crate) const SECRET: &str = "app secret";
pub(crate) const TOKEN: &str = "token one";

/// A webhook as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) signature: String,
    pub(crate) bytes: Vec<u8>,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    /// The `value` of the only change.
    pub(crate) fn value(&self) -> Value {
        self.json()["entry"][0]["changes"][0]["value"].clone()
    }

    pub(crate) fn is_signed(&self) -> bool {
        self.signature == AppSecret::new(SECRET.to_owned()).sign(&self.bytes)
    }
}

#[derive(Default)]
struct Inbox {
    received: Vec<Received>,
    /// Answers still to give before 200.
    refusals: Vec<u16>,
}

pub(crate) struct Stand {
    pub(crate) simulator: RunningSimulator,
    pub(crate) http: reqwest::Client,
    inbox: Arc<Mutex<Inbox>>,
    arrivals: watch::Receiver<usize>,
}

impl Stand {
    pub(crate) fn new() -> Self {
        Self::with(|config| config)
    }

    pub(crate) fn with(change: impl FnOnce(SimulatorConfig) -> SimulatorConfig) -> Self {
        let inbox = Arc::new(Mutex::new(Inbox::default()));
        let (announce, arrivals) = watch::channel(0);
        let webhook_url = Some(receiver(Arc::clone(&inbox), announce));
        let config = change(SimulatorConfig {
            webhook_url,
            ..world()
        });
        Self {
            simulator: Simulator::start(config, SocketAddr::from(([127, 0, 0, 1], 0))).unwrap(),
            http: http_client(&HttpLimits::default()).unwrap(),
            inbox,
            arrivals,
        }
    }

    /// The next webhooks are answered so, one each.
    pub(crate) fn refuse(&self, statuses: &[u16]) {
        self.inbox.lock().unwrap().refusals = statuses.iter().rev().copied().collect();
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.inbox.lock().unwrap().received.clone()
    }

    /// Waits for a webhook that fits.
    pub(crate) async fn webhook(&mut self, fits: impl Fn(&Received) -> bool) -> Received {
        self.webhooks(1, fits).await.remove(0)
    }

    /// Waits until this many webhooks fit.
    pub(crate) async fn webhooks(&mut self, count: usize, fits: impl Fn(&Received) -> bool) -> Vec<Received> {
        let inbox = Arc::clone(&self.inbox);
        let waiting = self.arrivals.wait_for(|_| {
            let inbox = inbox.lock().unwrap();
            inbox.received.iter().filter(|one| fits(one)).count() >= count
        });
        tokio::time::timeout(LIMIT, waiting)
            .await
            .expect("the webhook came in time")
            .unwrap();
        let mut found = self.received();
        found.retain(|one| fits(one));
        found
    }

    /// Waits for the status of a message.
    pub(crate) async fn status(&mut self, id: &str, status: &str) -> Value {
        let fits = |one: &Received| {
            one.value()["statuses"][0]["id"] == id && one.value()["statuses"][0]["status"] == status
        };
        self.webhook(fits).await.value()
    }

    pub(crate) async fn send(&self, number: &str, body: Value) -> (StatusCode, Value) {
        let mut message = json!({"messaging_product": "whatsapp"});
        message
            .as_object_mut()
            .unwrap()
            .extend(body.as_object().unwrap().clone());
        self.post(&format!("v25.0/{number}/messages"), TOKEN, &message)
            .await
    }

    /// Sends, and gives the id of the accepted message.
    pub(crate) async fn accepted(&self, number: &str, body: Value) -> String {
        let (status, answer) = self.send(number, body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["messages"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Sends, and gives HTTP status and code of the refusal.
    pub(crate) async fn refused(&self, number: &str, body: Value) -> (u16, u64) {
        let (status, answer) = self.send(number, body).await;
        assert!(answer["error"]["message"].is_string(), "{answer}");
        assert!(answer["error"]["fbtrace_id"].is_string(), "{answer}");
        (status.as_u16(), answer["error"]["code"].as_u64().unwrap())
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> (StatusCode, Value) {
        let url = format!("{}/{path}", self.simulator.graph_url());
        let answer = self
            .http
            .post(url)
            .bearer_auth(token)
            .json(body)
            .send()
            .await
            .unwrap();
        (status(&answer), answer.json().await.unwrap())
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        let url = format!("{}/{path}", self.simulator.graph_url());
        let answer = self.http.get(url).bearer_auth(TOKEN).send().await.unwrap();
        (status(&answer), answer.json().await.unwrap())
    }

    pub(crate) fn api(&self, path: &str) -> String {
        format!("{}/simulator/api/{path}", self.simulator.base_url)
    }

    pub(crate) async fn api_post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let answer = self.http.post(self.api(path)).json(&body).send().await.unwrap();
        (status(&answer), answer.json().await.unwrap_or_default())
    }

    pub(crate) async fn api_get(&self, path: &str) -> Value {
        self.http
            .get(self.api(path))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }
}

/// reqwest and actix-web have different `StatusCode` types.
fn status(answer: &reqwest::Response) -> StatusCode {
    StatusCode::from_u16(answer.status().as_u16()).unwrap()
}

pub(crate) fn text(to: &str, body: &str) -> Value {
    json!({"to": to, "type": "text", "text": {"body": body}})
}

pub(crate) fn invitation(parameters: &[&str]) -> Value {
    let parameters: Vec<_> = parameters
        .iter()
        .map(|text| json!({"type": "text", "text": text}))
        .collect();
    json!({"to": format!("+{JANE}"), "type": "template", "template": {
        "name": "client_invitation", "language": {"code": "en"},
        "components": [{"type": "body", "parameters": parameters}],
    }})
}

fn world() -> SimulatorConfig {
    SimulatorConfig {
        accounts: vec![account(PRIMARY_ID, PRIMARY), account(SECONDARY_ID, SECONDARY)],
        templates: vec![
            template(
                "client_invitation",
                "Hello, I am {{1}} of {{2}}.",
                TemplateStatus::Approved,
            ),
            Template {
                buttons: vec!["Accept".to_owned(), "Decline".to_owned()],
                ..template(
                    "with_buttons",
                    "Hello, I am {{1}} of {{2}}.",
                    TemplateStatus::Approved,
                )
            },
            template("paused", "Hello", TemplateStatus::Paused),
            template("disabled", "Hello", TemplateStatus::Disabled),
            template("pending", "Hello", TemplateStatus::Pending),
            template("named", "Hello {{first_name}}", TemplateStatus::Approved),
        ],
        clients: vec![
            PhoneClient {
                name: "Jane Roe".to_owned(),
                phone: Some(JANE.to_owned()),
                bsuid: "HK.1029384756".to_owned(),
                username: None,
            },
            PhoneClient {
                name: "Léa".to_owned(),
                phone: None,
                bsuid: HIDDEN.to_owned(),
                username: Some("lea.martin".to_owned()),
            },
        ],
        scannables: vec![Scannable {
            title: "Michael".to_owned(),
            subtitle: String::new(),
            link: "https://wa.me/85256428035?text=%23michael".to_owned(),
            svg: "<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_owned(),
        }],
        latencies: Latencies::NONE,
        retries: Retries {
            pauses: vec![Duration::from_millis(10)],
            attempts: 50,
            ..Retries::default()
        },
        ..SimulatorConfig::new(SECRET, TOKEN)
    }
}

fn account(id: &str, number: &str) -> Account {
    Account {
        phone_number_id: id.to_owned(),
        phone_number: number.to_owned(),
        waba_id: WABA.to_owned(),
        verified_name: "Acme Wealth".to_owned(),
        advertised: id == PRIMARY_ID,
        health: AccountHealth::default(),
    }
}

fn template(name: &str, body: &str, status: TemplateStatus) -> Template {
    Template {
        waba_id: None,
        name: name.to_owned(),
        language: "en".to_owned(),
        body: body.to_owned(),
        buttons: Vec::new(),
        status,
    }
}

/// Serves on a thread of its own until the process ends; nextest gives each test a process.
fn receiver(inbox: Arc<Mutex<Inbox>>, announce: watch::Sender<usize>) -> String {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}/webhook", listener.local_addr().unwrap());
    let state = web::Data::new((inbox, announce));
    std::thread::spawn(move || {
        let server = HttpServer::new(move || {
            App::new()
                .app_data(state.clone())
                .route("/webhook", web::post().to(receive))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap();
        rt::System::new().block_on(server.run()).unwrap();
    });
    url
}

async fn receive(
    request: HttpRequest,
    body: web::Bytes,
    state: web::Data<(Arc<Mutex<Inbox>>, watch::Sender<usize>)>,
) -> HttpResponse {
    let signature = request.headers().get("X-Hub-Signature-256").unwrap();
    let refusal = {
        let mut inbox = state.0.lock().unwrap();
        inbox.received.push(Received {
            signature: signature.to_str().unwrap().to_owned(),
            bytes: body.to_vec(),
        });
        inbox.refusals.pop()
    };
    state.1.send_modify(|count| *count += 1);
    let status = refusal.map_or(StatusCode::OK, |refusal| StatusCode::from_u16(refusal).unwrap());
    HttpResponse::build(status).finish()
}
