//! How often callers may come.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use onboarding_core::{Rate, Timestamp, access::Principal};

/// So many are remembered before those who rest are forgotten.
const REMEMBERED: usize = 10_000;

/// The rates of one replica.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Of one caller.
    pub caller: Rate,
    /// Of one source of requests that show nothing we know.
    pub stranger: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            caller: Rate {
                burst: 200,
                every: Duration::from_millis(50),
            },
            stranger: Rate {
                burst: 60,
                every: Duration::from_secs(1),
            },
        }
    }
}

/// Counts in the memory of this replica: a restart forgets, and a second replica has counts of its own.
#[derive(Debug)]
pub struct Limiter {
    limits: Limits,
    states: Mutex<HashMap<String, Timestamp>>,
}

/// How a caller stands after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The name of the limit.
    pub(crate) name: &'static str,
    /// Requests in the window.
    pub(crate) quota: u32,
    /// Seconds of the window.
    pub(crate) window: u64,
    /// Requests that are left now.
    pub(crate) left: u32,
    /// Seconds until all are there again.
    pub(crate) reset: u64,
    /// The request is one too many: seconds to wait.
    pub(crate) refused: Option<u64>,
}

impl Limiter {
    /// With these limits.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            states: Mutex::default(),
        }
    }

    pub(crate) fn take_caller(&self, caller: &Principal, now: Timestamp) -> Standing {
        let place = format!("{}/{}", caller.company, caller.key());
        self.take("caller", self.limits.caller, &place, now)
    }

    pub(crate) fn take_stranger(&self, place: &str, now: Timestamp) -> Standing {
        self.take("stranger", self.limits.stranger, place, now)
    }

    fn take(&self, name: &'static str, rate: Rate, place: &str, now: Timestamp) -> Standing {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        if states.len() >= REMEMBERED {
            states.retain(|_, paid_until| *paid_until > now);
        }
        let before = states.get(place).copied();
        let taken = rate.take(before, now);
        if let Ok(state) = taken {
            states.insert(place.to_owned(), state);
        }
        let state = taken.ok().or(before);
        Standing {
            name,
            quota: rate.burst,
            window: seconds(rate.every.saturating_mul(rate.burst)),
            left: rate.left(state, now),
            reset: seconds(state.unwrap_or(now).since(now)),
            refused: taken.err().map(|until| seconds(until.since(now)).max(1)),
        }
    }
}

/// Whole seconds, rather too many.
fn seconds(span: Duration) -> u64 {
    span.as_secs() + u64::from(span.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quota_is_used_up_and_comes_back() {
        let rate = Rate {
            burst: 3,
            every: Duration::from_secs(2),
        };
        let limiter = Limiter::new(Limits {
            caller: rate,
            stranger: rate,
        });
        let start = Timestamp::from_unix_seconds(100);
        let lefts: Vec<_> = (0..3).map(|_| limiter.take_stranger("a", start)).collect();
        assert_eq!(lefts.iter().map(|one| one.left).collect::<Vec<_>>(), [2, 1, 0]);
        assert_eq!((lefts[2].quota, lefts[2].window, lefts[2].reset), (3, 6, 6));
        let refused = limiter.take_stranger("a", start);
        assert_eq!((refused.refused, refused.left), (Some(2), 0));
        assert_eq!(
            limiter.take_stranger("b", start).refused,
            None,
            "nobody else is in the way"
        );
        let later = start + Duration::from_secs(2);
        assert_eq!(limiter.take_stranger("a", later).refused, None);
    }
}
