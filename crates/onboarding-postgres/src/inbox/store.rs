//! Stores deliveries.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use diesel::{
    ExpressionMethods, QueryableByName,
    pg::Pg,
    sql_types::{Array, BigInt, Binary, Bool, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::ports::{NewDelivery, NewInboxRow, Quarantined};

use crate::{error::Error, key::Key, prepared::Prepared, schema::quarantine, text::clean};

/// Stands for the company of a delivery that holds rows of several companies, or of none.
const INSTALLATION: &str = "-";

/// Columns instead of rows, so that the text is the same for any number of them.
const STORE: &str = "
    WITH kept AS (
        INSERT INTO deliveries (company_id, delivery_id, received_at, raw)
        SELECT * FROM unnest($1, $2, $3, $4)
        ON CONFLICT DO NOTHING
    ), new AS (
        INSERT INTO inbox
            (company_id, inbox_id, delivery_id, account_id, dedupe_key, lane, arrival, payload, due_at)
        SELECT company, id, delivery, account, dedupe_key, lane, arrival, payload, onboarding_due(received_at, $5)
        FROM unnest($6, $7, $8, $9, $10, $11, $12, $13, $14) WITH ORDINALITY AS element
            (company, id, delivery, account, dedupe_key, lane, arrival, payload, received_at, number)
        ORDER BY number
        ON CONFLICT DO NOTHING
        RETURNING delivery_id
    )
    SELECT delivery_id, count(*) AS rows FROM new GROUP BY delivery_id";

/// How many rows of a delivery are new.
#[derive(QueryableByName)]
struct New {
    #[diesel(sql_type = Uuid)]
    delivery_id: Key,
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// Stores deliveries and gives the number of rows that are new, for each in their order. Storing one again stores
/// nothing.
pub(super) async fn store(
    connection: &mut AsyncPgConnection,
    deliveries: &[Arc<NewDelivery>],
    database_time: bool,
) -> Result<Vec<usize>, Error> {
    for delivery in deliveries {
        for (place, element) in (0_i64..).zip(&delivery.quarantined) {
            put_aside(connection, delivery, place, element).await?;
        }
    }
    onboarding_core::crash_point!("store.half_done");
    let elements = || {
        deliveries
            .iter()
            .flat_map(|delivery| delivery.rows.iter().map(move |row| (delivery, row)))
    };
    let rows = || elements().map(|(_, row)| row);
    let whole = || deliveries.iter();
    let store = diesel::sql_query(STORE)
        .into_boxed::<Pg>()
        .bind::<Array<Text>, _>(column(whole(), |delivery| company_of(&delivery.rows)))
        .bind::<Array<Uuid>, _>(column(whole(), |delivery| Key::from(delivery.id)))
        .bind::<Array<BigInt>, _>(column(whole(), |delivery| delivery.received_at.as_micros()))
        .bind::<Array<Binary>, _>(column(whole(), |delivery| delivery.raw.as_slice()))
        .bind::<Bool, _>(database_time)
        .bind::<Array<Text>, _>(column(rows(), |row| row.company.as_str()))
        .bind::<Array<Uuid>, _>(column(rows(), |row| Key::from(row.id)))
        .bind::<Array<Uuid>, _>(column(elements(), |(delivery, _)| Key::from(delivery.id)))
        .bind::<Array<Uuid>, _>(column(rows(), |row| row.account.map_or(Key::NONE, Key::from)))
        .bind::<Array<Text>, _>(column(rows(), |row| Cow::into_owned(clean(&row.dedupe_key))))
        .bind::<Array<Text>, _>(column(rows(), |row| Cow::into_owned(clean(&row.lane))))
        .bind::<Array<BigInt>, _>(column(rows(), |row| row.arrival))
        .bind::<Array<Binary>, _>(column(rows(), |row| row.payload.as_slice()))
        .bind::<Array<BigInt>, _>(column(elements(), |(delivery, _)| {
            delivery.received_at.as_micros()
        }));
    let new: Vec<New> = Prepared(store).load(connection).await?;
    let new: HashMap<Key, i64> = new.into_iter().map(|new| (new.delivery_id, new.rows)).collect();
    let count = |delivery: &Arc<NewDelivery>| {
        let rows = new.get(&Key::from(delivery.id)).copied().unwrap_or_default();
        usize::try_from(rows).unwrap_or(usize::MAX)
    };
    Ok(deliveries.iter().map(count).collect())
}

fn column<T, U>(rows: impl Iterator<Item = T>, value: impl FnMut(T) -> U) -> Vec<U> {
    rows.map(value).collect()
}

async fn put_aside(
    connection: &mut AsyncPgConnection,
    delivery: &NewDelivery,
    place: i64,
    element: &Quarantined,
) -> Result<(), Error> {
    diesel::insert_into(quarantine::table)
        .values((
            quarantine::company_id.eq(company_of(&delivery.rows)),
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

fn company_of(rows: &[NewInboxRow]) -> &str {
    match rows.split_first() {
        Some((first, rest)) if rest.iter().all(|row| row.company == first.company) => first.company.as_str(),
        _ => INSTALLATION,
    }
}
