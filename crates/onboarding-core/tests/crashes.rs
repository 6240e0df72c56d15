//! What becomes of an element whose worker dies, or fails, time and again.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use onboarding_core::{
    ports::{Commit, CommitOutcome, DecisionCommit, StoreError},
    service::{Processed, ReceivePorts, ReceiveService},
};
use onboarding_testkit::{PRIMARY, SeededEntropy, TestService};

const JANE: &str = "447700900123";

/// Longer than a lease and than any pause after an error.
const LATER: Duration = Duration::from_mins(30);

/// As a worker that dies before the end does.
async fn dies_at_work(service: &TestService) {
    let leased = service.receive.lease(1).await.expect("the store is well");
    assert_eq!(leased.len(), 1, "the element is due again");
    service.clock.advance(LATER);
}

#[tokio::test]
async fn a_message_outlives_a_row_of_crashes_that_are_not_its_fault() {
    let service = TestService::start().await;
    service.client(JANE).sends(PRIMARY, "#dom123456").await;
    for _ in 0..10 {
        dies_at_work(&service).await;
    }
    service.pump().await;
    assert_eq!(service.outcomes().await, ["onboarded"]);
}

#[tokio::test]
async fn a_message_that_takes_its_worker_along_is_given_up_at_last() {
    let service = TestService::start().await;
    service.client(JANE).sends(PRIMARY, "#dom123456").await;
    for _ in 0..12 {
        dies_at_work(&service).await;
    }
    let processed = service.pump().await;
    assert!(matches!(&processed[..], [Processed::Buried(_)]), "{processed:?}");
    service.assert_idle().await;
}

/// A store that cannot store.
struct Broken;

#[async_trait]
impl DecisionCommit for Broken {
    async fn commit(&self, _: Commit) -> Result<CommitOutcome, StoreError> {
        Err(StoreError::new("store the decision", "out of order"))
    }
}

#[tokio::test]
async fn a_message_that_ends_in_errors_is_given_up_after_the_fifth() {
    let service = TestService::start().await;
    let (clock, entropy) = (Arc::new(service.clock.clone()), Arc::new(SeededEntropy::new(7)));
    let receive = ReceiveService::new(ReceivePorts {
        decision_commit: Arc::new(Broken),
        ..ReceivePorts::on_store(&service.store, service.decoder.clone(), clock, entropy)
    });
    service.client(JANE).sends(PRIMARY, "#dom123456").await;
    for attempt in 1..=5 {
        let leased = receive.lease(1).await.expect("the store leases").pop();
        let processed = receive.process(leased.expect("the element is due")).await;
        match processed {
            Err(_) => assert!(attempt < 5, "not given up at attempt {attempt}"),
            Ok(processed) => {
                assert!(matches!(processed, Processed::Buried(_)), "{processed:?}");
                assert_eq!(attempt, 5);
            }
        }
        service.clock.advance(LATER);
    }
    service.assert_idle().await;
}

/// A message of which nobody knows whether it went out, and then nobody runs for ten minutes.
async fn an_outage_with_a_message_in_doubt() -> TestService {
    let service = TestService::start().await;
    service.ingest.show_health().await.expect("the store is well");
    service.messenger.next(Err(onboarding_testkit::unknown()));
    service.client(JANE).sends(PRIMARY, "hello").await;
    service.pump().await;
    service.clock.advance(Duration::from_mins(10));
    service
}

/// Ingest works for so many minutes, and the workers with it.
async fn works_for(service: &TestService, minutes: u32) {
    for _ in 0..minutes * 6 {
        service.ingest.show_health().await.expect("the store is well");
        service.pump().await;
        service.clock.advance(Duration::from_secs(10));
    }
}

#[tokio::test]
async fn after_an_outage_a_late_status_still_prevents_the_second_copy() {
    let service = an_outage_with_a_message_in_doubt().await;
    works_for(&service, 9).await;
    let attempt = service.messenger.attempts().remove(0);
    service
        .status(&attempt, onboarding_core::DeliveryProgress::Sent)
        .await;
    works_for(&service, 30).await;
    assert_eq!(service.messenger.attempts().len(), 1);
    service.assert_idle().await;
}

#[tokio::test]
async fn after_an_outage_without_a_status_the_message_is_sent_again_once() {
    let service = an_outage_with_a_message_in_doubt().await;
    works_for(&service, 9).await;
    assert_eq!(service.messenger.attempts().len(), 1, "statuses may still come");
    works_for(&service, 3).await;
    assert_eq!(service.messenger.attempts().len(), 2);
    service.assert_idle().await;
}

#[tokio::test]
async fn a_storm_of_errors_gives_nothing_up_and_the_backlog_drains() {
    let service = TestService::start().await;
    for nth in 0..40 {
        let client = format!("4477009001{nth:02}");
        service.client(&client).sends(PRIMARY, "hello").await;
    }
    // Sixteen that are under way at once when it begins, then probes.
    let calls = 25;
    for _ in 0..calls {
        service.messenger.next(Err(onboarding_testkit::unknown()));
    }
    works_for(&service, 25).await;
    assert!(
        service.messenger.attempts().len() <= calls,
        "few calls while it lasts"
    );
    works_for(&service, 60).await;
    let backlog = service.store.backlog().await.expect("an answer");
    assert_eq!((backlog.outbox, backlog.dead_letters), (0, 0));
    assert_eq!(service.messenger.attempts().len(), calls + 40);
}
