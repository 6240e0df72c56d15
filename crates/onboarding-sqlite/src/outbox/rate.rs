//! The rates of senders, kept where all replicas and the next start find them.

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SqliteConnection, upsert::excluded,
};
use onboarding_core::{SendLimits, Timestamp};

use crate::{error::Error, key::Key, schema::send_rates};

/// Takes one from the rates of the number and of the pair; `false`, and nothing taken, if one of them is spent.
pub(super) fn take(
    connection: &mut SqliteConnection,
    company: &str,
    account: Key,
    client: Key,
    limits: SendLimits,
    now: Timestamp,
) -> Result<bool, Error> {
    let number = limits
        .number
        .take(state(connection, company, account, Key::NONE)?, now);
    let pair = limits
        .pair
        .take(state(connection, company, account, client)?, now);
    let (Ok(number), Ok(pair)) = (number, pair) else {
        return Ok(false);
    };
    keep(connection, company, account, Key::NONE, number)?;
    keep(connection, company, account, client, pair)?;
    Ok(true)
}

/// Spends the rate of the number until then; a rate that is spent for longer stays as it is.
pub(super) fn spend_until(
    connection: &mut SqliteConnection,
    company: &str,
    account: Key,
    until: Timestamp,
) -> Result<(), Error> {
    let present = state(connection, company, account, Key::NONE)?;
    keep(
        connection,
        company,
        account,
        Key::NONE,
        present.map_or(until, |present| present.max(until)),
    )
}

fn state(
    connection: &mut SqliteConnection,
    company: &str,
    account: Key,
    identity: Key,
) -> Result<Option<Timestamp>, Error> {
    let paid_until: Option<i64> = send_rates::table
        .find((company, account, identity))
        .select(send_rates::paid_until)
        .first(connection)
        .optional()?;
    Ok(paid_until.map(Timestamp::from_micros))
}

fn keep(
    connection: &mut SqliteConnection,
    company: &str,
    account: Key,
    identity: Key,
    paid_until: Timestamp,
) -> Result<(), Error> {
    diesel::insert_into(send_rates::table)
        .values((
            send_rates::company_id.eq(company),
            send_rates::account_id.eq(account),
            send_rates::identity_id.eq(identity),
            send_rates::paid_until.eq(paid_until.as_micros()),
        ))
        .on_conflict((
            send_rates::company_id,
            send_rates::account_id,
            send_rates::identity_id,
        ))
        .do_update()
        .set(send_rates::paid_until.eq(excluded(send_rates::paid_until)))
        .execute(connection)?;
    Ok(())
}
