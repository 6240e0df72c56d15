//! More comes in than can be worked off at once.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use serde_json::json;
use tokio::time::Instant;
use whatsapp_simulator::ClientMessage;

use crate::{
    deployment::{Deployment, JANE, PRIMARY},
    replicas::{idle, on_postgres, posts},
};

/// Senders at a time.
const SENDERS: usize = 16;

/// The longest that a sender may wait for an answer.
const PROMISE: Duration = Duration::from_secs(2);

/// How many deliveries there are: some hundreds, or as many as the environment asks for.
fn deliveries() -> usize {
    let asked = std::env::var("ONBOARDING_LOAD_DELIVERIES").ok();
    asked.map_or(600, |asked| {
        asked.parse().expect("ONBOARDING_LOAD_DELIVERIES is a number")
    })
}

/// A status of nobody's message: stored, and worked off without a word.
pub(crate) fn status(id: &str) -> Vec<u8> {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "200000000000001", "changes": [
        {"field": "messages", "value": {"messaging_product": "whatsapp",
            "metadata": {"display_phone_number": PRIMARY, "phone_number_id": "100000000000001"},
            "statuses": [{"id": id, "status": "sent", "timestamp": "1795000000",
                "recipient_id": JANE}]}}]}]})
    .to_string()
    .into_bytes()
}

/// All senders write as fast as they are answered: each is answered in time, and in the end nothing is left to do.
async fn a_backlog_is_taken_in_time_and_worked_off(deployment: &Deployment) {
    let replica = deployment.serve();
    let (all, next) = (deliveries(), AtomicUsize::new(0));
    let sender = async || {
        let mut slowest = Duration::ZERO;
        loop {
            let nth = next.fetch_add(1, Ordering::SeqCst);
            if nth >= all {
                return slowest;
            }
            let since = Instant::now();
            assert_eq!(
                posts(deployment, &replica, status(&format!("wamid.load.{nth}"))).await,
                200
            );
            slowest = slowest.max(since.elapsed());
        }
    };
    let senders = (0..SENDERS).map(|_| sender());
    let slowest = futures_util::future::join_all(senders).await.into_iter().max();
    assert!(slowest < Some(PROMISE), "{slowest:?}");
    // Whoever writes after all of that is answered too.
    deployment
        .graph
        .client_sends(JANE, ClientMessage::text(PRIMARY, "Hi there"))
        .unwrap();
    deployment.heard(PRIMARY, 1).await;
    idle(deployment, &replica).await;
    assert_eq!(replica.running.stop(), Some(0));
    deployment.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_a_backlog_is_taken_in_time_and_worked_off() {
    a_backlog_is_taken_in_time_and_worked_off(&Deployment::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_a_backlog_is_taken_in_time_and_worked_off() {
    let (deployment, _server) = on_postgres();
    a_backlog_is_taken_in_time_and_worked_off(&deployment).await;
}
