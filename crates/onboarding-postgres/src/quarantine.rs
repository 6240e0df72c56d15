//! What was put aside.

use async_trait::async_trait;
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    Timestamp,
    ports::{PutAside, Quarantine, StoreError},
};

use crate::{
    PostgresStore,
    error::{BadRow, Error, Place},
    key::Key,
    transaction::{Scope, transaction},
};

/// The payload stays where it is: only its length is asked for.
const LATEST: &str = "
    SELECT delivery_id, place, received_at, octet_length(payload)::bigint AS bytes, reason FROM quarantine
    ORDER BY received_at DESC, delivery_id DESC, place LIMIT $1";

#[derive(QueryableByName)]
struct AsideRow {
    #[diesel(sql_type = SqlUuid)]
    delivery_id: Key,
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = BigInt)]
    received_at: i64,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
    #[diesel(sql_type = Text)]
    reason: String,
}

impl AsideRow {
    fn element(self) -> Result<PutAside, BadRow> {
        let row = Place {
            table: "quarantine",
            row: &self.delivery_id,
        };
        Ok(PutAside {
            place: row.read("place", u32::try_from(self.place))?,
            received_at: Timestamp::from_micros(self.received_at),
            bytes: row.read("payload", u64::try_from(self.bytes))?,
            reason: self.reason,
            delivery: self.delivery_id.into(),
        })
    }
}

#[async_trait]
impl Quarantine for PostgresStore {
    async fn put_aside(&self, limit: u32) -> Result<Vec<PutAside>, StoreError> {
        let mut attempts = self.read("list the quarantine", Scope::Installation);
        transaction!(attempts, |connection| latest(connection, limit.into()))
    }
}

async fn latest(connection: &mut AsyncPgConnection, limit: i64) -> Result<Vec<PutAside>, Error> {
    let rows: Vec<AsideRow> = diesel::sql_query(LATEST)
        .bind::<BigInt, _>(limit)
        .load(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(AsideRow::element)
        .collect::<Result<_, _>>()?)
}
