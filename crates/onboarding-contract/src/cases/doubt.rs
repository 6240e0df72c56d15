//! How long a message waits of which it is not known whether it went out.

use onboarding_core::{
    DeliveryProgress, OutboxId, SentAgain,
    ports::{InboxItem, LeasedMessage, Settlement},
};
use onboarding_testkit::phone;

use crate::{
    bench::{Bench, UNKNOWN_SECONDS},
    list::list_cases,
};

list_cases!(($) doubt => doubt_contract:
    the_first_time_is_no_repetition,
    what_is_sent_again_says_why,
    a_message_in_doubt_waits_for_what_arrived_in_time,
    what_arrived_after_the_wait_is_not_waited_for,
    another_companys_backlog_is_not_waited_for,
    the_wait_for_a_backlog_ends,
    after_an_outage_of_ingest_statuses_have_as_long_to_arrive,
    a_status_that_comes_after_the_outage_settles_the_message,
    while_ingest_is_silent_nothing_in_doubt_is_sent,
    an_interruption_of_ingest_prolongs_the_wait,
    a_sign_of_life_alone_prolongs_nothing,
    a_process_that_died_leaves_a_doubt_that_waits_too,
);

const HK: &str = "85291234567";

/// A message whose outcome is not known since now.
async fn doubt(bench: &Bench) -> OutboxId {
    let client = bench.client(phone(HK)).await;
    let id = bench.queues_one(client, 0).await;
    let message = bench.sends_one().await;
    settle_as_unknown(bench, &message).await;
    id
}

async fn settle_as_unknown(bench: &Bench, message: &LeasedMessage) {
    let until = bench.now() + std::time::Duration::from_secs(UNKNOWN_SECONDS);
    let reason = "connection lost".to_owned();
    bench
        .settles(message, Settlement::Unknown { until, reason })
        .await;
}

/// A row that nobody has worked off.
async fn waits_in_the_inbox(bench: &Bench) -> InboxItem {
    bench.arrived(bench.account(0).await).await
}

async fn ingest_is_seen(bench: &Bench, interrupted: bool) {
    bench.store.ingest_seen(bench.now(), interrupted).await.unwrap();
}

/// Signs of life every ten seconds, and nothing in doubt goes before the last.
async fn nothing_goes_for(bench: &Bench, seconds: u64) {
    for _ in 0..seconds / 10 {
        assert!(bench.sends().await.is_empty(), "too early");
        bench.after_seconds(10);
        ingest_is_seen(bench, false).await;
    }
}

async fn the_first_time_is_no_repetition(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    bench.queues_one(client, 0).await;
    assert_eq!(bench.sends_one().await.item.again, None);
}

async fn what_is_sent_again_says_why(bench: &Bench) {
    let id = doubt(bench).await;
    bench.after_seconds(UNKNOWN_SECONDS);
    let again = bench.sends_one().await.item;
    assert_eq!((again.message.id, again.again), (id, Some(SentAgain::NoStatus)));
}

async fn a_message_in_doubt_waits_for_what_arrived_in_time(bench: &Bench) {
    let id = doubt(bench).await;
    let waiting = waits_in_the_inbox(bench).await;
    bench.after_seconds(UNKNOWN_SECONDS + 5);
    assert!(bench.sends().await.is_empty(), "the row may be the status");
    bench.store.finish(&waiting, "noted", bench.now()).await.unwrap();
    assert_eq!(bench.sends_ids().await, [id]);
}

async fn what_arrived_after_the_wait_is_not_waited_for(bench: &Bench) {
    let id = doubt(bench).await;
    bench.after_seconds(UNKNOWN_SECONDS + 1);
    waits_in_the_inbox(bench).await;
    assert_eq!(bench.sends_ids().await, [id]);
}

async fn another_companys_backlog_is_not_waited_for(bench: &Bench) {
    let id = doubt(bench).await;
    let other = bench.with_another_company().await;
    waits_in_the_inbox(&other).await;
    bench.after_seconds(UNKNOWN_SECONDS);
    assert_eq!(bench.sends_ids().await, [id]);
}

async fn the_wait_for_a_backlog_ends(bench: &Bench) {
    doubt(bench).await;
    waits_in_the_inbox(bench).await;
    bench.after_seconds(UNKNOWN_SECONDS + 899);
    assert!(bench.sends().await.is_empty());
    bench.after_seconds(1);
    assert_eq!(bench.sends_one().await.item.again, Some(SentAgain::Backlog));
}

async fn after_an_outage_of_ingest_statuses_have_as_long_to_arrive(bench: &Bench) {
    ingest_is_seen(bench, true).await;
    let id = doubt(bench).await;
    bench.after_seconds(300);
    ingest_is_seen(bench, true).await;
    nothing_goes_for(bench, 300).await;
    assert_eq!(bench.sends_ids().await, [id]);
}

async fn a_status_that_comes_after_the_outage_settles_the_message(bench: &Bench) {
    ingest_is_seen(bench, true).await;
    let id = doubt(bench).await;
    bench.after_seconds(300);
    ingest_is_seen(bench, true).await;
    nothing_goes_for(bench, 250).await;
    bench.reported(id, DeliveryProgress::Delivered).await;
    bench.after_seconds(1_000);
    ingest_is_seen(bench, false).await;
    bench.after_seconds(1_000);
    ingest_is_seen(bench, false).await;
    assert!(bench.sends().await.is_empty(), "it is known to have gone out");
}

async fn while_ingest_is_silent_nothing_in_doubt_is_sent(bench: &Bench) {
    ingest_is_seen(bench, true).await;
    doubt(bench).await;
    bench.after_seconds(100_000);
    assert!(bench.sends().await.is_empty());
    let other = bench.client(phone("85291234568")).await;
    let fresh = bench.queues_one(other, 0).await;
    assert_eq!(bench.sends_ids().await, [fresh], "what never went is not held");
}

async fn an_interruption_of_ingest_prolongs_the_wait(bench: &Bench) {
    ingest_is_seen(bench, false).await;
    let id = doubt(bench).await;
    nothing_goes_for(bench, 50).await;
    ingest_is_seen(bench, true).await;
    nothing_goes_for(bench, 60).await;
    assert_eq!(bench.sends_ids().await, [id]);
}

async fn a_sign_of_life_alone_prolongs_nothing(bench: &Bench) {
    ingest_is_seen(bench, false).await;
    let id = doubt(bench).await;
    nothing_goes_for(bench, UNKNOWN_SECONDS).await;
    assert_eq!(bench.sends_ids().await, [id]);
}

async fn a_process_that_died_leaves_a_doubt_that_waits_too(bench: &Bench) {
    ingest_is_seen(bench, true).await;
    let client = bench.client(phone(HK)).await;
    let id = bench.queues_one(client, 0).await;
    bench.sends_one().await;
    // It comes back after ten minutes, finds the lost lease, and the statuses of the meantime are still to come.
    bench.after_seconds(600);
    ingest_is_seen(bench, true).await;
    nothing_goes_for(bench, 600).await;
    assert_eq!(bench.sends_ids().await, [id]);
}
