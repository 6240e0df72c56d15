//! Time that tests set.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use onboarding_core::{Timestamp, ports::Clock};

/// A clock that stands still until it is advanced. Clones show the same time.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Shows this time.
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.as_micros())))
    }

    /// Moves on and gives the new time. There is no way back: a clock that jumps is another test's subject.
    pub fn advance(&self, span: Duration) -> Timestamp {
        let later = |now: i64| Some((Timestamp::from_micros(now) + span).as_micros());
        let before = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, later);
        Timestamp::from_micros(before.unwrap_or_else(|unchanged| unchanged)) + span
    }
}

/// A moment in 2026 that uses all six decimals, so that a store which keeps fewer is found out.
impl Default for ManualClock {
    fn default() -> Self {
        Self::new(Timestamp::from_micros(1_795_346_001_123_457))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_still_until_it_is_advanced_for_all_who_look() {
        let clock = ManualClock::new(Timestamp::from_unix_seconds(100));
        let shared = clock.clone();
        assert_eq!(shared.now(), clock.now());
        assert_eq!(
            clock.advance(Duration::from_secs(5)),
            Timestamp::from_unix_seconds(105)
        );
        assert_eq!(shared.now(), Timestamp::from_unix_seconds(105));
    }
}
