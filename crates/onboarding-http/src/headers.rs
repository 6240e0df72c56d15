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

/// Adds what the answer does not say itself. `https` tells whether browsers reach us by HTTPS only.
pub async fn secure(
    https: bool,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    add(https, response.headers_mut());
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
