//! What WhatsApp tells of a company's accounts, numbers and templates, and what follows from it.
//!
//! Everything that a webhook or a poll says becomes a [`PlatformFact`]; the latest of each is kept with the company
//! ([`Platform`]). Whether an account can be used is never stored: [`Company::state_of`] tells it from the facts and
//! the time, so that a restriction ends when it expires and two sources cannot disagree.

mod effect;
mod notice;
mod report;
mod state;

pub use effect::{NoticeEffect, effect_of_notice};
pub use notice::{NoticeContent, PlatformNotice, Restriction};
pub use report::{
    AccountReport, HealthEntity, NumberReport, OurSide, TemplateReport, TokenReport, facts_of_account,
    facts_of_number, facts_of_template, facts_of_token,
};
pub use state::{AccountState, Finding, TemplateTrouble};

use crate::{Health, Timestamp, named::named_enum};

/// The span over which a messaging limit counts (Meta: messaging limits).
pub const MESSAGING_LIMIT_SPAN: std::time::Duration = std::time::Duration::from_hours(24);

/// What a fact is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Our app with its token.
    App,
    /// A WhatsApp Business Account, by its id.
    BusinessAccount(String),
    /// A number, by its id in the Graph API.
    Number(String),
    /// A template of a WhatsApp Business Account in one language.
    Template {
        /// The account.
        waba_id: String,
        /// Its name at Meta.
        name: String,
        /// Its language with `_`, as `en_US`.
        language: String,
    },
}

impl Subject {
    /// The name of its kind in stores.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::App => "app",
            Self::BusinessAccount(_) => "business_account",
            Self::Number(_) => "number",
            Self::Template { .. } => "template",
        }
    }

    /// Which one of its kind, in stores and metrics.
    pub fn key(&self) -> String {
        match self {
            Self::App => String::new(),
            Self::BusinessAccount(id) | Self::Number(id) => id.clone(),
            Self::Template {
                waba_id,
                name,
                language,
            } => format!("{waba_id}/{language}/{name}"),
        }
    }

    /// The one with this kind and key.
    pub fn from_key(kind: &str, key: &str) -> Option<Self> {
        match kind {
            "app" => Some(Self::App),
            "business_account" => Some(Self::BusinessAccount(key.to_owned())),
            "number" => Some(Self::Number(key.to_owned())),
            "template" => {
                let mut parts = key.splitn(3, '/').map(str::to_owned);
                Some(Self::Template {
                    waba_id: parts.next()?,
                    language: parts.next()?,
                    name: parts.next()?,
                })
            }
            _ => None,
        }
    }
}

named_enum! {
    /// Which fact it is. There is one of each about a subject.
    FactName {
        /// Whether the access token is valid.
        Token = "token",
        /// Until when it is.
        TokenExpiry = "token_expiry",
        /// What it may do.
        TokenScopes = "token_scopes",
        /// Whether our app gets the webhooks of the account.
        Subscription = "subscription",
        /// Whether the account is disabled.
        Ban = "ban",
        /// Whether our access to the account was taken away.
        Access = "access",
        /// The review of the account.
        Review = "review",
        /// A violation of a policy.
        Violation = "violation",
        /// Whether the account may write first, that is send templates to people outside the window.
        BusinessInitiated = "business_initiated",
        /// Whether the account may answer.
        CustomerInitiated = "customer_initiated",
        /// Another restriction, which onboarding does not need.
        OtherRestriction = "other_restriction",
        /// The latest alert.
        Alert = "alert",
        /// The portfolio that the account belongs to.
        Portfolio = "portfolio",
        /// To how many people a day the portfolio may write first: a number, or `unlimited`.
        MessagingLimit = "messaging_limit",
        /// Whether the number is connected.
        Connection = "connection",
        /// Whether it can send: the worst of number, account, portfolio and app.
        Sending = "sending",
        /// How clients take what it sends.
        Quality = "quality",
        /// Its display name.
        DisplayName = "display_name",
        /// Where its webhooks go.
        Callback = "callback",
        /// Whether statuses follow what it sends.
        Statuses = "statuses",
        /// What WhatsApp said when a message was refused because of the account.
        Refusal = "refusal",
        /// A change of its PIN.
        Security = "security",
        /// Whether a template can be sent.
        Status = "status",
        /// Utility or marketing.
        Category = "category",
        /// How many parameters its body has.
        Parameters = "parameters",
        /// Whether its text is what the company says that clients read.
        Text = "text",
        /// How many quick-reply buttons it has.
        Buttons = "buttons",
    }
}

