//! Each attempt to onboard a client, and one of them as a story.
//!
//! The story leaves out what the client wrote, but for an extension that it quotes: reading it is in the audit.

use actix_web::{HttpResponse, web};
use onboarding_core::{
    audit::{AuditSubject, SubjectKind},
    ports::OnboardingRecord,
};
use onboarding_pages::admin::{
    Cell, Choice, Fact, Filter, ListPage, Row, Section, StoryPage, outcome_words, story,
};
use serde::Deserialize;
use uuid::Uuid;

use super::{in_query, number, on_page, shell, time, users_of};
use crate::{
    api::{Answer, Api},
    pages::visit::Visit,
    problem::Problem,
};

/// The port tells of so many at the most.
const LATEST: u32 = 200;

/// What can be filtered by.
const OUTCOMES: [&str; 22] = [
    "onboarded",
    "reminded",
    "reminder_throttled",
    "room_message",
    "prospect_received",
    "no_extension",
    "extension_not_found",
    "other_unit",
    "profile_hidden",
    "guessing_locked",
    "number_of_room",
    "number_ours",
    "number_not_ours",
    "no_secondary_number",
    "messaging_limit_reached",
    "account_unhealthy",
    "declined",
    "room_closed",
    "opted_out",
    "opted_in",
    "still_opted_out",
    "ignored",
];

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    page: usize,
}

pub(super) async fn list(
    api: web::Data<Api>,
    visit: Visit,
    wanted: web::Query<Wanted>,
) -> Answer<HttpResponse> {
    let (shell, company) = (shell(&visit), &visit.company);
    let words = shell.tongue.admin_words();
    let records = api.store.latest_onboardings(&company.id, LATEST).await?;
    let users = users_of(&api, &visit, records.iter().filter_map(|one| one.user)).await?;
    let searched = wanted.q.trim().to_lowercase();
    let holds = |text: &str| text.to_lowercase().contains(&searched);
    let fits = |one: &OnboardingRecord| {
        let user = one.user.and_then(|user| users.get(&user));
        let of_user = user.is_some_and(|user| holds(&user.name) || holds(&user.username));
        let number = number(&visit, one.account).unwrap_or_default();
        (wanted.outcome.is_empty() || one.outcome == wanted.outcome)
            && (of_user || holds(&number) || holds(&one.id.to_string()))
    };
    let page = wanted.page.max(1);
    let (records, more) = on_page(records.into_iter().filter(fits).collect(), page);
    let row = |one: &OnboardingRecord| {
        let (mark, outcome) = outcome_words(&one.outcome, words);
        let user = one.user.and_then(|user| users.get(&user));
        let user = user.map_or(words.nobody, |user| user.name.as_str());
        let Cell::Time(_, shown) = time(one.decided_at) else {
            return Row { cells: Vec::new() };
        };
        Row {
            cells: vec![
                Cell::Link(format!("/admin/onboardings/{}", one.id), shown),
                Cell::Mark(mark, outcome.to_owned()),
                Cell::Text(user.to_owned()),
                Cell::Code(number(&visit, one.account).unwrap_or_default()),
            ],
        }
    };
    let rows: Vec<_> = records.iter().map(row).collect();
    let next = more.then(|| {
        let (q, outcome) = (in_query(&wanted.q), in_query(&wanted.outcome));
        format!("/admin/onboardings?q={q}&outcome={outcome}&page={}", page + 1)
    });
    let choices = OUTCOMES.iter().map(|name| Choice {
        value: (*name).to_owned(),
        label: outcome_words(name, words).1.to_owned(),
    });
    let filter = Filter {
        name: "outcome",
        label: words.outcome,
        choices: choices.collect(),
        chosen: wanted.outcome.clone(),
    };
    visit.page(&ListPage {
        shell,
        section: Section::Activity,
        search: Some(&wanted.q),
        filter: Some(&filter),
        columns: &[words.when, words.outcome, words.user, words.written_to],
        rows: &rows,
        next: next.as_deref(),
        next_words: words.next_page,
        said: None,
        footnote: Some(words.latest_only),
        act: None,
    })
}

pub(super) async fn show(api: web::Data<Api>, visit: Visit, id: web::Path<Uuid>) -> Answer<HttpResponse> {
    let (shell, company) = (shell(&visit), &visit.company);
    let words = shell.tongue.admin_words();
    let records = api.store.latest_onboardings(&company.id, LATEST).await?;
    let record = records.into_iter().find(|one| one.id.as_uuid() == *id);
    let record = record.ok_or_else(Problem::not_found)?;
    let subject = AuditSubject::new(SubjectKind::Onboarding, record.id);
    let by = visit.caller.origin();
    api.store
        .record_read(&company.id, &by, &subject, visit.now)
        .await?;
    let users = users_of(&api, &visit, record.user.into_iter()).await?;
    let user = record.user.and_then(|user| users.get(&user));
    let user = user.map_or(words.nobody, |user| user.name.as_str());
    let fact = |label, value| Fact { label, value };
    let facts = [
        fact(words.concerns, Cell::Text(user.to_owned())),
        fact(words.asked_at, time(record.sent_at)),
        fact(words.decided_at, time(record.decided_at)),
        fact(
            words.written_to,
            Cell::Code(number(&visit, record.account).unwrap_or_default()),
        ),
        fact(words.reference, Cell::Code(record.id.to_string())),
    ];
    visit.page(&StoryPage {
        shell,
        ending: outcome_words(&record.outcome, words),
        facts: &facts,
        steps: &story(&record.trace, words),
        held_back: record.suppressed,
    })
}
