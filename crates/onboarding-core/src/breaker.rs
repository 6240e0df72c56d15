//! A storm of errors at WhatsApp must not use up the attempts of every message.

use std::time::Duration;

use crate::{Timestamp, ports::Settlement};

/// After how many attempts in doubt in a row nothing more is sent from an account.
const OPENS_AFTER: u32 = 5;

/// The first pause; each probe that ends in doubt doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(10);

const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// How long the end of a probe is waited for before another goes. Longer than the lease of a message.
const PROBE: Duration = Duration::from_mins(2);

/// How long it is left to other messages to be the probe.
const SPARES_DOUBTFUL: Duration = Duration::from_mins(15);

/// How an account of ours fares with WhatsApp, as long as there is doubt: kept from the first attempt that ended in doubt
/// to the first that did not.
///
/// A message has two attempts whose end is unknown, so a storm of 5xx would soon give up everything in the queue. After a
/// few in a row the breaker opens: the account pauses, then one message goes as a probe, and the pauses grow until a probe
/// gets an answer. Messages that are in doubt already are spared: the probe is a fresh one, unless for a long time there
/// is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker {
    /// Attempts in doubt in a row; once open, failed probes only.
    pub troubles: u32,
    /// Before then nothing is sent.
    pub held_until: Timestamp,
    /// Whether a probe is under way.
    pub probing: bool,
}

/// When a message of an account may go, by its breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// It may, and the breaker stays as it is.
    Free,
    /// It may, alone, and this is to be kept.
    Probe(Breaker),
    /// It may not yet.
    Held,
}

impl Breaker {
    /// After an attempt of the account ended in doubt at `now`.
    #[must_use]
    pub fn after_doubt(before: Option<Self>, now: Timestamp) -> Self {
        let before = before.unwrap_or(Self {
            troubles: 0,
            held_until: Timestamp::EPOCH,
            probing: false,
        });
        if before.is_open() && !before.probing {
            // It was under way when the breaker opened, and says nothing new.
            return before;
        }
        let troubles = before.troubles.saturating_add(1);
        let open = troubles >= OPENS_AFTER;
        Self {
            troubles,
            held_until: if open {
                now + pause(troubles)
            } else {
                Timestamp::EPOCH
            },
            probing: false,
        }
    }

    /// Whether nothing is sent but probes.
    pub fn is_open(self) -> bool {
        self.troubles >= OPENS_AFTER
    }

    /// Whether a message may go at `now`; `in_doubt` says that an attempt at it ended in doubt before.
    pub fn lets_pass(state: Option<Self>, in_doubt: bool, now: Timestamp) -> Passage {
        match state.filter(|breaker| breaker.is_open()) {
            None => Passage::Free,
            Some(breaker) if now < breaker.free_at(in_doubt) => Passage::Held,
            Some(breaker) => Passage::Probe(Self {
                held_until: now + PROBE,
                probing: true,
                ..breaker
            }),
        }
    }

    /// From when on a message may be the probe.
    pub fn free_at(self, in_doubt: bool) -> Timestamp {
        if in_doubt {
            self.held_until + SPARES_DOUBTFUL
        } else {
            self.held_until
        }
    }
}

impl Settlement {
    /// What the attempt says of WhatsApp: `Some(true)` that it answers, `Some(false)` that it leaves us in doubt.
    pub fn shows_whatsapp_well(&self) -> Option<bool> {
        match self {
            Self::Accepted(_) => Some(true),
            Self::Unknown { .. } => Some(false),
            // A code is WhatsApp's; we gave up ourselves without one.
            Self::Failed(refusal) => (refusal.code != 0).then_some(true),
            Self::RetryAt { .. } | Self::AccountPaused { .. } => None,
        }
    }
}

fn pause(troubles: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(troubles.saturating_sub(OPENS_AFTER).min(16));
    FIRST_PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(1_000 + seconds)
    }

    fn after(doubts: u32, state: Option<Breaker>) -> Option<Breaker> {
        (0..doubts).fold(state, |state, _| Some(Breaker::after_doubt(state, at(0))))
    }

    fn probe(state: Option<Breaker>, now: Timestamp) -> Breaker {
        match Breaker::lets_pass(state, false, now) {
            Passage::Probe(breaker) => breaker,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_opens_after_five_in_a_row() {
        assert_eq!(Breaker::lets_pass(after(4, None), false, at(0)), Passage::Free);
        assert_eq!(Breaker::lets_pass(after(5, None), false, at(9)), Passage::Held);
        probe(after(5, None), at(10));
    }

    #[test]
    fn what_was_under_way_when_it_opened_says_nothing_new() {
        assert_eq!(after(64, None), after(5, None));
    }

    #[test]
    fn one_probe_goes_and_the_others_wait_for_its_end() {
        let probing = Some(probe(after(5, None), at(10)));
        assert_eq!(Breaker::lets_pass(probing, false, at(11)), Passage::Held);
        probe(probing, at(130));
    }

    #[test]
    fn pauses_double_with_each_failed_probe_up_to_five_minutes() {
        let mut state = after(5, None);
        let mut now = at(10);
        let mut pauses = Vec::new();
        for _ in 0..7 {
            let failed = Breaker::after_doubt(Some(probe(state, now)), now);
            pauses.push(failed.held_until.since(now).as_secs());
            (state, now) = (Some(failed), failed.held_until);
        }
        assert_eq!(pauses, [20, 40, 80, 160, 300, 300, 300]);
    }

    #[test]
    fn a_message_in_doubt_is_the_probe_only_if_long_there_is_no_other() {
        let open = after(5, None);
        assert_eq!(Breaker::lets_pass(open, true, at(909)), Passage::Held);
        assert!(matches!(
            Breaker::lets_pass(open, true, at(910)),
            Passage::Probe(_)
        ));
    }

    #[test]
    fn no_number_of_failures_overflows() {
        let worst = Breaker {
            troubles: u32::MAX,
            held_until: at(0),
            probing: true,
        };
        assert_eq!(Breaker::after_doubt(Some(worst), at(0)).held_until, at(300));
    }
}
