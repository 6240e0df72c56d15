//! From a send's body to what the phone shows, with Meta's limits.

use serde_json::{Map, Value};

use super::error::GraphError;
use super::template;
use crate::world::{Action, ActionKind, Content, World};

const MAX_TEXT: usize = 4_096;
const MAX_CAPTION: usize = 1_024;
const MAX_BUTTON_TITLE: usize = 20;

pub(super) fn render(
    world: &World,
    account: usize,
    message: &Map<String, Value>,
) -> Result<Content, GraphError> {
    let kind = match message.get("type") {
        None => "text",
        Some(kind) => kind
            .as_str()
            .ok_or_else(|| GraphError::parameter("Param type must be a string."))?,
    };
    let content = match kind {
        "template" => template::fill(world, account, message)?,
        "text" => text(message)?,
        "image" | "video" | "audio" | "document" | "sticker" => media(kind, message)?,
        "interactive" => interactive(part(kind, message)?)?,
        "location" => Content {
            media: Some("Location".to_owned()),
            ..plain(kind, joined(part(kind, message)?, &["name", "address"]))
        },
        "contacts" => Content {
            media: Some("Contact".to_owned()),
            ..plain(
                kind,
                string(message.get("contacts"), "/0/name/formatted_name").to_owned(),
            )
        },
        "reaction" => plain(kind, string(message.get("reaction"), "/emoji").to_owned()),
        _ => {
            return Err(GraphError::parameter(format!(
                "Param type must be one of {{AUDIO, CONTACTS, DOCUMENT, IMAGE, INTERACTIVE, LOCATION, REACTION, STICKER, \
                 TEMPLATE, TEXT, VIDEO}} - got {kind:?}."
            )));
        }
    };
    let quotes = message
        .get("context")
        .and_then(|context| context.get("message_id"))
        .and_then(Value::as_str)
        // A template never shows the bubble it quotes.
        .filter(|_| kind != "template")
        .map(str::to_owned);
    Ok(Content { quotes, ..content })
}

fn text(message: &Map<String, Value>) -> Result<Content, GraphError> {
    let body = message
        .get("text")
        .and_then(|text| text.get("body"))
        .ok_or_else(|| GraphError::parameter("The parameter text['body'] is required."))?
        .as_str()
        .ok_or_else(|| GraphError::parameter("Param text['body'] must be a string."))?;
    if body.is_empty() {
        return Err(GraphError::parameter("The parameter text['body'] is required."));
    }
    at_most("text['body']", body, MAX_TEXT)?;
    Ok(plain("text", body.to_owned()))
}

fn media(kind: &str, message: &Map<String, Value>) -> Result<Content, GraphError> {
    let object = part(kind, message)?;
    if object.get("id").is_none() && object.get("link").is_none() {
        return Err(GraphError::detailed(
            131_008,
            format!("{kind}: one of id or link is required"),
        ));
    }
    let caption = string(Some(object), "/caption");
    at_most("caption", caption, MAX_CAPTION)?;
    let name = match kind {
        "image" => "Photo",
        "video" => "Video",
        "audio" => "Audio",
        "sticker" => "Sticker",
        _ => Some(string(Some(object), "/filename"))
            .filter(|name| !name.is_empty())
            .unwrap_or("Document"),
    };
    Ok(Content {
        media: Some(name.to_owned()),
        ..plain(kind, caption.to_owned())
    })
}

fn interactive(object: &Value) -> Result<Content, GraphError> {
    let body = string(Some(object), "/body/text");
    at_most("interactive['body']['text']", body, MAX_TEXT)?;
    let actions = match string(Some(object), "/type") {
        "" => {
            return Err(GraphError::parameter(
                "The parameter interactive['type'] is required.",
            ));
        }
        "button" => {
            let buttons = replies(object, "/action/buttons", "/reply", ActionKind::ButtonReply);
            if !(1..=3).contains(&buttons.len()) {
                return Err(GraphError::detailed(131_009, "Buttons count must be 1 to 3"));
            }
            for button in &buttons {
                if button.title.is_empty() {
                    return Err(GraphError::detailed(131_008, "Button title is required"));
                }
                at_most("reply['title']", &button.title, MAX_BUTTON_TITLE)?;
            }
            buttons
        }
        "list" => object
            .pointer("/action/sections")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .flat_map(|section| replies(section, "/rows", "", ActionKind::ListReply))
            .collect(),
        "cta_url" => vec![Action {
            kind: ActionKind::Link,
            id: string(Some(object), "/action/parameters/url").to_owned(),
            title: string(Some(object), "/action/parameters/display_text").to_owned(),
        }],
        _ => Vec::new(),
    };
    let line = |path: &str| {
        Some(string(Some(object), path))
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
    };
    Ok(Content {
        title: line("/header/text"),
        footer: line("/footer/text"),
        actions,
        ..plain("interactive", body.to_owned())
    })
}

fn replies(object: &Value, list: &str, item: &str, kind: ActionKind) -> Vec<Action> {
    object
        .pointer(list)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.pointer(item))
        .map(|reply| Action {
            kind,
            id: string(Some(reply), "/id").to_owned(),
            title: string(Some(reply), "/title").to_owned(),
        })
        .collect()
}

fn part<'m>(kind: &str, message: &'m Map<String, Value>) -> Result<&'m Value, GraphError> {
    message
        .get(kind)
        .filter(|part| part.is_object())
        .ok_or_else(|| GraphError::parameter(format!("The parameter {kind} is required.")))
}

fn at_most(what: &str, text: &str, limit: usize) -> Result<(), GraphError> {
    if text.chars().count() > limit {
        return Err(GraphError::parameter(format!(
            "Param {what} must be at most {limit} characters long."
        )));
    }
    Ok(())
}

fn string<'v>(value: Option<&'v Value>, path: &str) -> &'v str {
    value
        .and_then(|value| value.pointer(path))
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn joined(object: &Value, keys: &[&str]) -> String {
    let parts: Vec<_> = keys
        .iter()
        .filter_map(|key| object.get(*key).and_then(Value::as_str))
        .collect();
    parts.join(", ")
}

fn plain(kind: &str, text: String) -> Content {
    Content {
        kind: kind.to_owned(),
        text,
        ..Content::default()
    }
}
