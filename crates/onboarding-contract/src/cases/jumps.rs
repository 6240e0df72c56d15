//! The clock by which leases go jumps: it is set right, or a leap of it is made up for.

use std::time::Duration;

use onboarding_core::{
    DeliveryProgress, SendLimits, Timestamp,
    ports::{Inbox, InboxItem, LeasedMessage, Outbox, StatusEffect},
};
use onboarding_testkit::phone;

use crate::{
    bench::{Bench, LEASE_SECONDS, UNKNOWN_SECONDS},
    list::list_cases,
};

list_cases!(($) jumps => jumps_contract:
    after_a_jump_back_nothing_is_leased_twice,
    after_a_jump_back_what_is_leased_can_be_finished,
    after_a_jump_ahead_what_is_on_its_way_is_not_sent_again_before_its_status_had_time,
);

const HOUR: Duration = Duration::from_hours(1);

async fn leases_at(bench: &Bench, now: Timestamp) -> Vec<InboxItem> {
    let lease = Duration::from_secs(LEASE_SECONDS);
    Inbox::lease(bench.store.as_ref(), now, lease, bench.tokens(10))
        .await
        .unwrap()
}

async fn sends_at(bench: &Bench, now: Timestamp) -> Vec<LeasedMessage> {
    let (lease, unknown) = (
        Duration::from_secs(LEASE_SECONDS),
        Duration::from_secs(UNKNOWN_SECONDS),
    );
    let limits = SendLimits::default();
    Outbox::lease(
        bench.store.as_ref(),
        now,
        lease,
        unknown,
        limits,
        bench.tokens(10),
    )
    .await
    .unwrap()
}

async fn after_a_jump_back_nothing_is_leased_twice(bench: &Bench) {
    let client = bench.client(phone("85291234567")).await;
    bench.queues_one(client, 0).await;
    bench.stores(vec![bench.row_in("a", "1").await]).await;
    let now = bench.now();
    assert_eq!(
        (
            leases_at(bench, now).await.len(),
            sends_at(bench, now).await.len()
        ),
        (1, 1)
    );
    for earlier in [now - HOUR, now - Duration::from_secs(1), now] {
        assert!(leases_at(bench, earlier).await.is_empty());
        assert!(sends_at(bench, earlier).await.is_empty());
    }
}

async fn after_a_jump_back_what_is_leased_can_be_finished(bench: &Bench) {
    bench.stores(vec![bench.row_in("a", "1").await]).await;
    let item = leases_at(bench, bench.now()).await.remove(0);
    bench
        .store
        .finish(&item, "noted", bench.now() - HOUR)
        .await
        .unwrap();
    bench.after_seconds(2 * LEASE_SECONDS);
    assert!(leases_at(bench, bench.now()).await.is_empty(), "it is done");
}

async fn after_a_jump_ahead_what_is_on_its_way_is_not_sent_again_before_its_status_had_time(bench: &Bench) {
    let client = bench.client(phone("85291234567")).await;
    let id = bench.queues_one(client, 0).await;
    bench.store.ingest_seen(bench.now(), false).await.unwrap();
    bench.sends_one().await;
    bench.after_seconds(HOUR.as_secs());
    bench.store.ingest_seen(bench.now(), false).await.unwrap();
    assert!(
        bench.sends().await.is_empty(),
        "its lease looks lost, and it is in doubt"
    );
    bench.after_seconds(5);
    assert_eq!(
        bench.reported(id, DeliveryProgress::Sent).await,
        StatusEffect::Recorded
    );
    for _ in 0..6 {
        bench.after_seconds(HOUR.as_secs());
        bench.store.ingest_seen(bench.now(), false).await.unwrap();
        assert!(bench.sends().await.is_empty(), "it went out");
    }
}
