//! Imports of users.

mod row;
mod settle;

use std::time::Duration;

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl,
    SelectableHelper,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    CompanyId, ImportId, LeaseToken, Timestamp,
    audit::{Origin, import_begun_entry, import_ended_entry},
    import::{Import, ImportRow, ImportState, NewImport, RefusedRow, SettledBatch},
    ports::{BatchOutcome, IMPORTS_KEPT, Imports, LeasedImport, StoreError},
};

use self::row::{ImportColumns, RefusedColumns, WaitingColumns, cells, mistakes, refused, waiting};
use crate::{
    PostgresStore, audit,
    error::{Error, Place},
    key::Key,
    schema::{import_rows, imports},
    text::clean,
    time,
    transaction::{Scope, transaction},
};

/// Rows that one statement inserts, far below the number of values that it may have.
const AT_ONCE: usize = 1_000;

#[async_trait]
impl Imports for PostgresStore {
    async fn begin_import(
        &self,
        company: &CompanyId,
        import: NewImport,
        by: &Origin,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut attempts = self.write("begin the import", Scope::Company(company));
        let import = &import;
        transaction!(attempts, |connection| begin(connection, company, import, by, now))
    }

    async fn import(&self, company: &CompanyId, id: ImportId) -> Result<Option<Import>, StoreError> {
        let mut attempts = self.read("read the import", Scope::Company(company));
        transaction!(attempts, |connection| load(connection, company, id))
    }

    async fn imports(
        &self,
        company: &CompanyId,
        after: Option<ImportId>,
        limit: u32,
    ) -> Result<Vec<Import>, StoreError> {
        let mut attempts = self.read("list the imports", Scope::Company(company));
        transaction!(attempts, |connection| list(connection, company, after, limit))
    }

    async fn refused_rows(
        &self,
        company: &CompanyId,
        id: ImportId,
        after: u32,
        limit: u32,
    ) -> Result<Vec<RefusedRow>, StoreError> {
        let mut attempts = self.read("list the refused rows", Scope::Company(company));
        transaction!(attempts, |connection| refused_rows(
            connection, company, id, after, limit
        ))
    }

    async fn stop_import(
        &self,
        company: &CompanyId,
        id: ImportId,
        by: &Origin,
        now: Timestamp,
    ) -> Result<Option<Import>, StoreError> {
        let mut attempts = self.write("stop the import", Scope::Company(company));
        transaction!(attempts, |connection| stop(connection, company, id, by, now))
    }

    async fn lease_import(
        &self,
        now: Timestamp,
        lease_for: Duration,
        token: LeaseToken,
    ) -> Result<Option<LeasedImport>, StoreError> {
        let mut attempts = self.write("lease an import", Scope::Installation);
        let database_time = self.database_time();
        transaction!(attempts, |connection| lease(
            connection,
            now,
            lease_for,
            token,
            database_time
        ))
    }

    async fn next_batch(&self, lease: &LeasedImport) -> Result<Vec<ImportRow>, StoreError> {
        let mut attempts = self.read("read the batch", Scope::Company(&lease.company));
        transaction!(attempts, |connection| next_batch(connection, lease))
    }

    async fn settle_batch(
        &self,
        lease: &LeasedImport,
        settled: SettledBatch,
        now: Timestamp,
        lease_for: Duration,
    ) -> Result<BatchOutcome, StoreError> {
        let mut attempts = self.write("store the batch", Scope::Company(&lease.company));
        let (settled, database_time) = (&settled, self.database_time());
        transaction!(attempts, |connection| settle::settle(
            connection,
            lease,
            settled,
            now,
            lease_for,
            database_time
        ))
    }
}

async fn list(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    after: Option<ImportId>,
    limit: u32,
) -> Result<Vec<Import>, Error> {
    let mut theirs = imports::table
        .filter(imports::company_id.eq(company.as_str()))
        .order(imports::import_id.desc())
        .limit(limit.into())
        .select(ImportColumns::as_select())
        .into_boxed();
    if let Some(after) = after {
        theirs = theirs.filter(imports::import_id.lt(Key::from(after)));
    }
    let rows: Vec<ImportColumns> = theirs.load(connection).await?;
    Ok(rows
        .into_iter()
        .map(ImportColumns::import)
        .collect::<Result<_, _>>()?)
}

async fn refused_rows(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    id: ImportId,
    after: u32,
    limit: u32,
) -> Result<Vec<RefusedRow>, Error> {
    let rows: Vec<RefusedColumns> = import_rows::table
        .filter(import_rows::company_id.eq(company.as_str()))
        .filter(import_rows::import_id.eq(Key::from(id)))
        .filter(import_rows::mistakes.is_not_null())
        .filter(import_rows::line.gt(i64::from(after)))
        .order(import_rows::line)
        .limit(limit.into())
        .select((import_rows::line, import_rows::username, import_rows::mistakes))
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(refused).collect::<Result<_, _>>()?)
}

