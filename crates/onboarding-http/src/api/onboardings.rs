//! `/api/v1/onboardings`: each attempt to onboard a client, with its outcome and why.

use actix_web::web;
use onboarding_core::{
    OnboardingId, Trace,
    access::{Action, Reach},
    ports::{OnboardingFilter, OnboardingRecord},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    Answer, Api, Caller, Endpoint, Page, PageQuery, Policy, endpoint,
    names::{Names, reaches},
    written as json,
};
use crate::problem::Problem;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let readers = Policy::May(Action::SeeRooms);
    vec![endpoint!(readers, list), endpoint!(readers, show)]
}

/// A decision of the flow on a client's message. What the client wrote is not in it.
#[derive(Debug, Serialize, ToSchema)]
struct Onboarding {
    id: Uuid,
    decided_at: json::Moment,
    /// When the client sent the message, by WhatsApp's clock.
    sent_at: json::Moment,
    /// The number that the client wrote to; none once it was removed.
    number: Option<json::Phone>,
    /// The client; none where nothing was remembered.
    client: Option<Uuid>,
    /// Such as `onboarded` or `extension_not_found`.
    outcome: String,
    /// Username of whom it concerns.
    user: Option<String>,
    /// The room that it concerns.
    chat_room: Option<Uuid>,
    /// Whether an answer was held back, because the client had enough of them.
    suppressed: bool,
    /// Why, step by step.
    trace: Vec<Step>,
}

/// One step of a decision.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Step {
    stage: &'static str,
    /// What was found, in a sentence.
    finding: String,
    /// What was considered.
    candidates: Vec<Considered>,
}

/// One thing that was considered.
#[derive(Debug, Serialize, ToSchema)]
struct Considered {
    subject: String,
    /// `chosen`, `eligible` or `refused`.
    verdict: &'static str,
    reason: String,
}

pub(super) fn steps(trace: &Trace) -> Vec<Step> {
    let steps = trace.steps().iter().map(|step| Step {
        stage: step.stage.as_str(),
        finding: step.finding.clone(),
        candidates: step
            .candidates
            .iter()
            .map(|one| Considered {
                subject: one.subject.clone(),
                verdict: one.verdict.as_str(),
                reason: one.reason.clone(),
            })
            .collect(),
    });
    steps.collect()
}

async fn shown(names: &mut Names<'_>, record: OnboardingRecord) -> Answer<Onboarding> {
    let user = match record.user {
        Some(user) => Some(names.username(user).await?),
        None => None,
    };
    Ok(Onboarding {
        id: record.id.as_uuid(),
        decided_at: json::Moment(record.decided_at),
        sent_at: json::Moment(record.sent_at),
        number: names.number(record.account),
        client: record.identity.map(onboarding_core::ClientIdentityId::as_uuid),
        outcome: record.outcome,
        user,
        chat_room: record.room.map(onboarding_core::ChatRoomId::as_uuid),
        suppressed: record.suppressed,
        trace: steps(&record.trace),
    })
}

/// Which decisions.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Only those that concern the user with this username.
    user: Option<String>,
    /// Items on the page, 1 to 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next_cursor` of the page before; without it, the first page.
    cursor: Option<String>,
}

/// The decisions of the flow, latest first, each with its trace. Users see those that concern them.
#[utoipa::path(
    get,
    path = "/api/v1/onboardings",
    tag = "onboardings",
    params(Wanted),
    responses((status = 200, description = "a page", body = Page<Onboarding>))
)]
async fn list(
    api: web::Data<Api>,
    caller: Caller,
    wanted: web::Query<Wanted>,
) -> Answer<web::Json<Page<Onboarding>>> {
    let Wanted { user, limit, cursor } = wanted.into_inner();
    let query = PageQuery::new(limit, cursor);
    let (after, to_fetch) = (query.after::<Uuid>()?, query.to_fetch()?);
    let mut names = Names::of(&api, &caller).await?;
    let mut filter = OnboardingFilter {
        user: (caller.reach == Reach::Own)
            .then(|| caller.principal.user())
            .flatten(),
        after: after.map(OnboardingId::from_uuid),
    };
    if let Some(username) = user {
        let user = names
            .user(&username)
            .await?
            .filter(|user| reaches(&caller, *user));
        let Some(user) = user else {
            return Ok(web::Json(query.page(Vec::new(), |one: &Onboarding| one.id)?));
        };
        filter.user = Some(user);
    }
    let company = &caller.principal.company;
    let records = api.store.list_onboardings(company, filter, to_fetch).await?;
    let page = query.page(records, |record| record.id.as_uuid())?;
    let mut items = Vec::new();
    for record in page.items {
        items.push(shown(&mut names, record).await?);
    }
    Ok(web::Json(Page {
        items,
        next_cursor: page.next_cursor,
    }))
}

/// One decision of the flow.
#[utoipa::path(
    get,
    path = "/api/v1/onboardings/{id}",
    tag = "onboardings",
    params(("id" = Uuid, Path, description = "its id")),
    responses((status = 200, description = "with its trace", body = Onboarding), (status = 404, description = "none here"))
)]
async fn show(api: web::Data<Api>, caller: Caller, id: web::Path<Uuid>) -> Answer<web::Json<Onboarding>> {
    let company = &caller.principal.company;
    let record = api
        .store
        .onboarding(company, OnboardingId::from_uuid(*id))
        .await?;
    let is_theirs = |record: &OnboardingRecord| {
        caller.reach == Reach::Company || record.user.is_some_and(|user| reaches(&caller, user))
    };
    let record = record.filter(is_theirs).ok_or_else(Problem::not_found)?;
    let mut names = Names::of(&api, &caller).await?;
    Ok(web::Json(shown(&mut names, record).await?))
}
