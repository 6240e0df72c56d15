//! The simulator as Rust code holds it.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::web;
use secrecy::SecretString;
use serde_json::Value;
use whatsapp_graph::AppSecret;
use whatsapp_graph::client::{HttpLimits, http_client};

use crate::clock::Clock;
use crate::config::{
    AccountHealth, Latencies, PhoneClient, Retries, Scannable, SimulatorConfig, TemplateStatus,
};
use crate::draw::Draw;
use crate::events::{Announcer, Event};
use crate::faults::Faults;
use crate::ledger::Ledger;
use crate::phone::ClientMessage;
use crate::scheduler::Scheduler;
use crate::webhook::{Courier, Parcel, to_ascii_json};
use crate::world::{ChatMessage, SimulatorError, StateView, World};
use crate::{RunningSimulator, control, graph, lock, page};

/// A simulated WhatsApp. Clones share it.
///
/// Deliveries run on a thread of its own until [`Simulator::stop`], or until nothing refers to it and no webhook waits.
#[derive(Debug, Clone)]
pub struct Simulator {
    pub(crate) inner: Arc<Inner>,
}

/// What was waited for did not happen in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what was waited for did not happen in time")]
pub struct TimedOut;

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) app_secret: AppSecret,
    /// The token of the app itself, as its secret gives it.
    pub(crate) app_token: SecretString,
    pub(crate) unsubscribed: Mutex<BTreeSet<String>>,
    /// The webhook fields that the app subscribed to. What is simulated is sent whatever they are.
    pub(crate) fields: Mutex<Vec<String>>,
    pub(crate) access_tokens: Mutex<Vec<SecretString>>,
    pub(crate) automatic_read: bool,
    pub(crate) latencies: Latencies,
    pub(crate) retries: Retries,
    pub(crate) webhook_url: Mutex<Option<String>>,
    pub(crate) world: Mutex<World>,
    pub(crate) ledger: Mutex<Ledger>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) dice: Mutex<Draw>,
    pub(crate) ids: Mutex<Draw>,
    pub(crate) clock: Clock,
    pub(crate) announcer: Announcer,
    pub(crate) courier: Courier,
    pub(crate) scheduler: Scheduler,
    pub(crate) http: reqwest::Client,
}

impl Simulator {
    /// Builds a simulator and starts its network thread. Fails if a client of the configuration is unusable or the
    /// thread cannot be started.
    pub fn new(config: SimulatorConfig) -> io::Result<Self> {
        let mut world = World::new(&config);
        for client in config.clients {
            world
                .add_person(client)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        }
        let wabas = world.accounts.iter().map(|account| account.waba_id.clone());
        let unsubscribed = wabas.filter(|_| !config.subscribed).collect();
        let clock = Clock::default();
        // Ids differ from run to run even with one seed: a service that kept its database would take repeated ids for
        // duplicates, and rightly.
        let ids = Draw::seeded(config.seed ^ clock.now_ms().rotate_left(20));
        Ok(Self {
            inner: Arc::new(Inner {
                app_token: graph::app_token(&config.app_secret),
                app_secret: AppSecret::new(config.app_secret),
                unsubscribed: Mutex::new(unsubscribed),
                fields: Mutex::default(),
                access_tokens: Mutex::new(config.access_tokens),
                automatic_read: config.automatic_read,
                latencies: config.latencies,
                retries: config.retries,
                webhook_url: Mutex::new(config.webhook_url),
                world: Mutex::new(world),
                ledger: Mutex::default(),
                faults: Mutex::default(),
                dice: Mutex::new(Draw::seeded(config.seed)),
                ids: Mutex::new(ids),
                clock,
                announcer: Announcer::new(),
                courier: Courier::default(),
                scheduler: Scheduler::start()?,
                http: http_client(&HttpLimits::default()).map_err(io::Error::other)?,
            }),
        })
    }

    /// Serves a new simulator alone on this address; port 0 picks a free one.
    pub fn start(config: SimulatorConfig, address: SocketAddr) -> io::Result<RunningSimulator> {
        RunningSimulator::start(Self::new(config)?, address)
    }

    /// Mounts everything below `/simulator` of the caller's application.
    pub fn configure(&self, app: &mut web::ServiceConfig) {
        app.service(
            web::scope("/simulator")
                .app_data(web::Data::new(self.clone()))
                .configure(graph::configure)
                .configure(control::configure)
                .configure(page::configure),
        );
    }

    /// Sends webhooks to this address from now on, also the ones that wait.
    pub fn set_webhook(&self, url: impl Into<String>) {
        *lock(&self.inner.webhook_url) = Some(url.into());
    }

    /// Accepts these bearer tokens from now on, and no other.
    pub fn set_access_tokens(&self, tokens: &[&str]) {
        let tokens = tokens.iter().map(|token| SecretString::from(*token)).collect();
        *lock(&self.inner.access_tokens) = tokens;
    }

    /// Adds a client with a phone, and gives its id.
    pub fn add_client(&self, client: PhoneClient) -> Result<String, SimulatorError> {
        self.inner.add_client(client)
    }

