//! The bound on guessing extensions.

use crate::{GuessLimit, Timestamp};

/// Until when a client's guesses are locked; `None` when they are not.
///
/// The lock starts with the wrong extension that was one too many and holds for `limit.lock`. `wrong` are the
/// times of wrong extensions in any order; those older than `limit.within + limit.lock` do not matter.
pub fn locked_until(limit: &GuessLimit, wrong: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
    let mut times: Vec<_> = wrong.iter().copied().filter(|at| *at <= now).collect();
    times.sort_unstable();
    let let_pass = usize::try_from(limit.attempts).unwrap_or(usize::MAX);
    let one_too_many = |window: &[Timestamp]| {
        let (first, last) = (window.first()?, window.last()?);
        (last.since(*first) <= limit.within).then_some(*last + limit.lock)
    };
    let locks = times.windows(let_pass.checked_add(1)?).filter_map(one_too_many);
    locks.max().filter(|until| *until > now)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LIMIT: GuessLimit = GuessLimit {
        attempts: 2,
        within: Duration::from_mins(1),
        lock: Duration::from_mins(10),
    };

    fn at(seconds: &[i64]) -> Vec<Timestamp> {
        seconds.iter().map(|s| Timestamp::from_unix_seconds(*s)).collect()
    }

    fn locked(wrong: &[i64], now: i64) -> bool {
        locked_until(&LIMIT, &at(wrong), Timestamp::from_unix_seconds(now)).is_some()
    }

    #[test]
    fn one_too_many_within_the_span_locks_for_the_time() {
        assert!(!locked(&[0, 10], 11), "two are let pass");
        assert!(locked(&[20, 0, 10], 21));
        assert!(locked(&[0, 10, 20], 619));
        assert!(!locked(&[0, 10, 20], 620));
        assert!(!locked(&[0, 40, 80, 120], 121), "never three within a minute");
    }
}
