//! `/api/v1/users/{username}/qr.svg`, `qr.png` and `qr-card.png`: a user's code as a picture; `contact.vcf` and
//! `signature.html`: what else carries it.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Path, Query},
};
use onboarding_core::access::{Action, Who};

use super::{Answer, Api, Caller, Endpoint, Policy, endpoint};
use crate::{
    marks::mark_of,
    pictures::{self, Kind, Look},
    problem::Problem,
};

/// One's own is for everybody; another's for whoever sees the configuration.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let see = Policy::May(Action::SeeSelf);
    vec![
        endpoint!(see, svg),
        endpoint!(see, png),
        endpoint!(see, card),
        endpoint!(see, contact),
        endpoint!(see, signature),
    ]
}

/// A user's code as SVG.
///
/// One's own, or anybody's with `config.see`. It has an `ETag` of what is on it; `If-None-Match` is answered 304.
#[utoipa::path(
    get,
    path = "/api/v1/users/{username}/qr.svg",
    tag = "users",
    params(("username" = String, Path, description = "whose"), Look),
    responses(
        (status = 200, description = "the picture", content_type = "image/svg+xml", body = String),
        (status = 304, description = "you have it already"),
        (status = 409, description = "the user or the company lacks what a code needs"),
    )
)]
async fn svg(
    api: web::Data<Api>,
    caller: Caller,
    request: HttpRequest,
    username: Path<String>,
    look: Query<Look>,
) -> Answer<HttpResponse> {
    picture(&api, &caller, &request, &username, look.into_inner(), Kind::Svg).await
}

/// A user's code as PNG of a width.
///
/// One's own, or anybody's with `config.see`. It has an `ETag` of what is on it; `If-None-Match` is answered 304.
#[utoipa::path(
    get,
    path = "/api/v1/users/{username}/qr.png",
    tag = "users",
    params(("username" = String, Path, description = "whose"), Look),
    responses(
        (status = 200, description = "the picture", content_type = "image/png", body = String),
        (status = 304, description = "you have it already"),
        (status = 409, description = "the user or the company lacks what a code needs"),
    )
)]
async fn png(
    api: web::Data<Api>,
    caller: Caller,
    request: HttpRequest,
    username: Path<String>,
    look: Query<Look>,
) -> Answer<HttpResponse> {
    picture(&api, &caller, &request, &username, look.into_inner(), Kind::Png).await
}

/// A user's card as PNG of a width: who it is, what to do, and the code.
///
/// One's own, or anybody's with `config.see`. It has an `ETag` of what is on it; `If-None-Match` is answered 304.
#[utoipa::path(
    get,
    path = "/api/v1/users/{username}/qr-card.png",
    tag = "users",
    params(("username" = String, Path, description = "whose"), Look),
    responses(
        (status = 200, description = "the picture", content_type = "image/png", body = String),
        (status = 304, description = "you have it already"),
        (status = 409, description = "the user or the company lacks what a code needs"),
    )
)]
async fn card(
    api: web::Data<Api>,
    caller: Caller,
    request: HttpRequest,
    username: Path<String>,
    look: Query<Look>,
) -> Answer<HttpResponse> {
    picture(&api, &caller, &request, &username, look.into_inner(), Kind::Card).await
}

/// A user's vCard: who it is, with the link of their code, for address books.
///
/// One's own, or anybody's with `config.see`. It has an `ETag` of what is on it; `If-None-Match` is answered 304.
#[utoipa::path(
    get,
    path = "/api/v1/users/{username}/contact.vcf",
    tag = "users",
    params(("username" = String, Path, description = "whose")),
    responses(
        (status = 200, description = "the contact, as vCard 4.0", content_type = "text/vcard", body = String),
        (status = 304, description = "you have it already"),
        (status = 409, description = "the user or the company lacks what a code needs"),
    )
)]
async fn contact(
    api: web::Data<Api>,
    caller: Caller,
    request: HttpRequest,
    username: Path<String>,
) -> Answer<HttpResponse> {
    picture(&api, &caller, &request, &username, Look::default(), Kind::Vcard).await
}

/// A user's e-mail signature: a snippet of HTML with their code, to put at the end of mails.
///
/// The picture of the code is part of it. One's own, or anybody's with `config.see`. It has an `ETag` of what is on it;
/// `If-None-Match` is answered 304.
#[utoipa::path(
    get,
    path = "/api/v1/users/{username}/signature.html",
    tag = "users",
    params(("username" = String, Path, description = "whose")),
    responses(
        (status = 200, description = "the snippet", content_type = "text/html", body = String),
        (status = 304, description = "you have it already"),
        (status = 409, description = "the user or the company lacks what a code needs"),
    )
)]
async fn signature(
    api: web::Data<Api>,
    caller: Caller,
    request: HttpRequest,
    username: Path<String>,
) -> Answer<HttpResponse> {
    let (username, look) = (&username, Look::default());
    picture(&api, &caller, &request, username, look, Kind::Signature).await
}

async fn picture(
    api: &Api,
    caller: &Caller,
    request: &HttpRequest,
    username: &str,
    look: Look,
    kind: Kind,
) -> Answer<HttpResponse> {
    let own = matches!(&caller.principal.who, Who::Person(person) if person.username == username);
    if !own && caller.principal.may(Action::SeeConfig).is_err() {
        return Err(Problem::not_found());
    }
    let company = &caller.principal.company;
    // No database takes it, and nobody is called so.
    if username.contains('\0') {
        return Err(Problem::not_found());
    }
    let user = api.store.user_named(company, username).await?;
    let user = user.filter(|user| user.active).ok_or_else(Problem::not_found)?;
    let company = api.store.company(company).await?.ok_or_else(Problem::not_found)?;
    let mark = mark_of(api.store.as_ref(), &company).await?;
    pictures::answer(request, (&company, mark), user, kind, look).await
}
