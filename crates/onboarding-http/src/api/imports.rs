//! `/api/v1/imports`: users and extensions in bulk, as a table; `/api/v1/users.csv`: the same table, written.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::{StatusCode, header},
    web,
};
use futures_util::future::LocalBoxFuture;
use onboarding_core::{
    ImportId,
    access::Action,
    import::{CellMistake, Column, Import, ImportCounts, ImportTable, Judged, Preview, RefusedRow, Verdict},
    service::{Begun, ImportService},
};
use onboarding_manifest::{MAX_TABLE_BYTES, read_users, write_users};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Answer, Api, Caller, Endpoint, Moment, Page, PageQuery, Policy, body, endpoint};
use crate::problem::{FieldProblem, Problem};

/// How a table is sent and written.
const CSV: &str = "text/csv";

/// Refused rows that a refusal names; a dry run tells them all.
const MOST_TOLD: usize = 100;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let (see, change) = (Policy::May(Action::SeeConfig), Policy::May(Action::ChangeConfig));
    vec![
        endpoint!(see, list),
        endpoint!(change, begin)
            .creation()
            .with_bodies_of(MAX_TABLE_BYTES),
        endpoint!(see, show),
        endpoint!(see, refused),
        endpoint!(change, stop),
        endpoint!(see, export),
    ]
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportForm {
    id: Uuid,
    /// `running`, `finished`, or `stopped`.
    state: &'static str,
    /// Rows of the table.
    total: u32,
    /// Rows of which it is known what became of them.
    done: u32,
    /// Users who are new, or came back.
    created: u32,
    /// Users who are different.
    changed: u32,
    /// Users who were so already.
    unchanged: u32,
    /// Rows that took no effect; `refused-rows` tells why.
    refused: u32,
    begun_at: Moment,
    /// Who began it, as `person:kate`.
    begun_by: String,
    ended_at: Option<Moment>,
}

/// What a table would do.
#[derive(Debug, Serialize, ToSchema)]
struct ImportPreview {
    /// Rows of the table.
    total: u32,
    /// Users who would be new, or come back.
    created: u32,
    /// Users who would be different.
    changed: u32,
    /// Users who are so already.
    unchanged: u32,
    /// Rows that would take no effect.
    refused: u32,
    /// Every row but those that change nothing.
    rows: Vec<PreviewRow>,
}

/// What a row would do.
#[derive(Debug, Serialize, ToSchema)]
struct PreviewRow {
    /// Of the file, from 1.
    line: u32,
    username: String,
    /// `created`, `changed`, or `refused`.
    outcome: &'static str,
    /// The cells that differ.
    changes: Vec<CellChange>,
    /// Why it is refused.
    mistakes: Vec<CellProblem>,
}

/// A cell that differs.
#[derive(Debug, Serialize, ToSchema)]
struct CellChange {
    column: &'static str,
    before: String,
    after: String,
}

/// What is wrong with a cell.
#[derive(Debug, Serialize, ToSchema)]
struct CellProblem {
    /// None: the row as a whole.
    column: Option<&'static str>,
    /// What is wrong, and the mend.
    detail: String,
}

/// A row that took no effect.
#[derive(Debug, Serialize, ToSchema)]
struct RefusedRowForm {
    /// Of the file, from 1.
    line: u32,
    /// Whose row it is, as far as that could be read.
    username: String,
    mistakes: Vec<CellProblem>,
}

/// One page of the rows that took no effect.
#[derive(Debug, Serialize, ToSchema)]
struct RefusedRows {
    /// By line.
    items: Vec<RefusedRowForm>,
    /// Asks for the next page; none on the last.
    next_cursor: Option<String>,
}

impl From<Import> for ImportForm {
    fn from(import: Import) -> Self {
        let ImportCounts {
            total,
            created,
            changed,
            unchanged,
            refused,
        } = import.counts;
        let actor = &import.by.actor;
        let named = actor.id().map(|id| format!(":{id}")).unwrap_or_default();
        Self {
            id: import.id.as_uuid(),
            state: import.state.as_str(),
            total,
            done: import.counts.done(),
            created,
            changed,
            unchanged,
            refused,
            begun_at: Moment(import.begun_at),
            begun_by: format!("{}{named}", actor.kind()),
            ended_at: import.ended_at.map(Moment),
        }
    }
}

impl From<&Preview> for ImportPreview {
    fn from(preview: &Preview) -> Self {
        let ImportCounts {
            total,
            created,
            changed,
            unchanged,
            refused,
        } = preview.counts();
        Self {
            total,
            created,
            changed,
            unchanged,
            refused,
            rows: preview.rows.iter().filter_map(row).collect(),
        }
    }
}

