//! Replicas whose clocks differ.

use std::time::Duration;

use onboarding_core::{
    DeliveryId, InboxId, LeaseToken, Timestamp,
    ports::{Inbox, NewDelivery, NewInboxRow},
};
use onboarding_postgres::{PostgresOptions, PostgresStore};
use onboarding_testkit::{SeededEntropy, acme, acme_id, create};
use uuid::Uuid;

use crate::database::{Database, options};

/// By how much the clocks of replicas are off: ahead and behind by centuries.
const AHEAD: Timestamp = Timestamp::from_unix_seconds(32_503_680_000);
const BEHIND: Timestamp = Timestamp::EPOCH;

async fn store(database: &Database) -> PostgresStore {
    let options = PostgresOptions {
        database_time: true,
        ..options()
    };
    PostgresStore::connect(&database.url(), options)
        .await
        .expect("a store")
}

async fn lease(store: &PostgresStore, now: Timestamp, lease_for: Duration, token: u128) -> usize {
    let tokens = vec![LeaseToken::from_uuid(Uuid::from_u128(token))];
    Inbox::lease(store, now, lease_for, tokens)
        .await
        .expect("an answer")
        .len()
}

#[tokio::test(flavor = "multi_thread")]
async fn leases_go_by_the_clock_of_the_server() {
    let database = Database::migrated().await;
    let (one, other) = (store(&database).await, store(&database).await);
    create(&one, &acme_id(), &acme(), &mut SeededEntropy::default().draw()).await;
    let row = NewInboxRow {
        id: InboxId::from_uuid(Uuid::from_u128(1)),
        company: acme_id(),
        account: None,
        dedupe_key: "1".to_owned(),
        lane: "1".to_owned(),
        arrival: 0,
        payload: Vec::new(),
    };
    let id = DeliveryId::from_uuid(Uuid::from_u128(2));
    let (raw, rows, quarantined) = (Vec::new(), vec![row], Vec::new());
    let delivery = NewDelivery {
        id,
        received_at: AHEAD,
        raw,
        rows,
        quarantined,
    };
    one.store(delivery).await.expect("stored");

    let (minutes, nothing) = (Duration::from_mins(10), Duration::ZERO);
    assert_eq!(
        lease(&other, BEHIND, nothing, 1).await,
        1,
        "what came from a fast clock is due now"
    );
    assert_eq!(
        lease(&one, BEHIND, minutes, 2).await,
        1,
        "a lease that is over is over for a slow clock too"
    );
    assert_eq!(
        lease(&other, AHEAD, minutes, 3).await,
        0,
        "and one that holds, holds against a fast one"
    );
}
