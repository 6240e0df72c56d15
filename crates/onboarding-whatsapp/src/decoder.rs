//! From a webhook element to what the domain makes of it.

use onboarding_core::{
    Bsuid, ClientAliases, DeliveryProgress, IdentityUpdate, InboundEvent, InboundMessage, MessageKind,
    OutboxId, ProviderMessageId, SendRefusal, StatusReport, Timestamp, WaId, is_button_payload,
    ports::{DecodeError, InboundDecoder},
};
use whatsapp_graph::webhook::{Content, DeliveryStatus, Event, Message, Status, decode};

use crate::{error::refusal, kinds::why_recorded, notice::notice};

/// How the outbox id is marked in `biz_opaque_callback_data`.
pub(crate) const CALLBACK_PREFIX: &str = "outbox:";

/// Reads the elements that [`whatsapp_graph::webhook::split`] cut out of deliveries.
#[derive(Debug, Clone, Copy, Default)]
pub struct GraphDecoder;

impl InboundDecoder for GraphDecoder {
    fn decode(&self, payload: &[u8]) -> Result<InboundEvent, DecodeError> {
        match decode(payload).map_err(|error| DecodeError(error.to_string()))? {
            Event::Message(message) => Ok(identity_update(&message).map_or_else(
                || InboundEvent::Message(from_message(&message)),
                InboundEvent::IdentityUpdate,
            )),
            Event::Status(status) => Ok(InboundEvent::Status(from_status(&status))),
            Event::Other(update) => Ok(match notice(&update) {
                Some(notice) => InboundEvent::Notice(Box::new(notice)),
                None => InboundEvent::Other(format!("{}: {}", update.field, why_recorded(&update.field))),
            }),
        }
    }
}

/// What a system message tells of a client who changed (Meta: `user_changed_number`, `user_changed_user_id`).
fn identity_update(message: &Message) -> Option<IdentityUpdate> {
    let Content::System {
        kind,
        wa_id,
        user_id,
        previous_user_id,
        parent_user_id,
        previous_parent_user_id,
        ..
    } = &message.content
    else {
        return None;
    };
    if !matches!(
        kind.as_deref(),
        Some("user_changed_number" | "user_changed_user_id")
    ) {
        return None;
    }
    let known_as = |phone: &Option<String>, id: &Option<String>, parent: &Option<String>| ClientAliases {
        wa_id: phone.as_deref().and_then(WaId::from_whatsapp),
        bsuid: id.as_deref().and_then(Bsuid::from_whatsapp),
        parent_bsuid: parent.as_deref().and_then(Bsuid::from_whatsapp),
        ..ClientAliases::default()
    };
    let previous = known_as(&message.from, previous_user_id, previous_parent_user_id);
    let current = known_as(wa_id, user_id, parent_user_id);
    (previous.is_identified() && current.is_identified()).then_some(IdentityUpdate { previous, current })
}

/// The phone that a client shared when asked for it: the only card that proves whose the number is.
fn shared_phone(content: &Content) -> Option<WaId> {
    let Content::Contacts(cards) = content else {
        return None;
    };
    let [card] = cards.as_slice() else { return None };
    let [phone] = card.phones.as_slice() else {
        return None;
    };
    let asked_for = card.origin.as_deref() == Some("contact_request");
    asked_for.then(|| WaId::from_whatsapp(phone.wa_id.as_deref()?))?
}

fn from_message(message: &Message) -> InboundMessage {
    let sender = ClientAliases {
        wa_id: message
            .from
            .as_deref()
            .and_then(WaId::from_whatsapp)
            .or_else(|| shared_phone(&message.content)),
        bsuid: message.from_user_id.as_deref().and_then(Bsuid::from_whatsapp),
        parent_bsuid: message
            .from_parent_user_id
            .as_deref()
            .and_then(Bsuid::from_whatsapp),
        username: message.username.clone(),
        profile_name: message.profile_name.clone(),
    };
    InboundMessage {
        provider_id: ProviderMessageId::new(message.id.clone()),
        sender,
        // Without a time it is as old as can be: better no answer than one outside the 24-hour window.
        sent_at: message
            .timestamp
            .map_or(Timestamp::EPOCH, Timestamp::from_unix_seconds),
        kind: kind(&message.content),
        texts: message
            .texts()
            .into_iter()
            .filter(|text| !is_button_payload(text))
            .map(str::to_owned)
            .collect(),
        button: message.payload().map(str::to_owned),
        in_group: message.group_id.is_some(),
    }
}

