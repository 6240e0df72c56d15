//! Stores deliveries.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SqliteConnection, dsl::max};
use onboarding_core::ports::{NewDelivery, NewInboxRow};

use crate::{
    error::Error,
    key::Key,
    schema::{deliveries, inbox, quarantine},
};

/// Stands for the company of a delivery that holds rows of several companies, or of none.
const INSTALLATION: &str = "-";

/// Stores the delivery and gives the number of rows that are new.
pub(super) fn store(connection: &mut SqliteConnection, delivery: &NewDelivery) -> Result<usize, Error> {
    let company = company_of(&delivery.rows);
    let id = Key::from(delivery.id);
    let received_at = delivery.received_at.as_micros();
    diesel::insert_into(deliveries::table)
        .values((
            deliveries::company_id.eq(company),
            deliveries::delivery_id.eq(id),
            deliveries::received_at.eq(received_at),
            deliveries::raw.eq(&delivery.raw),
        ))
        .execute(connection)?;
    for (place, element) in (0_i64..).zip(&delivery.quarantined) {
        diesel::insert_into(quarantine::table)
            .values((
                quarantine::company_id.eq(company),
                quarantine::delivery_id.eq(id),
                quarantine::place.eq(place),
                quarantine::received_at.eq(received_at),
                quarantine::payload.eq(&element.payload),
                quarantine::reason.eq(&element.reason),
            ))
            .execute(connection)?;
    }
    onboarding_core::crash_point!("store.half_done");
    let last: Option<i64> = inbox::table.select(max(inbox::place)).first(connection)?;
    let mut new = 0;
    for (place, row) in (last.unwrap_or(0) + 1..).zip(&delivery.rows) {
        new += diesel::insert_into(inbox::table)
            .values((
                inbox::company_id.eq(row.company.as_str()),
                inbox::inbox_id.eq(Key::from(row.id)),
                inbox::delivery_id.eq(id),
                inbox::account_id.eq(row.account.map_or(Key::NONE, Key::from)),
                inbox::dedupe_key.eq(&row.dedupe_key),
                inbox::lane.eq(&row.lane),
                inbox::place.eq(place),
                inbox::arrival.eq(row.arrival),
                inbox::payload.eq(&row.payload),
                inbox::due_at.eq(received_at),
            ))
            .on_conflict_do_nothing()
            .execute(connection)?;
    }
    Ok(new)
}

fn company_of(rows: &[NewInboxRow]) -> &str {
    match rows.split_first() {
        Some((first, rest)) if rest.iter().all(|row| row.company == first.company) => first.company.as_str(),
        _ => INSTALLATION,
    }
}
