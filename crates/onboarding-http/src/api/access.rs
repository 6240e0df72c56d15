//! `/api/v1/users/{username}/sessions` and `/set-up-links`: what an admin does about how users come in.

use actix_web::{HttpResponse, http::StatusCode, http::header, web};
use onboarding_core::{
    Timestamp, User,
    access::{Action, LINK_LASTS},
    audit::sign_out_entry,
};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Answer, Api, Caller, Endpoint, Moment, Policy, endpoint};
use crate::{pages::WaysIn, problem::Problem};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let admins = Policy::May(Action::ManageAccess);
    vec![
        endpoint!(admins, end_sessions),
        endpoint!(admins, make_link).creation(),
    ]
}

/// What was ended.
#[derive(Debug, Serialize, ToSchema)]
struct EndedSessions {
    /// How many sessions.
    ended: u64,
}

/// A link with which a user sets up how they sign in.
#[derive(Debug, Serialize, ToSchema)]
struct NewSetUpLink {
    /// Good once, for whoever opens it: give it to the user and to nobody else. It is shown this once.
    url: String,
    expires_at: Moment,
}

/// End all sessions of a user: their next request is refused, on every replica. They can sign in again.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{username}/sessions",
    tag = "users",
    params(("username" = String, Path, description = "whose")),
    responses((status = 200, description = "how many were ended", body = EndedSessions), (status = 404, description = "none here"))
)]
async fn end_sessions(
    api: web::Data<Api>,
    caller: Caller,
    username: web::Path<String>,
) -> Answer<web::Json<EndedSessions>> {
    let ended = end_all(&api, &caller, &username).await?;
    Ok(web::Json(EndedSessions { ended }))
}

/// Make a link, good once and for a day, with which a user sets password and second factor up. An earlier one opens
/// nothing any more; password, second factor and sessions stay until the new one is used.
#[utoipa::path(
    post,
    path = "/api/v1/users/{username}/set-up-links",
    tag = "users",
    params(
        ("username" = String, Path, description = "whose"),
        ("Idempotency-Key" = Option<String>, Header, description = "a random UUID; repeats create nothing"),
    ),
    responses(
        (status = 201, description = "created", body = NewSetUpLink),
        (status = 404, description = "none here"),
        (status = 409, description = "nobody has a password here"),
    )
)]
async fn make_link(
    api: web::Data<Api>,
    ways: web::Data<WaysIn>,
    caller: Caller,
    username: web::Path<String>,
) -> Answer<HttpResponse> {
    let link = new_link(&api, &ways, &caller, &username).await?;
    let link = NewSetUpLink {
        url: link.url,
        expires_at: Moment(link.expires_at),
    };
    Ok(HttpResponse::Created()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(link))
}

/// Ends all sessions of the user, and tells how many there were.
pub(crate) async fn end_all(api: &Api, caller: &Caller, username: &str) -> Answer<u64> {
    let user = active(api, caller, username).await?;
    let told = sign_out_entry(&caller.origin(), &user.username, api.clock.now());
    let company = &caller.principal.company;
    Ok(api.store.end_sessions_of(company, user.id, told).await?)
}

/// A link that was made; it has no `Debug`, because whoever has it may open it.
pub(crate) struct MadeLink {
    /// Where it leads.
    pub(crate) url: String,
    /// Until when.
    pub(crate) expires_at: Timestamp,
}

/// Makes a link for the user, where people have passwords.
pub(crate) async fn new_link(api: &Api, ways: &WaysIn, caller: &Caller, username: &str) -> Answer<MadeLink> {
    let user = active(api, caller, username).await?;
    let company = &caller.principal.company;
    if !ways.local || !api.has_local_accounts(company).await? {
        let detail = "nobody has a password here; people sign in in another way";
        return Err(Problem::new(StatusCode::CONFLICT, "prevented", detail));
    }
    let made = api
        .local
        .make_link(company, &user, LINK_LASTS, &caller.origin())
        .await?;
    let base = api.origin.as_deref().unwrap_or_default();
    Ok(MadeLink {
        url: format!("{base}/set-up/{}", made.secret.expose_secret()),
        expires_at: made.of.expires_at,
    })
}

/// The active user of this name.
pub(crate) async fn active(api: &Api, caller: &Caller, username: &str) -> Answer<User> {
    let user = api.store.user_named(&caller.principal.company, username).await?;
    user.filter(|user| user.active).ok_or_else(Problem::not_found)
}
