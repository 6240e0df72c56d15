//! Errors as Graph reports them, and what a caller can do about each.
//!
//! Source: Meta "Error codes" (business-messaging/whatsapp/support/error-codes) and Graph "Handling errors". The same
//! object comes as the answer to a call and, later, inside a `failed` status.

mod class;
mod table;

use std::fmt;

use crate::json::Object;

pub use class::{ErrorClass, RecipientTrouble, TemplateTrouble};
pub use table::{KnownError, TABLE, known};

/// One error object. Decide on [`ApiErrorBody::class`], that is on the code; all the words are for people, change
/// without notice, and may repeat what was sent, so `Debug` and `Display` leave them out.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiErrorBody {
    /// `code`. An error object without one is not represented: nothing can be decided from it.
    pub code: i64,
    /// `error_subcode`; on its way out (Meta).
    pub subcode: Option<i64>,
    /// `type`, such as `OAuthException`.
    pub kind: Option<String>,
    /// `title`; asynchronous errors only, on its way out (Meta).
    pub title: Option<String>,
    /// `message`.
    pub message: Option<String>,
    /// `error_data.details`: the sentence that helps an operator most.
    pub details: Option<String>,
    /// `is_transient`: Graph itself expects a repetition to work.
    pub is_transient: bool,
    /// `fbtrace_id`: what Meta's support asks for.
    pub trace_id: Option<String>,
}

impl ApiErrorBody {
    /// Reads an error object: `{"code":…}`, that is what stands under `error` or in an `errors` array. `None` if it
    /// is no object or has no readable code.
    pub fn from_json(json: &str) -> Option<Self> {
        Self::from_object(&Object::parse(json)?)
    }

    /// The class of the code, except that `is_transient` turns a refusal into [`ErrorClass::Retry`] with
    /// `safe: false`: Graph says "again" but not whether this time left a trace.
    pub fn class(&self) -> ErrorClass {
        match (known(self.code).map(|row| row.class), self.is_transient) {
            // A rate limit is refused before processing; that it is also called transient takes nothing back.
            (Some(class @ ErrorClass::Retry { .. }), _) | (Some(class), false) => class,
            (_, true) => ErrorClass::Retry { safe: false },
            (None, false) => ErrorClass::Message,
        }
    }

    pub(crate) fn from_object(object: &Object<'_>) -> Option<Self> {
        let data = object.object("error_data");
        Some(Self {
            code: object.integer("code")?,
            subcode: object.integer("error_subcode"),
            kind: object.text("type"),
            title: object.text("title").or_else(|| object.text("error_user_title")),
            message: object.text("message").or_else(|| object.text("error_user_msg")),
            details: data.and_then(|data| data.text("details")),
            is_transient: object.flag("is_transient"),
            trace_id: object.text("fbtrace_id"),
        })
    }
}

impl fmt::Debug for ApiErrorBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiErrorBody")
            .field("code", &self.code)
            .field("subcode", &self.subcode)
            .field("is_transient", &self.is_transient)
            .field("trace_id", &self.trace_id)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ApiErrorBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "graph error {}", self.code)
    }
}

impl std::error::Error for ApiErrorBody {}

#[cfg(test)]
mod tests;
