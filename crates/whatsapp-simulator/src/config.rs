//! What a simulator is made of: accounts, templates, clients, codes to scan, and its temper.

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// Everything a [`crate::Simulator`] is started with.
#[derive(Debug, Clone)]
pub struct SimulatorConfig {
    /// Signs every webhook, as Meta's app secret does.
    pub app_secret: SecretString,
    /// Bearer tokens that the Graph endpoints accept.
    pub access_tokens: Vec<SecretString>,
    /// Whether the app is subscribed to every account from the start. Webhooks of other accounts are not sent.
    pub subscribed: bool,
    /// Where webhooks go. While it is `None` they wait and are retried.
    pub webhook_url: Option<String>,
    /// The business numbers.
    pub accounts: Vec<Account>,
    /// The message templates.
    pub templates: Vec<Template>,
    /// The people with a phone.
    pub clients: Vec<PhoneClient>,
    /// The codes that the phone page offers to scan.
    pub scannables: Vec<Scannable>,
    /// Whether a delivered message is read at once, without anybody opening the chat.
    pub automatic_read: bool,
    /// How long things take.
    pub latencies: Latencies,
    /// How long a webhook may stay without an answer, and how it is retried.
    pub retries: Retries,
    /// Messages that one thread keeps; older ones are forgotten.
    pub thread_capacity: usize,
    /// Seeds the faults, so that a run can be repeated.
    pub seed: u64,
}

impl SimulatorConfig {
    /// An empty world with one token and prompt answers.
    pub fn new(app_secret: impl Into<String>, access_token: impl Into<String>) -> Self {
        Self {
            app_secret: SecretString::from(app_secret.into()),
            access_tokens: vec![SecretString::from(access_token.into())],
            subscribed: true,
            webhook_url: None,
            accounts: Vec::new(),
            templates: Vec::new(),
            clients: Vec::new(),
            scannables: Vec::new(),
            automatic_read: false,
            latencies: Latencies::default(),
            retries: Retries::default(),
            thread_capacity: 500,
            seed: 0,
        }
    }
}

/// A business number, as the Graph API knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Graph's id of the number.
    pub phone_number_id: String,
    /// The number in E.164, with `+`.
    pub phone_number: String,
    /// The account that owns the number.
    pub waba_id: String,
    /// The name that clients see.
    pub verified_name: String,
    /// Whether "New chat" on the phone page offers it. Other numbers must be typed, scanned, or must write first.
    #[serde(default)]
    pub advertised: bool,
    /// What the Graph API says of the number's state.
    #[serde(default)]
    pub health: AccountHealth,
}

/// The state of a number, in Graph's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountHealth {
    /// `CONNECTED` is the only good one.
    pub status: String,
    /// `GREEN`, `YELLOW` or `RED`.
    pub quality_rating: String,
    /// `AVAILABLE`, `LIMITED` or `BLOCKED`.
    pub can_send_message: String,
    /// Why not, and what mends it, where it is not available.
    pub problem: Option<(String, String)>,
    /// The messaging limit of the portfolio.
    pub messaging_limit: String,
}

impl Default for AccountHealth {
    fn default() -> Self {
        Self {
            status: "CONNECTED".to_owned(),
            quality_rating: "GREEN".to_owned(),
            can_send_message: "AVAILABLE".to_owned(),
            problem: None,
            messaging_limit: "TIER_100K".to_owned(),
        }
    }
}

/// A message template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// The account that owns it; `None`: every account has it.
    #[serde(default)]
    pub waba_id: Option<String>,
    /// Its name, unique together with the language.
    pub name: String,
    /// Its language, for example `en` or `pt_BR`.
    pub language: String,
    /// The text, with `{{1}}` or `{{name}}` where parameters go.
    pub body: String,
    /// The titles of its quick-reply buttons.
    #[serde(default)]
    pub buttons: Vec<String>,
    /// Only an approved template can be sent.
    #[serde(default)]
    pub status: TemplateStatus,
}

/// Where a template stands in Meta's review.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TemplateStatus {
    /// It can be sent.
    #[default]
    Approved,
    /// Not reviewed yet.
    Pending,
    /// Refused by review.
    Rejected,
    /// Stopped for low quality; error 132015.
    Paused,
    /// Stopped for good; error 132016.
    Disabled,
}

/// A person with a phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneClient {
    /// The profile name that businesses see.
    pub name: String,
    /// The number's digits; `None`: the person hides it, and businesses see the BSUID only.
    #[serde(default)]
    pub phone: Option<String>,
    /// The business-scoped user id, for example `HK.1029384756`.
    pub bsuid: String,
    /// The username, if the person took one.
    #[serde(default)]
    pub username: Option<String>,
}

/// A QR code that somebody holds in front of the phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scannable {
    /// Whose code it is.
    pub title: String,
    /// A second line, for example the person's role.
    #[serde(default)]
    pub subtitle: String,
    /// What the code says: a `https://wa.me/…` link.
    pub link: String,
    /// The picture.
    pub svg: String,
}

/// How long things take in real time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latencies {
    /// From a client's "send" to the webhook's first attempt.
    pub inbound: Duration,
    /// From acceptance to the `sent` status.
    pub sent: Duration,
    /// From `sent` to the phone, and to the `delivered` status.
    pub delivered: Duration,
    /// From `delivered` to `read`, if reading is automatic.
    pub read: Duration,
}

impl Latencies {
    /// Nothing takes time: for tests.
    pub const NONE: Self = Self {
        inbound: Duration::ZERO,
        sent: Duration::ZERO,
        delivered: Duration::ZERO,
        read: Duration::ZERO,
    };
}

impl Default for Latencies {
    fn default() -> Self {
        Self {
            inbound: Duration::from_millis(120),
            sent: Duration::from_millis(60),
            delivered: Duration::from_millis(180),
            read: Duration::from_millis(400),
        }
    }
}

/// How an unanswered webhook is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retries {
    /// How long one attempt waits for the answer.
    pub timeout: Duration,
    /// The pauses between attempts; the last one repeats.
    pub pauses: Vec<Duration>,
    /// Attempts after which a webhook is given up.
    pub attempts: u32,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            pauses: [200, 1_000, 5_000, 15_000, 60_000]
                .map(Duration::from_millis)
                .to_vec(),
            // Meta goes on for seven days. Two hours outlive every demo and keep memory bounded.
            attempts: 120,
        }
    }
}
