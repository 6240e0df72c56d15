//! The audit, latest first, and whether its chain holds.

use actix_web::{HttpResponse, web};
use onboarding_core::{
    audit::{AuditAction, AuditEntry, AuditFilter},
    service::verify_audit,
};
use onboarding_pages::admin::{AdminWords, Cell, Choice, Filter, ListPage, Row, Section};
use serde::Deserialize;

use super::{in_query, shell, time};
use crate::{
    api::{Answer, Api},
    pages::visit::Visit,
};

/// Entries on a page.
const SHOWN: usize = 50;

/// Entries that are read at once.
const AT_ONCE: u32 = 500;

/// So often one request reads; who looks for what is older goes on from there.
const MOST_LOOKS: usize = 20;

#[derive(Deserialize)]
pub(super) struct Wanted {
    /// Only entries before this one.
    before: Option<u64>,
    /// Whether the chain is to be verified.
    verify: Option<String>,
    /// What actor or subject are to hold.
    #[serde(default)]
    q: String,
    /// What is to have been done.
    #[serde(default)]
    action: String,
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
    let (entries, next) = latest(&api, &visit, before, |entry| fits(entry, &wanted)).await?;
    let rows: Vec<_> = entries.iter().map(|entry| row(entry, words)).collect();
    let said = match wanted.verify {
        Some(_) => Some(verified(&api, &visit, words).await?),
        None => None,
    };
    let (q, action) = (in_query(&wanted.q), in_query(&wanted.action));
    let next = next.map(|before| format!("/admin/audit?before={before}&q={q}&action={action}"));
    let choices = AuditAction::ALL.iter().map(|action| Choice {
        value: action.as_str().to_owned(),
        label: action_words(*action, words).to_owned(),
    });
    let filter = Filter {
        name: "action",
        label: words.what,
        choices: choices.collect(),
        chosen: wanted.action.clone(),
    };
    visit.page(&ListPage {
        shell,
        section: Section::Audit,
        search: Some(&wanted.q),
        filters: std::slice::from_ref(&filter),
        columns: &[words.entry, words.when, words.who, words.what, words.subject],
        rows: &rows,
        next: next.as_deref(),
        next_words: words.older,
        said,
        footnote: None,
        acts: &[("/admin/audit?verify=now", words.verify)],
        remark: None,
    })
}

fn fits(entry: &AuditEntry, wanted: &Wanted) -> bool {
    let content = &entry.content;
    let searched = wanted.q.trim().to_lowercase();
    let texts = [
        content.actor_kind.as_str(),
        content.actor_id.as_deref().unwrap_or_default(),
        &content.subject_kind,
        &content.subject_id,
    ];
    let holds = |text: &&str| text.to_lowercase().contains(&searched);
    (wanted.action.is_empty() || content.action == wanted.action) && texts.iter().any(holds)
}

/// The latest entries before one that fit, and from where to look on for older ones.
async fn latest(
    api: &Api,
    visit: &Visit,
    mut before: u64,
    fits: impl Fn(&AuditEntry) -> bool,
) -> Answer<(Vec<AuditEntry>, Option<u64>)> {
    let all = AuditFilter::default();
    let mut found = Vec::new();
    for _ in 0..MOST_LOOKS {
        if before <= 1 {
            return Ok((found, None));
        }
        let after = before.saturating_sub(u64::from(AT_ONCE) + 1);
        let count = u32::try_from(before - after - 1).unwrap_or(AT_ONCE);
        let entries = api
            .store
            .audit_entries(&visit.company.id, &all, after, count)
            .await?;
        for entry in entries.into_iter().rev() {
            before = entry.sequence;
            if fits(&entry) {
                found.push(entry);
                if found.len() == SHOWN {
                    return Ok((found, (before > 1).then_some(before)));
                }
            }
        }
        before = after + 1;
    }
    Ok((found, (before > 1).then_some(before)))
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
