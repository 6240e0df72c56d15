//! What is known of our own ingest, kept where all replicas and the next start find it.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, upsert::excluded};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{IngestHealth, Timestamp};

use crate::{error::Error, schema::ingest_health, time};

/// The one row belongs to the installation.
const INSTALLATION: &str = "-";

type Row = (i64, i64, i64);

const COLUMNS: (
    ingest_health::seen_at,
    ingest_health::disturbed_at,
    ingest_health::caught_up_at,
) = (
    ingest_health::seen_at,
    ingest_health::disturbed_at,
    ingest_health::caught_up_at,
);

/// What is known; `None` where ingest never ran.
pub(crate) async fn known(connection: &mut AsyncPgConnection) -> Result<Option<IngestHealth>, Error> {
    let row: Option<Row> = ingest_health::table
        .find(INSTALLATION)
        .select(COLUMNS)
        .first(connection)
        .await
        .optional()?;
    Ok(row.map(health))
}

fn health((seen_at, disturbed_at, caught_up_at): Row) -> IngestHealth {
    IngestHealth {
        seen_at: Timestamp::from_micros(seen_at),
        disturbed_at: Timestamp::from_micros(disturbed_at),
        caught_up_at: Timestamp::from_micros(caught_up_at),
    }
}

/// Notes that ingest works and gives what is known now. Replicas take turns at the row.
pub(super) async fn seen(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
    interrupted: bool,
    database_time: bool,
) -> Result<IngestHealth, Error> {
    let before: Option<Row> = ingest_health::table
        .find(INSTALLATION)
        .select(COLUMNS)
        .for_update()
        .first(connection)
        .await
        .optional()?;
    let now = time::now(connection, now, database_time).await?;
    let health = IngestHealth::seen(before.map(health), now, interrupted);
    diesel::insert_into(ingest_health::table)
        .values((
            ingest_health::company_id.eq(INSTALLATION),
            ingest_health::seen_at.eq(health.seen_at.as_micros()),
            ingest_health::disturbed_at.eq(health.disturbed_at.as_micros()),
            ingest_health::caught_up_at.eq(health.caught_up_at.as_micros()),
        ))
        .on_conflict(ingest_health::company_id)
        .do_update()
        .set((
            ingest_health::seen_at.eq(excluded(ingest_health::seen_at)),
            ingest_health::disturbed_at.eq(excluded(ingest_health::disturbed_at)),
            ingest_health::caught_up_at.eq(excluded(ingest_health::caught_up_at)),
        ))
        .execute(connection)
        .await?;
    Ok(health)
}
