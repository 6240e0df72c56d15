//! What comes in from WhatsApp, free of its wire format.

use std::fmt;

use crate::{ClientAliases, IdentityUpdate, OutboxId, PlatformNotice, Timestamp, named::named_enum};

/// The id that WhatsApp gave a message (`wamid`). Personal data: it holds the client's number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderMessageId(String);

impl ProviderMessageId {
    /// Takes the id as received.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as received.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ProviderMessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProviderMessageId(…)")
    }
}

/// One decoded webhook element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboundEvent {
    /// A client wrote.
    Message(InboundMessage),
    /// How far one of our messages got.
    Status(StatusReport),
    /// Something about our side of the platform.
    Notice(Box<PlatformNotice>),
    /// A client changed their number or id.
    IdentityUpdate(IdentityUpdate),
    /// Anything else, by its name; recorded and not acted on.
    Other(String),
}

/// A message of a client to one of our accounts.
#[derive(Clone, PartialEq, Eq)]
pub struct InboundMessage {
    /// Its id at WhatsApp.
    pub provider_id: ProviderMessageId,
    /// Who wrote it.
    pub sender: ClientAliases,
    /// When the client sent it, by WhatsApp's clock; may be days ago.
    pub sent_at: Timestamp,
    /// What kind of message it is.
    pub kind: MessageKind,
    /// Every place where the client's words can stand, in order: text, caption, button, referral. Payloads of ours
    /// ([`crate::is_button_payload`]) are no words.
    pub texts: Vec<String>,
    /// The payload of the button that the client tapped.
    pub button: Option<String>,
    /// Whether it was written in a group.
    pub in_group: bool,
}

/// Personal data: the kind only.
impl fmt::Debug for InboundMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundMessage")
            .field("kind", &self.kind)
            .field("sent_at", &self.sent_at)
            .finish_non_exhaustive()
    }
}

/// What kind of message it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageKind {
    /// The client says something: text, picture, voice, place, card, button, order and the like. The name
    /// is WhatsApp's.
    Content(String),
    /// Nothing that wants an answer: reactions, edits, deletions, system notes, what WhatsApp could not
    /// show. The name is WhatsApp's.
    Silent(String),
}

impl MessageKind {
    /// WhatsApp's name of the kind.
    pub fn name(&self) -> &str {
        match self {
            Self::Content(name) | Self::Silent(name) => name,
        }
    }
}

named_enum! {
    /// How far a message of ours got. Only moves forward (INV-16).
    DeliveryProgress {
        /// WhatsApp took it.
        Sent = "sent",
        /// It is on the client's phone.
        Delivered = "delivered",
        /// The client saw it.
        Read = "read",
        /// The client listened to it.
        Played = "played",
        /// It will not arrive.
        Failed = "failed",
    }
}

impl DeliveryProgress {
    /// Whether `self` may follow `earlier`: sent < delivered < read < played; failed follows only what did
    /// not reach the client, and nothing follows failed but proof that it arrived after all.
    pub fn may_follow(self, earlier: Option<Self>) -> bool {
        match (earlier, self) {
            (None, _) | (Some(Self::Sent), Self::Failed) => true,
            (Some(_), Self::Failed) | (Some(Self::Failed), Self::Sent) => false,
            (Some(earlier), later) => later.rank() > earlier.rank(),
        }
    }

    fn rank(self) -> u8 {
        match self {
            Self::Failed => 0,
            Self::Sent => 1,
            Self::Delivered => 2,
            Self::Read => 3,
            Self::Played => 4,
        }
    }
}

/// A status of one of our messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReport {
    /// Our own id of the message, when the status carries it.
    pub outbox_id: Option<OutboxId>,
    /// WhatsApp's id of the message.
    pub provider_id: ProviderMessageId,
    /// How far it got; `None` for a status that we do not know.
    pub progress: Option<DeliveryProgress>,
    /// When, by WhatsApp's clock.
    pub at: Timestamp,
    /// Why it failed: WhatsApp's code and its words.
    pub error: Option<SendRefusal>,
}

/// Why WhatsApp refused or dropped a message, with its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendRefusal {
    /// WhatsApp's error code.
    pub code: i64,
    /// WhatsApp's words; no personal data.
    pub reason: String,
}

/// The words, and the code where WhatsApp gave one.
impl fmt::Display for SendRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            0 => f.write_str(&self.reason),
            code => write!(f, "{} (WhatsApp {code})", self.reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DeliveryProgress::{self, *};

    #[test]
    fn progress_only_moves_forward() {
        let follows = |later: DeliveryProgress, earlier| later.may_follow(Some(earlier));
        assert!(follows(Read, Sent) && follows(Delivered, Sent) && follows(Failed, Sent));
        assert!(!follows(Sent, Delivered) && !follows(Delivered, Read) && !follows(Sent, Sent));
        assert!(!follows(Failed, Delivered), "what arrived did not fail");
        assert!(!follows(Sent, Failed), "a late sent never clears failed");
        assert!(follows(Delivered, Failed), "but proof of arrival does");
    }
}
