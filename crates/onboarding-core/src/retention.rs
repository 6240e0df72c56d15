//! How long things are kept that nothing needs for ever.

use std::time::Duration;

use crate::Timestamp;

/// How long the bytes of webhooks are kept, and what was put aside of them. Long beyond the week in which WhatsApp sends
/// again what was not acknowledged (reliability.md F12), so that people can look into what happened. What a client
/// wrote is kept elsewhere, with the record of what came of it.
pub const DELIVERIES_KEPT: Duration = Duration::from_hours(90 * 24);

/// How long after it was paid off the rate of a sender is kept. It says nothing any more then; a day, so that whoever
/// writes every day keeps a row.
pub const RATES_KEPT: Duration = Duration::from_hours(24);

/// What need not be kept any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expired {
    /// Deliveries, and elements put aside, that arrived before.
    pub arrived_before: Timestamp,
    /// Rates that were paid off before: see [`Rate`](crate::Rate).
    pub paid_before: Timestamp,
}

impl Expired {
    /// At this time.
    pub fn at(now: Timestamp) -> Self {
        Self {
            arrived_before: now - DELIVERIES_KEPT,
            paid_before: now - RATES_KEPT,
        }
    }
}