fn kind(content: &Content) -> MessageKind {
    let name = content.kind().to_owned();
    match content {
        Content::Text { .. }
        | Content::Image(_)
        | Content::Video(_)
        | Content::Audio { .. }
        | Content::Document(_)
        | Content::Sticker(_)
        | Content::Location { .. }
        | Content::Contacts(_)
        | Content::Button { .. }
        | Content::Interactive(_)
        | Content::Order { .. } => MessageKind::Content(name),
        // Unsupported: what another company's account sends arrives so, and answering it could start a loop.
        Content::Reaction { .. }
        | Content::System { .. }
        | Content::Edit { .. }
        | Content::Revoke { .. }
        | Content::Unsupported { .. }
        | Content::Unknown(_) => MessageKind::Silent(name),
    }
}

fn from_status(status: &Status) -> StatusReport {
    let outbox_id = status
        .biz_opaque_callback_data
        .as_deref()
        .and_then(|data| data.strip_prefix(CALLBACK_PREFIX)?.parse().ok())
        .map(OutboxId::from_uuid);
    StatusReport {
        outbox_id,
        provider_id: ProviderMessageId::new(status.id.clone()),
        progress: progress(&status.status),
        at: status
            .timestamp
            .map_or(Timestamp::EPOCH, Timestamp::from_unix_seconds),
        error: status.errors.first().map(refusal).or_else(|| {
            let failed = status.status == DeliveryStatus::Failed;
            failed.then(|| SendRefusal {
                code: 0,
                reason: "WhatsApp gave no reason".to_owned(),
            })
        }),
    }
}

