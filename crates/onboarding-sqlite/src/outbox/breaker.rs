//! The breakers of accounts, kept where the next start finds them.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SqliteConnection};
use onboarding_core::{Breaker, Timestamp};

use crate::{error::Error, key::Key, schema::breakers};

/// The breaker of an account; `None` while all is well.
pub(super) fn of(
    connection: &mut SqliteConnection,
    company: &str,
    account: Key,
) -> Result<Option<Breaker>, Error> {
    let row: Option<(i64, i64, bool)> = breakers::table
        .find((company, account))
        .select((breakers::troubles, breakers::held_until, breakers::probing))
        .first(connection)
        .optional()?;
    Ok(row.map(|(troubles, held_until, probing)| Breaker {
        troubles: u32::try_from(troubles).unwrap_or(u32::MAX),
        held_until: Timestamp::from_micros(held_until),
        probing,
    }))
}

/// Keeps what is known now.
pub(super) fn keep(
    connection: &mut SqliteConnection,
    company: &str,
    account: Key,
    breaker: Breaker,
) -> Result<(), Error> {
    diesel::replace_into(breakers::table)
        .values((
            breakers::company_id.eq(company),
            breakers::account_id.eq(account),
            breakers::troubles.eq(i64::from(breaker.troubles)),
            breakers::held_until.eq(breaker.free_at(false).as_micros()),
            breakers::spared_until.eq(breaker.free_at(true).as_micros()),
            breakers::probing.eq(breaker.probing),
        ))
        .execute(connection)?;
    Ok(())
}

/// All is well again.
pub(super) fn forget(connection: &mut SqliteConnection, company: &str, account: Key) -> Result<(), Error> {
    diesel::delete(breakers::table.find((company, account))).execute(connection)?;
    Ok(())
}
