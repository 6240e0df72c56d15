//! Users in bulk: send a table, see what it would do, begin, look on, stop, and read what was refused.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::{Method, StatusCode},
    web,
};
use futures_util::future::LocalBoxFuture;
use onboarding_core::{
    ImportId,
    access::Action,
    import::{CellMistake, Import, ImportCounts, ImportState, Judged, RefusedRow, Verdict},
};
use onboarding_manifest::MAX_TABLE_BYTES;
use onboarding_pages::admin::{
    Cell, Choice, EditWords, Filter, ImportPage, ImportPreviewPage, ImportRunPage, Mark, Row, Section,
    SurePage,
};
use serde::Deserialize;
use uuid::Uuid;

use super::{edit::may_edit, in_query, see, seek::seek, shell, time};
use crate::{
    api::{Answer, Api, Endpoint, Policy, imports, multipart},
    pages::visit::Visit,
    problem::Problem,
};

/// Rows that a preview shows.
const SHOWN: usize = 500;

/// What a form has around the table.
const AROUND: usize = 8 * 1024;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let (see, change) = (Policy::May(Action::SeeConfig), Policy::May(Action::ChangeConfig));
    let stop = "/admin/import/{id}/stop";
    vec![
        Endpoint::page(Method::GET, "/admin/import", see, || web::route().to(list)),
        Endpoint::page(Method::POST, "/admin/import", change, || web::route().to(take))
            .with_bodies_of(MAX_TABLE_BYTES + AROUND),
        Endpoint::page(Method::GET, "/admin/import/{id}", see, || web::route().to(show)),
        Endpoint::page(Method::GET, stop, change, || web::route().to(ask)),
        Endpoint::page(Method::POST, stop, change, || web::route().to(end)),
    ]
}

/// What the form sends.
struct Sent {
    table: Vec<u8>,
    begins: bool,
    skips_refused: bool,
}

impl FromRequest for Sent {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Answer<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (headers, payload) = (request.headers().clone(), payload.take());
        Box::pin(async move {
            let body = crate::api::read_body(payload, MAX_TABLE_BYTES + AROUND).await?;
            let parts = multipart::parts(&headers, body.freeze()).await;
            let mut sent = Self {
                table: Vec::new(),
                begins: false,
                skips_refused: false,
            };
            for (name, value) in parts.unwrap_or_default() {
                match name.as_str() {
                    "table" => sent.table = value,
                    "what" => sent.begins = value == b"begin",
                    "skip_refused" => sent.skips_refused = true,
                    _ => {}
                }
            }
            Ok(sent)
        })
    }
}

#[derive(Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    /// Only those that began before this one.
    after: Option<Uuid>,
}

async fn list(api: web::Data<Api>, visit: Visit, wanted: web::Query<Wanted>) -> Answer<HttpResponse> {
    listed(&api, &visit, &wanted, None).await
}

