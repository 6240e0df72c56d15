//! What a storm of errors at WhatsApp does to the queue.

use onboarding_core::{
    OutboxId,
    ports::{LeasedMessage, Settlement},
};
use onboarding_testkit::phone;

use crate::{
    bench::{Bench, UNKNOWN_SECONDS},
    list::list_cases,
};

list_cases!(($) breaker => breaker_contract:
    after_five_doubts_in_a_row_the_account_pauses_and_others_do_not,
    an_answer_in_between_begins_the_row_anew,
    then_one_probe_goes_at_a_time,
    a_probe_that_is_answered_frees_everything,
    a_probe_that_ends_in_doubt_doubles_the_pause,
    messages_in_doubt_are_spared,
    companies_have_breakers_of_their_own,
);

/// Messages of as many clients.
async fn queued(bench: &Bench, count: usize, place: usize) -> Vec<OutboxId> {
    let mut ids = Vec::new();
    for _ in 0..count {
        let nth = bench.mint(OutboxId::from_uuid).as_uuid().as_u128() % 100_000_000;
        let client = bench.client(phone(&format!("852{nth:08}"))).await;
        ids.push(bench.queues_one(client, place).await);
    }
    ids
}

async fn ends_in_doubt(bench: &Bench, message: &LeasedMessage) {
    let until = bench.now() + std::time::Duration::from_secs(UNKNOWN_SECONDS);
    let reason = "status 503".to_owned();
    bench
        .settles(message, Settlement::Unknown { until, reason })
        .await;
}

/// So many fresh messages, each of which ends in doubt.
async fn storm(bench: &Bench, count: usize) {
    queued(bench, count, 0).await;
    let messages = bench.sends().await;
    assert_eq!(messages.len(), count);
    for message in messages {
        ends_in_doubt(bench, &message).await;
    }
}

async fn after_five_doubts_in_a_row_the_account_pauses_and_others_do_not(bench: &Bench) {
    storm(bench, 4).await;
    storm(bench, 1).await;
    queued(bench, 3, 0).await;
    let elsewhere = queued(bench, 1, 1).await;
    assert_eq!(bench.sends_ids().await, elsewhere);
}

async fn an_answer_in_between_begins_the_row_anew(bench: &Bench) {
    storm(bench, 4).await;
    queued(bench, 1, 0).await;
    bench.accepted(&bench.sends_one().await).await;
    storm(bench, 4).await;
    queued(bench, 3, 0).await;
    assert_eq!(bench.sends().await.len(), 3);
}

async fn then_one_probe_goes_at_a_time(bench: &Bench) {
    storm(bench, 5).await;
    let waiting = queued(bench, 3, 0).await;
    bench.after_seconds(9);
    assert!(bench.sends().await.is_empty());
    bench.after_seconds(1);
    assert_eq!(bench.sends_ids().await, waiting[..1]);
    assert!(bench.sends().await.is_empty(), "the others wait for its end");
}

async fn a_probe_that_is_answered_frees_everything(bench: &Bench) {
    storm(bench, 6).await;
    let waiting = queued(bench, 3, 0).await;
    bench.after_seconds(10);
    bench.refused(&bench.sends_one().await).await;
    assert_eq!(
        bench.sends_ids().await,
        waiting[1..],
        "a refusal is an answer, too"
    );
}

async fn a_probe_that_ends_in_doubt_doubles_the_pause(bench: &Bench) {
    storm(bench, 5).await;
    queued(bench, 3, 0).await;
    bench.after_seconds(10);
    ends_in_doubt(bench, &bench.sends_one().await).await;
    bench.after_seconds(19);
    assert!(bench.sends().await.is_empty());
    bench.after_seconds(1);
    assert_eq!(bench.sends().await.len(), 1);
}

async fn messages_in_doubt_are_spared(bench: &Bench) {
    storm(bench, 5).await;
    bench.after_seconds(600);
    assert!(bench.sends().await.is_empty(), "each has one attempt left");
    let fresh = queued(bench, 2, 0).await;
    assert_eq!(bench.sends_ids().await, fresh[..1], "the probe is a fresh one");
    bench.after_seconds(7_200);
    assert_eq!(
        bench.sends().await.len(),
        1,
        "without an end it goes on, with one"
    );
}

async fn companies_have_breakers_of_their_own(bench: &Bench) {
    let other = bench.with_another_company().await;
    storm(bench, 5).await;
    let theirs = queued(&other, 2, 0).await;
    assert_eq!(bench.sends_ids().await, theirs);
}
