//! What clients write.

use onboarding_core::{
    Bsuid, ClientAliases, InboundMessage, MessageKind, ProviderMessageId, Timestamp, WaId,
};

/// A client known by phone alone, as WhatsApp shows most.
pub fn phone(wa_id: &str) -> ClientAliases {
    let wa_id = WaId::from_whatsapp(wa_id).expect("the digits of a phone");
    ClientAliases {
        wa_id: Some(wa_id),
        ..ClientAliases::default()
    }
}

/// A client who hides the phone behind a username.
pub fn bsuid(id: &str) -> ClientAliases {
    let id = Bsuid::from_whatsapp(id).expect("a business-scoped id");
    ClientAliases {
        bsuid: Some(id),
        ..ClientAliases::default()
    }
}

/// An id of a message at WhatsApp.
pub fn provider_id(id: impl std::fmt::Display) -> ProviderMessageId {
    ProviderMessageId::new(format!("wamid.{id}"))
}

/// A text. Its id is made of the words and the time: say the same at another time, and it is another message.
pub fn text_from(sender: ClientAliases, words: &str, sent_at: Timestamp) -> InboundMessage {
    content_from(sender, "text", &[words], sent_at)
}

/// Something with words in several places or none, such as a picture with a caption.
pub fn content_from(sender: ClientAliases, kind: &str, texts: &[&str], sent_at: Timestamp) -> InboundMessage {
    message_from(sender, MessageKind::Content(kind.to_owned()), texts, sent_at)
}

/// A tap on a button with this payload, which says these words.
pub fn tap_from(sender: ClientAliases, payload: &str, words: &str, sent_at: Timestamp) -> InboundMessage {
    InboundMessage {
        button: Some(payload.to_owned()),
        ..content_from(sender, "button", &[words], sent_at)
    }
}

/// Something that wants no answer, such as a reaction.
pub fn silent_from(sender: ClientAliases, kind: &str, sent_at: Timestamp) -> InboundMessage {
    message_from(sender, MessageKind::Silent(kind.to_owned()), &[], sent_at)
}

fn message_from(
    sender: ClientAliases,
    kind: MessageKind,
    texts: &[&str],
    sent_at: Timestamp,
) -> InboundMessage {
    let who: Vec<_> = sender.keys().into_iter().map(|(_, key)| key).collect();
    InboundMessage {
        provider_id: provider_id(format!(
            "{}.{}.{}",
            who.join("."),
            sent_at.as_micros(),
            texts.join(".")
        )),
        sender,
        sent_at,
        kind,
        texts: texts.iter().map(|&text| text.to_owned()).collect(),
        button: None,
        in_group: false,
    }
}
