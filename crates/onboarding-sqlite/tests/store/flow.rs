//! The whole service on a file.

use std::{sync::Arc, time::Duration};

use onboarding_core::{
    LeaseToken, Rate, RoomState, SendLimits,
    config::CompanyConfig,
    ports::{Clock, Outbox, Record, Settlement},
};
use onboarding_sqlite::SqliteStore;
use onboarding_testkit::{PRIMARY, SeededEntropy, TestService, acme, acme_id, provider_id};
use tempfile::TempDir;

use crate::{file_in, fresh};

async fn service(config: CompanyConfig) -> (TempDir, SqliteStore, TestService) {
    let (folder, store) = fresh();
    let service = TestService::on(Arc::new(store.clone()), config).await;
    (folder, store, service)
}

#[tokio::test]
async fn a_client_is_onboarded_and_reminded() {
    let (_folder, store, service) = service(acme()).await;
    let client = service.client("85291234567");
    client.sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    assert_eq!(service.outcomes().await, ["onboarded"]);
    assert_eq!(service.messages_to("85291234567").len(), 2);

    let rooms = store.latest_rooms(&acme_id(), 10).await.expect("rooms");
    assert_eq!(rooms.len(), 1);
    assert_eq!(rooms[0].state, RoomState::Active);
    let record = store
        .room_record(&acme_id(), rooms[0].id)
        .await
        .expect("the record");
    assert!(
        record
            .iter()
            .any(|line| line.text.starts_with("[template acme_invitation] Dom")),
        "{record:?}"
    );
    service.assert_idle().await;
}

#[tokio::test]
async fn an_invitation_that_fails_frees_the_number() {
    let (_folder, store, service) = service(acme()).await;
    service.client("85291234567").sends(PRIMARY, "#kate").await;
    service.pump().await;
    let sent = service.messages_to("85291234567");
    service.fails(&sent[1], 131_026).await;
    service.pump().await;
    let rooms = store.latest_rooms(&acme_id(), 10).await.expect("rooms");
    assert_eq!(rooms[0].state, RoomState::Failed);
    assert_eq!(service.messages_to("85291234567").len(), 3, "the client is told");
    service.assert_idle().await;
}

#[tokio::test]
async fn the_rates_of_senders_survive_a_restart() {
    let (folder, store, service) = service(acme()).await;
    let limits = SendLimits {
        pair: Rate {
            burst: 1,
            every: Duration::from_mins(1),
        },
        ..SendLimits::default()
    };
    let now = service.clock.now();
    for words in ["Hi", "Hello"] {
        service.client("85291234567").sends(PRIMARY, words).await;
        for item in service.receive.lease(9).await.expect("an answer") {
            service.receive.process(item).await.expect("decided");
        }
    }
    let due = async |store: &SqliteStore, now| {
        let tokens = vec![LeaseToken::from_uuid(SeededEntropy::new(1).draw().uuid(now))];
        let span = Duration::from_mins(1);
        let leased = Outbox::lease(store, now, span, span, limits, tokens).await;
        leased.expect("an answer")
    };
    let first = due(&store, now).await.remove(0);
    let taken = Settlement::Accepted(provider_id(1));
    store.settle(&first, taken, now).await.expect("settled");
    drop((service, store));
    let store = SqliteStore::open(&file_in(&folder)).expect("free again");
    assert!(due(&store, now).await.is_empty());
    assert_eq!(due(&store, now + Duration::from_mins(1)).await.len(), 1);
}

#[tokio::test]
async fn a_restart_forgets_no_wrong_extension() {
    let mut config = acme();
    config.settings.limits.auto_replies_per_hour = 50;
    config.settings.limits.wrong_extensions = onboarding_core::GuessLimit {
        attempts: 2,
        within: Duration::from_mins(10),
        lock: Duration::from_hours(1),
    };
    let (folder, store, service) = service(config.clone()).await;
    let tries = async |service: &TestService, extension: &str| {
        service.client("85291234567").sends(PRIMARY, extension).await;
        service.pump().await;
        service.clock.advance(Duration::from_secs(20));
        service.outcomes().await.pop().expect("it was decided on")
    };
    for extension in ["#wrong1", "#wrong2"] {
        assert_eq!(tries(&service, extension).await, "extension_not_found");
    }
    drop((store, service));
    let store = SqliteStore::open(&file_in(&folder)).expect("the file is free again");
    let service = TestService::on(Arc::new(store), config).await;
    service.clock.advance(Duration::from_mins(2));
    tries(&service, "#wrong3").await;
    assert_eq!(tries(&service, "#dom123456").await, "guessing_locked");
}