fn progress(status: &DeliveryStatus) -> Option<DeliveryProgress> {
    match status {
        DeliveryStatus::Sent => Some(DeliveryProgress::Sent),
        DeliveryStatus::Delivered => Some(DeliveryProgress::Delivered),
        DeliveryStatus::Read => Some(DeliveryProgress::Read),
        DeliveryStatus::Played => Some(DeliveryProgress::Played),
        DeliveryStatus::Failed => Some(DeliveryProgress::Failed),
        DeliveryStatus::Unknown(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(message: &str) -> InboundMessage {
        let payload = format!(
            r#"{{"field":"messages","value":{{"metadata":{{"phone_number_id":"1"}},
                "contacts":[{{"profile":{{"name":"Ana"}},"user_id":"US.9"}}],"messages":[{message}]}}}}"#
        );
        match GraphDecoder.decode(payload.as_bytes()) {
            Ok(InboundEvent::Message(message)) => message,
            other => panic!("not a message: {other:?}"),
        }
    }

    #[test]
    fn a_caption_is_text_and_a_hidden_phone_is_no_phone() {
        let message = message(
            r#"{"id":"wamid.1","from_user_id":"US.9","timestamp":"1795346001","type":"image",
                "image":{"id":"5","mime_type":"image/jpeg","caption":"for #dom"}}"#,
        );
        assert_eq!(message.kind, MessageKind::Content("image".into()));
        assert_eq!(message.texts, ["for #dom"]);
        assert_eq!(message.sender.wa_id, None);
        assert_eq!(message.sender.bsuid, Bsuid::from_whatsapp("US.9"));
        assert_eq!(message.sender.profile_name.as_deref(), Some("Ana"));
        assert_eq!(message.sent_at, Timestamp::from_unix_seconds(1_795_346_001));
    }

    #[test]
    fn a_tapped_button_brings_its_payload_which_is_no_word_of_the_client() {
        let tapped = message(
            r#"{"id":"wamid.1","from":"1","type":"button","button":{"payload":"onboarding:accept:0f","text":"Yes"}}"#,
        );
        assert_eq!(tapped.button.as_deref(), Some("onboarding:accept:0f"));
        assert_eq!(tapped.texts, ["Yes"]);
        let others = message(
            r##"{"id":"wamid.1","from":"1","type":"button","button":{"payload":"#dom","text":"Dom"}}"##,
        );
        assert_eq!(others.texts, ["Dom", "#dom"]);
    }

    #[test]
    fn reactions_edits_and_the_unknown_want_no_answer() {
        for (kind, body) in [
            ("reaction", r#""reaction":{"message_id":"x","emoji":"👍"}"#),
            (
                "edit",
                r##""edit":{"original_message_id":"x","message":{"type":"text","text":{"body":"#dom"}}}"##,
            ),
            ("unsupported", r#""unsupported":{"type":"poll_creation"}"#),
            ("holo", r#""holo":{}"#),
        ] {
            let message = message(&format!(
                r#"{{"id":"wamid.1","from":"1","type":"{kind}",{body}}}"#
            ));
            assert_eq!(message.kind, MessageKind::Silent(kind.into()));
        }
    }

    #[test]
    fn a_changed_number_is_told_with_the_old_and_the_new() {
        let told = |body: &str| {
            let payload = format!(
                r#"{{"field":"messages","value":{{"metadata":{{"phone_number_id":"1"}},"messages":[
                    {{"id":"wamid.1",{body},"timestamp":"1795346001","type":"system"}}]}}}}"#
            );
            GraphDecoder.decode(payload.as_bytes()).unwrap()
        };
        let known_as = |phone: Option<&str>, id: Option<&str>| ClientAliases {
            wa_id: phone.and_then(WaId::from_whatsapp),
            bsuid: id.and_then(Bsuid::from_whatsapp),
            ..ClientAliases::default()
        };
        let with_numbers = told(
            r#""from":"14155550123","system":{"type":"user_changed_number","wa_id":"14155550177",
               "user_id":"US.2","previous_user_id":"US.1"}"#,
        );
        assert!(matches!(with_numbers, InboundEvent::IdentityUpdate(update)
            if update.previous == known_as(Some("14155550123"), Some("US.1"))
            && update.current == known_as(Some("14155550177"), Some("US.2"))));
        let hidden =
            told(r#""system":{"type":"user_changed_user_id","user_id":"US.2","previous_user_id":"US.1"}"#);
        assert!(matches!(hidden, InboundEvent::IdentityUpdate(update)
            if update.previous == known_as(None, Some("US.1")) && update.current == known_as(None, Some("US.2"))));
        for silent in [
            r#""from":"14155550123","system":{"type":"customer_identity_changed","wa_id":"14155550123"}"#,
            r#""from":"14155550123","system":{"type":"user_changed_number"}"#,
        ] {
            assert!(matches!(told(silent), InboundEvent::Message(message)
                if message.kind == MessageKind::Silent("system".into())));
        }
    }

    #[test]
    fn only_a_card_that_was_asked_for_proves_a_phone() {
        let sender = |origin: &str| {
            message(&format!(
                r#"{{"id":"wamid.1","from_user_id":"US.9","timestamp":"1","type":"contacts",
                    "contacts":[{{"origin":"{origin}","phones":[{{"phone":"+1 415 555 0123","wa_id":"14155550123"}}]}}]}}"#
            ))
            .sender
        };
        assert_eq!(
            sender("contact_request").wa_id,
            WaId::from_whatsapp("14155550123")
        );
        assert_eq!(sender("other").wa_id, None);
    }

    #[test]
    fn a_status_brings_our_own_id_back() {
        let payload = br#"{"field":"messages","value":{"metadata":{"phone_number_id":"1"},"statuses":[
            {"id":"wamid.2","status":"failed","timestamp":"1795346010",
             "biz_opaque_callback_data":"outbox:01890000-0000-7000-8000-000000000001",
             "errors":[{"code":131026,"title":"Message undeliverable"}]}]}}"#;
        let Ok(InboundEvent::Status(status)) = GraphDecoder.decode(payload) else {
            panic!("not a status")
        };
        assert_eq!(
            status.outbox_id.unwrap().to_string(),
            "01890000-0000-7000-8000-000000000001"
        );
        assert_eq!(status.progress, Some(DeliveryProgress::Failed));
        assert_eq!(status.error.unwrap().code, 131_026);
    }

    #[test]
    fn statuses_of_others_have_no_id_of_ours() {
        let payload = br#"{"field":"messages","value":{"statuses":[
            {"id":"wamid.2","status":"sent","timestamp":"1","biz_opaque_callback_data":"somebody else's"}]}}"#;
        let Ok(InboundEvent::Status(status)) = GraphDecoder.decode(payload) else {
            panic!("not a status")
        };
        assert_eq!(status.outbox_id, None);
    }
}
