//! A message that a client writes.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::world::Content;

/// A message on its way from a phone to a business number.
#[derive(Debug, Clone, Deserialize)]
pub struct ClientMessage {
    /// The business number, or Graph's id of it.
    pub to_account: String,
    /// What it says. In JSON one of the keys `text`, `image_caption`, `button`, `reply`, `raw`.
    #[serde(flatten)]
    pub content: PhoneContent,
    /// The id of the message it quotes.
    #[serde(default)]
    pub context: Option<String>,
    /// How many times its webhook is delivered, all at once.
    #[serde(default = "once")]
    pub copies: usize,
    /// An id to use instead of a new one.
    #[serde(default)]
    pub message_id: Option<String>,
    /// Seconds since 1970 to use instead of now. The window counts from it.
    #[serde(default)]
    pub timestamp: Option<u64>,
}

fn once() -> usize {
    1
}

/// What a client's message says.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneContent {
    /// Plain text.
    Text(String),
    /// An image with this caption; an empty one is left out.
    ImageCaption(String),
    /// A tap on a template's quick reply.
    Button {
        /// The business's payload.
        payload: String,
        /// What the button says.
        text: String,
    },
    /// A tap on a reply button or a row of a list.
    Reply {
        /// The business's id of it.
        id: String,
        /// What it says.
        title: String,
        /// Whether it is a row of a list.
        #[serde(default)]
        list: bool,
    },
    /// Any fields of a message, `type` included; they win over `id`, `from` and the others.
    Raw(Map<String, Value>),
}

impl ClientMessage {
    /// A message with this content.
    pub fn new(to_account: impl Into<String>, content: PhoneContent) -> Self {
        Self {
            to_account: to_account.into(),
            content,
            context: None,
            copies: 1,
            message_id: None,
            timestamp: None,
        }
    }

    /// A text message.
    pub fn text(to_account: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(to_account, PhoneContent::Text(text.into()))
    }

    /// An image with a caption.
    pub fn image(to_account: impl Into<String>, caption: impl Into<String>) -> Self {
        Self::new(to_account, PhoneContent::ImageCaption(caption.into()))
    }

    /// Quotes a message.
    pub fn quoting(mut self, message_id: impl Into<String>) -> Self {
        self.context = Some(message_id.into());
        self
    }

    /// Delivers the webhook this many times at once.
    pub fn copies(mut self, copies: usize) -> Self {
        self.copies = copies;
        self
    }

    /// Uses this message id.
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.message_id = Some(id.into());
        self
    }

    /// Uses this time, in seconds since 1970.
    pub fn at(mut self, timestamp: u64) -> Self {
        self.timestamp = Some(timestamp);
        self
    }
}

impl PhoneContent {
    /// The fields of the webhook's message.
    pub(super) fn fields(&self, own_number: &str, context: Option<&str>) -> Map<String, Value> {
        let mut fields = Map::new();
        if let Some(id) = context {
            fields.insert("context".to_owned(), json!({"from": own_number, "id": id}));
        }
        let (kind, value) = match self {
            Self::Text(body) => ("text", json!({"body": body})),
            Self::ImageCaption(caption) => ("image", image(caption)),
            Self::Button { payload, text } => ("button", json!({"payload": payload, "text": text})),
            Self::Reply { id, title, list } => {
                let kind = if *list { "list_reply" } else { "button_reply" };
                let mut interactive = json!({"type": kind});
                interactive[kind] = json!({"id": id, "title": title});
                ("interactive", interactive)
            }
            Self::Raw(raw) => {
                fields.extend(raw.clone());
                return fields;
            }
        };
        fields.insert("type".to_owned(), json!(kind));
        fields.insert(kind.to_owned(), value);
        fields
    }

    /// What the sender sees in the thread.
    pub(super) fn shown(self, quotes: Option<String>) -> Content {
        let content = match self {
            Self::Text(text) => content("text", text),
            Self::ImageCaption(text) => Content {
                media: Some("Photo".to_owned()),
                ..content("image", text)
            },
            Self::Button { text, .. } => content("button", text),
            Self::Reply { title, .. } => content("interactive", title),
            Self::Raw(raw) => {
                let kind = raw.get("type").and_then(Value::as_str).unwrap_or("unknown");
                let text = raw
                    .get("text")
                    .and_then(|text| text.get("body"))
                    .and_then(Value::as_str)
                    .map_or_else(|| format!("[{kind}]"), str::to_owned);
                content(kind, text)
            }
        };
        Content { quotes, ..content }
    }
}

fn content(kind: &str, text: String) -> Content {
    Content {
        kind: kind.to_owned(),
        text,
        ..Content::default()
    }
}

fn image(caption: &str) -> Value {
    let mut image = json!({
        "mime_type": "image/jpeg",
        "sha256": "ryvb4aqbbsHireHWlPQfxxqDHQJo6YkVYhE9imKt0b8=",
        "id": "1003383421387256",
    });
    if !caption.is_empty() {
        image["caption"] = json!(caption);
    }
    image
}
