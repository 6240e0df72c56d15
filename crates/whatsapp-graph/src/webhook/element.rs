//! What a delivery comes apart into.

use std::fmt;

/// A delivery taken apart. Messages, statuses and other changes of the body = elements + broken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivery {
    /// What can be decoded, in the order of the body.
    pub elements: Vec<Element>,
    /// What cannot, to be kept and looked at.
    pub broken: Vec<Broken>,
}

/// What an element is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ElementKind {
    /// One message of a person, a message of type `system` or `unsupported` included.
    Message,
    /// One status of a message we sent.
    Status,
    /// A change of another field, named here, or the rest of a `messages` change: errors without a message.
    Other(String),
}

/// One message, status or other change, cut out of its delivery.
///
/// The identifiers are as Meta wrote them, never empty, at most 512 bytes, and hold no U+0000.
#[derive(Clone, PartialEq, Eq)]
pub struct Element {
    /// The account (WABA): `entry.id`, but for updates about partners `waba_info.waba_id`, because there the entry is a
    /// business portfolio.
    pub waba_id: Option<String>,
    /// `metadata.phone_number_id`: which of our numbers. Account updates have none.
    pub phone_number_id: Option<String>,
    /// What it is.
    pub kind: ElementKind,
    /// Equal for two copies of one element, so a unique index on it (together with the account and number) makes
    /// redelivery harmless: `m:<message id>`, `s:<message id>:<status>` (plus `:<participant>` in groups, where
    /// every member sends one), or `a:<sha256 of entry id, time, field and value>`.
    pub dedupe_key: String,
    /// Elements with the same lane are about the same person and should be handled one after the other. Messages: the
    /// business-scoped user id, else the phone number. Statuses: the message id. Other changes: none.
    pub lane: Option<String>,
    /// When it happened according to Meta, in seconds since 1970: the message's or status's `timestamp`, otherwise
    /// `entry.time`. May be days ago.
    pub occurred_at: Option<i64>,
    /// A self-contained change, as JSON in UTF-8: `{"field":…,"value":{"metadata":…,"contacts":[…],"messages":[…]}}`
    /// with one message or status and only the contact that belongs to it; of another change its value, with `waba_id`
    /// and `time` beside the field. For [`super::decode`]. Text in it may hold
    /// the escape `\u0000`: store bytes, not `PostgreSQL` text or `jsonb`.
    pub payload: Vec<u8>,
}

/// What could not be taken for an element.
#[derive(Clone, PartialEq, Eq)]
pub struct Broken {
    /// The smallest piece that is broken. The whole body, byte for byte as received, if that is the piece; otherwise
    /// its JSON, for messages and statuses in the frame of [`Element::payload`] but without contacts.
    pub payload: Vec<u8>,
    /// What is wrong, in words without any content of the payload.
    pub reason: String,
}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Element")
            .field("waba_id", &self.waba_id)
            .field("phone_number_id", &self.phone_number_id)
            .field("kind", &self.kind)
            .field("occurred_at", &self.occurred_at)
            .field("payload_bytes", &self.payload.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broken")
            .field("reason", &self.reason)
            .field("payload_bytes", &self.payload.len())
            .finish()
    }
}
