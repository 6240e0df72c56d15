//! Headers that every answer carries (docs/operations.md), whatever made it.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
};

/// The policy of answers that are no pages: they may do nothing at all.
const NOTHING: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ALWAYS: [(&str, &str); 7] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
    ("content-security-policy", NOTHING),
    (
        "permissions-policy",
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// A year.
const HSTS: &str = "max-age=31536000; includeSubDomains";

/// Where the service is reached.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings {
    /// Whether browsers reach us by HTTPS only.
    pub https: bool,
    /// Whether it is the demo, whose first page shows the others in frames.
    pub demo: bool,
}

/// Adds what the answer does not say itself.
pub async fn secure(
    at: Surroundings,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    add(at.https, response.headers_mut());
    if at.demo {
        let_our_pages_frame(response.headers_mut());
    }
    Ok(response)
}

fn add(https: bool, headers: &mut HeaderMap) {
    let hsts = https.then_some(("strict-transport-security", HSTS));
    for (name, value) in ALWAYS.into_iter().chain(hsts) {
        if !headers.contains_key(name) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
    }
}

/// Pages of the same origin may show it in a frame; all others still may not.
fn let_our_pages_frame(headers: &mut HeaderMap) {
    let policy = headers.get("content-security-policy");
    let framed = policy
        .and_then(|policy| policy.to_str().ok())
        .map(|policy| policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'"))
        .and_then(|policy| HeaderValue::from_str(&policy).ok());
    if let Some(framed) = framed {
        headers.insert(HeaderName::from_static("content-security-policy"), framed);
    }
}
