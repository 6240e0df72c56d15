//! What people see where a service would get a problem document.

use actix_web::{
    HttpRequest, HttpResponse,
    body::BoxBody,
    dev::ServiceResponse,
    http::{StatusCode, header},
};
use onboarding_pages::{Area, MessagePage, Place, Shell, Words};

use super::{html, rendered, tongue::Chosen, visit::area_of};
use crate::problem::{Kind, Problem};

/// The answer as a page, if it is a problem and the browser asked for a page.
pub(crate) fn as_page(answer: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let status = answer.status();
    let refused = status.is_client_error() || status.is_server_error();
    if !refused || !is_problem(&answer) || !wants_page(answer.request()) {
        return answer;
    }
    let kind = answer.response().extensions().get::<Kind>().copied();
    let Some(mut shown) = page(answer.request(), status, kind) else {
        return answer;
    };
    *shown.status_mut() = status;
    for (name, value) in answer.headers() {
        if name != header::CONTENT_TYPE && !shown.headers().contains_key(name) {
            shown.headers_mut().append(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(answer.request().clone(), shown)
}

/// What is asked for at an address that nothing has: a page for people, a problem document for programs.
pub async fn nowhere(request: HttpRequest) -> HttpResponse {
    let shown = wants_page(&request)
        .then(|| page(&request, StatusCode::NOT_FOUND, None))
        .flatten();
    let Some(mut shown) = shown else {
        return Problem::not_found().response();
    };
    *shown.status_mut() = StatusCode::NOT_FOUND;
    shown
}

/// What a handler has written as a page itself stays as it is.
fn is_problem(answer: &ServiceResponse<BoxBody>) -> bool {
    let kind = answer.headers().get(header::CONTENT_TYPE);
    kind.is_none_or(|kind| kind.as_bytes() == b"application/problem+json")
}

pub(super) fn wants_page(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(header::ACCEPT);
    let accepted = accepted.and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.contains("text/html")
}

fn page(request: &HttpRequest, status: StatusCode, kind: Option<Kind>) -> Option<HttpResponse> {
    let (tongue, area) = (Chosen::of(request).tongue, area_of(request.path()));
    let (title, text) = words_for(status, kind, area, tongue.words());
    let page = MessagePage {
        shell: Shell {
            area,
            place: Place::Other,
            tongue,
            company: tongue.words().leap_work,
            signed: None,
            demo: false,
        },
        title,
        text,
    };
    rendered(&page).ok().map(html)
}

fn words_for(
    status: StatusCode,
    kind: Option<Kind>,
    area: Area,
    words: &Words,
) -> (&'static str, &'static str) {
    match (kind, area) {
        (Some(Kind("unknown-account")), _) => return (words.unknown_account, words.sign_in_unknown),
        (Some(Kind("not-signed-in")), Area::Teams) => return (words.tab_unsigned, words.tab_unsigned_hint),
        _ => {}
    }
    match status {
        StatusCode::NOT_FOUND => (words.not_found, words.not_found_hint),
        StatusCode::FORBIDDEN => (words.forbidden, words.forbidden_hint),
        StatusCode::TOO_MANY_REQUESTS => (words.too_many, words.too_many_hint),
        status if status.is_client_error() => (words.refused, words.refused_hint),
        _ => (words.out_of_order, words.out_of_order_hint),
    }
}
