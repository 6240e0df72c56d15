//! A Graph request, taken apart.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Query;
use bytes::Bytes;
use serde_json::Value;

#[derive(Debug)]
pub(super) struct GraphRequest {
    pub(super) method: Method,
    /// The path below the Graph base, as received.
    pub(super) path: String,
    /// The path without its version.
    pub(super) segments: Vec<String>,
    pub(super) query: HashMap<String, String>,
    pub(super) token: Option<String>,
    pub(super) body: Option<Value>,
}

impl GraphRequest {
    pub(super) fn read(request: &HttpRequest, body: &Bytes) -> Self {
        let path = request.path();
        let path = path
            .split_once("/simulator/graph")
            .map_or(path, |(_, rest)| rest)
            .to_owned();
        let mut segments: Vec<_> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(str::to_owned)
            .collect();
        if segments.first().is_some_and(|first| is_version(first)) {
            segments.remove(0);
        }
        let query = Query::<HashMap<String, String>>::from_query(request.query_string())
            .map(Query::into_inner)
            .unwrap_or_default();
        let bearer = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim().to_owned());
        Self {
            method: request.method().clone(),
            path,
            segments,
            token: bearer.or_else(|| query.get("access_token").cloned()),
            query,
            body: serde_json::from_slice(body).ok(),
        }
    }
}

/// `v25.0` and the like; a call without a version is the app's default version to Graph.
fn is_version(segment: &str) -> bool {
    segment
        .strip_prefix('v')
        .and_then(|version| version.split_once('.'))
        .is_some_and(|(major, minor)| major.parse::<u16>().is_ok() && minor.parse::<u16>().is_ok())
}
