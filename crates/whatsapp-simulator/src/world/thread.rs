//! The conversation of one client and one business number.

use std::collections::VecDeque;

use super::message::{ChatMessage, MessageState};

/// Meta's customer-service window.
const WINDOW_MS: u64 = 24 * 60 * 60 * 1000;

#[derive(Debug, Default)]
pub(crate) struct Thread {
    messages: VecDeque<ChatMessage>,
    /// Messages of the business that the person has not seen.
    pub(crate) unread: usize,
    /// When the client last wrote to this number.
    heard_at_ms: Option<u64>,
}

impl Thread {
    /// Adds a message, unless one of this id is there; returns the ids it had to forget.
    pub(super) fn put(&mut self, message: ChatMessage, capacity: usize) -> Vec<String> {
        if self.messages.iter().any(|kept| kept.id == message.id) {
            return Vec::new();
        }
        self.messages.push_back(message);
        let surplus = self.messages.len().saturating_sub(capacity);
        self.messages.drain(..surplus).map(|message| message.id).collect()
    }

    /// A message of the client opens the window, or keeps it open.
    pub(crate) fn hear(&mut self, at_ms: u64) {
        self.heard_at_ms = self.heard_at_ms.max(Some(at_ms));
    }

    /// When the window closes; `None` while it is closed.
    pub(crate) fn window_until_ms(&self, now_ms: u64) -> Option<u64> {
        self.heard_at_ms
            .map(|heard| heard.saturating_add(WINDOW_MS))
            .filter(|until| now_ms < *until)
    }

    pub(crate) fn message(&self, id: &str) -> Option<&ChatMessage> {
        self.messages.iter().find(|message| message.id == id)
    }

    /// Moves a message forward; `None` if it is gone or already as far.
    pub(crate) fn advance(&mut self, id: &str, state: MessageState) -> Option<ChatMessage> {
        let message = self.messages.iter_mut().rev().find(|message| message.id == id)?;
        if message.state >= state {
            return None;
        }
        message.state = state;
        Some(message.clone())
    }

    /// What the person sees: their own messages, and those of the business that reached the phone.
    pub(crate) fn visible(&self) -> impl DoubleEndedIterator<Item = &ChatMessage> {
        self.messages
            .iter()
            .filter(|message| message.from_client || message.state >= MessageState::Delivered)
    }

    /// Ids of the business's messages that are on the phone and unread, oldest first.
    pub(crate) fn unread_ids(&self) -> Vec<String> {
        self.ids(|message| !message.from_client && message.state == MessageState::Delivered)
    }

    /// Ids of the business's messages that wait for the phone to come on line, oldest first.
    pub(crate) fn held_ids(&self) -> Vec<String> {
        self.ids(|message| !message.from_client && message.state < MessageState::Delivered)
    }

    /// Ids of the client's messages up to the named one: a read mark covers the older ones too.
    pub(crate) fn own_ids_up_to(&self, id: &str) -> Vec<String> {
        let end = self
            .messages
            .iter()
            .position(|message| message.id == id)
            .map_or(0, |index| index + 1);
        self.messages
            .iter()
            .take(end)
            .filter(|message| message.from_client && message.state < MessageState::Read)
            .map(|message| message.id.clone())
            .collect()
    }

    fn ids(&self, wanted: impl Fn(&ChatMessage) -> bool) -> Vec<String> {
        self.messages
            .iter()
            .filter(|message| wanted(message))
            .map(|message| message.id.clone())
            .collect()
    }
}
