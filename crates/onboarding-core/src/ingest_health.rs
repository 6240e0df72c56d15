//! Whether statuses can reach us: what decides how long a message in doubt waits.

use std::time::Duration;

use crate::{Timestamp, named::named_enum};

/// How long ingest may be silent before it counts as out of order. Several times the pause between two signs of life.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

/// How long statuses are waited for after the shortest outage.
const SHORTEST_CATCH_UP: Duration = Duration::from_mins(1);

/// How long statuses are waited for at the most: after the longest outage, through any series of outages, and for an
/// inbox that is not worked off.
const LONGEST_CATCH_UP: Duration = Duration::from_mins(15);

/// What is known of our own ingest, over all replicas and restarts.
///
/// WhatsApp repeats what it could not deliver at growing intervals: after an outage of some length it takes about as long
/// again until everything has come. For that time a message of which it is not known whether it went out is not sent
/// again: the status that tells may be among what is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IngestHealth {
    /// When ingest last showed that it can store what arrives.
    pub seen_at: Timestamp,
    /// When the first of the outages ended that lie so close together that it has not caught up in between.
    pub disturbed_at: Timestamp,
    /// When everything should have come that could not be delivered during outages.
    pub caught_up_at: Timestamp,
}

impl IngestHealth {
    /// What is known after ingest showed at `now` that it can store. `interrupted` says that, since the last time, it was
    /// started or could not store something.
    #[must_use]
    pub fn seen(before: Option<Self>, now: Timestamp, interrupted: bool) -> Self {
        let Some(before) = before else {
            // Nothing was sent before the first start.
            return Self {
                seen_at: now,
                disturbed_at: now,
                caught_up_at: now,
            };
        };
        let silence = now.since(before.seen_at);
        // Should the clock have gone back, nothing lies further ahead than it could.
        let known = Self {
            seen_at: now,
            disturbed_at: before.disturbed_at.min(now),
            caught_up_at: before.caught_up_at.min(now + LONGEST_CATCH_UP),
        };
        if !interrupted && silence <= LONGEST_SILENCE {
            return known;
        }
        let had_caught_up = before.caught_up_at <= before.seen_at;
        let disturbed_at = if had_caught_up { now } else { known.disturbed_at };
        let catch_up = silence.clamp(SHORTEST_CATCH_UP, LONGEST_CATCH_UP);
        let caught_up_at = (now + catch_up).min(disturbed_at + LONGEST_CATCH_UP);
        Self {
            disturbed_at,
            caught_up_at: caught_up_at.max(known.caught_up_at),
            ..known
        }
    }

    /// Which messages in doubt may be sent again at `now`; `None` means none of them. `known` is absent where ingest never
    /// ran.
    pub fn lets_go(known: Option<Self>, now: Timestamp) -> Option<SendAgain> {
        let past_its_patience = now - LONGEST_CATCH_UP;
        let Some(known) = known else {
            return Some(SendAgain {
                caught_up_at: Timestamp::EPOCH,
                past_its_patience,
            });
        };
        let works = now.since(known.seen_at) <= LONGEST_SILENCE;
        (works && known.caught_up_at <= now).then_some(SendAgain {
            caught_up_at: known.caught_up_at,
            past_its_patience,
        })
    }
}

/// Which messages in doubt may be sent again, once they are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendAgain {
    /// When everything should have come.
    pub caught_up_at: Timestamp,
    /// A wait that ended by then is not prolonged for the inbox.
    pub past_its_patience: Timestamp,
}

impl SendAgain {
    /// Why a message whose wait ended at `due` is sent again; `None`, and it waits on, while something that arrived
    /// during the wait is not worked off. `oldest` is the arrival of the first element of its company that is not.
    pub fn why(self, due: Timestamp, oldest: Option<Timestamp>) -> Option<SentAgain> {
        let waited_until = due.max(self.caught_up_at);
        if oldest.is_none_or(|oldest| oldest > waited_until) {
            Some(SentAgain::NoStatus)
        } else if waited_until <= self.past_its_patience {
            Some(SentAgain::Backlog)
        } else {
            None
        }
    }
}

