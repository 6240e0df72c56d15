//! What a message says, by type.

mod read;

use std::fmt;

/// The content of a message. Source: the pages under Meta "Messages webhook reference".
///
/// A type or part that Meta adds later is [`Content::Unknown`] or [`Interactive::Other`], never a failure. `Debug`
/// shows the type only.
#[derive(Clone, PartialEq)]
pub enum Content {
    /// Plain text.
    Text {
        /// The words; empty only if Meta sent none.
        body: String,
    },
    /// A picture.
    Image(Media),
    /// A film.
    Video(Media),
    /// A sound file or voice message.
    Audio {
        /// The file.
        media: Media,
        /// Recorded with the microphone button.
        voice: bool,
    },
    /// Any other file.
    Document(Media),
    /// A sticker.
    Sticker(Media),
    /// A place.
    Location {
        /// Degrees north.
        latitude: Option<f64>,
        /// Degrees east.
        longitude: Option<f64>,
        /// Name of the place.
        name: Option<String>,
        /// Its address.
        address: Option<String>,
    },
    /// Address cards.
    Contacts(Vec<ContactCard>),
    /// The quick reply of a template was pressed.
    Button {
        /// What we attached to the button. Decide on this: the text is translated.
        payload: Option<String>,
        /// What stood on it.
        text: Option<String>,
    },
    /// A part of an interactive message was used.
    Interactive(Interactive),
    /// An emoji was put on a message.
    Reaction {
        /// Id of that message.
        message_id: Option<String>,
        /// The emoji; absent when taken away again.
        emoji: Option<String>,
    },
    /// Something was ordered from the catalogue.
    Order {
        /// Words the person added.
        text: Option<String>,
        /// The catalogue.
        catalog_id: Option<String>,
    },
    /// Something happened to the person's account.
    System {
        /// `user_changed_number`, `user_changed_user_id`, `customer_identity_changed` or a later word.
        kind: Option<String>,
        /// A sentence for people, with phone numbers in it.
        body: Option<String>,
        /// The new phone as digits.
        wa_id: Option<String>,
        /// The new business-scoped user id.
        user_id: Option<String>,
        /// The one before.
        previous_user_id: Option<String>,
        /// The new user id of the set of linked portfolios.
        parent_user_id: Option<String>,
        /// The one before.
        previous_parent_user_id: Option<String>,
    },
    /// A message was changed by its author. Only on numbers also used in the phone app; elsewhere an edit is
    /// [`Content::Unsupported`].
    Edit {
        /// Which message.
        original_message_id: Option<String>,
        /// What it says now; an edit inside an edit is [`Content::Unknown`].
        content: Box<Content>,
    },
    /// A message was deleted by its author. Only on numbers also used in the phone app.
    Revoke {
        /// Which message.
        original_message_id: Option<String>,
    },
    /// Something the interface cannot show; the errors of the message say why.
    Unsupported {
        /// What it was, such as `edit`, `poll_creation` or `gif`.
        kind: Option<String>,
    },
    /// A type not listed here; empty if the message names none.
    Unknown(String),
}

/// A file that a message carries. Fetch it within seven days (Meta: business-phone-numbers/media).
#[derive(Clone, PartialEq, Eq)]
pub struct Media {
    /// Id for `GET /{id}`.
    pub id: Option<String>,
    /// Words under it.
    pub caption: Option<String>,
    /// Name of a document, as the person's phone gave it: not safe as a path.
    pub filename: Option<String>,
    /// Type, possibly with parameters (`audio/ogg; codecs=opus`).
    pub mime_type: Option<String>,
    /// SHA-256 in base64.
    pub sha256: Option<String>,
}

/// Which part of an interactive message was used.
#[derive(Clone, PartialEq, Eq)]
pub enum Interactive {
    /// A reply button.
    ButtonReply {
        /// Our id of the button.
        id: Option<String>,
        /// What stood on it.
        title: Option<String>,
    },
    /// A row of a list.
    ListReply {
        /// Our id of the row.
        id: Option<String>,
        /// Its title.
        title: Option<String>,
        /// Its description.
        description: Option<String>,
    },
    /// A filled-in form (`nfm_reply`).
    FlowReply {
        /// The answers, a JSON document in a string.
        response_json: Option<String>,
    },
    /// A part not listed here; empty if the message names none.
    Other(String),
}

/// An address card.
#[derive(Clone, PartialEq, Eq)]
pub struct ContactCard {
    /// The name on it.
    pub formatted_name: Option<String>,
    /// `contact_request` if the person shared their own card when asked; only then the number is theirs.
    pub origin: Option<String>,
    /// Its numbers.
    pub phones: Vec<ContactPhone>,
}

/// A number on an address card.
#[derive(Clone, PartialEq, Eq)]
pub struct ContactPhone {
    /// As written on the card.
    pub phone: Option<String>,
    /// As WhatsApp knows it, in digits, if it does.
    pub wa_id: Option<String>,
}

impl Content {
    /// The type as Meta spells it.
    pub fn kind(&self) -> &str {
        match self {
            Self::Text { .. } => "text",
            Self::Image(_) => "image",
            Self::Video(_) => "video",
            Self::Audio { .. } => "audio",
            Self::Document(_) => "document",
            Self::Sticker(_) => "sticker",
            Self::Location { .. } => "location",
            Self::Contacts(_) => "contacts",
            Self::Button { .. } => "button",
            Self::Interactive(_) => "interactive",
            Self::Reaction { .. } => "reaction",
            Self::Order { .. } => "order",
            Self::System { .. } => "system",
            Self::Edit { .. } => "edit",
            Self::Revoke { .. } => "revoke",
            Self::Unsupported { .. } => "unsupported",
            Self::Unknown(kind) => kind,
        }
    }

    /// See [`super::Message::texts`].
    pub(super) fn texts(&self) -> Vec<&str> {
        let parts: [Option<&String>; 2] = match self {
            Self::Text { body } => [Some(body), None],
            Self::Image(media) | Self::Video(media) | Self::Document(media) | Self::Sticker(media) => {
                [media.caption.as_ref(), None]
            }
            Self::Audio { media, .. } => [media.caption.as_ref(), None],
            Self::Button { payload, text } => [text.as_ref(), payload.as_ref()],
            Self::Interactive(
                Interactive::ButtonReply { id, title } | Interactive::ListReply { id, title, .. },
            ) => [title.as_ref(), id.as_ref()],
            Self::Order { text, .. } => [text.as_ref(), None],
            Self::Edit { content, .. } => return content.texts(),
            _ => [None, None],
        };
        parts
            .into_iter()
            .flatten()
            .map(String::as_str)
            .filter(|text| !text.is_empty())
            .collect()
    }
}

/// The type, and for what is not understood a little more. Never words or identifiers.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({:?})", self.kind())
    }
}
