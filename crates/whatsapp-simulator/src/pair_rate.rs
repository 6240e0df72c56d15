//! Meta's limit for one business number and one person: a burst of 45, then one message every six seconds.

const CAPACITY: f64 = 45.0;
const REFILL_MS: f64 = 6_000.0;

/// A token bucket.
#[derive(Debug)]
pub(crate) struct PairRate {
    tokens: f64,
    at_ms: u64,
}

impl PairRate {
    /// A full bucket.
    pub(crate) fn new(now_ms: u64) -> Self {
        Self {
            tokens: CAPACITY,
            at_ms: now_ms,
        }
    }

    /// Takes one message out; `false` when the limit is hit.
    pub(crate) fn take(&mut self, now_ms: u64) -> bool {
        #[expect(
            clippy::cast_precision_loss,
            reason = "the bucket is full long before a difference leaves f64's exact range"
        )]
        let passed = now_ms.saturating_sub(self.at_ms) as f64;
        self.tokens = (self.tokens + passed / REFILL_MS).min(CAPACITY);
        self.at_ms = self.at_ms.max(now_ms);
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::PairRate;

    #[test]
    fn forty_five_at_once_then_one_in_six_seconds() {
        let mut rate = PairRate::new(0);
        assert!((0..45).all(|_| rate.take(0)));
        assert!(!rate.take(5_900));
        assert!(rate.take(6_100));
        assert!(!rate.take(6_100));
    }
}
