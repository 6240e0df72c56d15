//! What became of a batch.

use std::time::Duration;

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl,
    dsl::{exists, select},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    Timestamp,
    import::{ImportState, SettledBatch},
    ports::{ApplyOutcome, BatchOutcome, LeasedImport},
};

use super::{end, row::mistakes};
use crate::{
    config::apply::apply,
    error::{Error, Undo},
    key::Key,
    schema::{import_rows, imports},
    time,
};

/// Stores it, if the lease holds and the company is as it was when the rows were judged.
pub(super) async fn settle(
    connection: &mut AsyncPgConnection,
    lease: &LeasedImport,
    settled: &SettledBatch,
    now: Timestamp,
    lease_for: Duration,
    database_time: bool,
) -> Result<BatchOutcome, Undo<BatchOutcome>> {
    if !holds(connection, lease).await? {
        return Err(Undo::Answer(BatchOutcome::LeaseLost));
    }
    if !settled.changes.is_empty() {
        let (company, revision) = (&lease.company, Some(settled.revision));
        match apply(connection, company, revision, &settled.changes, &lease.by, now).await {
            Ok(ApplyOutcome::Applied(_)) => {}
            Ok(ApplyOutcome::Stale) | Err(Undo::Answer(ApplyOutcome::Stale)) => {
                return Err(Undo::Answer(BatchOutcome::Stale));
            }
            Ok(ApplyOutcome::Taken(why) | ApplyOutcome::InUse(why))
            | Err(Undo::Answer(ApplyOutcome::Taken(why) | ApplyOutcome::InUse(why))) => {
                return Err(Error::Impossible(why).into());
            }
            Err(Undo::Answer(ApplyOutcome::Applied(_))) => {
                return Err(Error::Impossible("applied and undone".to_owned()).into());
            }
            Err(Undo::Error(error)) => return Err(error.into()),
        }
    }
    note_rows(connection, lease, settled).await?;
    let until = time::now(connection, now, database_time).await? + lease_for;
    note_progress(connection, lease, settled, until).await?;
    if waits(connection, lease).await? {
        return Ok(BatchOutcome::Settled(ImportState::Running));
    }
    let finished = ImportState::Finished;
    end(connection, &lease.company, lease.id, finished, &lease.by, now).await?;
    Ok(BatchOutcome::Settled(finished))
}

async fn holds(connection: &mut AsyncPgConnection, lease: &LeasedImport) -> Result<bool, Error> {
    let held: Option<Option<Key>> = imports::table
        .find((lease.company.as_str(), Key::from(lease.id)))
        .filter(imports::ended_at.is_null())
        .select(imports::lease_token)
        .for_update()
        .first(connection)
        .await
        .optional()?;
    Ok(held.flatten() == Some(lease.token.into()))
}

async fn note_rows(
    connection: &mut AsyncPgConnection,
    lease: &LeasedImport,
    settled: &SettledBatch,
) -> Result<(), Error> {
    let (company, import) = (lease.company.as_str(), Key::from(lease.id));
    let done: Vec<_> = settled.done.iter().map(|line| i64::from(*line)).collect();
    diesel::delete(import_rows::table)
        .filter(import_rows::company_id.eq(company))
        .filter(import_rows::import_id.eq(import))
        .filter(import_rows::line.eq_any(done))
        .execute(connection)
        .await?;
    for row in &settled.refused {
        diesel::update(import_rows::table.find((company, import, i64::from(row.line))))
            .set((
                import_rows::batch.eq(None::<i64>),
                import_rows::cells.eq(None::<serde_json::Value>),
                import_rows::mistakes.eq(mistakes(row)?),
            ))
            .execute(connection)
            .await?;
    }
    Ok(())
}

async fn note_progress(
    connection: &mut AsyncPgConnection,
    lease: &LeasedImport,
    settled: &SettledBatch,
    until: Timestamp,
) -> Result<(), Error> {
    let counts = &settled.counts;
    diesel::update(imports::table.find((lease.company.as_str(), Key::from(lease.id))))
        .set((
            imports::created.eq(imports::created + i64::from(counts.created)),
            imports::changed.eq(imports::changed + i64::from(counts.changed)),
            imports::unchanged.eq(imports::unchanged + i64::from(counts.unchanged)),
            imports::refused.eq(imports::refused + i64::from(counts.refused)),
            imports::leased_until.eq(until.as_micros()),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

async fn waits(connection: &mut AsyncPgConnection, lease: &LeasedImport) -> Result<bool, Error> {
    let waiting = import_rows::table
        .filter(import_rows::company_id.eq(lease.company.as_str()))
        .filter(import_rows::import_id.eq(Key::from(lease.id)))
        .filter(import_rows::batch.is_not_null());
    Ok(select(exists(waiting)).get_result(connection).await?)
}
