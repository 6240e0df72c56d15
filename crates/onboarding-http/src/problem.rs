//! Errors as RFC 9457 problem documents.

use std::{borrow::Cow, fmt};

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use onboarding_core::ports::StoreError;
use serde::Serialize;
use serde_json::json;

/// A refusal: a stable kind, what was wrong, and the mend.
///
/// `kind` ends the `type` of the document, `urn:onboarding:problem:<kind>`; clients decide on it. The detail is for
/// people; it never repeats secrets or personal data.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    kind: &'static str,
    detail: Cow<'static, str>,
    fields: Vec<FieldProblem>,
    headers: Vec<(&'static str, String)>,
}

/// What kind of refusal an answer is, for whoever shows it to people instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind(pub(crate) &'static str);

/// What is wrong with one field of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldProblem {
    /// Where the field is, as a JSON pointer (RFC 6901) into the body, or the name of a parameter.
    pub field: String,
    /// What is wrong, and the mend.
    pub detail: String,
}

impl Problem {
    /// A refusal.
    pub fn new(status: StatusCode, kind: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            kind,
            detail: detail.into(),
            fields: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// There is nothing here for this caller: the same words whether it is missing, another company's, or no id.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "there is nothing here under this id",
        )
    }

    /// A field of the body or a parameter has a value that cannot be taken.
    pub fn field(field: &str, detail: impl fmt::Display) -> Self {
        let detail = detail.to_string();
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid-field",
            format!("{field}: {detail}"),
        );
        problem.fields.push(FieldProblem {
            field: field.to_owned(),
            detail,
        });
        problem
    }

    /// Several fields have values that cannot be taken; at least one.
    pub fn fields(fields: Vec<FieldProblem>) -> Self {
        let told: Vec<_> = fields
            .iter()
            .map(|one| format!("{}: {}", one.field, one.detail))
            .collect();
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-field", told.join("; "));
        problem.fields = fields;
        problem
    }

    /// With the field that is to blame.
    pub fn about(mut self, field: &str) -> Self {
        self.fields.push(FieldProblem {
            field: field.to_owned(),
            detail: self.detail.clone().into_owned(),
        });
        self
    }

    /// With what is to blame, piece by piece.
    pub fn with_fields(mut self, fields: Vec<FieldProblem>) -> Self {
        self.fields = fields;
        self
    }

    /// With a header.
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Tells the client to come back after some seconds.
    pub fn retry_after(self, seconds: u64) -> Self {
        self.with_header("Retry-After", seconds.to_string())
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The end of the `type`.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// What is wrong with single fields.
    pub fn field_problems(&self) -> &[FieldProblem] {
        &self.fields
    }

    /// As it is sent.
    pub fn response(&self) -> HttpResponse {
        let mut document = json!({
            "type": format!("urn:onboarding:problem:{}", self.kind),
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        if !self.fields.is_empty() {
            document["errors"] = json!(self.fields);
        }
        let mut response = HttpResponse::build(self.status);
        for (name, value) in &self.headers {
            response.insert_header((*name, value.as_str()));
        }
        response
            .insert_header(("Cache-Control", "no-store"))
            .insert_header(("X-Content-Type-Options", "nosniff"))
            .content_type("application/problem+json");
        let mut response = response.body(document.to_string());
        response.extensions_mut().insert(Kind(self.kind));
        response
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        self.response()
    }
}

/// The reason is for the log only.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "a request failed");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "store-unavailable",
            "the store does not answer; nothing was changed; try again",
        )
        .retry_after(5)
    }
}

/// A [`Problem`] as it is sent.
pub fn problem(status: StatusCode, kind: &'static str, detail: &str) -> HttpResponse {
    Problem::new(status, kind, detail.to_owned()).response()
}

/// Like [`problem`] for something that passes: tells the client to come back after some seconds.
pub fn unavailable(kind: &'static str, detail: &str, retry_after_seconds: u32) -> HttpResponse {
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, kind, detail.to_owned());
    problem.retry_after(retry_after_seconds.into()).response()
}