async fn listed(api: &Api, visit: &Visit, wanted: &Wanted, problem: Option<&str>) -> Answer<HttpResponse> {
    let shell = shell(visit);
    let (a, e) = (shell.tongue.admin_words(), shell.tongue.edit_words());
    let searched = wanted.q.trim().to_lowercase();
    let fits = |import: &Import| {
        let by = import.by.actor.id().unwrap_or_default().to_lowercase();
        by.contains(&searched) && (wanted.state.is_empty() || import.state.to_string() == wanted.state)
    };
    let ask = async |after, limit| Ok(api.store.imports(&visit.company.id, after, limit).await?);
    let after = wanted.after.map(ImportId::from_uuid);
    let sought = seek(after, ask, |import| import.id, fits).await?;
    let rows: Vec<_> = sought.shown.iter().map(|import| row_of(import, e)).collect();
    let next = sought.next.map(|after| {
        let (q, state) = (in_query(&wanted.q), in_query(&wanted.state));
        format!("/admin/import?q={q}&state={state}&after={after}")
    });
    let states = [ImportState::Running, ImportState::Finished, ImportState::Stopped];
    let choices = states.map(|state| Choice {
        value: state.to_string(),
        label: state_words(state, e).1.to_owned(),
    });
    let filter = Filter {
        name: "state",
        label: a.state,
        choices: choices.to_vec(),
        chosen: wanted.state.clone(),
    };
    let mut answer = visit.page(&ImportPage {
        shell,
        may_edit: may_edit(visit),
        problem,
        search: &wanted.q,
        filters: std::slice::from_ref(&filter),
        is_narrowed: !(searched.is_empty() && wanted.state.is_empty()),
        columns: &[
            a.when,
            a.state,
            a.who,
            e.import_total,
            e.import_created,
            e.import_changed,
            e.import_refused,
        ],
        rows: &rows,
        footnote: sought.looks_on.then_some(a.looks_on),
        next: next.as_deref(),
    })?;
    if problem.is_some() {
        *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(answer)
}

fn row_of(import: &Import, e: &EditWords) -> Row {
    let (mark, state) = state_words(import.state, e);
    let counts = import.counts;
    let shown = match time(import.begun_at) {
        Cell::Time(_, shown) => shown,
        _ => String::new(),
    };
    let number = |count: u32| Cell::Code(count.to_string());
    Row {
        cells: vec![
            Cell::Link(format!("/admin/import/{}", import.id), shown),
            Cell::Mark(mark, state.to_owned()),
            Cell::Code(import.by.actor.id().unwrap_or_default().to_owned()),
            number(counts.total),
            number(counts.created),
            number(counts.changed),
            number(counts.refused),
        ],
    }
}

fn state_words(state: ImportState, e: &EditWords) -> (Mark, &'static str) {
    match state {
        ImportState::Running => (Mark::Waiting, e.import_running),
        ImportState::Stopped => (Mark::Bad, e.import_stopped),
        ImportState::Finished => (Mark::Good, e.import_finished),
    }
}

fn counted(counts: &ImportCounts, e: &EditWords) -> [(&'static str, u32); 5] {
    [
        (e.import_total, counts.total),
        (e.import_created, counts.created),
        (e.import_changed, counts.changed),
        (e.import_unchanged, counts.unchanged),
        (e.import_refused, counts.refused),
    ]
}

/// Shows what the table would do, or begins.
async fn take(api: web::Data<Api>, visit: Visit, sent: Sent) -> Answer<HttpResponse> {
    let table = match imports::read_table(&sent.table) {
        Ok(table) => table,
        Err(problem) => return listed(&api, &visit, &Wanted::default(), Some(&problem.to_string())).await,
    };
    let (company, may) = (&visit.company.id, imports::may_give_roles(&visit.caller));
    let service = imports::service(&api);
    let mut refusal = None;
    if sent.begins {
        let by = visit.caller.origin();
        let begun = service
            .begin(company, &table, may, sent.skips_refused, &by)
            .await?;
        match imports::running(begun) {
            Ok(import) => return Ok(see(format!("/admin/import/{}", import.id))),
            Err(problem) if problem.status() == StatusCode::NOT_FOUND => return Err(problem),
            Err(problem) => refusal = Some(problem.to_string()),
        }
    }
    let preview = service.preview(company, &table, may).await?;
    let preview = preview.ok_or_else(Problem::not_found)?;
    let shell = shell(&visit);
    let (a, e) = (shell.tongue.admin_words(), shell.tongue.edit_words());
    let counts = preview.counts();
    let changing = preview.rows.iter().filter(|row| row.verdict != Verdict::Keep);
    let rows: Vec<_> = changing.clone().take(SHOWN).map(|row| judged(row, e)).collect();
    let mut answer = visit.page(&ImportPreviewPage {
        shell,
        counts: &counted(&counts, e),
        columns: &[e.import_line, a.username, a.outcome, a.details],
        rows: &rows,
        more: changing.count().saturating_sub(SHOWN),
        table: &String::from_utf8_lossy(&sent.table),
        refused: counts.refused,
        changes: counts.created + counts.changed,
        problem: refusal.as_deref(),
    })?;
    if refusal.is_some() {
        *answer.status_mut() = StatusCode::CONFLICT;
    }
    Ok(answer)
}

fn judged(row: &Judged, e: &EditWords) -> Row {
    let (mark, outcome) = match row.verdict {
        Verdict::Create(_) => (Mark::Good, e.import_created),
        Verdict::Change { .. } => (Mark::Good, e.import_changed),
        Verdict::Keep => (Mark::Quiet, e.import_unchanged),
        Verdict::Refuse(_) => (Mark::Bad, e.import_refused),
    };
    let details = match &row.verdict {
        Verdict::Refuse(mistakes) => told(mistakes),
        verdict => {
            let changes = verdict.changes().into_iter();
            let changes = changes.map(|(column, before, after)| {
                if before.is_empty() {
                    format!("{column}: {after}")
                } else {
                    format!("{column}: {before} → {after}")
                }
            });
            changes.collect::<Vec<_>>().join(" · ")
        }
    };
    Row {
        cells: vec![
            Cell::Code(row.line.to_string()),
            Cell::Code(row.username.clone()),
            Cell::Mark(mark, outcome.to_owned()),
            Cell::Text(details),
        ],
    }
}

fn told(mistakes: &[CellMistake]) -> String {
    let told = mistakes.iter().map(|mistake| match mistake.column {
        Some(column) => format!("{column}: {}", mistake.message),
        None => mistake.message.clone(),
    });
    told.collect::<Vec<_>>().join(" · ")
}

async fn import(api: &Api, visit: &Visit, id: Uuid) -> Answer<Import> {
    let found = api
        .store
        .import(&visit.company.id, ImportId::from_uuid(id))
        .await?;
    found.ok_or_else(Problem::not_found)
}

#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    q: String,
    /// Only rows beyond this line.
    after: Option<u32>,
}

async fn show(
    api: web::Data<Api>,
    visit: Visit,
    id: web::Path<Uuid>,
    wanted: web::Query<Report>,
) -> Answer<HttpResponse> {
    let import = import(&api, &visit, *id).await?;
    let company = &visit.company.id;
    let ask = async |after: Option<u32>, limit| {
        let after = after.unwrap_or_default();
        Ok(api.store.refused_rows(company, import.id, after, limit).await?)
    };
    let searched = wanted.q.trim().to_lowercase();
    let holds = |text: &str| text.to_lowercase().contains(&searched);
    let fits = |row: &RefusedRow| holds(&row.username) || holds(&told(&row.mistakes));
    let sought = seek(wanted.after, ask, |row| row.line, fits).await?;
    let row = |row: &RefusedRow| Row {
        cells: vec![
            Cell::Code(row.line.to_string()),
            Cell::Code(row.username.clone()),
            Cell::Text(told(&row.mistakes)),
        ],
    };
    let rows: Vec<_> = sought.shown.iter().map(row).collect();
    let place = format!("/admin/import/{id}");
    let q = in_query(&wanted.q);
    let next = sought.next.map(|line| format!("{place}?q={q}&after={line}"));
    let shell = shell(&visit);
    let (a, e) = (shell.tongue.admin_words(), shell.tongue.edit_words());
    let runs = import.state == ImportState::Running;
    let stop = format!("/admin/import/{id}/stop");
    let seen = format!("{}-{}", import.state, import.counts.done());
    visit.page(&ImportRunPage {
        shell,
        events: &format!("/app/events?of=import&id={id}&seen={seen}"),
        state: state_words(import.state, e),
        total: import.counts.total,
        done: import.counts.done(),
        counts: &counted(&import.counts, e),
        stop: (runs && may_edit(&visit)).then_some(stop.as_str()),
        place: &place,
        search: &wanted.q,
        columns: &[e.import_line, a.username, a.reason],
        rows: &rows,
        next: next.as_deref(),
    })
}

async fn ask(api: web::Data<Api>, visit: Visit, id: web::Path<Uuid>) -> Answer<HttpResponse> {
    let import = import(&api, &visit, *id).await?;
    let shell = shell(&visit);
    let e = shell.tongue.edit_words();
    visit.page(&SurePage {
        shell,
        section: Section::Import,
        title: e.import_stop,
        meaning: e.import_stop_sure,
        subject: &format!("{} / {}", import.counts.done(), import.counts.total),
        action: &format!("/admin/import/{id}/stop"),
    })
}

async fn end(api: web::Data<Api>, visit: Visit, id: web::Path<Uuid>) -> Answer<HttpResponse> {
    let (company, import) = (&visit.company.id, ImportId::from_uuid(*id));
    let by = visit.caller.origin();
    let ended = api.store.stop_import(company, import, &by, visit.now).await?;
    ended.ok_or_else(Problem::not_found)?;
    Ok(see(format!("/admin/import/{id}")))
}
