//! The only place where the simulator reads time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The wall clock, plus as much as a test has moved it forward.
///
/// Windows, pair rates and time stamps follow it. Latencies and retries do not: they are about a network, and run in
/// real time.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead_ms: AtomicU64,
}

impl Clock {
    /// Milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> u64 {
        wall_ms().saturating_add(self.ahead_ms.load(Ordering::Relaxed))
    }

    /// Moves the clock forward; it never goes back.
    pub(crate) fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        // Saturating, because an overflow would send the clock back to the past.
        let _ = self
            .ahead_ms
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |ahead| {
                Some(ahead.saturating_add(by).min(MAX_AHEAD_MS))
            });
    }
}

/// A hundred years: beyond it the time stamps stop looking like time stamps.
const MAX_AHEAD_MS: u64 = 100 * 365 * 24 * 60 * 60 * 1000;

#[expect(
    clippy::disallowed_methods,
    reason = "the simulator stands for the outside world, whose time is real"
)]
fn wall_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|passed| u64::try_from(passed.as_millis()).ok())
        .unwrap_or_default()
}
