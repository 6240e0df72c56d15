//! What the model lets tests change behind the ports, as the flow sees it.

use std::{sync::Arc, time::Duration};

use onboarding_core::{Health, RoomState, ports::Clock};
use onboarding_testkit::{MemoryStore, PRIMARY, SECONDARIES, TestService, acme, acme_id, number};

const HK: &str = "85291234567";

async fn service() -> (Arc<MemoryStore>, TestService) {
    let store = Arc::new(MemoryStore::new());
    (store.clone(), TestService::on(store, acme()).await)
}

async fn asks(service: &TestService, extension: &str) -> String {
    service.clock.advance(Duration::from_mins(2));
    service.client(HK).sends(PRIMARY, extension).await;
    service.pump().await;
    service.assert_idle().await;
    service.outcomes().await.pop().expect("an outcome")
}

#[tokio::test]
async fn numbers_that_are_not_healthy_take_no_room() {
    let (store, service) = service().await;
    for secondary in SECONDARIES {
        store.set_health(&acme_id(), &number(secondary), Health::Blocked);
    }
    assert_eq!(asks(&service, "#kate").await, "account_unhealthy");
    store.set_health(&acme_id(), &number(SECONDARIES[1]), Health::Healthy);
    assert_eq!(asks(&service, "#kate").await, "onboarded");
}

#[tokio::test]
async fn a_reached_messaging_limit_invites_nobody() {
    let (store, service) = service().await;
    store.set_messaging_limit(&acme_id(), "waba-acme", 1);
    assert_eq!(
        asks(&service, "#kate").await,
        "onboarded",
        "one may be written to"
    );
    assert_eq!(asks(&service, "#michael").await, "messaging_limit_reached");
    service.clock.advance(Duration::from_hours(24));
    assert_eq!(asks(&service, "#michael").await, "onboarded", "it counts a day");
}

#[tokio::test]
async fn a_closed_room_is_followed_by_another_on_the_same_number() {
    let (store, service) = service().await;
    assert_eq!(asks(&service, "#kate").await, "onboarded");
    let rooms = service.store.latest_rooms(&acme_id(), 9).await.unwrap();
    store.close_room(&acme_id(), rooms[0].id, service.clock.now());
    assert_eq!(asks(&service, "#kate").await, "onboarded");
    let again = service.store.latest_rooms(&acme_id(), 9).await.unwrap();
    assert_eq!((again.len(), again[1].state), (2, RoomState::Closed));
    assert_eq!(again[0].account, rooms[0].account, "the two keep their number");
}