/// One thing that WhatsApp told, or that we found out by asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformFact {
    /// What it is about.
    pub about: Subject,
    /// Which fact.
    pub name: FactName,
    /// WhatsApp's word for it.
    pub value: String,
    /// What it means: [`Health::Healthy`] with a reason is a warning.
    pub health: Health,
    /// Why, in words; empty when all is well.
    pub reason: String,
    /// What mends it, where anybody said so.
    pub remedy: Option<String>,
    /// When it was so, by WhatsApp's clock where it told.
    pub observed_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

impl PlatformFact {
    /// All is well.
    pub fn good(about: Subject, name: FactName, value: impl Into<String>, at: Timestamp) -> Self {
        Self {
            about,
            name,
            value: value.into(),
            health: Health::Healthy,
            reason: String::new(),
            remedy: None,
            observed_at: at,
            expires_at: None,
        }
    }

    /// The same fact, but it means this, for this reason.
    #[must_use]
    pub fn but(self, health: Health, reason: impl Into<String>) -> Self {
        Self {
            health,
            reason: reason.into(),
            ..self
        }
    }

    /// With what mends it.
    #[must_use]
    pub fn mended_by(self, remedy: impl Into<String>) -> Self {
        let remedy = Some(remedy.into()).filter(|words: &String| !words.is_empty());
        Self { remedy, ..self }
    }

    /// Whether it still holds.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether it says the same as `other`, whenever it was heard.
    fn says_what(&self, other: &Self) -> bool {
        let said = |fact: &Self| {
            let words = (fact.value.clone(), fact.reason.clone(), fact.remedy.clone());
            (fact.health, words, fact.expires_at)
        };
        said(self) == said(other)
    }
}

/// The latest facts of a company, one of each name about each subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Platform(Vec<PlatformFact>);

impl Platform {
    /// From the facts that a store keeps.
    pub fn new(facts: Vec<PlatformFact>) -> Self {
        Self(facts)
    }

    /// All of them.
    pub fn facts(&self) -> &[PlatformFact] {
        &self.0
    }

    /// The fact of this name about the subject.
    pub fn fact(&self, about: &Subject, name: FactName) -> Option<&PlatformFact> {
        self.0
            .iter()
            .find(|fact| fact.name == name && fact.about == *about)
    }

    /// Takes a fact in place of the one that it follows.
    pub fn put(&mut self, fact: PlatformFact) {
        self.0
            .retain(|old| old.name != fact.name || old.about != fact.about);
        self.0.push(fact);
    }

    /// Of these facts those that tell something new: webhooks come late and in any order, and polls mostly say what
    /// is known.
    pub fn news(&self, facts: Vec<PlatformFact>) -> Vec<PlatformFact> {
        let mut latest = Self::default();
        for fact in facts {
            let known = latest.fact(&fact.about, fact.name);
            let known = known.or_else(|| self.fact(&fact.about, fact.name));
            let is_news =
                known.is_none_or(|known| known.observed_at <= fact.observed_at && !known.says_what(&fact));
            if is_news {
                latest.put(fact);
            }
        }
        latest.0
    }
}

/// Meta writes `en-US` in webhooks and `en_US` elsewhere.
pub(crate) fn same_language(one: &str, other: &str) -> bool {
    one.replace('-', "_")
        .eq_ignore_ascii_case(&other.replace('-', "_"))
}

/// The people a day of a messaging limit as Meta writes it: a number or a tier. `Some(None)` is no limit.
pub fn read_messaging_limit(word: &str) -> Option<Option<u32>> {
    let word = word.trim().to_ascii_uppercase();
    let tier = word.strip_prefix("TIER_").unwrap_or(&word);
    if tier == "UNLIMITED" || tier == "-1" {
        return Some(None);
    }
    let (digits, times) = tier.strip_suffix('K').map_or((tier, 1), |digits| (digits, 1_000));
    let people: u32 = digits.parse().ok()?;
    Some(people.checked_mul(times))
}

#[cfg(test)]
mod tests;
