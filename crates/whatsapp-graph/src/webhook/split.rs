//! Taking a delivery apart.

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::contacts::{Contacts, Sender};
use super::element::{Broken, Delivery, Element, ElementKind};
use crate::json::{Object, quoted, repair};
use crate::signature::VerifiedBody;

/// The field of messages and statuses. The same arrays under other fields (`standby`, `calls`) mean other things.
const MESSAGES: &str = "messages";

/// Takes a delivery apart. Never fails and never panics: what cannot be read is in [`Delivery::broken`].
pub fn split(body: &VerifiedBody) -> Delivery {
    split_bytes(body.as_bytes())
}

/// [`split`] for a body whose signature was checked earlier, such as one read back from a store.
pub fn split_bytes(body: &[u8]) -> Delivery {
    let mut delivery = Delivery::default();
    let text = repair(body);
    match entries(&text) {
        Ok(entries) => entries
            .into_iter()
            .for_each(|entry| split_entry(entry, &mut delivery)),
        Err(reason) => delivery.broken.push(Broken {
            payload: body.to_vec(),
            reason,
        }),
    }
    delivery
}

fn entries(text: &str) -> Result<Vec<&RawValue>, String> {
    let body = Object::parse(text).ok_or_else(|| why_no_object(text))?;
    if body.text("object").as_deref() != Some("whatsapp_business_account") {
        return Err("object is not whatsapp_business_account".to_owned());
    }
    items(&body, "entry").map_err(str::to_owned)
}

/// The parser's own words may quote the body, so only the place is told.
fn why_no_object(text: &str) -> String {
    match serde_json::from_str::<&RawValue>(text) {
        Ok(_) => "body is not a JSON object".to_owned(),
        Err(error) => format!(
            "body is not JSON (line {}, column {})",
            error.line(),
            error.column()
        ),
    }
}

/// The array `key`. Null is empty; an absent array is a shape Meta does not send, so it is worth a look.
fn items<'a>(object: &Object<'a>, key: &'static str) -> Result<Vec<&'a RawValue>, &'static str> {
    let reason = if key == "entry" {
        "entry is not an array"
    } else {
        "changes is not an array"
    };
    if object.has(key) {
        object.list(key).map_err(|_| reason)
    } else {
        Err(reason)
    }
}

fn split_entry(raw: &RawValue, delivery: &mut Delivery) {
    let changes = Object::parse(raw.get())
        .ok_or("entry is not an object")
        .and_then(|entry| items(&entry, "changes").map(|changes| (entry, changes)));
    match changes {
        Ok((entry, changes)) => {
            let entry = Entry {
                id: entry.identifier("id"),
                time: entry.integer("time"),
                raw_time: entry.raw("time").map_or("", RawValue::get),
            };
            for change in changes {
                entry.split_change(change, delivery);
            }
        }
        Err(reason) => delivery.broken.push(broken(raw.get(), reason)),
    }
}

struct Entry<'a> {
    id: Option<String>,
    time: Option<i64>,
    raw_time: &'a str,
}

impl Entry<'_> {
    fn split_change(&self, raw: &RawValue, delivery: &mut Delivery) {
        let Some(change) = Object::parse(raw.get()) else {
            return delivery.broken.push(broken(raw.get(), "change is not an object"));
        };
        let Some(field) = change.identifier("field") else {
            return delivery.broken.push(broken(raw.get(), "change has no field"));
        };
        let value = change.raw("value").map_or("null", RawValue::get);
        if field != MESSAGES {
            return delivery.elements.push(self.other(field, value));
        }
        match Object::parse(value) {
            Some(parsed) => self.split_messages(value, &parsed, delivery),
            None => delivery.broken.push(broken(raw.get(), "value is not an object")),
        }
    }

    fn split_messages(&self, raw: &str, value: &Object<'_>, delivery: &mut Delivery) {
        let frame = Frame::new(self, value);
        for (key, kind) in [
            ("messages", ElementKind::Message),
            ("statuses", ElementKind::Status),
        ] {
            let Ok(items) = value.list(key) else {
                let whole = value.raw(key).map_or("null", RawValue::get);
                delivery
                    .broken
                    .push(broken(&frame.payload(None, key, whole), "not an array"));
                continue;
            };
            let alone = items.len() == 1;
            for item in items {
                match frame.element(&kind, item, alone) {
                    Ok(element) => delivery.elements.push(element),
                    Err(reason) => {
                        let payload = frame.payload(None, key, &format!("[{}]", item.get()));
                        delivery.broken.push(broken(&payload, reason));
                    }
                }
            }
        }
        if !value.has("messages") && !value.has("statuses") {
            delivery.elements.push(self.other(MESSAGES.to_owned(), raw));
        } else if let Some(rest) = rest(value) {
            delivery.elements.push(self.other(MESSAGES.to_owned(), &rest));
        }
    }

    fn other(&self, field: String, value: &str) -> Element {
        let mut hash = Sha256::new();
        for part in [
            self.id.as_deref().unwrap_or_default(),
            self.raw_time,
            &field,
            value,
        ] {
            // Lengths first, so that no two different lists of parts run together to the same bytes.
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        let parsed = Object::parse(value);
        let metadata = parsed.as_ref().and_then(|value| value.object("metadata"));
        // For `PARTNER_*` updates the entry names a business portfolio (Meta: account_update).
        let waba = parsed.as_ref().and_then(|value| value.object("waba_info"));
        let waba_id = waba
            .and_then(|waba| waba.identifier("waba_id"))
            .or_else(|| self.id.clone());
        let waba = waba_id.as_deref().map_or_else(|| "null".to_owned(), quoted);
        let time = self
            .time
            .map_or_else(|| "null".to_owned(), |time| time.to_string());
        Element {
            waba_id,
            phone_number_id: metadata.and_then(|metadata| metadata.identifier("phone_number_id")),
            dedupe_key: format!("a:{}", hex::encode(hash.finalize())),
            lane: None,
            occurred_at: self.time,
            payload: format!(
                r#"{{"field":{},"waba_id":{waba},"time":{time},"value":{value}}}"#,
                quoted(&field)
            )
            .into_bytes(),
            kind: ElementKind::Other(field),
        }
    }
}

