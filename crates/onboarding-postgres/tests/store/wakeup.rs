//! Workers of other replicas hear of work without looking for it.

use std::time::Duration;

use onboarding_core::{
    DeliveryId, InboxId, Timestamp,
    ports::{Inbox as _, NewDelivery, NewInboxRow},
};
use onboarding_postgres::{PostgresStore, Queue};
use onboarding_testkit::{SeededEntropy, acme, acme_id, create};
use tokio::{sync::watch, time::timeout};
use uuid::Uuid;

use crate::database::Database;

/// Far below the time after which a worker looks by itself, and far above what a signal takes on a busy machine.
const SOON: Duration = Duration::from_secs(10);

fn delivery(number: u128) -> NewDelivery {
    let row = NewInboxRow {
        id: InboxId::from_uuid(Uuid::from_u128(number)),
        company: acme_id(),
        account: None,
        dedupe_key: number.to_string(),
        lane: number.to_string(),
        arrival: 0,
        payload: Vec::new(),
    };
    NewDelivery {
        id: DeliveryId::from_uuid(Uuid::from_u128(number)),
        received_at: Timestamp::EPOCH,
        raw: Vec::new(),
        rows: vec![row],
        quarantined: Vec::new(),
    }
}

async fn hears(signal: &mut watch::Receiver<u64>) {
    timeout(SOON, signal.changed())
        .await
        .expect("soon")
        .expect("the store lives");
}

/// Waits until the store listens: it says so, because what came before is lost.
async fn listening(store: &PostgresStore) -> watch::Receiver<u64> {
    let mut signal = store.on_work(Queue::Inbox);
    if *signal.borrow_and_update() == 0 {
        hears(&mut signal).await;
    }
    signal.mark_unchanged();
    signal
}

#[tokio::test(flavor = "multi_thread")]
async fn another_replica_hears_of_a_delivery() {
    let database = Database::migrated().await;
    let (here, there) = (database.store().await, database.store().await);
    create(&here, &acme_id(), &acme(), &mut SeededEntropy::default().draw()).await;
    let (mut at_home, mut elsewhere) = (listening(&here).await, listening(&there).await);
    for number in 1..=5 {
        here.store(delivery(number)).await.expect("stored");
        hears(&mut at_home).await;
        hears(&mut elsewhere).await;
    }
    // Stored before: nothing new, nobody is told.
    here.store(delivery(1)).await.expect("known");
    assert!(!at_home.has_changed().expect("the store lives"));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_broken_connection_everybody_looks_and_hears_again() {
    let database = Database::migrated().await;
    let (here, there) = (database.store().await, database.store().await);
    create(&here, &acme_id(), &acme(), &mut SeededEntropy::default().draw()).await;
    listening(&here).await;
    let mut elsewhere = listening(&there).await;
    let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'SELECT pg_backend_pid%'";
    let killed: i64 = database
        .client()
        .await
        .query_one(kill, &[])
        .await
        .expect("killed")
        .get(0);
    assert_eq!(killed, 2, "the listeners of both");
    hears(&mut elsewhere).await;
    listening(&here).await;
    elsewhere.mark_unchanged();
    here.store(delivery(1)).await.expect("stored");
    hears(&mut elsewhere).await;
}
