//! What was given up, and trying it again.

use actix_web::{HttpResponse, web};
use onboarding_core::{
    access::Action,
    ports::{DeadLetter, DeadLetterKind, ReplayOutcome},
};
use onboarding_pages::admin::{AdminWords, Cell, Choice, Filter, ListPage, Row, Section, SurePage};
use uuid::Uuid;

use super::{Found, Wanted, found, see, shell, time};
use crate::{
    api::{Answer, Api},
    pages::visit::Visit,
    problem::Problem,
};

/// So many are looked at.
const LATEST: u32 = 200;

pub(super) async fn list(
    api: web::Data<Api>,
    visit: Visit,
    wanted: web::Query<Wanted>,
) -> Answer<HttpResponse> {
    let shell = shell(&visit);
    let words = shell.tongue.admin_words();
    let mut all = letters(&api, &visit).await?;
    all.retain(|letter| wanted.state.is_empty() || name_of(letter.kind) == wanted.state);
    let texts = |letter: &DeadLetter| vec![letter.reason.clone(), letter.id.to_string()];
    let Found { shown: letters, next } = found(Section::DeadLetters, &wanted, all, texts);
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
    let rows: Vec<_> = letters.iter().map(row).collect();
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
        filter: Some(&filter),
        columns: &columns,
        rows: &rows,
        next: next.as_deref(),
        next_words: words.next_page,
        said,
        footnote: (!rows.is_empty()).then_some(words.latest_only),
        act: None,
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

async fn letters(api: &Api, visit: &Visit) -> Answer<Vec<DeadLetter>> {
    let company = visit.company.id.clone();
    Ok(api.store.dead_letters(Some(company), LATEST).await?)
}

/// One of the company; another's is not there.
async fn letter(api: &Api, visit: &Visit, id: Uuid) -> Answer<DeadLetter> {
    let found = letters(api, visit).await?;
    let found = found.into_iter().find(|letter| letter.id == id);
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
