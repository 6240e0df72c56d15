//! What became of a message we sent.

use std::fmt;

use super::redacted::Present;
use crate::error::ApiErrorBody;
use crate::json::Object;

/// One status. Source: Meta "Status messages webhook reference". Statuses come in any order and more than once, may
/// be skipped, and may arrive before the answer to the call that sent the message; also for messages of other senders
/// on the number, whose ids are unknown to us.
#[derive(Clone, PartialEq, Eq)]
pub struct Status {
    /// Id of the message we sent (wamid).
    pub id: String,
    /// Which of our numbers sent it.
    pub phone_number_id: Option<String>,
    /// How far it got.
    pub status: DeliveryStatus,
    /// Seconds since 1970.
    pub timestamp: Option<i64>,
    /// The person's phone as digits, or the id of a group. Absent while the number is hidden.
    pub recipient_id: Option<String>,
    /// The person's business-scoped user id. Absent on a failure of a message sent to a phone number.
    pub recipient_user_id: Option<String>,
    /// What the sender of the message attached to it; at most 512 characters.
    pub biz_opaque_callback_data: Option<String>,
    /// Why it failed. Errors without a code are left out.
    pub errors: Vec<ApiErrorBody>,
}

/// How far a message got. Rank them; never assume an order of arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// Reached Meta's servers.
    Sent,
    /// Reached the person's phone. Left out when read at once.
    Delivered,
    /// Opened, if the person lets others see that.
    Read,
    /// A voice message was played.
    Played,
    /// Was not delivered. May follow `sent`.
    Failed,
    /// A word that Meta added since.
    Unknown(String),
}

impl DeliveryStatus {
    fn parse(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "sent" => Self::Sent,
            "delivered" => Self::Delivered,
            "read" => Self::Read,
            "played" => Self::Played,
            "failed" => Self::Failed,
            _ => Self::Unknown(word.to_owned()),
        }
    }
}

impl Status {
    pub(super) fn read(status: &Object<'_>, phone_number_id: Option<String>) -> Option<Self> {
        Some(Self {
            id: status.identifier("id")?,
            phone_number_id,
            status: DeliveryStatus::parse(&status.identifier("status")?),
            timestamp: status.integer("timestamp"),
            recipient_id: status.identifier("recipient_id"),
            recipient_user_id: status.identifier("recipient_user_id"),
            biz_opaque_callback_data: status.text("biz_opaque_callback_data"),
            errors: status
                .objects("errors")
                .iter()
                .filter_map(ApiErrorBody::from_object)
                .collect(),
        })
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Status")
            .field("phone_number_id", &self.phone_number_id)
            .field("status", &self.status)
            .field("timestamp", &self.timestamp)
            .field("recipient_id", &Present(&self.recipient_id))
            .field("recipient_user_id", &Present(&self.recipient_user_id))
            .field(
                "biz_opaque_callback_data",
                &Present(&self.biz_opaque_callback_data),
            )
            .field("errors", &self.errors)
            .finish_non_exhaustive()
    }
}
