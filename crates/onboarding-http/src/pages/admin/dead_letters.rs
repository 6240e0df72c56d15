//! What was given up, and trying it again.

use actix_web::{HttpResponse, web};
use onboarding_core::{
    Timestamp,
    access::Action,
    ports::{DeadLetter, DeadLetterKind, ReplayOutcome},
};
use onboarding_pages::admin::{AdminWords, Cell, Choice, Filter, ListPage, Row, Section, SurePage};
use serde::Deserialize;
use uuid::Uuid;

use super::{in_query, see, seek::seek, shell, time};
use crate::{
    api::{Answer, Api},
    pages::visit::Visit,
    problem::Problem,
};

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
    /// The queue.
    #[serde(default)]
    state: String,
    /// Only those behind this one, which is of this time, in microseconds.
    since: Option<i64>,
    after: Option<Uuid>,
    #[serde(default)]
    said: String,
}

pub(super) async fn list(
    api: web::Data<Api>,
    visit: Visit,
    wanted: web::Query<Wanted>,
) -> Answer<HttpResponse> {
    let shell = shell(&visit);
    let words = shell.tongue.admin_words();
    let searched = wanted.q.trim().to_lowercase();
    let holds = |text: &str| text.to_lowercase().contains(&searched);
    let fits = |letter: &DeadLetter| {
        (wanted.state.is_empty() || name_of(letter.kind) == wanted.state)
            && (holds(&letter.reason) || holds(&letter.id.to_string()))
    };
    let company = &visit.company.id;
    let ask = async |after, limit| Ok(api.store.list_dead_letters(company, after, limit).await?);
    let after = wanted.since.map(Timestamp::from_micros).zip(wanted.after);
    let sought = seek(after, ask, |letter| (letter.since, letter.id), fits).await?;
    let may_replay = visit.caller.principal.may(Action::ReplayDeadLetters).is_ok();
    let row = |letter: &DeadLetter| {
        let mut cells = vec![
            time(letter.since),
            Cell::Text(kind(letter, words).to_owned()),
            Cell::Text(letter.reason.clone()),
            Cell::Text(letter.attempts.to_string()),
        ];
        if may_replay {
            let to = format!("/admin/dead-letters/{}/replay", letter.id);
            cells.push(Cell::Link(to, words.replay.to_owned()));
        }
        Row { cells }
    };
    let rows: Vec<_> = sought.shown.iter().map(row).collect();
    let next = sought.next.map(|(since, after)| {
        let (q, state, since) = (in_query(&wanted.q), in_query(&wanted.state), since.as_micros());
        format!("/admin/dead-letters?q={q}&state={state}&since={since}&after={after}")
    });
    let mut columns = vec![words.when, words.kind, words.reason, words.tries];
    if may_replay {
        columns.push(words.replay);
    }
    let said = match wanted.said.as_str() {
        "replayed" => Some((true, words.replayed)),
        "refused" => Some((false, words.replay_refused)),
        _ => None,
    };
    let choices = [DeadLetterKind::Inbound, DeadLetterKind::Outbound].map(|kind| Choice {
        value: name_of(kind).to_owned(),
        label: kind_words(kind, words).to_owned(),
    });
    let filter = Filter {
        name: "state",
        label: words.kind,
        choices: choices.to_vec(),
        chosen: wanted.state.clone(),
    };
    visit.page(&ListPage {
        shell,
        section: Section::DeadLetters,
        search: Some(&wanted.q),
        filters: std::slice::from_ref(&filter),
        columns: &columns,
        rows: &rows,
        next: next.as_deref(),
        next_words: words.next_page,
        said,
        footnote: sought.looks_on.then_some(words.looks_on),
        acts: &[],
        remark: None,
    })
}

pub(super) async fn ask(api: web::Data<Api>, visit: Visit, id: web::Path<Uuid>) -> Answer<HttpResponse> {
    let shell = shell(&visit);
    let words = shell.tongue.admin_words();
    let letter = letter(&api, &visit, *id).await?;
    visit.page(&SurePage {
        shell,
        section: Section::DeadLetters,
        title: words.replay,
        meaning: words.replay_sure,
        subject: &format!("{}: {}", kind(&letter, words), letter.reason),
        action: &format!("/admin/dead-letters/{}/replay", letter.id),
    })
}

pub(super) async fn replay(api: web::Data<Api>, visit: Visit, id: web::Path<Uuid>) -> Answer<HttpResponse> {
    let letter = letter(&api, &visit, *id).await?;
    let by = visit.caller.origin();
    match api.store.replay(letter.id, &by, visit.now).await? {
        ReplayOutcome::Replayed => Ok(see("/admin/dead-letters?said=replayed".to_owned())),
        ReplayOutcome::Refused(_) => Ok(see("/admin/dead-letters?said=refused".to_owned())),
        ReplayOutcome::NotFound => Err(Problem::not_found()),
    }
}

/// One of the company; another's is not there.
async fn letter(api: &Api, visit: &Visit, id: Uuid) -> Answer<DeadLetter> {
    let found = api.store.dead_letter(&visit.company.id, id).await?;
    found.ok_or_else(Problem::not_found)
}

fn kind(letter: &DeadLetter, words: &AdminWords) -> &'static str {
    kind_words(letter.kind, words)
}

fn kind_words(kind: DeadLetterKind, words: &AdminWords) -> &'static str {
    match kind {
        DeadLetterKind::Inbound => words.inbound,
        DeadLetterKind::Outbound => words.outbound,
    }
}

fn name_of(kind: DeadLetterKind) -> &'static str {
    match kind {
        DeadLetterKind::Inbound => "inbound",
        DeadLetterKind::Outbound => "outbound",
    }
}
