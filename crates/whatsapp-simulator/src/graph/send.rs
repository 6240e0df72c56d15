//! `POST /{phone-number-id}/messages`.

use std::sync::Arc;

use actix_web::http::Method;
use serde_json::{Map, Value, json};

use super::error::GraphError;
use super::recipient::Addressee;
use super::render::render;
use super::request::GraphRequest;
use crate::events::Event;
use crate::lock;
use crate::simulator::Inner;
use crate::world::{ChatMessage, MessageState, Outgoing, Recipient, ThreadKey};

/// What a call came to.
pub(super) enum Sent {
    ReadMark(Value),
    Message {
        body: Value,
        id: String,
        /// A fault keeps the answer from the caller.
        withheld: bool,
    },
}

pub(super) fn send(inner: &Arc<Inner>, number: &str, request: &GraphRequest) -> Result<Sent, GraphError> {
    let account = lock(&inner.world)
        .accounts
        .iter()
        .position(|account| account.phone_number_id == number)
        .ok_or_else(|| GraphError::unknown_object(&Method::POST, number))?;
    let body = request
        .body
        .as_ref()
        .and_then(Value::as_object)
        .ok_or_else(|| GraphError::parameter("The request body is not a JSON object."))?;
    if body.get("messaging_product").and_then(Value::as_str) != Some("whatsapp") {
        return Err(GraphError::parameter(
            "The parameter messaging_product is required.",
        ));
    }
    if body.contains_key("status") {
        return mark_read(inner, account, body).map(Sent::ReadMark);
    }
    let is_template = body.get("type").and_then(Value::as_str) == Some("template");
    let withheld = take_faults(inner, is_template)?;
    let (id, contact) = accept(inner, account, body)?;
    let mut message = json!({"id": id});
    if is_template {
        message["message_status"] = json!("accepted");
    }
    Ok(Sent::Message {
        body: json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}),
        id,
        withheld,
    })
}

/// Refuses if a fault says so; otherwise tells whether the answer is to be withheld.
fn take_faults(inner: &Inner, is_template: bool) -> Result<bool, GraphError> {
    let mut faults = lock(&inner.faults);
    if let Some(code) = faults.take_graph_error(is_template) {
        return Err(GraphError::of(code));
    }
    let mut dice = lock(&inner.dice);
    if dice.happens(faults.graph_5xx) {
        return Err(GraphError::unavailable());
    }
    Ok(dice.happens(faults.graph_timeout_after_acceptance))
}

/// Checks a message and takes it on its way; gives its id and the `contacts` element of the answer.
fn accept(
    inner: &Arc<Inner>,
    account: usize,
    body: &Map<String, Value>,
) -> Result<(String, Value), GraphError> {
    let now_ms = inner.clock.now_ms();
    let late_refusals = lock(&inner.faults).late_window_refusals;
    let mut world = lock(&inner.world);
    if body
        .get("recipient_type")
        .is_some_and(|kind| kind.as_str() != Some("individual"))
    {
        return Err(GraphError::parameter(
            "Param recipient_type must be 'individual'; groups are not simulated.",
        ));
    }
    let addressee = Addressee::read(&world, body)?;
    let callback_data = callback_data(body)?;
    let content = render(&world, account, body)?;
    let is_template = content.kind == "template";
    if addressee.recipient == Recipient::Phone(world.account_digits(account)) {
        return Err(GraphError::of(131_021));
    }
    let outgoing = Outgoing {
        recipient: addressee.recipient.clone(),
        callback_data,
        category: if is_template { "utility" } else { "service" },
    };
    let key = addressee.person.map(|client| ThreadKey { client, account });
    let window_open = key
        .and_then(|key| world.thread(key))
        .is_some_and(|thread| thread.window_until_ms(now_ms).is_some());
    let shut = key.is_some() && !is_template && !window_open;
    if shut && !late_refusals {
        return Err(GraphError::of(131_047));
    }
    let pair = addressee.name(&world);
    if !world.take_pair_rate(account, &pair, now_ms) {
        return Err(GraphError::of(131_056));
    }
    drop(world);

    let id = lock(&inner.ids).message_id();
    match key {
        _ if addressee.lost => {}
        None => inner.report_failure(account, &pair, &outgoing, &id, 131_026),
        Some(_) if shut => inner.report_failure(account, &pair, &outgoing, &id, 131_047),
        Some(key) => inner.carry_to_phone(
            key,
            ChatMessage {
                id: id.clone(),
                from_client: false,
                at_ms: now_ms,
                state: MessageState::Pending,
                content,
                outgoing: Some(outgoing),
            },
        ),
    }
    Ok((id, addressee.contact()))
}

fn callback_data(body: &Map<String, Value>) -> Result<Option<String>, GraphError> {
    const MAX: usize = 512;
    match body.get("biz_opaque_callback_data") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(data)) if data.chars().count() <= MAX => Ok(Some(data.clone())),
        Some(Value::String(_)) => Err(GraphError::parameter(format!(
            "Param biz_opaque_callback_data must be at most {MAX} characters long."
        ))),
        Some(_) => Err(GraphError::parameter(
            "Param biz_opaque_callback_data must be a string.",
        )),
    }
}

/// Marks a message of the client, and the older ones, as read; may show that the business is typing.
fn mark_read(inner: &Arc<Inner>, account: usize, body: &Map<String, Value>) -> Result<Value, GraphError> {
    if body.get("status").and_then(Value::as_str) != Some("read") {
        return Err(GraphError::parameter("Param status must be one of {READ}."));
    }
    let id = body
        .get("message_id")
        .and_then(Value::as_str)
        .ok_or_else(|| GraphError::parameter("The parameter message_id is required."))?;
    let (key, ids, typing) = {
        let world = lock(&inner.world);
        let key = world
            .home(account, id)
            .filter(|key| {
                let message = world.thread(*key).and_then(|thread| thread.message(id));
                message.is_some_and(|message| message.from_client)
            })
            .ok_or_else(|| GraphError::detailed(131_009, format!("Message ID {id} is not valid")))?;
        let ids = world
            .thread(key)
            .map(|thread| thread.own_ids_up_to(id))
            .unwrap_or_default();
        let typing = body.contains_key("typing_indicator").then(|| Event::Typing {
            client: world.people[key.client].id.clone(),
            account: world.account_digits(key.account),
        });
        (key, ids, typing)
    };
    for id in ids {
        inner.advance_message(key, &id, MessageState::Read);
    }
    if let Some(typing) = typing {
        inner.announcer.publish(typing);
    }
    Ok(json!({"success": true}))
}
