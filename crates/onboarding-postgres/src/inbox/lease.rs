//! Gives rows out to be decided.

use std::time::Duration;

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Binary, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    CompanyId, LeaseToken, Timestamp,
    ports::{InboxItem, InboxLease},
};

use crate::{
    error::{Error, Place},
    key::Key,
    prepared::Prepared,
    time::{Turn, turn_to_lease},
};

/// Rows that are due, the first unfinished of a lane in which nobody is at work. Of each company as many as could be
/// leased; then in turns, the earliest of each company first, so that one with many rows does not make the others
/// wait. A row that somebody has locked is about to be finished, and is passed over.
///
/// Questions about a lane are subqueries that give a value, and the last condition hides from the partial indexes what
/// it asks: as an anti-join, or by such an index, a server without statistics reads the whole queue for each row, and
/// the statistics of a queue are hardly ever right.
const LEASE: &str = "
    WITH due AS MATERIALIZED (
        SELECT of_company.*, row_number() OVER (PARTITION BY of_company.company_id ORDER BY arrival, place) AS rank
        FROM companies CROSS JOIN LATERAL (
            SELECT company_id, inbox_id, arrival, place FROM inbox AS first
            WHERE first.company_id = companies.company_id AND finished_at IS NULL AND due_at <= $1
              AND place = (
                SELECT other.place FROM inbox AS other
                WHERE other.company_id = first.company_id AND other.lane = first.lane
                  AND other.finished_at IS NULL
                ORDER BY other.arrival, other.place LIMIT 1)
              AND 0 = (
                SELECT count(*) FROM inbox AS other
                WHERE other.company_id = first.company_id AND other.lane = first.lane
                  AND other.finished_at IS NULL AND other.leased_until > $1)
            ORDER BY arrival, place LIMIT cardinality($3)
        ) AS of_company
    ), picked AS (
        SELECT inbox.company_id, inbox.inbox_id FROM inbox JOIN due USING (company_id, inbox_id)
        WHERE coalesce(inbox.finished_at IS NULL, false) AND inbox.due_at <= $1
        ORDER BY due.rank, inbox.arrival, inbox.place LIMIT cardinality($3)
        FOR UPDATE OF inbox SKIP LOCKED
    ), numbered AS (
        SELECT *, row_number() OVER () AS number FROM picked
    ), leased AS (
        UPDATE inbox SET lease_token = ($3::uuid[])[number], leased_until = $2, attempts = attempts + 1
        FROM numbered WHERE (inbox.company_id, inbox.inbox_id) = (numbered.company_id, numbered.inbox_id)
        RETURNING inbox.*, number
    )
    SELECT company_id, inbox_id, account_id, payload, attempts, lease_token FROM leased ORDER BY number";

#[derive(QueryableByName)]
struct LeasedRow {
    #[diesel(sql_type = Text)]
    company_id: String,
    #[diesel(sql_type = Uuid)]
    inbox_id: Key,
    #[diesel(sql_type = Uuid)]
    account_id: Key,
    #[diesel(sql_type = Binary)]
    payload: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    attempts: i64,
    #[diesel(sql_type = Uuid)]
    lease_token: Key,
}

/// Leases what is due, one row a token at the most.
pub(super) async fn lease(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
    lease_for: Duration,
    tokens: &[LeaseToken],
    database_time: bool,
) -> Result<Vec<InboxItem>, Error> {
    let now = turn_to_lease(connection, Turn::Inbox, now, database_time).await?;
    let tokens: Vec<Key> = tokens.iter().copied().map(Key::from).collect();
    let lease = diesel::sql_query(LEASE)
        .bind::<BigInt, _>(now.as_micros())
        .bind::<BigInt, _>((now + lease_for).as_micros())
        .bind::<Array<Uuid>, _>(tokens);
    let rows: Vec<LeasedRow> = Prepared(lease).load(connection).await?;
    rows.into_iter().map(item).collect()
}

fn item(row: LeasedRow) -> Result<InboxItem, Error> {
    let place = Place {
        table: "inbox",
        row: &row.inbox_id,
    };
    Ok(InboxItem {
        lease: InboxLease {
            id: row.inbox_id.into(),
            token: row.lease_token.into(),
        },
        company: place.read("company_id", CompanyId::parse(&row.company_id))?,
        account: (row.account_id != Key::NONE).then(|| row.account_id.into()),
        payload: row.payload,
        attempts: place.read("attempts", u32::try_from(row.attempts))?,
    })
}
