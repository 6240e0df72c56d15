//! `/assets/…`: stylesheet, scripts and icons, at addresses that change with their bytes.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
    web,
};
use onboarding_pages::assets::find;

use crate::{
    api::{Answer, Endpoint, Policy},
    problem::Problem,
};

/// For ever, as caches understand it.
const KEEP: &str = "public, max-age=31536000, immutable";

pub(super) fn endpoints() -> Vec<Endpoint> {
    let everybody = Policy::Open("the files are the same for everybody and tell nothing");
    vec![Endpoint::page(Method::GET, "/assets/{path}", everybody, || {
        web::route().to(asset)
    })]
}

async fn asset(request: HttpRequest, path: web::Path<String>) -> Answer<HttpResponse> {
    let asset = find(&path).ok_or_else(Problem::not_found)?;
    // The address holds the digest of the bytes.
    let tag = format!("\"{}\"", asset.path);
    let seen = request.headers().get(header::IF_NONE_MATCH);
    let is_known = seen.is_some_and(|seen| seen.as_bytes() == tag.as_bytes());
    let mut answer = if is_known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    answer
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, KEEP));
    Ok(if is_known {
        answer.finish()
    } else {
        answer.content_type(asset.content_type).body(asset.bytes.clone())
    })
}
