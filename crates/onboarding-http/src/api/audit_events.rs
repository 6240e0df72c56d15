//! `/api/v1/audit-events`: who did what, when, and from where.

use actix_web::web;
use onboarding_core::{
    access::Action,
    audit::{ActorKind, AuditAction, AuditEntry, AuditFilter, SubjectKind},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Answer, Api, Caller, Endpoint, Page, PageQuery, Policy, endpoint, page::invalid_parameter,
    written as json,
};
use crate::problem::Problem;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let readers = Policy::May(Action::ReadAudit);
    vec![endpoint!(readers, list), endpoint!(readers, show)]
}

/// One entry of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
struct AuditEvent {
    /// Its place in the chain of the company: 1 for the first, without gaps.
    sequence: u64,
    at: json::Moment,
    actor: Party,
    /// The network address that it came from.
    address: Option<String>,
    /// Such as `create`, `change`, `read` or `sign_in`.
    action: String,
    subject: Party,
    /// What the subject was.
    before: Option<serde_json::Value>,
    /// What it is.
    after: Option<serde_json::Value>,
    /// Of this entry and of the one before it, in hexadecimal: docs/audit.md.
    hash: String,
}

/// Somebody or something.
#[derive(Debug, Serialize, ToSchema)]
struct Party {
    /// Such as `person`, `token`, `operator`; `user`, `chat_room`, `company`.
    kind: String,
    /// Which one of its kind.
    id: Option<String>,
}

impl From<AuditEntry> for AuditEvent {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry {
            sequence,
            hash,
            content,
        } = entry;
        // What somebody wrote into the table by hand need not be JSON: it is shown as the text that it is.
        let value = |text: String| serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text));
        Self {
            sequence,
            at: json::Moment(content.at),
            actor: Party {
                kind: content.actor_kind,
                id: content.actor_id,
            },
            address: content.address,
            action: content.action,
            subject: Party {
                kind: content.subject_kind,
                id: Some(content.subject_id),
            },
            before: content.before.map(value),
            after: content.after.map(value),
            hash: hash.to_string(),
        }
    }
}

/// Which entries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Such as `person` or `token`.
    actor_kind: Option<String>,
    /// Which actor: a username, the id of a token.
    actor_id: Option<String>,
    /// Such as `change`.
    action: Option<String>,
    /// Such as `user`.
    subject_kind: Option<String>,
    /// Which subject.
    subject_id: Option<String>,
    /// Not before.
    from: Option<json::Moment>,
    /// Before.
    until: Option<json::Moment>,
    /// Items on the page, 1 to 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next_cursor` of the page before; without it, the first page.
    cursor: Option<String>,
}

/// The entries of the audit trail, oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/audit-events",
    tag = "audit-events",
    params(Wanted),
    responses((status = 200, description = "a page", body = Page<AuditEvent>))
)]
async fn list(
    api: web::Data<Api>,
    caller: Caller,
    wanted: web::Query<Wanted>,
) -> Answer<web::Json<Page<AuditEvent>>> {
    let wanted = wanted.into_inner();
    let query = PageQuery::new(wanted.limit, wanted.cursor);
    let after = query.after::<u64>()?.unwrap_or(0);
    let actor_kinds = ActorKind::ALL.iter().map(|one| one.as_str());
    let actions = AuditAction::ALL.iter().map(|one| one.as_str());
    let subject_kinds = SubjectKind::ALL.iter().map(|one| one.as_str());
    let filter = AuditFilter {
        actor_kind: known("actor_kind", wanted.actor_kind, actor_kinds)?,
        actor_id: wanted.actor_id.as_deref().map(shown),
        action: known("action", wanted.action, actions)?,
        subject_kind: known("subject_kind", wanted.subject_kind, subject_kinds)?,
        subject_id: wanted.subject_id.as_deref().map(shown),
        from: wanted.from.map(|from| from.0),
        until: wanted.until.map(|until| until.0),
    };
    let company = &caller.principal.company;
    let entries = api
        .store
        .audit_entries(company, &filter, after, query.to_fetch()?)
        .await?;
    let page = query.page(entries, |entry| entry.sequence)?;
    Ok(web::Json(page.map(AuditEvent::from)))
}

/// One entry of the audit trail.
#[utoipa::path(
    get,
    path = "/api/v1/audit-events/{sequence}",
    tag = "audit-events",
    params(("sequence" = u64, Path, description = "its place in the chain", minimum = 1)),
    responses((status = 200, description = "the entry", body = AuditEvent), (status = 404, description = "none here"))
)]
async fn show(
    api: web::Data<Api>,
    caller: Caller,
    sequence: web::Path<u64>,
) -> Answer<web::Json<AuditEvent>> {
    // Places are kept in 63 bits.
    let before = sequence
        .checked_sub(1)
        .filter(|place| i64::try_from(*place).is_ok());
    let before = before.ok_or_else(Problem::not_found)?;
    let company = &caller.principal.company;
    let all = AuditFilter::default();
    let found = api.store.audit_entries(company, &all, before, 1).await?.pop();
    found
        .filter(|entry| entry.sequence == *sequence)
        .map(|entry| web::Json(entry.into()))
        .ok_or_else(Problem::not_found)
}

/// A kind that there is.
fn known(
    name: &'static str,
    given: Option<String>,
    mut all: impl Iterator<Item = &'static str> + Clone,
) -> Answer<Option<String>> {
    let Some(given) = given else {
        return Ok(None);
    };
    if all.clone().any(|one| one == given) {
        return Ok(Some(given));
    }
    let mut list = all.next().unwrap_or_default().to_owned();
    for one in all {
        list.push_str(", ");
        list.push_str(one);
    }
    Err(invalid_parameter(
        name,
        &format!("no such value; known are {list}"),
    ))
}

/// As entries hold it, in which U+0000 is U+FFFD.
fn shown(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}
