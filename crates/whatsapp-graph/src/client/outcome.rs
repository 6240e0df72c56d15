//! What can come of a call that changes something.

use std::fmt;
use std::time::Duration;

use crate::error::{ApiErrorBody, ErrorClass};
use crate::json::{Object, repair};

/// Graph took a message over. Source: Meta "Send messages". It is not delivered yet, and the person may not exist.
#[derive(Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Id of the message (wamid), the same as in its statuses.
    pub message_id: String,
    /// The person's phone in digits; can differ from the number sent to (Brazil, Mexico). Only after sending to a phone.
    pub wa_id: Option<String>,
    /// The person's business-scoped user id. Only after sending to one.
    pub user_id: Option<String>,
    /// For templates: `accepted`, `held_for_quality_assessment` or `paused`.
    pub message_status: Option<String>,
}

impl Accepted {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let text = repair(body);
        let body = Object::parse(&text)?;
        let messages = body.objects("messages");
        let message = messages.first()?;
        let contacts = body.objects("contacts");
        let contact = |key| contacts.first().and_then(|contact| contact.identifier(key));
        Some(Self {
            message_id: message.identifier("id")?,
            wa_id: contact("wa_id"),
            user_id: contact("user_id"),
            message_status: message.text("message_status"),
        })
    }
}

impl fmt::Debug for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accepted")
            .field("message_status", &self.message_status)
            .finish_non_exhaustive()
    }
}

/// Whether the answer is `{"success":true}`.
pub(super) fn is_success(body: &[u8]) -> bool {
    Object::parse(&repair(body)).is_some_and(|body| body.flag("success"))
}

/// Why a message was not accepted. Three outcomes, to be treated differently.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No byte of the call was written: no connection, or it could not even be made. Repeating is safe.
    #[error("call never left")]
    NotSent(#[source] reqwest::Error),
    /// Graph answered with an error. Do what `class` asks.
    #[error("call was refused with status {status}")]
    Refused {
        /// The error.
        #[source]
        error: Box<ApiErrorBody>,
        /// HTTP status. The same error comes with different ones, so do not decide on it.
        status: u16,
        /// The class of the error, made doubtful where a 5xx status casts doubt: a code that is not known, or that
        /// otherwise promises a safe repetition.
        class: ErrorClass,
        /// How long to wait at least, if the answer said so in seconds. At most a day.
        retry_after: Option<Duration>,
    },
    /// The message may or may not have gone out. Wait for a status with its `biz_opaque_callback_data` before
    /// repeating.
    #[error("outcome of the call is unknown")]
    Unknown(#[from] UnknownOutcome),
}

/// Why it is unknown whether a call took effect.
#[derive(Debug, thiserror::Error)]
pub enum UnknownOutcome {
    /// Time ran out or the connection broke after the call may have left.
    #[error("connection broke or timed out after the call may have left")]
    Transport(#[source] reqwest::Error),
    /// A 2xx answer without the id of a message.
    #[error("answer with status {0} has no message id")]
    NoMessageId(u16),
    /// An answer that is neither a success nor a Graph error, such as a redirect or a proxy's page.
    #[error("answer with status {0} is not one of graph's")]
    Unreadable(u16),
    /// More than 1 MiB.
    #[error("answer with status {0} is too large")]
    TooLarge(u16),
}

impl SendError {
    pub(super) fn from_transport(error: reqwest::Error) -> Self {
        // `is_connect` covers name resolution, TCP and TLS: the request is written only after these.
        if error.is_connect() || error.is_builder() {
            Self::NotSent(error.without_url())
        } else {
            Self::Unknown(UnknownOutcome::Transport(error.without_url()))
        }
    }

    pub(super) fn refused(error: ApiErrorBody, status: u16, retry_after: Option<Duration>) -> Self {
        let class = class_with_status(&error, status);
        Self::Refused {
            error: Box::new(error),
            status,
            class,
            retry_after,
        }
    }
}

/// The class of `error` when it came with HTTP `status`.
pub(super) fn class_with_status(error: &ApiErrorBody, status: u16) -> ErrorClass {
    let known = crate::error::known(error.code).is_some();
    match error.class() {
        ErrorClass::Retry { .. } if status >= 500 => ErrorClass::Retry { safe: false },
        ErrorClass::Message if status >= 500 && !known => ErrorClass::Retry { safe: false },
        class => class,
    }
}
