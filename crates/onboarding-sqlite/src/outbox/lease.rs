//! Gives messages out for one attempt each.

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, RunQueryDsl, SelectableHelper,
    SqliteConnection,
    sql_types::{BigInt, Binary, Text},
};
use onboarding_core::{
    Breaker, CompanyId, IngestHealth, LeaseToken, NewOutbound, OutboxItem, OutboxState, Passage, SendLimits,
    SentAgain, Timestamp, in_turns, ports::LeasedMessage,
};

use super::{breaker, message::MessageRow, rate};
use crate::{
    company,
    error::{Error, Place},
    inbox::health,
    key::Key,
    prepared::Prepared,
    room,
    schema::{outbox, outbox_attempts},
};

/// Companies with something to do.
const WITH_OPEN_ROWS: &str = "
    SELECT company_id FROM companies
    WHERE EXISTS (SELECT 1 FROM outbox WHERE outbox.company_id = companies.company_id AND settled_at IS NULL)";

/// Messages of a company that are due, the oldest unsettled of their account and client, not waiting for another, and whose rates
/// are not spent, of accounts that are not held back. A rate that is not written down was not used yet. What is in doubt goes by [`SendAgain::why`].
const DUE: &str = "
    SELECT company_id, outbox_id, place, account_id AS account, identity_id AS client, due_at AS wait_ended,
        unknown_attempts AS doubts
    FROM outbox AS due
    WHERE company_id = ?5 AND settled_at IS NULL AND state <> 'sending' AND due_at <= ?1
      AND (state <> 'unknown' OR ?6 > max(due_at, ?7) OR max(due_at, ?7) <= ?8)
      AND NOT EXISTS (
        SELECT 1 FROM outbox AS earlier
        WHERE earlier.company_id = due.company_id AND earlier.account_id = due.account_id
          AND earlier.identity_id = due.identity_id AND earlier.settled_at IS NULL AND earlier.place < due.place)
      AND NOT EXISTS (
        SELECT 1 FROM outbox AS first
        WHERE first.company_id = due.company_id AND first.outbox_id = due.after_id AND first.settled_at IS NULL)
      AND NOT EXISTS (
        SELECT 1 FROM send_rates AS number
        WHERE number.company_id = due.company_id AND number.account_id = due.account_id
          AND number.identity_id = zeroblob(16) AND number.paid_until > ?3)
      AND NOT EXISTS (
        SELECT 1 FROM send_rates AS pair
        WHERE pair.company_id = due.company_id AND pair.account_id = due.account_id
          AND pair.identity_id = due.identity_id AND pair.paid_until > ?4)
      AND NOT EXISTS (
        SELECT 1 FROM breakers AS breaker
        WHERE breaker.company_id = due.company_id AND breaker.account_id = due.account_id
          AND iif(due.unknown_attempts > 0, breaker.spared_until, breaker.held_until) > ?1)
    ORDER BY place LIMIT ?2";

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = Text)]
    company_id: String,
    #[diesel(sql_type = Binary)]
    outbox_id: Key,
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = Binary)]
    account: Key,
    #[diesel(sql_type = Binary)]
    client: Key,
    #[diesel(sql_type = BigInt)]
    wait_ended: i64,
    #[diesel(sql_type = BigInt)]
    doubts: i64,
}

/// A message that may go, and why although it may have gone before.
type Candidate = (Due, Option<SentAgain>);

#[derive(QueryableByName)]
struct Oldest {
    #[diesel(sql_type = BigInt)]
    arrival: i64,
}

/// The arrival of the first element of a company that is not worked off.
const OLDEST: &str = "
    SELECT arrival FROM inbox WHERE company_id = ?1 AND finished_at IS NULL ORDER BY arrival, place LIMIT 1";

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
    limits: SendLimits,
    tokens: Vec<LeaseToken>,
) -> Result<Vec<LeasedMessage>, Error> {
    let mut leased = Vec::new();
    let mut tokens = tokens.into_iter();
    // Each round ends with every message leased that it saw, or with one number more whose rate is spent.
    while tokens.len() > 0 {
        let candidates = due(connection, now, limits, tokens.len())?;
        let mut passed_over = false;
        for (due, again) in candidates {
            let breaker = breaker::of(connection, &due.company_id, due.account)?;
            let passage = Breaker::lets_pass(breaker, due.doubts > 0, now);
            let held = passage == Passage::Held;
            if held || !rate::take(connection, &due.company_id, due.account, due.client, limits, now)? {
                passed_over = true;
            } else if let Some(token) = tokens.next() {
                if let Passage::Probe(breaker) = passage {
                    breaker::keep(connection, &due.company_id, due.account, breaker)?;
                }
                let mut message = lease_one(connection, &due, again, token, now, until)?;
                message.item.troubled = breaker.is_some();
                leased.push(message);
            }
        }
        if !passed_over {
            break;
        }
    }
    Ok(leased)
}

