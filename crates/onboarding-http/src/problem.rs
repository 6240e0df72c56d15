//! Errors as RFC 9457 problem documents.

use actix_web::{HttpResponse, HttpResponseBuilder, http::StatusCode};
use serde_json::json;

/// A refusal: a stable kind, what was wrong, and the mend.
///
/// `kind` ends the `type` of the document, `urn:onboarding:problem:<kind>`; clients decide on it. The detail is for
/// people; it never repeats secrets or personal data.
pub fn problem(status: StatusCode, kind: &str, detail: &str) -> HttpResponse {
    with_headers(HttpResponse::build(status), status, kind, detail)
}

/// Like [`problem`] for something that passes: tells the client to come back after some seconds.
pub fn unavailable(kind: &str, detail: &str, retry_after_seconds: u32) -> HttpResponse {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let mut response = HttpResponse::build(status);
    response.insert_header(("Retry-After", retry_after_seconds.to_string()));
    with_headers(response, status, kind, detail)
}

fn with_headers(
    mut response: HttpResponseBuilder,
    status: StatusCode,
    kind: &str,
    detail: &str,
) -> HttpResponse {
    let document = json!({
        "type": format!("urn:onboarding:problem:{kind}"),
        "title": status.canonical_reason().unwrap_or("Error"),
        "status": status.as_u16(),
        "detail": detail,
    });
    response
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .content_type("application/problem+json")
        .body(document.to_string())
}
