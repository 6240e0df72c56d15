//! Gives messages out for one attempt each.

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    CompanyId, IngestHealth, LeaseToken, OfficialAccount, OfficialAccountId, OutboxItem, Passage, SendAgain,
    SendLimits, SentAgain, Timestamp, ports::LeasedMessage,
};

use super::{breaker::Breakers, message::MessageRow, rate::Rates};
use crate::{
    company::account::account,
    error::{BadRow, Error, Place},
    inbox::health,
    key::Key,
    prepared::Prepared,
};

/// A lease that ran out is an attempt that may have gone out: its process died, or it hangs.
const GIVE_UP: &str = "
    WITH lost AS (
        SELECT company_id, outbox_id, lease_token FROM outbox
        WHERE leased_until <= $1 AND settled_at IS NULL
        FOR UPDATE SKIP LOCKED
    ), given_up AS (
        UPDATE outbox
        SET state = 'unknown', due_at = $2, unknown_attempts = unknown_attempts + 1,
            lease_token = NULL, leased_until = NULL
        FROM lost WHERE (outbox.company_id, outbox.outbox_id) = (lost.company_id, lost.outbox_id)
    )
    UPDATE outbox_attempts SET ended_at = $1, outcome = 'lease ran out'
    FROM lost
    WHERE (outbox_attempts.company_id, outbox_attempts.outbox_id, outbox_attempts.lease_token)
        = (lost.company_id, lost.outbox_id, lost.lease_token)";

/// Messages that are due, the oldest unsettled of their account and client, nobody at work there, not waiting for
/// another, and whose rates are not spent, of accounts that are not held back; with the states of the rates, which are NULL before the first message. What is
/// in doubt goes by [`SendAgain::why`]. Of each company as many as could be leased; then in turns, the oldest of each company first, so that one with many
/// messages does not make the others wait.
///
/// Questions about a lane are subqueries that give a value, and the last condition names the state instead of asking
/// for NULL: as an anti-join, or by a partial index, a server without statistics reads the whole queue for each row, and
/// the statistics of a queue are hardly ever right.
const DUE: &str = "
    WITH due AS MATERIALIZED (
        SELECT of_company.*, row_number() OVER (PARTITION BY of_company.company_id ORDER BY place) AS rank
        FROM companies CROSS JOIN LATERAL (
            SELECT (
                SELECT arrival FROM inbox
                WHERE inbox.company_id = companies.company_id AND finished_at IS NULL
                ORDER BY arrival, inbox.place LIMIT 1) AS oldest
        ) AS waiting CROSS JOIN LATERAL (
            SELECT first.company_id, outbox_id, place, number, pair, oldest, unknown_attempts > 0 AS in_doubt
            FROM outbox AS first CROSS JOIN LATERAL (
                SELECT
                    (SELECT paid_until FROM send_rates AS rate
                        WHERE (rate.company_id, rate.account_id, rate.identity_id)
                            = (first.company_id, first.account_id, '00000000-0000-0000-0000-000000000000')) AS number,
                    (SELECT paid_until FROM send_rates AS rate
                        WHERE (rate.company_id, rate.account_id, rate.identity_id)
                            = (first.company_id, first.account_id, first.identity_id)) AS pair,
                    (SELECT CASE WHEN first.unknown_attempts > 0 THEN spared_until ELSE held_until END
                        FROM breakers AS breaker
                        WHERE (breaker.company_id, breaker.account_id) = (first.company_id, first.account_id)) AS held
            ) AS rates
            WHERE first.company_id = companies.company_id AND settled_at IS NULL AND lease_token IS NULL
              AND due_at <= $1
              AND (state <> 'unknown' OR coalesce(oldest > greatest(due_at, $5), $5 <= $1)
                OR greatest(due_at, $5) <= $6)
              AND coalesce(number <= $3, true) AND coalesce(pair <= $4, true)
              AND coalesce(held <= $1, true)
              AND place = (
                SELECT min(other.place) FROM outbox AS other
                WHERE other.company_id = first.company_id AND other.account_id = first.account_id
                  AND other.identity_id = first.identity_id AND other.settled_at IS NULL)
              AND 0 = (
                SELECT count(*) FROM outbox AS other
                WHERE other.company_id = first.company_id AND other.account_id = first.account_id
                  AND other.identity_id = first.identity_id AND other.settled_at IS NULL
                  AND other.lease_token IS NOT NULL)
              AND (
                SELECT before.settled_at IS NULL FROM outbox AS before
                WHERE before.company_id = first.company_id AND before.outbox_id = first.after_id) IS NOT TRUE
            ORDER BY place LIMIT $2
        ) AS of_company
    )
    SELECT outbox.company_id, outbox.outbox_id, outbox.account_id AS account, outbox.identity_id AS client,
           due.number, due.pair, due.oldest, outbox.due_at AS wait_ended, due.in_doubt
    FROM outbox JOIN due USING (company_id, outbox_id)
    WHERE outbox.state IN ('pending', 'unknown')
    ORDER BY due.rank, outbox.place LIMIT $2
    FOR UPDATE OF outbox SKIP LOCKED";

