//! Gives messages out for one attempt each.

use diesel::{
    ExpressionMethods, QueryDsl, QueryableByName, RunQueryDsl, SelectableHelper, SqliteConnection,
    sql_types::{BigInt, Binary, Text},
};
use onboarding_core::{CompanyId, LeaseToken, OutboxItem, OutboxState, Timestamp, ports::LeasedMessage};

use super::message::MessageRow;
use crate::{
    error::{Error, Place},
    key::Key,
    schema::{outbox, outbox_attempts},
};

/// Messages that are due, the oldest unsettled of their account and client, and not waiting for another.
const DUE: &str = "
    SELECT company_id, outbox_id FROM outbox AS due
    WHERE settled_at IS NULL AND state <> 'sending' AND due_at <= ?1
      AND NOT EXISTS (
        SELECT 1 FROM outbox AS earlier
        WHERE earlier.company_id = due.company_id AND earlier.account_id = due.account_id
          AND earlier.identity_id = due.identity_id AND earlier.settled_at IS NULL AND earlier.place < due.place)
      AND NOT EXISTS (
        SELECT 1 FROM outbox AS first
        WHERE first.company_id = due.company_id AND first.outbox_id = due.after_id AND first.settled_at IS NULL)
    ORDER BY place LIMIT ?2";

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = Text)]
    company_id: String,
    #[diesel(sql_type = Binary)]
    outbox_id: Key,
}

/// A lease that ran out is an attempt that may have gone out: its process died, or it hangs.
pub(super) fn give_up_on_the_lost(
    connection: &mut SqliteConnection,
    now: Timestamp,
    unknown_until: Timestamp,
) -> Result<(), Error> {
    let lost: Vec<(String, Key, Option<Key>)> = outbox::table
        .filter(outbox::settled_at.is_null())
        .filter(outbox::leased_until.le(now.as_micros()))
        .select((outbox::company_id, outbox::outbox_id, outbox::lease_token))
        .load(connection)?;
    for (company, id, token) in lost {
        diesel::update(outbox::table.find((&company, id)))
            .set((
                outbox::state.eq(OutboxState::Unknown.as_str()),
                outbox::due_at.eq(unknown_until.as_micros()),
                outbox::unknown_attempts.eq(outbox::unknown_attempts + 1),
                outbox::lease_token.eq(None::<Key>),
                outbox::leased_until.eq(None::<i64>),
            ))
            .execute(connection)?;
        if let Some(token) = token {
            diesel::update(outbox_attempts::table.find((&company, id, token)))
                .set((
                    outbox_attempts::ended_at.eq(now.as_micros()),
                    outbox_attempts::outcome.eq("lease ran out"),
                ))
                .execute(connection)?;
        }
    }
    Ok(())
}

/// Leases what is due, one message a token at the most.
pub(super) fn lease(
    connection: &mut SqliteConnection,
    now: Timestamp,
    until: Timestamp,
    tokens: Vec<LeaseToken>,
) -> Result<Vec<LeasedMessage>, Error> {
    let limit = i64::try_from(tokens.len()).unwrap_or(i64::MAX);
    let due: Vec<Due> = diesel::sql_query(DUE)
        .bind::<BigInt, _>(now.as_micros())
        .bind::<BigInt, _>(limit)
        .load(connection)?;
    due.into_iter()
        .zip(tokens)
        .map(|(due, token)| lease_one(connection, &due, token, now, until))
        .collect()
}

fn lease_one(
    connection: &mut SqliteConnection,
    due: &Due,
    token: LeaseToken,
    now: Timestamp,
    until: Timestamp,
) -> Result<LeasedMessage, Error> {
    let row = (&due.company_id, due.outbox_id);
    diesel::update(outbox::table.find(row))
        .set((
            outbox::state.eq(OutboxState::Sending.as_str()),
            outbox::attempts.eq(outbox::attempts + 1),
            outbox::lease_token.eq(Key::from(token)),
            outbox::leased_until.eq(until.as_micros()),
        ))
        .execute(connection)?;
    diesel::insert_into(outbox_attempts::table)
        .values((
            outbox_attempts::company_id.eq(&due.company_id),
            outbox_attempts::outbox_id.eq(due.outbox_id),
            outbox_attempts::lease_token.eq(Key::from(token)),
            outbox_attempts::started_at.eq(now.as_micros()),
        ))
        .execute(connection)?;
    let (message, queued_at, attempts, unknown_attempts): (MessageRow, i64, i64, i64) = outbox::table
        .find(row)
        .select((
            MessageRow::as_select(),
            outbox::queued_at,
            outbox::attempts,
            outbox::unknown_attempts,
        ))
        .first(connection)?;
    let place = Place {
        table: "outbox",
        row: &due.outbox_id,
    };
    let item = OutboxItem {
        company: place.read("company_id", CompanyId::parse(&due.company_id))?,
        message: message.message()?,
        queued_at: Timestamp::from_micros(queued_at),
        attempts: place.read("attempts", u32::try_from(attempts))?,
        unknown_attempts: place.read("unknown_attempts", u32::try_from(unknown_attempts))?,
    };
    Ok(LeasedMessage { token, item })
}
