//! What the phone page hears while it is open.

use serde::Serialize;
use tokio::sync::{broadcast, watch};

use crate::world::{ChatMessage, ClientView};

/// Something changed on a phone.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// A message is new, or its ticks turned.
    Message {
        client: String,
        account: String,
        unread: usize,
        message: Box<ChatMessage>,
    },
    /// A chat was opened.
    Read { client: String, account: String },
    /// The business is typing.
    Typing { client: String, account: String },
    /// A client was added, or went on or off line.
    Client { client: Box<ClientView> },
    /// The faults, the clock or the accounts changed: ask for the state again.
    Reload,
}

impl Event {
    /// The name of the server-sent event.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Message { .. } => "message",
            Self::Read { .. } => "read",
            Self::Typing { .. } => "typing",
            Self::Client { .. } => "client",
            Self::Reload => "reload",
        }
    }
}

/// Tells pages of events and waiting tests of any change.
#[derive(Debug)]
pub(crate) struct Announcer {
    events: broadcast::Sender<Event>,
    version: watch::Sender<u64>,
}

impl Announcer {
    /// Events that a slow page may fall behind before it has to reload.
    const BUFFER: usize = 512;

    pub(crate) fn new() -> Self {
        Self {
            events: broadcast::Sender::new(Self::BUFFER),
            version: watch::Sender::new(0),
        }
    }

    pub(crate) fn publish(&self, event: Event) {
        // An error says only that no page is open.
        let _ = self.events.send(event);
        self.touch();
    }

    /// Wakes those who wait for a condition.
    pub(crate) fn touch(&self) {
        self.version.send_modify(|version| *version += 1);
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }
}