/// With what the sending needs to know, so that it asks for nothing more. The attempt is written down in the statement that
/// gives the message out: as begun now, or when that was settled
/// which the message waited for, if another clock wrote that down as later; the record shows their order.
const LEASE: &str = "
    WITH leased AS (
        UPDATE outbox
        SET state = 'sending', attempts = attempts + 1, lease_token = chosen.token, leased_until = $5
        FROM unnest($1, $2, $3, $6) WITH ORDINALITY AS chosen (company_id, outbox_id, token, why, number)
        WHERE (outbox.company_id, outbox.outbox_id) = (chosen.company_id, chosen.outbox_id)
        RETURNING outbox.*, number, CASE WHEN unknown_attempts > 0 THEN why END AS again
    ), attempted AS (
        INSERT INTO outbox_attempts (company_id, outbox_id, lease_token, started_at, again)
        SELECT company_id, outbox_id, lease_token, greatest($4, (
            SELECT first.settled_at FROM outbox AS first
            WHERE (first.company_id, first.outbox_id) = (leased.company_id, leased.after_id))), again
        FROM leased
    )
    SELECT leased.*, sender.phone_number, sender.phone_number_id, sender.waba_id, sender.retired_at, (
        SELECT last_wrote_at FROM client_windows AS written
        WHERE (written.company_id, written.account_id, written.identity_id)
            = (leased.company_id, leased.account_id, leased.identity_id)) AS client_wrote_at
    FROM leased LEFT JOIN official_accounts AS sender
        ON (sender.company_id, sender.account_id) = (leased.company_id, leased.account_id) AND sender.removed_at IS NULL
    ORDER BY number";

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = Text)]
    company_id: String,
    #[diesel(sql_type = Uuid)]
    outbox_id: Key,
    #[diesel(sql_type = Uuid)]
    account: Key,
    #[diesel(sql_type = Uuid)]
    client: Key,
    #[diesel(sql_type = Nullable<BigInt>)]
    number: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pair: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    oldest: Option<i64>,
    #[diesel(sql_type = BigInt)]
    wait_ended: i64,
    #[diesel(sql_type = Bool)]
    in_doubt: bool,
}

#[derive(QueryableByName)]
struct LeasedRow {
    #[diesel(sql_type = Text)]
    company_id: String,
    #[diesel(sql_type = Uuid)]
    lease_token: Key,
    #[diesel(sql_type = BigInt)]
    queued_at: i64,
    #[diesel(sql_type = BigInt)]
    attempts: i64,
    #[diesel(sql_type = BigInt)]
    unknown_attempts: i64,
    #[diesel(sql_type = Nullable<Text>)]
    again: Option<String>,
    #[diesel(embed)]
    message: MessageRow,
    #[diesel(embed)]
    sender: SenderRow,
    #[diesel(sql_type = Nullable<BigInt>)]
    client_wrote_at: Option<i64>,
}

/// The account that a message goes out from, if it is in use.
#[derive(QueryableByName)]
struct SenderRow {
    #[diesel(sql_type = Nullable<Text>)]
    phone_number: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    phone_number_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    waba_id: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    retired_at: Option<i64>,
}

pub(super) async fn give_up_on_the_lost(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
    unknown_until: Timestamp,
) -> Result<(), Error> {
    let give_up = diesel::sql_query(GIVE_UP)
        .bind::<BigInt, _>(now.as_micros())
        .bind::<BigInt, _>(unknown_until.as_micros());
    Prepared(give_up).execute(connection).await?;
    Ok(())
}

