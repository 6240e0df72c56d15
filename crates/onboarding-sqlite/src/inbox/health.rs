//! What is known of our own ingest, kept where the next start finds it.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SqliteConnection};
use onboarding_core::{IngestHealth, Timestamp};

use crate::{error::Error, schema::ingest_health};

/// The one row belongs to the installation.
const INSTALLATION: &str = "-";

/// What is known; `None` where ingest never ran.
pub(crate) fn known(connection: &mut SqliteConnection) -> Result<Option<IngestHealth>, Error> {
    let row: Option<(i64, i64, i64)> = ingest_health::table
        .find(INSTALLATION)
        .select((
            ingest_health::seen_at,
            ingest_health::disturbed_at,
            ingest_health::caught_up_at,
        ))
        .first(connection)
        .optional()?;
    Ok(row.map(|(seen_at, disturbed_at, caught_up_at)| IngestHealth {
        seen_at: Timestamp::from_micros(seen_at),
        disturbed_at: Timestamp::from_micros(disturbed_at),
        caught_up_at: Timestamp::from_micros(caught_up_at),
    }))
}

/// Notes that ingest works and gives what is known now.
pub(super) fn seen(
    connection: &mut SqliteConnection,
    now: Timestamp,
    interrupted: bool,
) -> Result<IngestHealth, Error> {
    let health = IngestHealth::seen(known(connection)?, now, interrupted);
    diesel::replace_into(ingest_health::table)
        .values((
            ingest_health::company_id.eq(INSTALLATION),
            ingest_health::seen_at.eq(health.seen_at.as_micros()),
            ingest_health::disturbed_at.eq(health.disturbed_at.as_micros()),
            ingest_health::caught_up_at.eq(health.caught_up_at.as_micros()),
        ))
        .execute(connection)?;
    Ok(health)
}
