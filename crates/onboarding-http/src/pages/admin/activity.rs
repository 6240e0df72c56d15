//! Each attempt to onboard a client, and one of them as a story.
//!
//! The story leaves out what the client wrote, but for an extension that it quotes: reading it is in the audit.

use std::{
    cell::RefCell,
    collections::{HashMap, hash_map::Entry},
    rc::Rc,
};

use actix_web::{HttpResponse, web};
use onboarding_core::{
    OnboardingId, User, UserId,
    audit::{AuditSubject, SubjectKind},
    ports::{OnboardingFilter, OnboardingRecord},
};
use onboarding_pages::admin::{
    Cell, Choice, Fact, Filter, ListPage, Row, Section, StoryPage, outcome_words, story,
};
use serde::Deserialize;
use uuid::Uuid;

use super::{in_query, number, seek::seek, shell, time};
use crate::{
    api::{Answer, Api},
    pages::visit::Visit,
    problem::Problem,
};

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
    /// Only those behind this one.
    after: Option<Uuid>,
}

/// A decision, and whom it concerns.
type Concerned = (OnboardingRecord, Option<Rc<User>>);

pub(super) async fn list(
    api: web::Data<Api>,
    visit: Visit,
    wanted: web::Query<Wanted>,
) -> Answer<HttpResponse> {
    let (shell, company) = (shell(&visit), &visit.company);
    let words = shell.tongue.admin_words();
    let searched = wanted.q.trim().to_lowercase();
    let holds = |text: &str| text.to_lowercase().contains(&searched);
    let fits = |(one, user): &Concerned| {
        let of_user = user
            .as_ref()
            .is_some_and(|user| holds(&user.name) || holds(&user.username));
        let number = number(&visit, one.account).unwrap_or_default();
        (wanted.outcome.is_empty() || one.outcome == wanted.outcome)
            && (of_user || holds(&number) || holds(&one.id.to_string()))
    };
    let known = RefCell::new(HashMap::new());
    let ask = async |after, limit| {
        let filter = OnboardingFilter { user: None, after };
        let records = api.store.list_onboardings(&company.id, filter, limit).await?;
        let mut users = known.take();
        let records = with_users(&api, &visit, records, &mut users).await?;
        known.replace(users);
        Ok(records)
    };
    let after = wanted.after.map(OnboardingId::from_uuid);
    let sought = seek(after, ask, |(one, _)| one.id, fits).await?;
    let row = |(one, user): &Concerned| {
        let (mark, outcome) = outcome_words(&one.outcome, words);
        let user = user.as_ref().map_or(words.nobody, |user| user.name.as_str());
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
    let rows: Vec<_> = sought.shown.iter().map(row).collect();
    let next = sought.next.map(|after| {
        let (q, outcome) = (in_query(&wanted.q), in_query(&wanted.outcome));
        format!("/admin/onboardings?q={q}&outcome={outcome}&after={after}")
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
        filters: std::slice::from_ref(&filter),
        columns: &[words.when, words.outcome, words.user, words.written_to],
        rows: &rows,
        next: next.as_deref(),
        next_words: words.next_page,
        said: None,
        footnote: sought.looks_on.then_some(words.looks_on),
        acts: &[],
        remark: None,
    })
}

/// The records with their users, of whom each is asked for once.
async fn with_users(
    api: &Api,
    visit: &Visit,
    records: Vec<OnboardingRecord>,
    known: &mut HashMap<UserId, Option<Rc<User>>>,
) -> Answer<Vec<Concerned>> {
    for id in records.iter().filter_map(|one| one.user) {
        if let Entry::Vacant(place) = known.entry(id) {
            let user = api.store.user(&visit.company.id, id).await?;
            place.insert(user.map(Rc::new));
        }
    }
    let user_of = |one: &OnboardingRecord| one.user.and_then(|id| known.get(&id).cloned().flatten());
    let with_user = |one: OnboardingRecord| {
        let user = user_of(&one);
        (one, user)
    };
    Ok(records.into_iter().map(with_user).collect())
}

pub(super) async fn show(api: web::Data<Api>, visit: Visit, id: web::Path<Uuid>) -> Answer<HttpResponse> {
    let (shell, company) = (shell(&visit), &visit.company);
    let words = shell.tongue.admin_words();
    let record = api
        .store
        .onboarding(&company.id, OnboardingId::from_uuid(*id))
        .await?;
    let record = record.ok_or_else(Problem::not_found)?;
    let subject = AuditSubject::new(SubjectKind::Onboarding, record.id);
    let by = visit.caller.origin();
    api.store
        .record_read(&company.id, &by, &subject, visit.now)
        .await?;
    let user = match record.user {
        Some(user) => api.store.user(&company.id, user).await?,
        None => None,
    };
    let user = user.as_ref().map_or(words.nobody, |user| user.name.as_str());
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