fn row(judged: &Judged) -> Option<PreviewRow> {
    let (outcome, mistakes) = match &judged.verdict {
        Verdict::Keep => return None,
        Verdict::Create(_) => ("created", Vec::new()),
        Verdict::Change { .. } => ("changed", Vec::new()),
        Verdict::Refuse(mistakes) => ("refused", told(mistakes)),
    };
    let changes = judged.verdict.changes().into_iter();
    let changes = changes.map(|(column, before, after)| CellChange {
        column: column.as_str(),
        before,
        after,
    });
    Some(PreviewRow {
        line: judged.line,
        username: judged.username.clone(),
        outcome,
        changes: changes.collect(),
        mistakes,
    })
}

fn told(mistakes: &[CellMistake]) -> Vec<CellProblem> {
    let told = |mistake: &CellMistake| CellProblem {
        column: mistake.column.map(Column::as_str),
        detail: mistake.message.clone(),
    };
    mistakes.iter().map(told).collect()
}

/// A table as the body of a request.
struct Table(ImportTable);

impl FromRequest for Table {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let typed = body::is_of(request, CSV);
        let payload = payload.take();
        Box::pin(async move {
            if !typed {
                return Err(Problem::new(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "wrong-content-type",
                    "send the table as UTF-8 with `Content-Type: text/csv`",
                ));
            }
            let bytes = body::read(payload, MAX_TABLE_BYTES).await?;
            read_table(&bytes).map(Self)
        })
    }
}

/// The table in these bytes.
pub(crate) fn read_table(bytes: &[u8]) -> Answer<ImportTable> {
    read_users(bytes).map_err(|error| {
        let detail = error.to_string();
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-table", detail)
    })
}

/// Imports on the store of the API.
pub(crate) fn service(api: &Api) -> ImportService {
    ImportService::on_store(&api.store, api.clock.clone(), api.entropy.clone())
}

/// Whether the caller may give roles beyond `user`.
pub(crate) fn may_give_roles(caller: &Caller) -> bool {
    caller.principal.may(Action::ManageAccess).is_ok()
}

/// How a table is taken.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct BeginQuery {
    /// Only tell what the table would do.
    #[serde(default)]
    dry_run: bool,
    /// Import the rows that are in order and leave out the others; without it, nothing is done when a row is refused.
    #[serde(default)]
    skip_refused: bool,
}

/// Import a table of users, or tell what it would do. The import goes on by itself; look at it with `GET`.
#[utoipa::path(
    post,
    path = "/api/v1/imports",
    tag = "imports",
    params(
        BeginQuery,
        ("Idempotency-Key" = Option<String>, Header, description = "a random UUID; repeats begin nothing"),
    ),
    request_body(
        content = String,
        content_type = "text/csv",
        description = "columns, in any order: username and any of name, email, title, org_unit, extension, \
                       external_companies, roles; 20 000 rows and 4 MiB at the most",
        example = "username,name,org_unit,extension\nmia,Mia Wong,hk,#mia\n"
    ),
    responses(
        (status = 200, description = "what the table would do", body = ImportPreview),
        (status = 201, description = "it runs", body = ImportForm),
        (status = 409, description = "another import runs"),
        (status = 422, description = "no table, or rows that are refused"),
    )
)]
async fn begin(
    api: web::Data<Api>,
    caller: Caller,
    query: web::Query<BeginQuery>,
    table: Table,
) -> Answer<HttpResponse> {
    let (company, may) = (&caller.principal.company, may_give_roles(&caller));
    let service = service(&api);
    if query.dry_run {
        let preview = service.preview(company, &table.0, may).await?;
        let preview = preview.ok_or_else(Problem::not_found)?;
        return Ok(HttpResponse::Ok().json(ImportPreview::from(&preview)));
    }
    let begun = service
        .begin(company, &table.0, may, query.skip_refused, &caller.origin())
        .await?;
    let import = running(begun)?;
    let address = format!("/api/v1/imports/{}", import.id);
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, address))
        .json(ImportForm::from(import)))
}

/// The import that runs now, or why none does.
pub(crate) fn running(begun: Begun) -> Answer<Import> {
    match begun {
        Begun::Running(import) => Ok(*import),
        Begun::Busy => Err(Problem::new(
            StatusCode::CONFLICT,
            "import-under-way",
            "another import of the company runs; wait for its end, or stop it",
        )),
        Begun::Refused(rows) => Err(refused_rows(&rows)),
        Begun::NoCompany => Err(Problem::not_found()),
    }
}

