//! A message as it lies on a phone.

use serde::Serialize;

/// A message in a thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChatMessage {
    /// Its `wamid`.
    pub id: String,
    /// Written by the client, not by the business.
    pub from_client: bool,
    /// Milliseconds since 1970 by the simulator's clock.
    pub at_ms: u64,
    /// How far it came.
    pub state: MessageState,
    /// What it shows.
    #[serde(flatten)]
    pub content: Content,
    /// What its statuses report; for messages of the business only.
    #[serde(skip)]
    pub(crate) outgoing: Option<Outgoing>,
}

/// How far a message came. Later states are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// It has not left the phone.
    Pending,
    /// It is with the servers: one tick.
    Sent,
    /// It is with the other side: two ticks. A client's message is there once its webhook was answered with 200.
    Delivered,
    /// The other side read it: coloured ticks.
    Read,
}

impl MessageState {
    /// The word that a status webhook uses.
    pub(crate) fn status(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }
}

/// What a message shows on the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Content {
    /// Meta's `type`.
    pub kind: String,
    /// The text or caption; for other types a plain description.
    pub text: String,
    /// A line above the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// A small line below the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    /// What media it carries, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<String>,
    /// The id of the message it quotes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quotes: Option<String>,
    /// What can be tapped below it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
}

/// Something to tap below a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Action {
    /// What a tap sends.
    pub kind: ActionKind,
    /// The payload, the reply's id or the address.
    pub id: String,
    /// What it says.
    pub title: String,
}

/// What a tap on an [`Action`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionKind {
    /// Sends a `button` message, as a template's quick reply does.
    QuickReply,
    /// Sends an `interactive` `button_reply`.
    ButtonReply,
    /// Sends an `interactive` `list_reply`.
    ListReply,
    /// Opens an address.
    Link,
}

/// What is needed to report on a message that the business sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outgoing {
    pub(crate) recipient: Recipient,
    pub(crate) callback_data: Option<String>,
    pub(crate) category: &'static str,
}

/// How the business addressed the client, which decides what its statuses reveal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Recipient {
    /// By phone; digits.
    Phone(String),
    /// By business-scoped user id.
    UserId(String),
}
