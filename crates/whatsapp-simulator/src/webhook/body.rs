//! The shapes of webhook bodies, as of 2026.

use serde_json::{Map, Value, json};

use crate::config::{Account, PhoneClient};
use crate::graph::catalogue;
use crate::world::{MessageState, Outgoing, Recipient, phone_digits};

/// What a webhook tells of a client.
#[derive(Debug, Clone)]
pub(crate) struct ClientCard {
    pub(crate) name: String,
    pub(crate) phone: Option<String>,
    pub(crate) bsuid: String,
    pub(crate) username: Option<String>,
}

impl From<&PhoneClient> for ClientCard {
    fn from(client: &PhoneClient) -> Self {
        Self {
            name: client.name.clone(),
            phone: client.phone.clone(),
            bsuid: client.bsuid.clone(),
            username: client.username.clone(),
        }
    }
}

impl ClientCard {
    /// The `contacts` element. An unknown phone or username is an absent key, never null.
    fn contact(&self, with_username: bool) -> Value {
        let mut profile = json!({"name": self.name});
        if let Some(username) = self.username.as_ref().filter(|_| with_username) {
            profile["username"] = json!(username);
        }
        let mut contact = json!({"profile": profile});
        if let Some(phone) = &self.phone {
            contact["wa_id"] = json!(phone);
        }
        contact["user_id"] = json!(self.bsuid);
        contact
    }
}

/// One message of a client to one account.
#[derive(Debug, Clone)]
pub(crate) struct MessageUpdate {
    pub(crate) account: Account,
    pub(crate) client: ClientCard,
    pub(crate) id: String,
    pub(crate) timestamp: u64,
    /// `type` and what belongs to it; wins over the fields made here.
    pub(crate) fields: Map<String, Value>,
}

impl MessageUpdate {
    fn message(&self) -> Value {
        let mut message = Map::new();
        if let Some(phone) = &self.client.phone {
            message.insert("from".to_owned(), json!(phone));
        }
        message.insert("from_user_id".to_owned(), json!(self.client.bsuid));
        message.insert("id".to_owned(), json!(self.id));
        message.insert("timestamp".to_owned(), json!(self.timestamp.to_string()));
        message.extend(self.fields.clone());
        Value::Object(message)
    }
}

/// One body with all the messages: an entry for each account, a change for each run of messages of one client.
pub(crate) fn messages(updates: &[MessageUpdate]) -> Value {
    let entries: Vec<_> = updates
        .chunk_by(|one, next| one.account.phone_number_id == next.account.phone_number_id)
        .map(|of_account| {
            let account = &of_account[0].account;
            let changes: Vec<_> = of_account
                .chunk_by(|one, next| one.client.bsuid == next.client.bsuid)
                .map(|of_client| {
                    change(
                        account,
                        json!({
                            "contacts": [of_client[0].client.contact(true)],
                            "messages": of_client.iter().map(MessageUpdate::message).collect::<Vec<_>>(),
                        }),
                    )
                })
                .collect();
            json!({"id": account.waba_id, "changes": changes})
        })
        .collect();
    json!({"object": "whatsapp_business_account", "entry": entries})
}

/// The status of a message that the business sent.
pub(crate) fn status(
    account: &Account,
    client: &ClientCard,
    outgoing: &Outgoing,
    message_id: &str,
    state: MessageState,
    timestamp: u64,
) -> Value {
    let mut status = json!({
        "id": message_id,
        "status": state.status(),
        "timestamp": timestamp.to_string(),
    });
    if let Some(phone) = &client.phone {
        status["recipient_id"] = json!(phone);
    }
    status["recipient_user_id"] = json!(client.bsuid);
    if let Some(data) = &outgoing.callback_data {
        status["biz_opaque_callback_data"] = json!(data);
    }
    if matches!(state, MessageState::Sent | MessageState::Delivered) {
        status["pricing"] = json!({
            "billable": true, "pricing_model": "PMP", "type": "regular", "category": outgoing.category,
        });
    }
    // The username is told only once the message reached the phone.
    let contact = client.contact(state >= MessageState::Delivered);
    envelope(account, json!({"contacts": [contact], "statuses": [status]}))
}

/// The status of a message that was accepted and then could not be delivered. It has no contacts, and names the
/// recipient only as the sender did.
pub(crate) fn failed_status(
    account: &Account,
    outgoing: &Outgoing,
    message_id: &str,
    code: u32,
    timestamp: u64,
) -> Value {
    let (_, title, details) = catalogue(code);
    let mut status = json!({
        "id": message_id,
        "status": "failed",
        "timestamp": timestamp.to_string(),
    });
    match &outgoing.recipient {
        Recipient::Phone(digits) => status["recipient_id"] = json!(digits),
        Recipient::UserId(id) => status["recipient_user_id"] = json!(id),
    }
    if let Some(data) = &outgoing.callback_data {
        status["biz_opaque_callback_data"] = json!(data);
    }
    status["errors"] = json!([{
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": details},
        "href": "/documentation/business-messaging/whatsapp/support/error-codes",
    }]);
    envelope(account, json!({"statuses": [status]}))
}

fn envelope(account: &Account, value: Value) -> Value {
    json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": account.waba_id, "changes": [change(account, value)]}],
    })
}

fn change(account: &Account, parts: Value) -> Value {
    let digits = phone_digits(&account.phone_number).unwrap_or_else(|| account.phone_number.clone());
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": digits,
            "phone_number_id": account.phone_number_id,
        },
    });
    if let (Some(value), Value::Object(parts)) = (value.as_object_mut(), parts) {
        value.extend(parts);
    }
    json!({"value": value, "field": "messages"})
}
