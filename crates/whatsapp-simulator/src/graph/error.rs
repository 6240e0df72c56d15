//! Graph's refusals.

use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::catalogue::catalogue;

/// An error in the form that Graph answers with.
#[derive(Debug)]
pub(super) struct GraphError {
    pub(super) status: StatusCode,
    pub(super) code: u32,
    subcode: Option<u32>,
    message: String,
    details: Option<String>,
    transient: bool,
}

impl GraphError {
    /// An error from Meta's list with its own details.
    pub(super) fn detailed(code: u32, details: impl Into<String>) -> Self {
        let (status, title, _) = catalogue(code);
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST),
            code,
            subcode: None,
            message: format!("(#{code}) {title}"),
            details: Some(details.into()),
            transient: false,
        }
    }

    /// An error from Meta's list.
    pub(super) fn of(code: u32) -> Self {
        let (_, _, details) = catalogue(code);
        match code {
            2 => Self::unavailable(),
            190 => Self::bad_token(),
            _ => Self::detailed(code, details),
        }
    }

    /// Graph is down for a moment.
    pub(super) fn unavailable() -> Self {
        Self {
            transient: true,
            ..Self::plain(
                StatusCode::SERVICE_UNAVAILABLE,
                2,
                "Service temporarily unavailable",
            )
        }
    }

    pub(super) fn no_token() -> Self {
        Self::plain(
            StatusCode::UNAUTHORIZED,
            190,
            "An access token is required to request this resource.",
        )
    }

    pub(super) fn bad_token() -> Self {
        Self {
            subcode: Some(463),
            ..Self::plain(
                StatusCode::UNAUTHORIZED,
                190,
                "Error validating access token: the session is invalid or has expired.",
            )
        }
    }

    /// The node in the path does not exist, or the token may not see it: Graph does not tell which.
    pub(super) fn unknown_object(method: &Method, id: &str) -> Self {
        let verb = method.as_str().to_ascii_lowercase();
        Self {
            subcode: Some(33),
            ..Self::plain(
                StatusCode::BAD_REQUEST,
                100,
                format!(
                    "Unsupported {verb} request. Object with ID '{id}' does not exist, cannot be loaded due to \
                     missing permissions, or does not support this operation."
                ),
            )
        }
    }

    pub(super) fn unsupported(method: &Method) -> Self {
        let verb = method.as_str().to_ascii_lowercase();
        Self::plain(
            StatusCode::BAD_REQUEST,
            100,
            format!("Unsupported {verb} request."),
        )
    }

    pub(super) fn unknown_path(segments: &[&str]) -> Self {
        let rest = segments.get(1..).unwrap_or_default().join("/");
        Self::plain(
            StatusCode::BAD_REQUEST,
            2500,
            format!("Unknown path components: /{rest}"),
        )
    }

    /// Graph's own check of the parameters, before WhatsApp sees them.
    pub(super) fn parameter(message: impl std::fmt::Display) -> Self {
        Self::plain(StatusCode::BAD_REQUEST, 100, format!("(#100) {message}"))
    }

    pub(super) fn callback_not_verified() -> Self {
        Self::plain(
            StatusCode::BAD_REQUEST,
            2200,
            "(#2200) Callback verification failed: the challenge was not given back.",
        )
    }

    fn plain(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            subcode: None,
            message: message.into(),
            details: None,
            transient: false,
        }
    }

    pub(super) fn body(&self, trace_id: &str) -> Value {
        let mut error = json!({
            "message": self.message,
            "type": if self.subcode == Some(33) { "GraphMethodException" } else { "OAuthException" },
            "code": self.code,
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = json!(subcode);
        }
        if let Some(details) = &self.details {
            error["error_data"] = json!({"messaging_product": "whatsapp", "details": details});
        }
        if self.transient {
            error["is_transient"] = json!(true);
        }
        error["fbtrace_id"] = json!(trace_id);
        json!({"error": error})
    }
}
