//! Imports of users.

mod row;
mod settle;

use std::time::Duration;

use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper, SqliteConnection,
};
use onboarding_core::{
    CompanyId, ImportId, LeaseToken, Timestamp,
    audit::{Origin, import_begun_entry, import_ended_entry},
    import::{Import, ImportRow, ImportState, NewImport, RefusedRow, SettledBatch},
    ports::{BatchOutcome, IMPORTS_KEPT, Imports, LeasedImport, StoreError},
};

use self::row::{ImportColumns, RefusedColumns, WaitingColumns, cells, mistakes, refused, waiting};
use crate::{
    SqliteStore, audit,
    error::{Error, Place},
    key::Key,
    schema::{import_rows, imports},
};

#[async_trait]
impl Imports for SqliteStore {
    async fn begin_import(
        &self,
        company: &CompanyId,
        import: NewImport,
        by: &Origin,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (company, by) = (company.clone(), by.clone());
        self.write("begin the import", move |connection| {
            begin(connection, &company, &import, &by, now)
        })
        .await
    }

    async fn import(&self, company: &CompanyId, id: ImportId) -> Result<Option<Import>, StoreError> {
        let company = company.clone();
        self.read("read the import", move |connection| {
            load(connection, &company, id)
        })
        .await
    }

    async fn imports(
        &self,
        company: &CompanyId,
        after: Option<ImportId>,
        limit: u32,
    ) -> Result<Vec<Import>, StoreError> {
        let company = company.clone();
        self.read("list the imports", move |connection| {
            let mut theirs = imports::table
                .filter(imports::company_id.eq(company.as_str()))
                .order(imports::import_id.desc())
                .limit(limit.into())
                .select(ImportColumns::as_select())
                .into_boxed();
            if let Some(after) = after {
                theirs = theirs.filter(imports::import_id.lt(Key::from(after)));
            }
            let rows: Vec<ImportColumns> = theirs.load(connection)?;
            Ok(rows
                .into_iter()
                .map(ImportColumns::import)
                .collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn refused_rows(
        &self,
        company: &CompanyId,
        id: ImportId,
        after: u32,
        limit: u32,
    ) -> Result<Vec<RefusedRow>, StoreError> {
        let company = company.clone();
        self.read("list the refused rows", move |connection| {
            let rows: Vec<RefusedColumns> = import_rows::table
                .filter(import_rows::company_id.eq(company.as_str()))
                .filter(import_rows::import_id.eq(Key::from(id)))
                .filter(import_rows::mistakes.is_not_null())
                .filter(import_rows::line.gt(i64::from(after)))
                .order(import_rows::line)
                .limit(limit.into())
                .select((import_rows::line, import_rows::username, import_rows::mistakes))
                .load(connection)?;
            Ok(rows.into_iter().map(refused).collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn stop_import(
        &self,
        company: &CompanyId,
        id: ImportId,
        by: &Origin,
        now: Timestamp,
    ) -> Result<Option<Import>, StoreError> {
        let (company, by) = (company.clone(), by.clone());
        self.write("stop the import", move |connection| {
            let Some(import) = load(connection, &company, id)? else {
                return Ok(None);
            };
            if import.state != ImportState::Running {
                return Ok(Some(import));
            }
            end(connection, &company, id, ImportState::Stopped, &by, now)
        })
        .await
    }

    async fn lease_import(
        &self,
        now: Timestamp,
        lease_for: Duration,
        token: LeaseToken,
    ) -> Result<Option<LeasedImport>, StoreError> {
        // Most of the time there is none, and nobody shall wait for the thread that writes.
        let free = self.read("look for an import", move |connection| free(connection, now));
        if free.await?.is_none() {
            return Ok(None);
        }
        self.write("lease an import", move |connection| {
            lease(connection, now, lease_for, token)
        })
        .await
    }

    async fn next_batch(&self, lease: &LeasedImport) -> Result<Vec<ImportRow>, StoreError> {
        let (company, id) = (lease.company.clone(), Key::from(lease.id));
        self.read("read the batch", move |connection| {
            let theirs = import_rows::table
                .filter(import_rows::company_id.eq(company.as_str()))
                .filter(import_rows::import_id.eq(id));
            let next: Option<i64> = theirs
                .filter(import_rows::batch.is_not_null())
                .select(diesel::dsl::min(import_rows::batch))
                .first(connection)?;
            let rows: Vec<WaitingColumns> = theirs
                .filter(import_rows::batch.eq(next))
                .filter(import_rows::batch.is_not_null())
                .order(import_rows::line)
                .select((import_rows::line, import_rows::cells))
                .load(connection)?;
            Ok(rows.into_iter().map(waiting).collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn settle_batch(
        &self,
        lease: &LeasedImport,
        settled: SettledBatch,
        now: Timestamp,
        lease_for: Duration,
    ) -> Result<BatchOutcome, StoreError> {
        let lease = lease.clone();
        self.write_or_undo("store the batch", move |connection| {
            settle::settle(connection, &lease, &settled, now, lease_for)
        })
        .await
    }
}

fn begin(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    import: &NewImport,
    by: &Origin,
    now: Timestamp,
) -> Result<bool, Error> {
    diesel::delete(imports::table)
        .filter(imports::company_id.eq(company.as_str()))
        .filter(imports::ended_at.lt((now - IMPORTS_KEPT).as_micros()))
        .execute(connection)?;
    let counts = import.counts();
    let begun = diesel::insert_into(imports::table)
        .values((
            imports::company_id.eq(company.as_str()),
            imports::import_id.eq(Key::from(import.id)),
            imports::state.eq(ImportState::Running.as_str()),
            imports::actor_kind.eq(by.actor.kind().as_str()),
            imports::actor_id.eq(by.actor.id()),
            imports::address.eq(by.address.map(|address| address.to_string())),
            imports::may_give_roles.eq(import.may_give_roles),
            imports::begun_at.eq(now.as_micros()),
            imports::total.eq(i64::from(counts.total)),
            imports::created.eq(0),
            imports::changed.eq(0),
            imports::unchanged.eq(0),
            imports::refused.eq(i64::from(counts.refused)),
        ))
        .on_conflict_do_nothing()
        .execute(connection)?;
    if begun == 0 {
        return Ok(false);
    }
    let key = (
        import_rows::company_id.eq(company.as_str()),
        import_rows::import_id.eq(Key::from(import.id)),
    );
    for (number, batch) in (0_i64..).zip(&import.batches) {
        for row in batch {
            diesel::insert_into(import_rows::table)
                .values((
                    key,
                    import_rows::line.eq(i64::from(row.line)),
                    import_rows::username.eq(row.username()),
                    import_rows::batch.eq(number),
                    import_rows::cells.eq(cells(row)?),
                ))
                .execute(connection)?;
        }
    }
    for row in &import.refused {
        diesel::insert_into(import_rows::table)
            .values((
                key,
                import_rows::line.eq(i64::from(row.line)),
                import_rows::username.eq(&row.username),
                import_rows::mistakes.eq(mistakes(row)?),
            ))
            .execute(connection)?;
    }
    audit::append(connection, company, &[import_begun_entry(by, import, now)])?;
    Ok(true)
}

fn load(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    id: ImportId,
) -> Result<Option<Import>, Error> {
    let row: Option<ImportColumns> = imports::table
        .find((company.as_str(), Key::from(id)))
        .select(ImportColumns::as_select())
        .first(connection)
        .optional()?;
    Ok(row.map(ImportColumns::import).transpose()?)
}

/// Ends a running import, whose waiting rows are forgotten.
fn end(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    id: ImportId,
    state: ImportState,
    by: &Origin,
    now: Timestamp,
) -> Result<Option<Import>, Error> {
    diesel::delete(import_rows::table)
        .filter(import_rows::company_id.eq(company.as_str()))
        .filter(import_rows::import_id.eq(Key::from(id)))
        .filter(import_rows::batch.is_not_null())
        .execute(connection)?;
    diesel::update(imports::table.find((company.as_str(), Key::from(id))))
        .set((
            imports::state.eq(state.as_str()),
            imports::ended_at.eq(now.as_micros()),
            imports::lease_token.eq(None::<Key>),
            imports::leased_until.eq(None::<i64>),
        ))
        .execute(connection)?;
    let ended = load(connection, company, id)?;
    if let Some(import) = &ended {
        audit::append(connection, company, &[import_ended_entry(by, import, now)])?;
    }
    Ok(ended)
}

/// The running import that began first and that nobody works on.
fn free(connection: &mut SqliteConnection, now: Timestamp) -> Result<Option<(String, Key)>, Error> {
    let running: Vec<(String, Key, Option<i64>)> = imports::table
        .filter(imports::ended_at.is_null())
        .order((imports::begun_at, imports::import_id))
        .select((imports::company_id, imports::import_id, imports::leased_until))
        .load(connection)?;
    let free =
        |(_, _, until): &(String, Key, Option<i64>)| until.is_none_or(|until| until <= now.as_micros());
    let first = running.into_iter().find(free);
    Ok(first.map(|(company, id, _)| (company, id)))
}

fn lease(
    connection: &mut SqliteConnection,
    now: Timestamp,
    lease_for: Duration,
    token: LeaseToken,
) -> Result<Option<LeasedImport>, Error> {
    let Some((company, id)) = free(connection, now)? else {
        return Ok(None);
    };
    diesel::update(imports::table.find((&company, id)))
        .set((
            imports::lease_token.eq(Key::from(token)),
            imports::leased_until.eq((now + lease_for).as_micros()),
        ))
        .execute(connection)?;
    let place = Place {
        table: "imports",
        row: &id,
    };
    let company = place.read("company_id", CompanyId::parse(&company))?;
    let import = load(connection, &company, id.into())?;
    Ok(import.map(|import| LeasedImport {
        company,
        id: import.id,
        token,
        by: import.by,
        may_give_roles: import.may_give_roles,
    }))
}
