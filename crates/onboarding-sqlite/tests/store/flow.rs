//! The whole service on a file.

use std::sync::Arc;

use onboarding_core::{RoomState, config::CompanyConfig, ports::Record};
use onboarding_sqlite::SqliteStore;
use onboarding_testkit::{PRIMARY, TestService, acme, acme_id};
use tempfile::TempDir;

use crate::fresh;

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
