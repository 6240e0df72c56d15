//! Chance as a value: everything random in one command follows from one seed.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use uuid::{Builder, Uuid};

use crate::Timestamp;

/// The randomness of one command, fully determined by its seed.
///
/// A service asks the [`crate::ports::Entropy`] port for a seed once and passes the draw down, so that a
/// decision is a pure function of its arguments and a test can repeat it.
///
/// ```
/// use onboarding_core::Draw;
///
/// let mut draw = Draw::from_seed([7; 32]);
/// let index = draw.index(3);
/// assert!(index < 3);
/// assert_eq!(index, Draw::from_seed([7; 32]).index(3), "the same seed draws the same");
/// ```
#[derive(Debug, Clone)]
pub struct Draw(ChaCha12Rng);

impl Draw {
    /// The draw that belongs to `seed`.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(ChaCha12Rng::from_seed(seed))
    }

    /// A uniform index below `len`; zero when there is nothing to choose from.
    pub fn index(&mut self, len: usize) -> usize {
        if len < 2 { 0 } else { self.0.random_range(0..len) }
    }

    /// A UUIDv7 with the time of the command. Ids do not order messages: clocks of replicas differ.
    pub fn uuid(&mut self, now: Timestamp) -> Uuid {
        let mut random = [0; 10];
        self.0.fill_bytes(&mut random);
        Builder::from_unix_timestamp_millis(now.as_unix_millis(), &random).into_uuid()
    }

    /// 256 bits that nobody can foresee who does not know the seed: a secret to hand out.
    pub fn secret(&mut self) -> [u8; 32] {
        let mut secret = [0; 32];
        self.0.fill_bytes(&mut secret);
        secret
    }

    /// A uniform number of the unit interval, for the jitter of back-offs.
    pub fn unit(&mut self) -> f64 {
        self.0.random()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_index_is_drawn_about_equally_often() {
        let mut draw = Draw::from_seed([1; 32]);
        let mut hits = [0_u32; 4];
        for _ in 0..40_000 {
            hits[draw.index(4)] += 1;
        }
        assert!(hits.iter().all(|&n| (9_600..10_400).contains(&n)), "{hits:?}");
    }

    #[test]
    fn ids_are_version_7_and_differ() {
        let mut draw = Draw::from_seed([2; 32]);
        let now = Timestamp::from_unix_seconds(1_795_346_001);
        let (a, b) = (draw.uuid(now), draw.uuid(now));
        assert_eq!(a.get_version_num(), 7);
        assert_ne!(a, b);
    }
}