fn refused_rows(rows: &[RefusedRow]) -> Problem {
    let fields = rows.iter().flat_map(|row| {
        row.mistakes.iter().map(|mistake| FieldProblem {
            field: mistake.column.map_or_else(
                || format!("line {}", row.line),
                |column| format!("line {}, {column}", row.line),
            ),
            detail: mistake.message.clone(),
        })
    });
    let detail = format!(
        "{} rows are refused, and nothing was done; mend them, or leave them out with ?skip_refused=true",
        rows.len()
    );
    let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "rows-refused", detail);
    problem.with_fields(fields.take(MOST_TOLD).collect())
}

/// The imports of the company, newest first. What ended is remembered for 90 days.
#[utoipa::path(
    get,
    path = "/api/v1/imports",
    tag = "imports",
    params(PageQuery),
    responses((status = 200, description = "a page", body = Page<ImportForm>))
)]
async fn list(
    api: web::Data<Api>,
    caller: Caller,
    query: web::Query<PageQuery>,
) -> Answer<web::Json<Page<ImportForm>>> {
    let after = query.after::<Uuid>()?.map(ImportId::from_uuid);
    let company = &caller.principal.company;
    let imports = api.store.imports(company, after, query.to_fetch()?).await?;
    let page = query.page(imports, |import| import.id.as_uuid())?;
    Ok(web::Json(page.map(ImportForm::from)))
}

/// How far an import is.
#[utoipa::path(
    get,
    path = "/api/v1/imports/{id}",
    tag = "imports",
    params(("id" = Uuid, Path, description = "its id")),
    responses((status = 200, description = "the import", body = ImportForm), (status = 404, description = "none here"))
)]
async fn show(api: web::Data<Api>, caller: Caller, id: web::Path<Uuid>) -> Answer<web::Json<ImportForm>> {
    let import = api
        .store
        .import(&caller.principal.company, ImportId::from_uuid(*id));
    let import = import.await?.ok_or_else(Problem::not_found)?;
    Ok(web::Json(import.into()))
}

/// The rows that took no effect, with why; while the import runs, those so far.
#[utoipa::path(
    get,
    path = "/api/v1/imports/{id}/refused-rows",
    tag = "imports",
    params(("id" = Uuid, Path, description = "of the import"), PageQuery),
    responses((status = 200, description = "a page, by line", body = RefusedRows), (status = 404, description = "none here"))
)]
async fn refused(
    api: web::Data<Api>,
    caller: Caller,
    id: web::Path<Uuid>,
    query: web::Query<PageQuery>,
) -> Answer<web::Json<RefusedRows>> {
    let (company, id) = (&caller.principal.company, ImportId::from_uuid(*id));
    api.store
        .import(company, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    let after = query.after::<u32>()?.unwrap_or(0);
    let rows = api
        .store
        .refused_rows(company, id, after, query.to_fetch()?)
        .await?;
    let page = query.page(rows, |row| row.line)?;
    let page = page.map(|row| RefusedRowForm {
        line: row.line,
        mistakes: told(&row.mistakes),
        username: row.username,
    });
    Ok(web::Json(RefusedRows {
        items: page.items,
        next_cursor: page.next_cursor,
    }))
}

/// Stop an import. What was done stays done; the rest is forgotten. Repeating it changes nothing.
#[utoipa::path(
    post,
    path = "/api/v1/imports/{id}/stop",
    tag = "imports",
    params(("id" = Uuid, Path, description = "of the import")),
    responses((status = 200, description = "as it ended", body = ImportForm), (status = 404, description = "none here"))
)]
async fn stop(api: web::Data<Api>, caller: Caller, id: web::Path<Uuid>) -> Answer<web::Json<ImportForm>> {
    let (company, id) = (&caller.principal.company, ImportId::from_uuid(*id));
    let now = api.clock.now();
    let ended = api.store.stop_import(company, id, &caller.origin(), now).await?;
    Ok(web::Json(ended.ok_or_else(Problem::not_found)?.into()))
}

/// Every active user as a table, by username, to be changed and imported again.
#[utoipa::path(
    get,
    path = "/api/v1/users.csv",
    tag = "imports",
    responses((status = 200, description = "the table", body = String, content_type = "text/csv"))
)]
pub(crate) async fn export(api: web::Data<Api>, caller: Caller) -> Answer<HttpResponse> {
    let present = api.store.config(&caller.principal.company).await?;
    let (config, _) = present.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"users.csv\""))
        .body(write_users(&config.users)))
}
