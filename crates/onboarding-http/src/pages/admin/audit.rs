//! The audit, latest first, and whether its chain holds.

use actix_web::{HttpResponse, web};
use onboarding_core::{
    audit::{AuditAction, AuditEntry, AuditFilter},
    service::verify_audit,
};
use onboarding_pages::admin::{AdminWords, Cell, ListPage, Row, Section};
use serde::Deserialize;

use super::{shell, time};
use crate::{
    api::{Answer, Api},
    pages::visit::Visit,
};

/// Entries on a page.
const SHOWN: u32 = 50;

#[derive(Deserialize)]
pub(super) struct Wanted {
    /// Only entries before this one.
    before: Option<u64>,
    /// Whether the chain is to be verified.
    verify: Option<String>,
}

pub(super) async fn list(
    api: web::Data<Api>,
    visit: Visit,
    wanted: web::Query<Wanted>,
) -> Answer<HttpResponse> {
    let (shell, company) = (shell(&visit), &visit.company.id);
    let words = shell.tongue.admin_words();
    let head = api.store.audit_head(company).await?;
    let end = head.map_or(1, |head| head.sequence.saturating_add(1));
    let before = wanted.before.unwrap_or(end).min(end);
    let after = before.saturating_sub(u64::from(SHOWN) + 1);
    let wanted_count = u32::try_from(before.saturating_sub(after + 1)).unwrap_or(SHOWN);
    let mut entries = Vec::new();
    if wanted_count > 0 {
        let all = AuditFilter::default();
        entries = api
            .store
            .audit_entries(company, &all, after, wanted_count)
            .await?;
    }
    entries.reverse();
    let rows: Vec<_> = entries.iter().map(|entry| row(entry, words)).collect();
    let said = match wanted.verify {
        Some(_) => Some(verified(&api, &visit, words).await?),
        None => None,
    };
    let next = (after > 0).then(|| format!("/admin/audit?before={}", after + 1));
    visit.page(&ListPage {
        shell,
        section: Section::Audit,
        search: None,
        filter: None,
        columns: &[words.entry, words.when, words.who, words.what, words.subject],
        rows: &rows,
        next: next.as_deref(),
        next_words: words.older,
        said,
        footnote: None,
        act: Some(("/admin/audit?verify=now", words.verify)),
    })
}

async fn verified(api: &Api, visit: &Visit, words: &'static AdminWords) -> Answer<(bool, &'static str)> {
    let findings = verify_audit(api.store.as_ref(), &visit.company.id, &[]).await?;
    Ok(if findings.is_empty() {
        (true, words.verified)
    } else {
        (false, words.not_verified)
    })
}

fn row(entry: &AuditEntry, words: &AdminWords) -> Row {
    let content = &entry.content;
    let who = match &content.actor_id {
        Some(id) => format!("{} {id}", content.actor_kind),
        None => content.actor_kind.clone(),
    };
    let what = AuditAction::from_name(&content.action);
    let what = what.map_or(content.action.as_str(), |action| action_words(action, words));
    Row {
        cells: vec![
            Cell::Code(entry.sequence.to_string()),
            time(content.at),
            Cell::Code(who),
            Cell::Text(what.to_owned()),
            Cell::Code(format!(
                "{} {}",
                content.subject_kind.replace('_', " "),
                content.subject_id
            )),
        ],
    }
}

fn action_words(action: AuditAction, words: &AdminWords) -> &'static str {
    match action {
        AuditAction::Create => words.a_create,
        AuditAction::Change => words.a_change,
        AuditAction::Remove => words.a_remove,
        AuditAction::Decide => words.a_decide,
        AuditAction::Fail => words.a_fail,
        AuditAction::Replay => words.a_replay,
        AuditAction::Read => words.a_read,
        AuditAction::SignIn => words.a_sign_in,
        AuditAction::SignOut => words.a_sign_out,
        AuditAction::Deny => words.a_deny,
    }
}
