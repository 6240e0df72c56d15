//! How fast we may send.

use std::time::Duration;

use crate::Timestamp;

/// A rate with a burst: `burst` at once, then one every `every`.
///
/// The whole state of one sender is one point in time, so that a store keeps it in one column and replicas share
/// it (the generic cell rate algorithm).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many may go at once after a pause.
    pub burst: u32,
    /// The time that one costs.
    pub every: Duration,
}

/// The limits of the platform on our sending (Meta: throughput), each a little below so that clocks may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendLimits {
    /// Of one number: 80 messages a second.
    pub number: Rate,
    /// Of one number to one client: one every 6 s after a burst of 45.
    pub pair: Rate,
}

impl Default for SendLimits {
    fn default() -> Self {
        Self {
            number: Rate {
                burst: 70,
                every: Duration::from_millis(14),
            },
            pair: Rate {
                burst: 40,
                every: Duration::from_millis(6_100),
            },
        }
    }
}

impl Rate {
    /// Takes one. `state` is what the last call gave, `None` before the first.
    ///
    /// `Ok` is the new state to keep; `Err` is the time before which nothing may be taken, and the state stays.
    ///
    /// ```
    /// use std::time::Duration;
    /// use onboarding_core::{Rate, Timestamp};
    ///
    /// let rate = Rate { burst: 2, every: Duration::from_secs(6) };
    /// let now = Timestamp::from_unix_seconds(100);
    /// let one = rate.take(None, now).expect("the first of two");
    /// let two = rate.take(Some(one), now).expect("the second of two");
    /// assert_eq!(rate.take(Some(two), now), Err(Timestamp::from_unix_seconds(106)));
    /// ```
    pub fn take(self, state: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Timestamp> {
        let paid_until = state.unwrap_or(now).max(now);
        if paid_until > self.last_ready(now) {
            Err(paid_until - self.credit())
        } else {
            Ok(paid_until + self.every)
        }
    }

    /// The latest state from which one can be taken at `now`. A store compares with it to pass over senders whose
    /// rate is spent.
    pub fn last_ready(self, now: Timestamp) -> Timestamp {
        now + self.credit()
    }

    /// How many could be taken at `now`.
    pub fn left(self, state: Option<Timestamp>, now: Timestamp) -> u32 {
        let paid_until = state.unwrap_or(now).max(now);
        let ready = self.last_ready(now) + self.every;
        let left = ready.since(paid_until).as_nanos() / self.every.as_nanos().max(1);
        u32::try_from(left).unwrap_or(u32::MAX)
    }

    fn credit(self) -> Duration {
        self.every.saturating_mul(self.burst.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn in_no_span_goes_more_than_the_burst_and_what_the_time_pays(
            burst in 1_u32..6,
            pauses in prop::collection::vec(0_u64..4_000, 1..60),
        ) {
            let rate = Rate { burst, every: Duration::from_secs(1) };
            let (mut now, mut state, mut taken) = (Timestamp::EPOCH, None, Vec::new());
            for pause in pauses {
                now = now + Duration::from_millis(pause);
                if let Ok(next) = rate.take(state, now) {
                    state = Some(next);
                    taken.push(now);
                }
            }
            for (place, first) in taken.iter().enumerate() {
                for (count, last) in (1_u64..).zip(&taken[place..]) {
                    let allowed = u64::from(burst) + last.since(*first).as_secs();
                    prop_assert!(count <= allowed, "{count} from {first} to {last}");
                }
            }
        }

        #[test]
        fn at_the_time_that_a_refusal_names_one_goes(burst in 1_u32..6, takes in 1_usize..12) {
            let rate = Rate { burst, every: Duration::from_millis(700) };
            let mut state = None;
            for _ in 0..takes {
                state = rate.take(state, Timestamp::EPOCH).ok().or(state);
            }
            if let Err(not_before) = rate.take(state, Timestamp::EPOCH) {
                prop_assert!(rate.take(state, not_before).is_ok());
                prop_assert!(rate.take(state, not_before - Duration::from_micros(1)).is_err());
            }
        }
    }
}