/// What a `messages` change says besides messages and statuses, if anything.
fn rest(value: &Object<'_>) -> Option<String> {
    let parts: Vec<String> = ["metadata", "errors", "user_actions"]
        .into_iter()
        .filter_map(|key| Some(format!("{}:{}", quoted(key), value.raw(key)?.get())))
        .collect();
    let says = |key| value.list(key).map_or(true, |list| !list.is_empty());
    (says("errors") || says("user_actions")).then(|| format!("{{{}}}", parts.join(",")))
}

/// What all messages and statuses of one change share.
struct Frame<'a> {
    entry: &'a Entry<'a>,
    phone_number_id: Option<String>,
    metadata: String,
    contacts: Contacts<'a>,
}

impl<'a> Frame<'a> {
    fn new(entry: &'a Entry<'a>, value: &Object<'a>) -> Self {
        // Rebuilt, not copied: it goes into every element, so it must be small.
        let metadata = value.object("metadata");
        let known = |key| metadata.as_ref().and_then(|metadata| metadata.identifier(key));
        let parts: Vec<String> = ["display_phone_number", "phone_number_id"]
            .into_iter()
            .filter_map(|key| Some(format!("{}:{}", quoted(key), quoted(&known(key)?))))
            .collect();
        Self {
            entry,
            phone_number_id: known("phone_number_id"),
            metadata: format!("{{{}}}", parts.join(",")),
            contacts: Contacts::new(value),
        }
    }

    fn element(&self, kind: &ElementKind, raw: &RawValue, alone: bool) -> Result<Element, &'static str> {
        let (key, list, id, who, lane);
        let item = Object::parse(raw.get()).ok_or("element is not an object")?;
        id = item.identifier("id").ok_or("element has no usable id")?;
        if *kind == ElementKind::Status {
            list = "statuses";
            key = status_key(&id, &item).ok_or("status has no status")?;
            who = Sender::of_status(&item);
            lane = Some(id);
        } else {
            list = "messages";
            key = format!("m:{id}");
            who = Sender::of_message(&item);
            lane = None;
        }
        let contact = self.contacts.of(&who, alone);
        let lane = lane.or_else(|| {
            let known = who.complete(contact.and_then(|raw| Object::parse(raw.get())).as_ref());
            person(known, &item)
        });
        Ok(Element {
            waba_id: self.entry.id.clone(),
            phone_number_id: self.phone_number_id.clone(),
            kind: kind.clone(),
            dedupe_key: key,
            lane,
            occurred_at: item.integer("timestamp").or(self.entry.time),
            payload: self
                .payload(contact, list, &format!("[{}]", raw.get()))
                .into_bytes(),
        })
    }

    fn payload(&self, contact: Option<&RawValue>, key: &str, items: &str) -> String {
        let contact = contact.map_or("", RawValue::get);
        format!(
            r#"{{"field":"messages","value":{{"metadata":{},"contacts":[{contact}],"{key}":{items}}}}}"#,
            self.metadata
        )
    }
}

/// A system message about a changed number or id belongs behind what the person wrote under the old one.
fn person(known: Sender, message: &Object<'_>) -> Option<String> {
    let system = |key| message.object("system").and_then(|system| system.identifier(key));
    known
        .user_id
        .or_else(|| system("previous_user_id"))
        .or(known.phone)
        .or_else(|| system("user_id"))
}

fn status_key(id: &str, status: &Object<'_>) -> Option<String> {
    let name = status.identifier("status")?;
    let participant = ["recipient_participant_user_id", "recipient_participant_id"]
        .into_iter()
        .find_map(|key| status.identifier(key));
    Some(match participant {
        Some(participant) => format!("s:{id}:{name}:{participant}"),
        None => format!("s:{id}:{name}"),
    })
}

fn broken(payload: &str, reason: &str) -> Broken {
    Broken {
        payload: payload.as_bytes().to_vec(),
        reason: reason.to_owned(),
    }
}