async fn stop(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    id: ImportId,
    by: &Origin,
    now: Timestamp,
) -> Result<Option<Import>, Error> {
    // A batch that is being stored has the row locked.
    let there: Option<Key> = imports::table
        .find((company.as_str(), Key::from(id)))
        .select(imports::import_id)
        .for_update()
        .first(connection)
        .await
        .optional()?;
    if there.is_none() {
        return Ok(None);
    }
    let import = load(connection, company, id).await?;
    if import
        .as_ref()
        .is_some_and(|one| one.state != ImportState::Running)
    {
        return Ok(import);
    }
    end(connection, company, id, ImportState::Stopped, by, now).await
}

async fn next_batch(
    connection: &mut AsyncPgConnection,
    lease: &LeasedImport,
) -> Result<Vec<ImportRow>, Error> {
    let theirs = import_rows::table
        .filter(import_rows::company_id.eq(lease.company.as_str()))
        .filter(import_rows::import_id.eq(Key::from(lease.id)));
    let next: Option<i64> = theirs
        .filter(import_rows::batch.is_not_null())
        .select(diesel::dsl::min(import_rows::batch))
        .first(connection)
        .await?;
    let rows: Vec<WaitingColumns> = theirs
        .filter(import_rows::batch.eq(next))
        .filter(import_rows::batch.is_not_null())
        .order(import_rows::line)
        .select((import_rows::line, import_rows::cells))
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(waiting).collect::<Result<_, _>>()?)
}

async fn begin(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    import: &NewImport,
    by: &Origin,
    now: Timestamp,
) -> Result<bool, Error> {
    diesel::delete(imports::table)
        .filter(imports::company_id.eq(company.as_str()))
        .filter(imports::ended_at.lt((now - IMPORTS_KEPT).as_micros()))
        .execute(connection)
        .await?;
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
        .execute(connection)
        .await?;
    if begun == 0 {
        return Ok(false);
    }
    let key = (
        import_rows::company_id.eq(company.as_str()),
        import_rows::import_id.eq(Key::from(import.id)),
    );
    let mut waiting = Vec::new();
    for (number, batch) in (0_i64..).zip(&import.batches) {
        for row in batch {
            waiting.push((
                key,
                import_rows::line.eq(i64::from(row.line)),
                import_rows::username.eq(clean(row.username())),
                import_rows::batch.eq(number),
                import_rows::cells.eq(cells(row)?),
            ));
        }
    }
    for rows in waiting.chunks(AT_ONCE) {
        diesel::insert_into(import_rows::table)
            .values(rows)
            .execute(connection)
            .await?;
    }
    let mut refused = Vec::new();
    for row in &import.refused {
        refused.push((
            key,
            import_rows::line.eq(i64::from(row.line)),
            import_rows::username.eq(clean(&row.username)),
            import_rows::mistakes.eq(mistakes(row)?),
        ));
    }
    for rows in refused.chunks(AT_ONCE) {
        diesel::insert_into(import_rows::table)
            .values(rows)
            .execute(connection)
            .await?;
    }
    audit::append(connection, company, &[import_begun_entry(by, import, now)]).await?;
    Ok(true)
}

async fn load(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    id: ImportId,
) -> Result<Option<Import>, Error> {
    let row: Option<ImportColumns> = imports::table
        .find((company.as_str(), Key::from(id)))
        .select(ImportColumns::as_select())
        .first(connection)
        .await
        .optional()?;
    Ok(row.map(ImportColumns::import).transpose()?)
}

/// Ends a running import, whose waiting rows are forgotten.
async fn end(
    connection: &mut AsyncPgConnection,
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
        .execute(connection)
        .await?;
    diesel::update(imports::table.find((company.as_str(), Key::from(id))))
        .set((
            imports::state.eq(state.as_str()),
            imports::ended_at.eq(now.as_micros()),
            imports::lease_token.eq(None::<Key>),
            imports::leased_until.eq(None::<i64>),
        ))
        .execute(connection)
        .await?;
    let ended = load(connection, company, id).await?;
    if let Some(import) = &ended {
        audit::append(connection, company, &[import_ended_entry(by, import, now)]).await?;
    }
    Ok(ended)
}

async fn lease(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
    lease_for: Duration,
    token: LeaseToken,
    database_time: bool,
) -> Result<Option<LeasedImport>, Error> {
    let now = time::now(connection, now, database_time).await?;
    let free = imports::leased_until
        .is_null()
        .or(imports::leased_until.le(now.as_micros()));
    let first: Option<(String, Key)> = imports::table
        .filter(imports::ended_at.is_null())
        .filter(free.assume_not_null())
        .order((imports::begun_at, imports::import_id))
        .select((imports::company_id, imports::import_id))
        .for_update()
        .skip_locked()
        .first(connection)
        .await
        .optional()?;
    let Some((company, id)) = first else {
        return Ok(None);
    };
    diesel::update(imports::table.find((&company, id)))
        .set((
            imports::lease_token.eq(Key::from(token)),
            imports::leased_until.eq((now + lease_for).as_micros()),
        ))
        .execute(connection)
        .await?;
    let place = Place {
        table: "imports",
        row: &id,
    };
    let company = place.read("company_id", CompanyId::parse(&company))?;
    let import = load(connection, &company, id.into()).await?;
    Ok(import.map(|import| LeasedImport {
        company,
        id: import.id,
        token,
        by: import.by,
        may_give_roles: import.may_give_roles,
    }))
}