/// What may be leased, of each company at most `limit` messages, in turns.
fn due(
    connection: &mut SqliteConnection,
    now: Timestamp,
    limits: SendLimits,
    limit: usize,
) -> Result<Vec<Candidate>, Error> {
    let mut due: Vec<Candidate> = Vec::new();
    let go = IngestHealth::lets_go(health::known(connection)?, now);
    // Nothing in doubt is past these.
    let (caught_up_at, past_its_patience) = go.map_or((i64::MAX, i64::MIN), |go| {
        (go.caught_up_at.as_micros(), go.past_its_patience.as_micros())
    });
    for company in company::named_by(connection, WITH_OPEN_ROWS)? {
        let oldest: Option<Oldest> = Prepared(diesel::sql_query(OLDEST).bind::<Text, _>(&company))
            .get_result(connection)
            .optional()?;
        let oldest = oldest.map(|row| row.arrival);
        let due_of = diesel::sql_query(DUE)
            .bind::<BigInt, _>(now.as_micros())
            .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
            .bind::<BigInt, _>(limits.number.last_ready(now).as_micros())
            .bind::<BigInt, _>(limits.pair.last_ready(now).as_micros())
            .bind::<Text, _>(company)
            .bind::<BigInt, _>(oldest.unwrap_or(i64::MAX))
            .bind::<BigInt, _>(caught_up_at)
            .bind::<BigInt, _>(past_its_patience);
        let of_company: Vec<Due> = Prepared(due_of).load(connection)?;
        let oldest = oldest.map(Timestamp::from_micros);
        due.extend(of_company.into_iter().map(|one| {
            let again = go.and_then(|go| go.why(Timestamp::from_micros(one.wait_ended), oldest));
            (one, again)
        }));
    }
    due.sort_by_key(|(message, _)| message.place);
    Ok(in_turns(due, |(message, _)| message.company_id.clone()))
}

fn lease_one(
    connection: &mut SqliteConnection,
    due: &Due,
    again: Option<SentAgain>,
    token: LeaseToken,
    now: Timestamp,
    until: Timestamp,
) -> Result<LeasedMessage, Error> {
    let row = (&due.company_id, due.outbox_id);
    let lease = diesel::update(outbox::table.find(row)).set((
        outbox::state.eq(OutboxState::Sending.as_str()),
        outbox::attempts.eq(outbox::attempts + 1),
        outbox::lease_token.eq(Key::from(token)),
        outbox::leased_until.eq(until.as_micros()),
    ));
    Prepared(lease).execute(connection)?;
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
    let message = message.message()?;
    let again = again.filter(|_| unknown_attempts > 0);
    let started_at = start(connection, &due.company_id, &message, now)?;
    diesel::insert_into(outbox_attempts::table)
        .values((
            outbox_attempts::company_id.eq(&due.company_id),
            outbox_attempts::outbox_id.eq(due.outbox_id),
            outbox_attempts::lease_token.eq(Key::from(token)),
            outbox_attempts::started_at.eq(started_at.as_micros()),
            outbox_attempts::again.eq(again.map(SentAgain::as_str)),
        ))
        .execute(connection)?;
    let item = OutboxItem {
        company: place.read("company_id", CompanyId::parse(&due.company_id))?,
        message,
        queued_at: Timestamp::from_micros(queued_at),
        attempts: place.read("attempts", u32::try_from(attempts))?,
        unknown_attempts: place.read("unknown_attempts", u32::try_from(unknown_attempts))?,
        again,
        troubled: false,
        sender: company::account::in_use(connection, &due.company_id, due.account)?,
        client_wrote_at: room::last_wrote_at(connection, &due.company_id, due.account, due.client)?,
    };
    Ok(LeasedMessage { token, item })
}

/// Now, or when that was settled which the message waited for, if another clock wrote that down as later: the record
/// shows their order.
fn start(
    connection: &mut SqliteConnection,
    company: &str,
    message: &NewOutbound,
    now: Timestamp,
) -> Result<Timestamp, Error> {
    let Some(after) = message.after else {
        return Ok(now);
    };
    let settled_at: Option<Option<i64>> = outbox::table
        .find((company, Key::from(after)))
        .select(outbox::settled_at)
        .first(connection)
        .optional()?;
    let settled_at = settled_at.flatten().map(Timestamp::from_micros);
    Ok(settled_at.map_or(now, |settled_at| settled_at.max(now)))
}
