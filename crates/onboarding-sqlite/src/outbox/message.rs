//! Messages in the columns of `outbox`.

use diesel::{deserialize::Queryable, expression::Selectable, prelude::Insertable, sqlite::Sqlite};
use onboarding_core::{Bsuid, NewOutbound, OutboundContent, Purpose, Recipient, WaId};
use serde::{Deserialize, Serialize};

use crate::{
    error::{BadRow, Error, Place},
    key::Key,
    schema::outbox,
};

/// What a message is, without how it fares.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = outbox, treat_none_as_default_value = false, check_for_backend(Sqlite))]
pub(super) struct MessageRow {
    outbox_id: Key,
    account_id: Key,
    identity_id: Key,
    recipient_kind: String,
    recipient: String,
    text: Option<String>,
    template: Option<String>,
    purpose: String,
    room_id: Option<Key>,
    after_id: Option<Key>,
    automatic: bool,
}

#[derive(Serialize, Deserialize)]
struct TemplateJson {
    name: String,
    language: String,
    parameters: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    words: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    buttons: Vec<String>,
}

impl MessageRow {
    pub(super) fn of(message: &NewOutbound) -> Result<Self, Error> {
        let (recipient_kind, recipient) = match &message.recipient {
            Recipient::Phone(id) => ("phone", id.as_str()),
            Recipient::Bsuid(id) => ("bsuid", id.as_str()),
        };
        let (text, template) = match message.content.clone() {
            OutboundContent::Text(text) => (Some(text), None),
            OutboundContent::Template {
                name,
                language,
                parameters,
                words,
                buttons,
            } => (
                None,
                Some(serde_json::to_string(&TemplateJson {
                    name,
                    language,
                    parameters,
                    words,
                    buttons,
                })?),
            ),
        };
        Ok(Self {
            outbox_id: message.id.into(),
            account_id: message.account.into(),
            identity_id: message.identity.into(),
            recipient_kind: recipient_kind.to_owned(),
            recipient: recipient.to_owned(),
            text,
            template,
            purpose: message.purpose.as_str().to_owned(),
            room_id: message.room.map(Key::from),
            after_id: message.after.map(Key::from),
            automatic: message.automatic,
        })
    }

    pub(super) fn message(self) -> Result<NewOutbound, BadRow> {
        let place = Place {
            table: "outbox",
            row: &self.outbox_id,
        };
        Ok(NewOutbound {
            id: self.outbox_id.into(),
            account: self.account_id.into(),
            identity: self.identity_id.into(),
            recipient: place.read("recipient", recipient(&self.recipient_kind, &self.recipient))?,
            content: place.read("template", content(self.text, self.template.as_deref()))?,
            purpose: place.read("purpose", Purpose::from_name(&self.purpose))?,
            room: self.room_id.map(Into::into),
            after: self.after_id.map(Into::into),
            automatic: self.automatic,
        })
    }
}

fn recipient(kind: &str, id: &str) -> Option<Recipient> {
    match kind {
        "phone" => WaId::from_whatsapp(id).map(Recipient::Phone),
        "bsuid" => Bsuid::from_whatsapp(id).map(Recipient::Bsuid),
        _ => None,
    }
}

fn content(text: Option<String>, template: Option<&str>) -> Option<OutboundContent> {
    if let Some(text) = text {
        return Some(OutboundContent::Text(text));
    }
    let TemplateJson {
        name,
        language,
        parameters,
        words,
        buttons,
    } = serde_json::from_str(template?).ok()?;
    Some(OutboundContent::Template {
        name,
        language,
        parameters,
        words,
        buttons,
    })
}

/// What a message says, for people to read; `None` when it cannot be read.
pub(crate) fn shown(text: Option<String>, template: Option<&str>) -> Option<String> {
    content(text, template).map(OutboundContent::shown)
}
