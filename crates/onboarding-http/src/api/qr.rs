//! `/api/v1/users/{username}/qr.svg`, `qr.png` and `qr-card.png`: a user's code as a picture.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Path, Query},
};
use onboarding_core::access::{Action, Who};

use super::{Answer, Api, Caller, Endpoint, Policy, endpoint};
use crate::{
    pictures::{self, Kind, Look},
    problem::Problem,
};

/// One's own is for everybody; another's for whoever sees the configuration.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let see = Policy::May(Action::SeeSelf);
    vec![endpoint!(see, svg), endpoint!(see, png), endpoint!(see, card)]
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
    picture(&api, &caller, &request, &username, look, Kind::Svg).await
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
    picture(&api, &caller, &request, &username, look, Kind::Png).await
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
    picture(&api, &caller, &request, &username, look, Kind::Card).await
}

async fn picture(
    api: &Api,
    caller: &Caller,
    request: &HttpRequest,
    username: &str,
    look: Query<Look>,
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
    pictures::answer(request, &company, user, kind, look.into_inner()).await
}
