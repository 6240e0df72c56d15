//! The time by which leases and due rows go.

use diesel::{
    QueryableByName, define_sql_function,
    sql_types::{BigInt, Bool},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::Timestamp;

use crate::{error::Error, prepared::Prepared};

define_sql_function! {
    /// When a new row is due: not later than now by the server's clock, should that be the one that counts.
    fn onboarding_due(given: BigInt, by_our_clock: Bool) -> BigInt;
}

define_sql_function! {
    fn onboarding_now() -> BigInt;
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = BigInt)]
    now: i64,
}

/// Now: by the server's clock, or as the port was told.
pub(crate) async fn now(
    connection: &mut AsyncPgConnection,
    given: Timestamp,
    database_time: bool,
) -> Result<Timestamp, Error> {
    if !database_time {
        return Ok(given);
    }
    let now: i64 = diesel::select(onboarding_now()).get_result(connection).await?;
    Ok(Timestamp::from_micros(now))
}

/// Whose turn it is to lease. Any numbers that nobody else uses will do.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Turn {
    Inbox = 1_869_506_151,
    Outbox,
}

/// Waits for the turn to lease from a queue and gives the time, taken when the turn came.
///
/// One at a time, because of two that look at once the first may see a lane whose head the second does not, and both
/// would work in it. Leases take their rows by the batch and end at once, so the turn is no bottleneck.
pub(crate) async fn turn_to_lease(
    connection: &mut AsyncPgConnection,
    turn: Turn,
    given: Timestamp,
    database_time: bool,
) -> Result<Timestamp, Error> {
    let query = format!(
        "SELECT onboarding_now() AS now FROM pg_advisory_xact_lock({}) AS locked",
        turn as i64
    );
    let locked: Locked = Prepared(diesel::sql_query(query)).get_result(connection).await?;
    Ok(if database_time {
        Timestamp::from_micros(locked.now)
    } else {
        given
    })
}
