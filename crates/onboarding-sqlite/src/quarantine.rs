//! What was put aside.

use async_trait::async_trait;
use diesel::{
    QueryableByName, RunQueryDsl,
    sql_types::{BigInt, Binary, Text},
};
use onboarding_core::{
    Timestamp,
    ports::{PutAside, Quarantine, StoreError},
};

use crate::{
    SqliteStore,
    error::{BadRow, Place},
    key::Key,
};

/// The payload stays where it is: only its length is asked for.
const LATEST: &str = "
    SELECT delivery_id, place, received_at, length(payload) AS bytes, reason FROM quarantine
    ORDER BY received_at DESC, delivery_id DESC, place LIMIT ?1";

#[derive(QueryableByName)]
struct AsideRow {
    #[diesel(sql_type = Binary)]
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
impl Quarantine for SqliteStore {
    async fn put_aside(&self, limit: u32) -> Result<Vec<PutAside>, StoreError> {
        self.read("list the quarantine", move |connection| {
            let rows: Vec<AsideRow> = diesel::sql_query(LATEST)
                .bind::<BigInt, _>(i64::from(limit))
                .load(connection)?;
            Ok(rows
                .into_iter()
                .map(AsideRow::element)
                .collect::<Result<_, _>>()?)
        })
        .await
    }
}
