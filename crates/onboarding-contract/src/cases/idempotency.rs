//! What was answered to requests that carried a key.

use std::time::Duration;

use onboarding_core::{
    access::SecretHash,
    ports::{KeptAnswer, KeyReservation, ReserveOutcome},
};

use crate::{bench::Bench, list::list_cases};

list_cases!(($) idempotency => idempotency_contract:
    a_repeated_request_gets_the_kept_answer,
    the_same_request_under_way_is_busy,
    another_request_with_the_key_is_told_apart,
    a_request_that_never_ended_is_taken_over_and_speaks_no_more,
    a_released_key_is_free_at_once,
    an_answer_is_forgotten_when_its_time_is_over,
    callers_and_companies_never_meet,
    of_many_at_once_one_takes_the_key,
);

fn hash(of: u8) -> SecretHash {
    SecretHash::from_bytes([of; 32])
}

fn request(bench: &Bench, body: u8) -> KeyReservation {
    KeyReservation {
        company: bench.company.clone(),
        caller: "token:1".to_owned(),
        key: hash(7),
        id: bench.mint(|id| id),
        fingerprint: hash(body),
        now: bench.now(),
        busy_until: bench.now() + Duration::from_mins(1),
        expires_at: bench.now() + Duration::from_hours(24),
    }
}

async fn reserved(bench: &Bench, request: &KeyReservation) -> ReserveOutcome {
    bench.store.reserve_key(request.clone()).await.unwrap()
}

fn answer(request: &KeyReservation) -> KeptAnswer {
    KeptAnswer {
        id: request.id,
        sealed: vec![0, 255, 3],
    }
}

async fn answered(bench: &Bench, request: &KeyReservation) {
    bench.store.keep_answer(request, answer(request)).await.unwrap();
}

async fn a_repeated_request_gets_the_kept_answer(bench: &Bench) {
    let first = request(bench, 1);
    assert_eq!(reserved(bench, &first).await, ReserveOutcome::Reserved);
    answered(bench, &first).await;
    bench.after_seconds(3600);
    let kept = ReserveOutcome::Answered(answer(&first));
    assert_eq!(reserved(bench, &request(bench, 1)).await, kept);
    assert_eq!(reserved(bench, &request(bench, 1)).await, kept);
}

async fn the_same_request_under_way_is_busy(bench: &Bench) {
    reserved(bench, &request(bench, 1)).await;
    bench.after_seconds(59);
    assert_eq!(reserved(bench, &request(bench, 1)).await, ReserveOutcome::Busy);
}

async fn another_request_with_the_key_is_told_apart(bench: &Bench) {
    let first = request(bench, 1);
    reserved(bench, &first).await;
    assert_eq!(
        reserved(bench, &request(bench, 2)).await,
        ReserveOutcome::OtherRequest
    );
    answered(bench, &first).await;
    assert_eq!(
        reserved(bench, &request(bench, 2)).await,
        ReserveOutcome::OtherRequest
    );
}

async fn a_request_that_never_ended_is_taken_over_and_speaks_no_more(bench: &Bench) {
    let dead = request(bench, 1);
    reserved(bench, &dead).await;
    bench.after_seconds(60);
    let second = request(bench, 2);
    assert_eq!(reserved(bench, &second).await, ReserveOutcome::Reserved);
    answered(bench, &dead).await;
    bench.store.release_key(&dead).await.unwrap();
    assert_eq!(reserved(bench, &request(bench, 2)).await, ReserveOutcome::Busy);
    answered(bench, &second).await;
    let kept = ReserveOutcome::Answered(answer(&second));
    assert_eq!(reserved(bench, &request(bench, 2)).await, kept);
}

async fn a_released_key_is_free_at_once(bench: &Bench) {
    let first = request(bench, 1);
    reserved(bench, &first).await;
    bench.store.release_key(&first).await.unwrap();
    assert_eq!(
        reserved(bench, &request(bench, 2)).await,
        ReserveOutcome::Reserved
    );
}

async fn an_answer_is_forgotten_when_its_time_is_over(bench: &Bench) {
    let first = request(bench, 1);
    reserved(bench, &first).await;
    answered(bench, &first).await;
    bench.after_seconds(24 * 3600);
    assert_eq!(
        reserved(bench, &request(bench, 2)).await,
        ReserveOutcome::Reserved
    );
}

async fn callers_and_companies_never_meet(bench: &Bench) {
    let other = bench.with_another_company().await;
    reserved(bench, &request(bench, 1)).await;
    assert_eq!(
        reserved(&other, &request(&other, 2)).await,
        ReserveOutcome::Reserved
    );
    let another = KeyReservation {
        caller: "token:2".to_owned(),
        ..request(bench, 2)
    };
    assert_eq!(reserved(bench, &another).await, ReserveOutcome::Reserved);
}

async fn of_many_at_once_one_takes_the_key(bench: &Bench) {
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (store, request) = (bench.store.clone(), request(bench, 1));
        asking.spawn(async move { store.reserve_key(request).await.unwrap() });
    }
    let outcomes = asking.join_all().await;
    let taken = outcomes
        .iter()
        .filter(|one| **one == ReserveOutcome::Reserved)
        .count();
    assert_eq!(taken, 1, "{outcomes:?}");
    assert_eq!(
        outcomes
            .iter()
            .filter(|one| **one == ReserveOutcome::Busy)
            .count(),
        7
    );
}
