//! What is kept for a while only.

use async_trait::async_trait;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    Expired,
    ports::{Purged, Retention, StoreError},
};

use crate::{
    PostgresStore,
    error::Error,
    transaction::{Scope, transaction},
};

/// What another replica is at stays for it.
const DELIVERIES: &str = "
    DELETE FROM deliveries WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM deliveries WHERE received_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))";
const QUARANTINE: &str = "
    DELETE FROM quarantine WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM quarantine WHERE received_at < $1 ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED))";
const RATES: &str = "
    DELETE FROM send_rates WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM send_rates WHERE paid_until < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))";

#[async_trait]
impl Retention for PostgresStore {
    async fn purge(&self, expired: Expired, most: u32) -> Result<Purged, StoreError> {
        let mut attempts = self.write("purge what is expired", Scope::Installation);
        transaction!(attempts, |connection| purge(connection, expired, most))
    }
}

async fn purge(connection: &mut AsyncPgConnection, expired: Expired, most: u32) -> Result<Purged, Error> {
    let (arrived, paid) = (
        expired.arrived_before.as_micros(),
        expired.paid_before.as_micros(),
    );
    Ok(Purged {
        deliveries: delete(connection, DELIVERIES, arrived, most).await?,
        quarantined: delete(connection, QUARANTINE, arrived, most).await?,
        rates: delete(connection, RATES, paid, most).await?,
    })
}

async fn delete(
    connection: &mut AsyncPgConnection,
    statement: &str,
    before: i64,
    most: u32,
) -> Result<u64, Error> {
    let deleted = diesel::sql_query(statement)
        .bind::<BigInt, _>(before)
        .bind::<BigInt, _>(i64::from(most))
        .execute(connection)
        .await?;
    Ok(deleted as u64)
}