named_enum! {
    /// Why a message is sent although it may have gone out before.
    SentAgain {
        /// Everything that arrived in time was looked at, and no status was about it.
        NoStatus = "no status came",
        /// What arrived could not be worked off in a quarter of an hour.
        Backlog = "the inbox was not worked off in time",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(1_000_000 + seconds)
    }

    fn well() -> IngestHealth {
        IngestHealth {
            seen_at: at(0),
            disturbed_at: at(-7_200),
            caught_up_at: at(-3_600),
        }
    }

    fn lets_go(known: IngestHealth, seconds: i64) -> bool {
        IngestHealth::lets_go(Some(known), at(seconds)).is_some()
    }

    #[test]
    fn while_ingest_works_nothing_is_held() {
        let known = IngestHealth::seen(Some(well()), at(20), false);
        assert_eq!((known.seen_at, known.caught_up_at), (at(20), well().caught_up_at));
        assert!(lets_go(known, 20) && lets_go(known, 50));
    }

    #[test]
    fn while_it_is_silent_nothing_is_sent_again() {
        assert!(lets_go(well(), 30));
        assert!(!lets_go(well(), 31));
        assert!(!lets_go(well(), 1_000_000));
    }

    #[test]
    fn after_an_outage_it_catches_up_for_as_long() {
        for (outage, catch_up) in [(31, 60), (300, 300), (86_400, 900)] {
            let known = IngestHealth::seen(Some(well()), at(outage), false);
            assert_eq!(known.caught_up_at, at(outage + catch_up), "after {outage} s");
            assert!(!lets_go(known, outage));
        }
    }

    #[test]
    fn a_start_and_a_failure_count_as_an_outage_however_short() {
        let known = IngestHealth::seen(Some(well()), at(2), true);
        assert_eq!(known.caught_up_at, at(62));
        let later = IngestHealth::seen(Some(known), at(4), false);
        assert_eq!(
            later.caught_up_at,
            at(62),
            "the next sign of life changes nothing"
        );
    }

    #[test]
    fn a_short_outage_does_not_shorten_the_wait_for_a_long_one() {
        let long = IngestHealth::seen(Some(well()), at(600), false);
        let short = IngestHealth::seen(Some(long), at(610), true);
        assert_eq!(short.caught_up_at, long.caught_up_at);
    }

    #[test]
    fn a_series_of_outages_ends_the_wait_after_a_quarter_of_an_hour() {
        let mut known = well();
        for start in (40..2_000).step_by(40) {
            known = IngestHealth::seen(Some(known), at(start), true);
            assert!(known.caught_up_at <= known.disturbed_at + LONGEST_CATCH_UP);
            if known.disturbed_at > at(40) {
                return;
            }
        }
        panic!("it never caught up: {known:?}");
    }

    #[test]
    fn a_clock_that_jumps_delays_by_a_quarter_of_an_hour_at_the_most() {
        let ahead = IngestHealth::seen(Some(well()), at(7 * 86_400), false);
        let back = IngestHealth::seen(Some(ahead), at(10), false);
        assert!(back.caught_up_at <= at(10 + 900));
        assert!(lets_go(IngestHealth::seen(Some(back), at(910), false), 930));
    }

    #[test]
    fn what_arrived_in_time_is_looked_at_first() {
        let now = at(10_000);
        let go = IngestHealth::lets_go(None, now).expect("nothing is known against it");
        let due = at(9_990);
        assert_eq!(go.why(due, None), Some(SentAgain::NoStatus));
        assert_eq!(go.why(due, Some(at(9_991))), Some(SentAgain::NoStatus));
        assert_eq!(go.why(due, Some(due)), None);
        assert_eq!(go.why(at(9_100), Some(at(9_000))), Some(SentAgain::Backlog));
        assert_eq!(go.why(at(9_101), Some(at(9_000))), None);
    }

    #[test]
    fn after_an_outage_the_patience_with_the_inbox_begins_anew() {
        let known = IngestHealth {
            caught_up_at: at(9_990),
            seen_at: at(10_000),
            ..well()
        };
        let go = IngestHealth::lets_go(Some(known), at(10_000)).expect("it has caught up");
        assert_eq!(
            go.why(at(0), Some(at(-5))),
            None,
            "due long ago, and nobody could look"
        );
    }
}
