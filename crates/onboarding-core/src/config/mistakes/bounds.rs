//! How large a setting may be.

use std::ops::RangeInclusive;

/// Automatic replies to one client in an hour.
pub const AUTO_REPLIES_PER_HOUR: RangeInclusive<u32> = 1..=1000;
/// Wrong extensions that are let pass.
pub const ATTEMPTS: RangeInclusive<u32> = 1..=100;
/// The span in which wrong extensions are counted: at most a day.
pub const WITHIN_SECONDS: RangeInclusive<u32> = 1..=86_400;
/// How long guesses stay locked: at most a week.
pub const LOCK_MINUTES: RangeInclusive<u32> = 1..=10_080;
/// Days before a (client, number) pair serves another user: at most ten years; 0 as people write it, `None` in
/// [`crate::Features`], is never.
pub const PAIR_REUSE_AFTER_DAYS: RangeInclusive<u32> = 0..=3650;
/// Days that a prospect waits for its promotion; 0 as people write it, `None` in [`crate::Limits`], is for ever.
pub const PROSPECTS_EXPIRE_AFTER_DAYS: RangeInclusive<u32> = 0..=3650;
/// Hours that a client stays on the waiting list: at most a month.
pub const WAITING_EXPIRES_AFTER_HOURS: RangeInclusive<u32> = 1..=744;
/// Hours that a link waits to be used: at most a month.
pub const LINK_EXPIRES_AFTER_HOURS: RangeInclusive<u32> = 1..=744;
