//! What is kept for a while only.

use async_trait::async_trait;

use super::StoreError;
use crate::Expired;

/// How many rows went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// Deliveries: the bytes of webhooks.
    pub deliveries: u64,
    /// Elements that had been put aside.
    pub quarantined: u64,
    /// Rates of senders that had nothing to pay any more.
    pub rates: u64,
}

impl Purged {
    /// Whether a purge of so many rows may have left some behind.
    pub fn may_have_left_some(&self, most: u32) -> bool {
        [self.deliveries, self.quarantined, self.rates].contains(&u64::from(most))
    }
}

/// Forgets what was kept long enough.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait Retention: Send + Sync {
    /// Deletes what is expired, at most so many rows of each kind. What the elements of a delivery led to stays, and so
    /// does the memory of each, by which one that comes again is known.
    async fn purge(&self, expired: Expired, most: u32) -> Result<Purged, StoreError>;
}
