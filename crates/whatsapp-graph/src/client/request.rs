//! What is sent, and its wire form. Source: Meta "Send messages", "Template messages".

use std::fmt;

use serde_json::{Value, json};

/// One message to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct SendRequest {
    /// To whom.
    pub recipient: Recipient,
    /// What.
    pub body: Body,
    /// Id of a message to quote. WhatsApp shows no quotation above templates.
    pub context_message_id: Option<String>,
    /// Comes back in every status of the message, invisible to the person; at most 512 characters. The only way to
    /// recognise a message whose id never reached us.
    pub biz_opaque_callback_data: Option<String>,
}

/// Whom a message goes to. Meta advises the phone where it is known, which also keeps it visible.
#[derive(Clone, PartialEq, Eq)]
pub enum Recipient {
    /// Phone number as digits with country code, as webhooks show it. Sent with `+`, without which Meta may put the
    /// sender's country code in front.
    Phone(String),
    /// Business-scoped user id, or parent id, verbatim.
    UserId(String),
}

/// What a message says.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// Free text, within 24 hours of the person's last message only.
    Text {
        /// At most 4,096 characters.
        body: String,
        /// Whether WhatsApp shows a preview of the first link.
        preview_url: bool,
    },
    /// An approved template.
    Template {
        /// Its name.
        name: String,
        /// Its language exactly as created (`en_US`); there is no fallback to another.
        language: String,
        /// Its positional body parameters, all of them, none empty. Newlines, tabs and runs of spaces are made one
        /// space, since Meta refuses them (132018).
        body_parameters: Vec<String>,
        /// What comes back when its quick-reply buttons are tapped, by position, at most 128 characters each. Where none
        /// is given the title of the button comes back.
        button_payloads: Vec<String>,
    },
}

impl SendRequest {
    pub(super) fn to_json(&self) -> Value {
        let mut message = json!({"messaging_product": "whatsapp", "recipient_type": "individual"});
        match &self.recipient {
            // A user id in `to` would be taken for a phone and vanish without an error.
            Recipient::Phone(digits) => {
                message["to"] = format!("+{}", digits.strip_prefix('+').unwrap_or(digits)).into();
            }
            Recipient::UserId(id) => message["recipient"] = id.as_str().into(),
        }
        match &self.body {
            Body::Text { body, preview_url } => {
                message["type"] = "text".into();
                message["text"] = json!({"body": body});
                if *preview_url {
                    message["text"]["preview_url"] = true.into();
                }
            }
            Body::Template {
                name,
                language,
                body_parameters,
                button_payloads,
            } => {
                message["type"] = "template".into();
                message["template"] = json!({"name": name, "language": {"code": language}});
                let mut components = Vec::new();
                if !body_parameters.is_empty() {
                    let parameters: Vec<Value> = body_parameters
                        .iter()
                        .map(|text| json!({"type": "text", "text": flat(text)}))
                        .collect();
                    components.push(json!({"type": "body", "parameters": parameters}));
                }
                for (index, payload) in button_payloads.iter().enumerate() {
                    components.push(json!({
                        "type": "button",
                        "sub_type": "quick_reply",
                        "index": index.to_string(),
                        "parameters": [{"type": "payload", "payload": payload}],
                    }));
                }
                if !components.is_empty() {
                    message["template"]["components"] = components.into();
                }
            }
        }
        if let Some(id) = &self.context_message_id {
            message["context"] = json!({"message_id": id});
        }
        if let Some(data) = &self.biz_opaque_callback_data {
            message["biz_opaque_callback_data"] = data.as_str().into();
        }
        message
    }
}

/// The wire form of a read mark.
pub(super) fn read_json(message_id: &str) -> Value {
    json!({"messaging_product": "whatsapp", "status": "read", "message_id": message_id})
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl fmt::Debug for SendRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendRequest")
            .field("recipient", &self.recipient)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Phone(_) => "Phone(redacted)",
            Self::UserId(_) => "UserId(redacted)",
        })
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { body, .. } => write!(f, "Text({} bytes)", body.len()),
            Self::Template { name, language, .. } => write!(f, "Template({name:?}, {language:?})"),
        }
    }
}

#[cfg(test)]
mod tests;
