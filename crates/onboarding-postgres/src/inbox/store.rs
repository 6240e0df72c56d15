//! Stores deliveries.

use std::borrow::Cow;

use diesel::{ExpressionMethods, prelude::Insertable};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::ports::{NewDelivery, NewInboxRow, Quarantined};

use crate::{
    error::Error,
    key::Key,
    schema::{deliveries, inbox, quarantine},
    text::clean,
    time::onboarding_due,
};

/// Stands for the company of a delivery that holds rows of several companies, or of none.
const INSTALLATION: &str = "-";

/// How many rows go in one statement. Arrays and no vectors: a statement for a vector is prepared anew each time,
/// because its text depends on the length.
const BATCH: usize = 16;

/// Stores the delivery and gives the number of rows that are new. Storing it again stores nothing.
pub(super) async fn store(
    connection: &mut AsyncPgConnection,
    delivery: &NewDelivery,
    database_time: bool,
) -> Result<usize, Error> {
    let company = company_of(&delivery.rows);
    diesel::insert_into(deliveries::table)
        .values((
            deliveries::company_id.eq(company),
            deliveries::delivery_id.eq(Key::from(delivery.id)),
            deliveries::received_at.eq(delivery.received_at.as_micros()),
            deliveries::raw.eq(&delivery.raw),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    for (place, element) in (0_i64..).zip(&delivery.quarantined) {
        put_aside(connection, company, delivery, place, element).await?;
    }
    onboarding_core::crash_point!("store.half_done");
    let (batches, rest) = delivery.rows.as_chunks::<BATCH>();
    let mut new = 0;
    for rows in batches {
        new += diesel::insert_into(inbox::table)
            .values(rows.each_ref().map(|row| values(delivery, row, database_time)))
            .on_conflict_do_nothing()
            .execute(connection)
            .await?;
    }
    for row in rest {
        new += diesel::insert_into(inbox::table)
            .values([values(delivery, row, database_time)])
            .on_conflict_do_nothing()
            .execute(connection)
            .await?;
    }
    Ok(new)
}

async fn put_aside(
    connection: &mut AsyncPgConnection,
    company: &str,
    delivery: &NewDelivery,
    place: i64,
    element: &Quarantined,
) -> Result<(), Error> {
    diesel::insert_into(quarantine::table)
        .values((
            quarantine::company_id.eq(company),
            quarantine::delivery_id.eq(Key::from(delivery.id)),
            quarantine::place.eq(place),
            quarantine::received_at.eq(delivery.received_at.as_micros()),
            quarantine::payload.eq(&element.payload),
            quarantine::reason.eq(clean(&element.reason)),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(())
}

/// A row as it is stored.
#[derive(Insertable)]
#[diesel(table_name = inbox)]
struct Row<'a> {
    company_id: &'a str,
    inbox_id: Key,
    delivery_id: Key,
    account_id: Key,
    dedupe_key: Cow<'a, str>,
    lane: Cow<'a, str>,
    arrival: i64,
    payload: &'a [u8],
    due_at: Due,
}

fn values<'a>(delivery: &NewDelivery, row: &'a NewInboxRow, database_time: bool) -> Row<'a> {
    Row {
        company_id: row.company.as_str(),
        inbox_id: row.id.into(),
        delivery_id: delivery.id.into(),
        account_id: row.account.map_or(Key::NONE, Key::from),
        dedupe_key: clean(&row.dedupe_key),
        lane: clean(&row.lane),
        arrival: row.arrival,
        payload: &row.payload,
        due_at: onboarding_due(delivery.received_at.as_micros(), database_time),
    }
}

type Due = crate::time::onboarding_due<i64, bool>;

fn company_of(rows: &[NewInboxRow]) -> &str {
    match rows.split_first() {
        Some((first, rest)) if rest.iter().all(|row| row.company == first.company) => first.company.as_str(),
        _ => INSTALLATION,
    }
}
