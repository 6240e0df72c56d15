//! Time, which is what a benchmark is about.

use std::time::{Duration, Instant};

#[expect(clippy::disallowed_methods, reason = "nothing is measured without a clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a load lasts for a time, and nothing tells its end but a clock"
)]
pub(crate) async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
