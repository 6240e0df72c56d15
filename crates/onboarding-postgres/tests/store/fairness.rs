//! One company with much to do does not make the others wait.

use std::time::Duration;

use onboarding_core::{
    CompanyId, DeliveryId, InboxId, LeaseToken, Timestamp,
    ports::{Inbox, InboxItem, NewDelivery, NewInboxRow},
};
use onboarding_postgres::PostgresStore;
use onboarding_testkit::{SeededEntropy, acme, acme_id, create};
use uuid::Uuid;

use crate::database::Database;

fn quiet() -> CompanyId {
    CompanyId::parse("quiet").expect("a slug")
}

async fn two_companies() -> (Database, PostgresStore) {
    let database = Database::migrated().await;
    let store = database.store().await;
    create(&store, &acme_id(), &acme(), &mut SeededEntropy::default().draw()).await;
    let mut bare = acme();
    (bare.official_accounts, bare.pools) = (Vec::new(), Vec::new());
    create(&store, &quiet(), &bare, &mut SeededEntropy::new(1).draw()).await;
    (database, store)
}

fn row(company: CompanyId, number: u128) -> NewInboxRow {
    NewInboxRow {
        id: InboxId::from_uuid(Uuid::from_u128(number)),
        company,
        account: None,
        dedupe_key: number.to_string(),
        lane: number.to_string(),
        arrival: i64::try_from(number).expect("small"),
        payload: Vec::new(),
    }
}

async fn arrive(store: &PostgresStore, rows: Vec<NewInboxRow>) {
    let id = DeliveryId::from_uuid(rows[0].id.as_uuid());
    let (received_at, raw, quarantined) = (Timestamp::EPOCH, Vec::new(), Vec::new());
    store
        .store(NewDelivery {
            id,
            received_at,
            raw,
            rows,
            quarantined,
        })
        .await
        .expect("stored");
}

async fn lease(store: &PostgresStore, count: u128) -> Vec<InboxItem> {
    let tokens = (0..count)
        .map(|token| LeaseToken::from_uuid(Uuid::from_u128(1_000_000 + token)))
        .collect();
    Inbox::lease(store, Timestamp::EPOCH, Duration::from_secs(30), tokens)
        .await
        .expect("leased")
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_companies_that_wait_each_gets_its_share_of_one_lease() {
    let (_database, store) = two_companies().await;
    // A backlog of one company, and after all of it a word to the other.
    arrive(&store, (1..=500).map(|number| row(acme_id(), number)).collect()).await;
    arrive(&store, (501..=503).map(|number| row(quiet(), number)).collect()).await;
    let leased = lease(&store, 10).await;
    let of_quiet = leased.iter().filter(|item| item.company == quiet()).count();
    assert_eq!((leased.len(), of_quiet), (10, 3), "all that the quiet one has");
    let first = &leased[..2];
    assert_eq!(
        first.iter().filter(|item| item.company == quiet()).count(),
        1,
        "in turns"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_that_waits_alone_gets_everything() {
    let (_database, store) = two_companies().await;
    arrive(&store, (1..=50).map(|number| row(acme_id(), number)).collect()).await;
    let leased = lease(&store, 40).await;
    let order: Vec<u128> = leased
        .iter()
        .map(|item| item.lease.id.as_uuid().as_u128())
        .collect();
    assert_eq!(order, (1..=40).collect::<Vec<_>>(), "in order of arrival");
}

/// Sends nothing and asks for nothing: a lease for no token is no look at all.
#[tokio::test(flavor = "multi_thread")]
async fn no_token_leases_nothing() {
    let (_database, store) = two_companies().await;
    arrive(&store, vec![row(acme_id(), 1)]).await;
    assert!(lease(&store, 0).await.is_empty());
    assert_eq!(lease(&store, 1).await.len(), 1);
}
