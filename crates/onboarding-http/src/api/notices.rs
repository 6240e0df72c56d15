//! `/api/v1/notices`: what the service tells the people of the company.

use actix_web::web;
use onboarding_core::{
    Audience, Notice as Told, NoticeId,
    access::{Action, Reach},
    ports::NoticeFilter,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    Answer, Api, Caller, Endpoint, Page, PageQuery, Policy, endpoint, page::invalid_parameter,
    written as json,
};
use crate::problem::Problem;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        endpoint!(Policy::May(Action::SeeRooms), list),
        endpoint!(Policy::May(Action::ChangeRooms), see),
    ]
}

/// Something that people should know, kept until one of them saw it.
#[derive(Debug, Serialize, ToSchema)]
struct Notice {
    id: Uuid,
    /// What it is about: `client_turned_away`, `asked_elsewhere`, `prospect_waits`, `prospect_expired`, `room_closed`,
    /// `room_received`, `room_moved`, `room_stuck`, `client_opted_out`, `invitation_failed`, `pool_fills_up`; more may come.
    kind: &'static str,
    /// A sentence or two in English.
    text: String,
    at: json::Moment,
    /// When somebody first said that they saw it.
    seen_at: Option<json::Moment>,
}

/// Which notices.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// `me` or `admins`: for whom. Unless given, those for the admins where the caller sees the whole company, and the
    /// caller's own otherwise.
    audience: Option<String>,
    /// `true`: only those that nobody saw.
    unseen: Option<bool>,
    /// Items on the page, 1 to 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next_cursor` of the page before; without it, the first page.
    cursor: Option<String>,
}

fn own(caller: &Caller) -> Option<Audience> {
    caller.principal.user().map(Audience::User)
}

/// What is asked for; none where nothing is there for the caller.
fn audience(caller: &Caller, asked: Option<&str>) -> Answer<Option<Audience>> {
    match (asked, caller.reach) {
        (None | Some("admins"), Reach::Company) => Ok(Some(Audience::Admins)),
        (None | Some("me"), _) => Ok(own(caller)),
        (Some("admins"), Reach::Own) => Ok(None),
        _ => Err(invalid_parameter("audience", "write `me` or `admins`")),
    }
}

/// The notices for the caller, newest first, seen or not.
#[utoipa::path(
    get,
    path = "/api/v1/notices",
    tag = "notices",
    params(Wanted),
    responses((status = 200, description = "a page", body = Page<Notice>))
)]
async fn list(
    api: web::Data<Api>,
    caller: Caller,
    wanted: web::Query<Wanted>,
) -> Answer<web::Json<Page<Notice>>> {
    let wanted = wanted.into_inner();
    let query = PageQuery::new(wanted.limit, wanted.cursor);
    let (after, to_fetch) = (query.after::<Uuid>()?, query.to_fetch()?);
    let found = match audience(&caller, wanted.audience.as_deref())? {
        None => Vec::new(),
        Some(audience) => {
            let filter = NoticeFilter {
                audience,
                unseen: wanted.unseen.unwrap_or(false),
                after: after.map(NoticeId::from_uuid),
            };
            let company = &caller.principal.company;
            api.store.notices(company, filter, to_fetch).await?
        }
    };
    let page = query.page(found, |one| one.notice.id.as_uuid())?;
    Ok(web::Json(page.map(shown)))
}

fn shown(told: Told) -> Notice {
    Notice {
        id: told.notice.id.as_uuid(),
        kind: told.notice.kind.as_str(),
        text: told.notice.text,
        at: json::Moment(told.at),
        seen_at: told.seen_at.map(json::Moment),
    }
}

/// Say that a notice was seen. Saying so again changes nothing.
#[utoipa::path(
    post,
    path = "/api/v1/notices/{id}/seen",
    tag = "notices",
    params(("id" = Uuid, Path, description = "its id")),
    responses((status = 200, description = "the notice, seen", body = Notice), (status = 404, description = "none here"))
)]
async fn see(api: web::Data<Api>, caller: Caller, id: web::Path<Uuid>) -> Answer<web::Json<Notice>> {
    let admins = (caller.reach == Reach::Company).then_some(Audience::Admins);
    for audience in [admins, own(&caller)].into_iter().flatten() {
        let (company, notice) = (&caller.principal.company, NoticeId::from_uuid(*id));
        let now = api.clock.now();
        if let Some(seen) = api.store.see(company, audience, notice, now).await? {
            return Ok(web::Json(shown(seen)));
        }
    }
    Err(Problem::not_found())
}
