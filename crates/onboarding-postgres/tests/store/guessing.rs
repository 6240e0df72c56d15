//! Wrong extensions are counted from the record: whichever replica is asked, and whatever was restarted in between.

use std::{sync::Arc, time::Duration};

use onboarding_core::{GuessLimit, config::CompanyConfig};
use onboarding_testkit::{PRIMARY, TestService, acme};

use crate::database::Database;

const JANE: &str = "447700900123";

fn three_guesses() -> CompanyConfig {
    let mut config = acme();
    config.settings.limits.auto_replies_per_hour = 50;
    config.settings.limits.wrong_extensions = GuessLimit {
        attempts: 3,
        within: Duration::from_mins(10),
        lock: Duration::from_hours(1),
    };
    config
}

/// A replica whose clock is so many seconds on.
async fn replica(database: &Database, seconds: u64) -> TestService {
    let service = TestService::on(Arc::new(database.store().await), three_guesses()).await;
    service.clock.advance(Duration::from_secs(seconds));
    service
}

/// What becomes of an extension that Jane tries at this replica.
async fn tries(replica: &TestService, extension: &str) -> String {
    replica.client(JANE).sends(PRIMARY, extension).await;
    replica.pump().await;
    let outcome = replica.outcomes().await.pop().expect("it was decided on");
    replica.clock.advance(Duration::from_secs(20));
    outcome
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_count_at_every_replica_and_a_restart_forgets_none() {
    let database = Database::migrated().await;
    let [one, other] = [replica(&database, 1).await, replica(&database, 11).await];
    for (asked, extension) in [(&one, "#wrong1"), (&other, "#wrong2"), (&one, "#wrong3")] {
        assert_eq!(tries(asked, extension).await, "extension_not_found");
    }
    tries(&other, "#wrong4").await;
    assert_eq!(
        tries(&one, "#dom123456").await,
        "guessing_locked",
        "the other one counted, too"
    );
    drop((one, other));
    let anew = replica(&database, 101).await;
    assert_eq!(
        tries(&anew, "#dom123456").await,
        "guessing_locked",
        "a restart forgets nothing"
    );
    anew.client("85291234567").sends(PRIMARY, "#dom123456").await;
    anew.pump().await;
    assert_eq!(
        anew.outcomes().await.pop().as_deref(),
        Some("onboarded"),
        "others are not locked"
    );
    anew.clock.advance(Duration::from_hours(1));
    assert_eq!(tries(&anew, "#dom123456").await, "onboarded", "the lock ends");
}