    /// Replaces the codes that the phone page offers to scan.
    pub fn set_scannables(&self, scannables: Vec<Scannable>) {
        lock(&self.inner.world).scannables = scannables;
        self.inner.announcer.publish(Event::Reload);
    }

    /// A client sends a message; gives its id.
    pub fn client_sends(&self, client: &str, message: ClientMessage) -> Result<String, SimulatorError> {
        let ids = self.inner.client_sends(client, vec![message], false)?;
        Ok(ids.into_iter().next().unwrap_or_default())
    }

    /// A client sends several messages, in a webhook each or all in one; gives their ids.
    pub fn client_sends_batch(
        &self,
        client: &str,
        messages: Vec<ClientMessage>,
        in_one_webhook: bool,
    ) -> Result<Vec<String>, SimulatorError> {
        self.inner.client_sends(client, messages, in_one_webhook)
    }

    /// A client opens the chat with an account, which reads what is there.
    pub fn client_reads(&self, client: &str, account: &str) -> Result<(), SimulatorError> {
        self.inner.client_reads(client, account)
    }

    /// A client's phone gets or loses its connection. Messages held back are delivered when it returns.
    pub fn set_online(&self, client: &str, online: bool) -> Result<(), SimulatorError> {
        self.inner.set_online(client, online)
    }

    /// What a client sees in the chat with an account, oldest first; empty if there is no such chat.
    pub fn thread(&self, client: &str, account: &str) -> Vec<ChatMessage> {
        let world = lock(&self.inner.world);
        world
            .key(client, account)
            .ok()
            .and_then(|key| world.thread(key))
            .map(|thread| thread.visible().cloned().collect())
            .unwrap_or_default()
    }

    /// All clients, accounts and codes.
    pub fn state(&self) -> StateView {
        lock(&self.inner.world).state(self.inner.clock.now_ms())
    }

    /// A copy of the ledger.
    pub fn ledger(&self) -> Ledger {
        lock(&self.inner.ledger).clone()
    }

    /// Looks at the ledger without copying it.
    pub fn with_ledger<T>(&self, look: impl FnOnce(&Ledger) -> T) -> T {
        look(&lock(&self.inner.ledger))
    }

    /// The faults in force.
    pub fn faults(&self) -> Faults {
        lock(&self.inner.faults).clone()
    }

    /// Replaces the faults. Webhooks already on their way keep what was decided for them.
    pub fn set_faults(&self, faults: Faults) {
        *lock(&self.inner.faults) = faults;
        self.inner.announcer.publish(Event::Reload);
    }

    /// Starts the dice of the faults anew.
    pub fn reseed(&self, seed: u64) {
        *lock(&self.inner.dice) = Draw::seeded(seed);
    }

    /// The simulator's time, in milliseconds since 1970.
    pub fn now_ms(&self) -> u64 {
        self.inner.clock.now_ms()
    }

    /// Moves the simulator's clock forward: windows close, pair rates recover.
    pub fn advance_clock(&self, by: Duration) {
        self.inner.clock.advance(by);
        self.inner.announcer.publish(Event::Reload);
    }

    /// Changes the review status of a template in all its languages; `false` if there is none of this name.
    pub fn set_template_status(&self, name: &str, status: TemplateStatus) -> bool {
        let mut world = lock(&self.inner.world);
        let mut found = false;
        for template in world
            .templates
            .iter_mut()
            .filter(|template| template.name == name)
        {
            template.status = status;
            found = true;
        }
        found
    }

    /// Changes what the Graph API says of an account's state.
    pub fn set_account_health(&self, account: &str, health: AccountHealth) -> Result<(), SimulatorError> {
        let mut world = lock(&self.inner.world);
        let index = world.account(account)?;
        world.accounts[index].health = health;
        Ok(())
    }

    /// Signs and delivers a body as it is: for account updates and for shapes of the future.
    pub fn send_webhook(&self, body: &Value) {
        self.inner.dispatch(Parcel {
            body: to_ascii_json(body).into(),
            lane: "raw".to_owned(),
            kind: "raw",
            status: None,
            client: None,
            message_ids: Vec::new(),
            ticks: Vec::new(),
            alone: false,
        });
    }

    /// Waits until the condition gives a value. It is asked at once, and again after each change.
    pub async fn wait_for<T>(
        &self,
        limit: Duration,
        mut condition: impl FnMut(&Self) -> Option<T>,
    ) -> Result<T, TimedOut> {
        let mut version = self.inner.announcer.watch();
        let met = async {
            loop {
                version.borrow_and_update();
                if let Some(value) = condition(self) {
                    return Some(value);
                }
                version.changed().await.ok()?;
            }
        };
        tokio::time::timeout(limit, met)
            .await
            .ok()
            .flatten()
            .ok_or(TimedOut)
    }

    /// Ends all deliveries for good.
    pub fn stop(&self) {
        self.inner.scheduler.stop();
    }
}
