//! Random ids, and the dice of the faults.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A seeded source of ids and chances.
#[derive(Debug)]
pub(crate) struct Draw {
    rng: ChaCha8Rng,
}

impl Draw {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// Whether something of this probability happens now. Outside 0 to 1 the nearest bound counts.
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.rng.random_bool(probability.clamp(0.0, 1.0))
    }

    /// A number from 0 to `most`, both included.
    pub(crate) fn up_to(&mut self, most: u64) -> u64 {
        self.rng.random_range(0..=most)
    }

    /// A message id in the form of Meta's: base64 with all its signs, so that nobody comes to rely on letters only.
    pub(crate) fn message_id(&mut self) -> String {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut bytes = [0_u8; 43];
        self.rng.fill_bytes(&mut bytes);
        let tail = bytes.map(|byte| char::from(ALPHABET[usize::from(byte & 63)]));
        format!("wamid.HBgL{}=", tail.iter().collect::<String>())
    }

    /// The support code that every Graph error carries.
    pub(crate) fn trace_id(&mut self) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef";
        let mut bytes = [0_u8; 22];
        self.rng.fill_bytes(&mut bytes);
        bytes
            .map(|byte| char::from(ALPHABET[usize::from(byte & 31)]))
            .iter()
            .collect()
    }
}
