//! Forms with files, as browsers send them (RFC 7578).

use actix_multipart::Multipart;
use actix_web::http::header::{self, HeaderMap};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

/// A form of ours has no more parts.
const MOST_PARTS: usize = 16;

/// Whether the body is such a form.
pub(crate) fn is_multipart(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE);
    let given = given.and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.to_ascii_lowercase().starts_with("multipart/form-data")
}

/// The parts with their names; `None` for what cannot be read.
pub(crate) async fn parts(headers: &HeaderMap, body: Bytes) -> Option<Vec<(String, Vec<u8>)>> {
    let mut form = Multipart::new(headers, stream::iter([Ok(body)]));
    let mut parts = Vec::new();
    while let Some(field) = form.next().await {
        let mut field = field.ok()?;
        let name = field.name()?.to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = field.next().await {
            bytes.extend_from_slice(&chunk.ok()?);
        }
        if parts.len() == MOST_PARTS {
            return None;
        }
        parts.push((name, bytes));
    }
    Some(parts)
}
