//! What goes out to clients: messages as they are queued, sent and settled.

use std::fmt;

use crate::{
    Bsuid, ChatRoomId, ClientAliases, ClientIdentityId, CompanyId, OfficialAccount, OfficialAccountId,
    OutboxId, SentAgain, TextKey, Timestamp, WaId, named::named_enum,
};

/// Whom to send to. The phone wins where it is known: it stays visible to the secondary that way (Meta:
/// business-scoped user ids).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// By the phone as WhatsApp gave it.
    Phone(WaId),
    /// By the business-scoped id.
    Bsuid(Bsuid),
}

impl Recipient {
    /// The name of the kind in stores.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Phone(_) => "phone",
            Self::Bsuid(_) => "bsuid",
        }
    }

    /// The phone or id, as WhatsApp gave it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Phone(id) => id.as_str(),
            Self::Bsuid(id) => id.as_str(),
        }
    }

    /// The best way to reach a client; `None` when nothing identifies them.
    pub fn of(aliases: &ClientAliases) -> Option<Self> {
        let phone = aliases.wa_id.clone().map(Self::Phone);
        phone.or_else(|| {
            aliases
                .bsuid
                .clone()
                .or_else(|| aliases.parent_bsuid.clone())
                .map(Self::Bsuid)
        })
    }
}

/// What a message says.
#[derive(Clone, PartialEq, Eq)]
pub enum OutboundContent {
    /// Free text; only inside the 24-hour window.
    Text(String),
    /// An approved template with its body parameters.
    Template {
        /// Its name at Meta.
        name: String,
        /// Its language code at Meta.
        language: String,
        /// Body parameters by position.
        parameters: Vec<String>,
        /// What the client reads, where the company told the template's text.
        words: Option<String>,
        /// The payloads of its quick-reply buttons by position.
        buttons: Vec<String>,
    },
}

impl OutboundContent {
    /// Whether WhatsApp takes it only inside the 24-hour window.
    pub fn is_free_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    /// What it says, for people to read: the words, or the name of a template whose words nobody told, with its parameters.
    pub fn shown(self) -> String {
        match self {
            Self::Text(words)
            | Self::Template {
                words: Some(words), ..
            } => words,
            Self::Template { name, parameters, .. } => {
                let told = format!("[template {name}] {}", parameters.join(" · "));
                told.trim_end().to_owned()
            }
        }
    }
}

/// Personal data: which kind, not what it says.
impl fmt::Debug for OutboundContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(…)"),
            Self::Template { name, language, .. } => write!(f, "Template({name}, {language}, …)"),
        }
    }
}

/// Why a message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The first message of a room.
    Invitation,
    /// One of the texts.
    Text(TextKey),
}

impl Purpose {
    /// The name in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Text(key) => key.as_str(),
        }
    }

    /// The one with that name.
    pub fn from_name(name: &str) -> Option<Self> {
        if name == "invitation" {
            Some(Self::Invitation)
        } else {
            TextKey::from_name(name).map(Self::Text)
        }
    }

    /// Those by which a client comes into a room: the invitation, or the link in its place.
    pub const BRINGING_THE_CLIENT: [Self; 2] = [Self::Invitation, Self::Text(TextKey::HandOffLink)];

    /// Whether it is one of [`Purpose::BRINGING_THE_CLIENT`]: when it fails, its room may have failed.
    pub fn brings_the_client(self) -> bool {
        Self::BRINGING_THE_CLIENT.contains(&self)
    }
}

/// A message that a decision wants sent. It is queued in the transaction of the decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOutbound {
    /// Its id, which WhatsApp gives back in every status.
    pub id: OutboxId,
    /// The account that sends it.
    pub account: OfficialAccountId,
    /// The client.
    pub identity: ClientIdentityId,
    /// How the client is reached.
    pub recipient: Recipient,
    /// What it says.
    pub content: OutboundContent,
    /// Why it is sent.
    pub purpose: Purpose,
    /// The room that it belongs to.
    pub room: Option<ChatRoomId>,
    /// Sent only after this one is settled: the info before the invitation.
    pub after: Option<OutboxId>,
    /// Counts against the automatic replies of the hour.
    pub automatic: bool,
}

named_enum! {
    /// Where a queued message stands.
    OutboxState {
        /// Waits for its turn.
        Pending = "pending",
        /// An attempt is under way.
        Sending = "sending",
        /// An attempt may have gone out; we wait for a status that tells.
        Unknown = "unknown",
        /// WhatsApp took it.
        Accepted = "accepted",
        /// Given up, with a reason: a dead letter.
        Failed = "failed",
        /// Not wanted any more, because its room was closed.
        Withdrawn = "withdrawn",
    }
}

impl OutboxState {
    /// Whether nothing more will be tried.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Accepted | Self::Failed | Self::Withdrawn)
    }
}

/// A queued message that was leased for one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxItem {
    /// Whose it is.
    pub company: CompanyId,
    /// The message.
    pub message: NewOutbound,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// Attempts so far, this one included.
    pub attempts: u32,
    /// Attempts so far whose outcome stayed unknown.
    pub unknown_attempts: u32,
    /// Why it may be sent although one of them may have gone out; `None` where none may have.
    pub again: Option<SentAgain>,
    /// Whether attempts of its account ended in doubt lately ([`Breaker`](crate::Breaker)): a success will say that it
    /// fares well again.
    pub troubled: bool,
    /// The account that it goes out from; `None` when that is out of use.
    pub sender: Option<OfficialAccount>,
    /// When the client last wrote to that account, by WhatsApp's clock; `None` if never.
    pub client_wrote_at: Option<Timestamp>,
}
