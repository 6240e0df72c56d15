//! Time and chance.

use crate::Timestamp;

/// Tells the time. Read once per command; everything below gets the value.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
}

/// The source of randomness. Asked once per command for the seed of its [`crate::Draw`].
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
pub trait Entropy: Send + Sync {
    /// 32 bytes that nobody can foresee.
    fn seed(&self) -> [u8; 32];
}
