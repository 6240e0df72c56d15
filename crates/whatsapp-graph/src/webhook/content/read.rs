//! From a message object to [`Content`].

use super::{ContactCard, ContactPhone, Content, Interactive, Media};
use crate::json::Object;

impl Content {
    pub(in crate::webhook) fn read(message: &Object<'_>) -> Self {
        Self::of_kind(message, true)
    }

    /// `edits`: whether an edit may stand here. It may hold any content but another edit, else nesting would be
    /// unlimited.
    fn of_kind(message: &Object<'_>, edits: bool) -> Self {
        let kind = message.identifier("type").unwrap_or_default();
        if kind == "contacts" {
            return Self::Contacts(message.objects("contacts").iter().map(card).collect());
        }
        let Some(part) = message.object(&kind) else {
            return without_part(kind, message);
        };
        match kind.as_str() {
            "text" => Self::Text {
                body: part.text("body").unwrap_or_default(),
            },
            "image" => Self::Image(media(&part)),
            "video" => Self::Video(media(&part)),
            "audio" => Self::Audio {
                media: media(&part),
                voice: part.flag("voice"),
            },
            "document" => Self::Document(media(&part)),
            "sticker" => Self::Sticker(media(&part)),
            "location" => Self::Location {
                latitude: part.decimal("latitude"),
                longitude: part.decimal("longitude"),
                name: part.text("name"),
                address: part.text("address"),
            },
            "button" => Self::Button {
                payload: part.text("payload"),
                text: part.text("text"),
            },
            "interactive" => Self::Interactive(interactive(&part)),
            "reaction" => Self::Reaction {
                message_id: part.identifier("message_id"),
                emoji: part.text("emoji"),
            },
            "order" => Self::Order {
                text: part.text("text"),
                catalog_id: part.identifier("catalog_id"),
            },
            "system" => Self::System {
                kind: part.text("type"),
                body: part.text("body"),
                // Before 2021 the new number stood under its own name.
                wa_id: part.identifier("wa_id").or_else(|| part.identifier("new_wa_id")),
                user_id: part.identifier("user_id"),
                previous_user_id: part.identifier("previous_user_id"),
                parent_user_id: part.identifier("parent_user_id"),
                previous_parent_user_id: part.identifier("previous_parent_user_id"),
            },
            "edit" if edits => Self::Edit {
                original_message_id: part.identifier("original_message_id"),
                content: Box::new(match part.object("message") {
                    Some(inner) => Self::of_kind(&inner, false),
                    None => Self::Unknown(String::new()),
                }),
            },
            "revoke" => Self::Revoke {
                original_message_id: part.identifier("original_message_id"),
            },
            "unsupported" => Self::Unsupported {
                kind: part.text("type"),
            },
            _ => Self::Unknown(kind),
        }
    }
}

/// The type is known but its object is missing or is no object.
fn without_part(kind: String, message: &Object<'_>) -> Content {
    match kind.as_str() {
        "text" => message
            .text("text")
            .map_or(Content::Unknown(kind), |body| Content::Text { body }),
        "interactive" => Content::Interactive(Interactive::Other(String::new())),
        "unsupported" => Content::Unsupported { kind: None },
        _ => Content::Unknown(kind),
    }
}

fn media(part: &Object<'_>) -> Media {
    Media {
        id: part.identifier("id"),
        caption: part.text("caption"),
        filename: part.text("filename"),
        mime_type: part.text("mime_type"),
        sha256: part.text("sha256"),
    }
}

fn interactive(part: &Object<'_>) -> Interactive {
    let kind = part.identifier("type").unwrap_or_default();
    let Some(reply) = part.object(&kind) else {
        return Interactive::Other(kind);
    };
    match kind.as_str() {
        "button_reply" => Interactive::ButtonReply {
            id: reply.text("id"),
            title: reply.text("title"),
        },
        "list_reply" => Interactive::ListReply {
            id: reply.text("id"),
            title: reply.text("title"),
            description: reply.text("description"),
        },
        "nfm_reply" => Interactive::FlowReply {
            response_json: reply.text("response_json"),
        },
        _ => Interactive::Other(kind),
    }
}

fn card(card: &Object<'_>) -> ContactCard {
    let name = card.object("name");
    let phones = card.objects("phones");
    ContactCard {
        formatted_name: name.and_then(|name| name.text("formatted_name")),
        origin: card.text("origin"),
        phones: phones
            .iter()
            .map(|phone| ContactPhone {
                phone: phone.text("phone"),
                wa_id: phone.identifier("wa_id"),
            })
            .collect(),
    }
}
