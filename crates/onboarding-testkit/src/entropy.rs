//! Chance that repeats itself.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use onboarding_core::{Draw, ports::Entropy};

/// Gives the seeds 1, 2, 3, … of its series: the same test draws the same every time. Clones share the count.
#[derive(Debug, Clone, Default)]
pub struct SeededEntropy {
    series: u64,
    given: Arc<AtomicU64>,
}

impl SeededEntropy {
    /// The series with this number; no two series give the same seed.
    pub fn new(series: u64) -> Self {
        Self {
            series,
            given: Arc::default(),
        }
    }

    /// A draw from the next seed.
    pub fn draw(&self) -> Draw {
        Draw::from_seed(self.seed())
    }
}

impl Entropy for SeededEntropy {
    fn seed(&self) -> [u8; 32] {
        let count = self.given.fetch_add(1, Ordering::SeqCst) + 1;
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.series.to_le_bytes());
        seed[8..16].copy_from_slice(&count.to_le_bytes());
        seed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_repeats_itself_and_never_a_seed() {
        let (one, same, other) = (
            SeededEntropy::new(1),
            SeededEntropy::new(1),
            SeededEntropy::new(2),
        );
        let first = one.seed();
        assert_eq!(first, same.seed());
        assert_ne!(first, other.seed());
        assert_ne!(first, one.clone().seed(), "clones share the count");
    }
}
