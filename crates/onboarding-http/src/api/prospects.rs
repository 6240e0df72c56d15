//! `/api/v1/prospects`: contacts that wait, for a person or for a number.

use actix_web::{HttpResponse, web};
use onboarding_core::{
    Prospect as Waiting, ProspectId, ProspectState,
    access::{Action, Reach},
    ports::ProspectFilter,
    service::Wish,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    Answer, Api, Caller, Endpoint, Page, PageQuery, Policy, endpoint,
    names::{Names, act, actor, reaches},
    written as json,
};
use crate::problem::Problem;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let (readers, keepers) = (Policy::May(Action::SeeRooms), Policy::May(Action::ChangeRooms));
    vec![
        endpoint!(readers, list),
        endpoint!(readers, show),
        endpoint!(keepers, promote),
        endpoint!(keepers, reject),
    ]
}

/// A contact that waits, or waited. What the client wrote is not in it.
#[derive(Debug, Serialize, ToSchema)]
struct Prospect {
    id: Uuid,
    /// Username of whom it waits for.
    user: String,
    client: Uuid,
    /// The primary that the client wrote to; none once it was removed.
    primary: Option<json::Phone>,
    /// `promotion` or `number`.
    waits_for: &'static str,
    /// `waiting`, `promoted`, `rejected` or `expired`.
    state: &'static str,
    created_at: json::Moment,
    ended_at: Option<json::Moment>,
    ended_by: Option<String>,
    /// The room that it came to.
    chat_room: Option<Uuid>,
}

async fn shown(names: &mut Names<'_>, one: Waiting) -> Answer<Prospect> {
    Ok(Prospect {
        id: one.id.as_uuid(),
        user: names.username(one.user).await?,
        client: one.identity.as_uuid(),
        primary: names.number(one.primary),
        waits_for: one.waits_for.as_str(),
        state: one.state.as_str(),
        created_at: json::Moment(one.created_at),
        ended_at: one.ended_at.map(json::Moment),
        ended_by: one.ended_by.map(|by| by.to_string()),
        chat_room: one.room.map(onboarding_core::ChatRoomId::as_uuid),
    })
}

/// The prospect, if it is there for the caller.
async fn prospect(api: &Api, caller: &Caller, id: Uuid) -> Answer<Waiting> {
    let company = &caller.principal.company;
    let found = api.store.prospect(company, ProspectId::from_uuid(id)).await?;
    found
        .filter(|one| reaches(caller, one.user))
        .ok_or_else(Problem::not_found)
}

/// Which prospects.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// `true`: only those that wait.
    waiting: Option<bool>,
    /// Items on the page, 1 to 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next_cursor` of the page before; without it, the first page.
    cursor: Option<String>,
}

/// The prospects, oldest first, waiting or over. Users see those who wait for them.
#[utoipa::path(
    get,
    path = "/api/v1/prospects",
    tag = "prospects",
    params(Wanted),
    responses((status = 200, description = "a page", body = Page<Prospect>))
)]
async fn list(
    api: web::Data<Api>,
    caller: Caller,
    wanted: web::Query<Wanted>,
) -> Answer<web::Json<Page<Prospect>>> {
    let wanted = wanted.into_inner();
    let query = PageQuery::new(wanted.limit, wanted.cursor);
    let (after, to_fetch) = (query.after::<Uuid>()?, query.to_fetch()?);
    let filter = ProspectFilter {
        waiting: wanted.waiting.unwrap_or(false),
        user: (caller.reach == Reach::Own)
            .then(|| caller.principal.user())
            .flatten(),
        after: after.map(ProspectId::from_uuid),
        ..ProspectFilter::default()
    };
    let company = &caller.principal.company;
    let found = api.store.prospects(company, filter, to_fetch).await?;
    let page = query.page(found, |one| one.id.as_uuid())?;
    let (mut names, mut items) = (Names::of(&api, &caller).await?, Vec::new());
    for one in page.items {
        items.push(shown(&mut names, one).await?);
    }
    Ok(web::Json(Page {
        items,
        next_cursor: page.next_cursor,
    }))
}

/// One prospect.
#[utoipa::path(
    get,
    path = "/api/v1/prospects/{id}",
    tag = "prospects",
    params(("id" = Uuid, Path, description = "its id")),
    responses((status = 200, description = "the prospect", body = Prospect), (status = 404, description = "none here"))
)]
async fn show(api: web::Data<Api>, caller: Caller, id: web::Path<Uuid>) -> Answer<web::Json<Prospect>> {
    let found = prospect(&api, &caller, *id).await?;
    let mut names = Names::of(&api, &caller).await?;
    Ok(web::Json(shown(&mut names, found).await?))
}

/// What became of a promotion.
#[derive(Debug, Serialize, ToSchema)]
struct Promotion {
    /// The new room; none when there is one already, or when the client waits for a number now.
    chat_room: Option<Uuid>,
}

/// Promote a prospect: the client gets a room with the user.
#[utoipa::path(
    post,
    path = "/api/v1/prospects/{id}/promotion",
    tag = "prospects",
    params(("id" = Uuid, Path, description = "its id")),
    responses(
        (status = 200, description = "promoted", body = Promotion),
        (status = 404, description = "none here"),
        (status = 409, description = "it cannot be promoted now"),
    )
)]
async fn promote(api: web::Data<Api>, caller: Caller, id: web::Path<Uuid>) -> Answer<web::Json<Promotion>> {
    let wish = Wish::Promote {
        prospect: prospect(&api, &caller, *id).await?.id,
        by: actor(&caller),
    };
    let done = act(&api, &caller, &wish).await?;
    Ok(web::Json(Promotion {
        chat_room: done.new_room.map(|room| room.id.as_uuid()),
    }))
}

/// Reject a prospect. The client is told nothing.
#[utoipa::path(
    post,
    path = "/api/v1/prospects/{id}/rejection",
    tag = "prospects",
    params(("id" = Uuid, Path, description = "its id")),
    responses(
        (status = 204, description = "rejected"),
        (status = 404, description = "none here"),
        (status = 409, description = "it does not wait any more"),
    )
)]
async fn reject(api: web::Data<Api>, caller: Caller, id: web::Path<Uuid>) -> Answer<HttpResponse> {
    let wish = Wish::EndProspect {
        prospect: prospect(&api, &caller, *id).await?.id,
        state: ProspectState::Rejected,
        by: actor(&caller),
    };
    act(&api, &caller, &wish).await?;
    Ok(HttpResponse::NoContent().finish())
}
