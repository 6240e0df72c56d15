//! `/api/v1/dead-letters`: what was given up and waits for a person.

use actix_web::{HttpResponse, http::StatusCode, web};
use onboarding_core::{
    Timestamp,
    access::Action,
    ports::{DeadLetter as Letter, ReplayOutcome},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Answer, Api, Caller, Endpoint, Page, PageQuery, Policy, endpoint, written as json};
use crate::problem::Problem;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let readers = Policy::May(Action::SeeDeadLetters);
    vec![
        endpoint!(readers, list),
        endpoint!(readers, show),
        endpoint!(Policy::May(Action::ReplayDeadLetters), replay),
    ]
}

/// Something that was given up.
#[derive(Debug, Serialize, ToSchema)]
struct DeadLetter {
    id: Uuid,
    /// `inbound` or `outbound`.
    kind: &'static str,
    /// When it arrived, or was queued.
    since: json::Moment,
    /// Why it was given up.
    reason: String,
    /// How often it was tried.
    attempts: u32,
}

impl From<Letter> for DeadLetter {
    fn from(letter: Letter) -> Self {
        Self {
            id: letter.id,
            kind: letter.kind.as_str(),
            since: json::Moment(letter.since),
            reason: letter.reason,
            attempts: letter.attempts,
        }
    }
}

/// The dead letters, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/dead-letters",
    tag = "dead-letters",
    params(PageQuery),
    responses((status = 200, description = "a page", body = Page<DeadLetter>))
)]
async fn list(
    api: web::Data<Api>,
    caller: Caller,
    query: web::Query<PageQuery>,
) -> Answer<web::Json<Page<DeadLetter>>> {
    let after = query.after::<(i64, Uuid)>()?;
    let after = after.map(|(since, id)| (Timestamp::from_micros(since), id));
    let company = &caller.principal.company;
    let letters = api
        .store
        .list_dead_letters(company, after, query.to_fetch()?)
        .await?;
    let page = query.page(letters, |letter| (letter.since.as_micros(), letter.id))?;
    Ok(web::Json(page.map(DeadLetter::from)))
}

/// One dead letter.
#[utoipa::path(
    get,
    path = "/api/v1/dead-letters/{id}",
    tag = "dead-letters",
    params(("id" = Uuid, Path, description = "its id")),
    responses((status = 200, description = "the letter", body = DeadLetter), (status = 404, description = "none here"))
)]
async fn show(api: web::Data<Api>, caller: Caller, id: web::Path<Uuid>) -> Answer<web::Json<DeadLetter>> {
    let letter = api.store.dead_letter(&caller.principal.company, *id).await?;
    letter
        .map(|letter| web::Json(letter.into()))
        .ok_or_else(Problem::not_found)
}

/// Try a dead letter again: it is in its queue from then on, and no dead letter any more.
#[utoipa::path(
    post,
    path = "/api/v1/dead-letters/{id}/replay",
    tag = "dead-letters",
    params(("id" = Uuid, Path, description = "its id")),
    responses(
        (status = 204, description = "it is in its queue again"),
        (status = 404, description = "none here"),
        (status = 409, description = "it would do harm or nothing"),
    )
)]
async fn replay(api: web::Data<Api>, caller: Caller, id: web::Path<Uuid>) -> Answer<HttpResponse> {
    let letter = api.store.dead_letter(&caller.principal.company, *id).await?;
    let letter = letter.ok_or_else(Problem::not_found)?;
    match api
        .store
        .replay(letter.id, &caller.origin(), api.clock.now())
        .await?
    {
        ReplayOutcome::Replayed => Ok(HttpResponse::NoContent().finish()),
        ReplayOutcome::NotFound => Err(Problem::not_found()),
        ReplayOutcome::Refused(why) => Err(Problem::new(StatusCode::CONFLICT, "prevented", why)),
    }
}