/// Leases what is due, one message a token at the most.
pub(super) async fn lease(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
    until: Timestamp,
    limits: SendLimits,
    tokens: &[LeaseToken],
) -> Result<Vec<LeasedMessage>, Error> {
    let mut leased = Vec::new();
    let go = IngestHealth::lets_go(health::known(connection).await?, now);
    let mut breakers = Breakers::load(connection, now).await?;
    // Each round ends with every message leased that it saw, or with one number more whose rate is spent.
    while leased.len() < tokens.len() {
        let tokens = &tokens[leased.len()..];
        let candidates = due(connection, now, limits, go, tokens.len()).await?;
        let seen = candidates.len();
        let mut rates = Rates::new(limits, now);
        for due in &candidates {
            rates.know(&due.company_id, due.account, due.client, due.number, due.pair);
        }
        let mut chosen: Vec<Due> = Vec::new();
        for due in candidates {
            let passage = breakers.passage(&due.company_id, due.account, due.in_doubt);
            if passage == Passage::Held || !rates.take(&due.company_id, due.account, due.client) {
                continue;
            }
            if let Passage::Probe(probing) = passage {
                breakers
                    .probe(connection, &due.company_id, due.account, probing)
                    .await?;
            }
            chosen.push(due);
        }
        let passed_over = chosen.len() < seen;
        rates.keep(connection).await?;
        let mut given = give_out(connection, chosen, go, tokens, now, until).await?;
        for message in &mut given {
            let account = Key::from(message.item.message.account);
            message.item.troubled = breakers.knows(message.item.company.as_str(), account);
        }
        leased.extend(given);
        if !passed_over {
            break;
        }
    }
    Ok(leased)
}

async fn due(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
    limits: SendLimits,
    go: Option<SendAgain>,
    limit: usize,
) -> Result<Vec<Due>, Error> {
    // Nothing in doubt is past these.
    let (caught_up_at, past_its_patience) = go.map_or((i64::MAX, i64::MIN), |go| {
        (go.caught_up_at.as_micros(), go.past_its_patience.as_micros())
    });
    let due = diesel::sql_query(DUE)
        .bind::<BigInt, _>(now.as_micros())
        .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind::<BigInt, _>(limits.number.last_ready(now).as_micros())
        .bind::<BigInt, _>(limits.pair.last_ready(now).as_micros())
        .bind::<BigInt, _>(caught_up_at)
        .bind::<BigInt, _>(past_its_patience);
    Ok(Prepared(due).load(connection).await?)
}

async fn give_out(
    connection: &mut AsyncPgConnection,
    chosen: Vec<Due>,
    go: Option<SendAgain>,
    tokens: &[LeaseToken],
    now: Timestamp,
    until: Timestamp,
) -> Result<Vec<LeasedMessage>, Error> {
    if chosen.is_empty() {
        return Ok(Vec::new());
    }
    let tokens: Vec<Key> = tokens.iter().take(chosen.len()).copied().map(Key::from).collect();
    let (mut companies, mut ids, mut why) = (Vec::new(), Vec::new(), Vec::new());
    for due in chosen {
        let (wait_ended, oldest) = (
            Timestamp::from_micros(due.wait_ended),
            due.oldest.map(Timestamp::from_micros),
        );
        why.push(
            go.and_then(|go| go.why(wait_ended, oldest))
                .map(SentAgain::as_str),
        );
        companies.push(due.company_id);
        ids.push(due.outbox_id);
    }
    let lease = diesel::sql_query(LEASE)
        .bind::<Array<Text>, _>(companies)
        .bind::<Array<Uuid>, _>(ids)
        .bind::<Array<Uuid>, _>(tokens)
        .bind::<BigInt, _>(now.as_micros())
        .bind::<BigInt, _>(until.as_micros())
        .bind::<Array<Nullable<Text>>, _>(why);
    let rows: Vec<LeasedRow> = Prepared(lease).load(connection).await?;
    rows.into_iter().map(leased).collect()
}

fn leased(row: LeasedRow) -> Result<LeasedMessage, Error> {
    let id = row.message.id();
    let place = Place {
        table: "outbox",
        row: &id,
    };
    let message = row.message.message()?;
    let item = OutboxItem {
        company: place.read("company_id", CompanyId::parse(&row.company_id))?,
        queued_at: Timestamp::from_micros(row.queued_at),
        attempts: place.read("attempts", u32::try_from(row.attempts))?,
        unknown_attempts: place.read("unknown_attempts", u32::try_from(row.unknown_attempts))?,
        again: row.again.as_deref().and_then(SentAgain::from_name),
        troubled: false,
        sender: row.sender.account(message.account)?,
        client_wrote_at: row.client_wrote_at.map(Timestamp::from_micros),
        message,
    };
    Ok(LeasedMessage {
        token: row.lease_token.into(),
        item,
    })
}

impl SenderRow {
    fn account(self, id: OfficialAccountId) -> Result<Option<OfficialAccount>, BadRow> {
        let in_use = self.phone_number.zip(self.phone_number_id).zip(self.waba_id);
        let row =
            in_use.map(|((number, number_id), waba)| (id.into(), number, number_id, waba, self.retired_at));
        row.map(account).transpose()
    }
}
