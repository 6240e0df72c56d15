//! From the payload of one element to what it means.

use serde_json::value::RawValue;

use super::message::Message;
use super::status::Status;
use super::update::Update;
use crate::json::{Object, repair};

/// What one element says.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A person wrote, or something happened to a person's account.
    Message(Box<Message>),
    /// Something became of a message we sent.
    Status(Box<Status>),
    /// A change of another field, or a `messages` change without message and status.
    Other(Box<Update>),
}

/// Why a payload is not an element. Payloads made by [`super::split`] always decode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not a JSON object with a `field`.
    #[error("payload is not a change of a webhook field")]
    NotAChange,
    /// A message or status that is not an object, or lacks its id or its status.
    #[error("message or status has no identity")]
    NoIdentity,
}

/// Reads the payload of an [`super::Element`].
///
/// Only the identity can be missing so badly that it fails; every other surprise costs just the member it stands in.
/// U+0000 in text comes out as U+FFFD, so that every database takes it. If a payload holds several messages, the first
/// one counts.
pub fn decode(payload: &[u8]) -> Result<Event, DecodeError> {
    let text = repair(payload);
    let change = Object::parse(&text).ok_or(DecodeError::NotAChange)?;
    let field = change.identifier("field").ok_or(DecodeError::NotAChange)?;
    let value = if field == "messages" {
        change.object("value")
    } else {
        None
    };
    let Some(value) = value else {
        return Ok(Event::Other(Box::new(Update::read(field, &change))));
    };
    if let Some(message) = first(&value, "messages") {
        let message = message.and_then(|message| Message::read(&value, &message));
        return message
            .map(Box::new)
            .map(Event::Message)
            .ok_or(DecodeError::NoIdentity);
    }
    if let Some(status) = first(&value, "statuses") {
        let metadata = value.object("metadata");
        let number = metadata.and_then(|metadata| metadata.identifier("phone_number_id"));
        let status = status.and_then(|status| Status::read(&status, number));
        return status
            .map(Box::new)
            .map(Event::Status)
            .ok_or(DecodeError::NoIdentity);
    }
    Ok(Event::Other(Box::new(Update::read(field, &change))))
}

/// The first item of the array: `None` if there is none, `Some(None)` if it is not an object.
#[expect(
    clippy::option_option,
    reason = "two kinds of nothing that lead to different outcomes"
)]
fn first<'a>(value: &Object<'a>, key: &str) -> Option<Option<Object<'a>>> {
    let items: Vec<&'a RawValue> = value.list(key).ok()?;
    items.first().map(|item| Object::parse(item.get()))
}
