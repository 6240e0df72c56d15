//! What is kept for a while only.

use async_trait::async_trait;
use diesel::{RunQueryDsl, SqliteConnection, sql_types::BigInt};
use onboarding_core::{
    Expired,
    ports::{Purged, Retention, StoreError},
};

use crate::{SqliteStore, error::Error};

/// Rows are numbered as they are stored: only the oldest are looked at, without an index that each delivery pays for.
const DELIVERIES: &str = "
    DELETE FROM deliveries WHERE rowid IN (
        SELECT number FROM (SELECT rowid AS number, received_at FROM deliveries ORDER BY rowid LIMIT ?2)
        WHERE received_at < ?1)";
const QUARANTINE: &str = "
    DELETE FROM quarantine WHERE rowid IN (
        SELECT rowid FROM quarantine WHERE received_at < ?1 ORDER BY received_at LIMIT ?2)";
const RATES: &str = "
    DELETE FROM send_rates WHERE rowid IN (SELECT rowid FROM send_rates WHERE paid_until < ?1 LIMIT ?2)";

#[async_trait]
impl Retention for SqliteStore {
    async fn purge(&self, expired: Expired, most: u32) -> Result<Purged, StoreError> {
        self.write("purge what is expired", move |connection| {
            let (arrived, paid) = (
                expired.arrived_before.as_micros(),
                expired.paid_before.as_micros(),
            );
            Ok(Purged {
                deliveries: delete(connection, DELIVERIES, arrived, most)?,
                quarantined: delete(connection, QUARANTINE, arrived, most)?,
                rates: delete(connection, RATES, paid, most)?,
            })
        })
        .await
    }
}

fn delete(connection: &mut SqliteConnection, statement: &str, before: i64, most: u32) -> Result<u64, Error> {
    let deleted = diesel::sql_query(statement)
        .bind::<BigInt, _>(before)
        .bind::<BigInt, _>(i64::from(most))
        .execute(connection)?;
    Ok(deleted as u64)
}
