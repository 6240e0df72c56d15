//! Where and when each life of the service ends, all from one seed.

use std::time::Duration;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::database::Kind;

/// Between a commit that let go of its locks and the wait for the disk: others may have seen what it stored.
pub(crate) const BEFORE_DURABLE: &str = "store.before_durable";

/// What a process does when it serves, and the highest count at which it is worth dying there: far enough for different
/// moments, near enough to be reached in one life.
const WHILE_SERVING: &[(&str, u32)] = &[
    ("ingest.after_verify", 12),
    ("ingest.before_store", 12),
    ("ingest.after_store", 12),
    ("ingest.before_answer", 12),
    ("work.leased", 12),
    ("work.before_decode", 12),
    ("work.before_decide", 5),
    ("work.after_decide", 5),
    ("work.before_commit", 5),
    ("work.after_commit", 5),
    ("status.before", 8),
    ("status.after", 8),
    ("send.leased", 5),
    ("send.before_http", 5),
    ("send.after_http", 5),
    ("send.before_settle", 5),
    ("send.after_settle", 5),
    ("follow_up.before", 2),
    ("follow_up.between", 2),
    ("follow_up.after", 2),
    ("store.before_begin", 40),
    ("store.half_done", 12),
    ("store.between_jobs", 60),
    ("store.before_commit", 40),
    (BEFORE_DURABLE, 5),
    ("store.after_commit", 40),
];

/// What a process does once when it starts on a database that is up to date.
const WHILE_STARTING: &[&str] = &["start.opened", "secrets.read", "migrate.before", "migrate.after"];

/// What it does once when it is told to stop.
const WHILE_STOPPING: &[&str] = &["shutdown.begin", "shutdown.deaf", "shutdown.drained"];

/// What it does when the database is new: these are tried on databases of their own.
pub(crate) const AT_BIRTH: &[&str] = &["migrate.before", "migrate.between", "migrate.after"];

/// How a life ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// By its own hand, at the nth pass of a place.
    At { place: &'static str, nth: u32 },
    /// By its own hand, while it stops as it was told to after this time.
    Stopping { place: &'static str, after: Duration },
    /// Killed from outside after this time, perhaps after its database was killed under it.
    Outside {
        after: Duration,
        database: Option<Moment>,
    },
}

/// When a database is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Whatever happens.
    Any,
    /// Right after a webhook was answered with 200: what it stored must be safe by then.
    Answered,
}

impl End {
    /// The place, as the service is told it.
    pub(crate) fn crash_at(&self) -> Option<String> {
        match self {
            Self::At { place, nth } => Some(format!("{place}:{nth}")),
            Self::Stopping { place, .. } => Some((*place).to_owned()),
            Self::Outside { .. } => None,
        }
    }

    /// The place.
    pub(crate) fn place(&self) -> Option<&'static str> {
        match self {
            Self::At { place, .. } | Self::Stopping { place, .. } => Some(place),
            Self::Outside { .. } => None,
        }
    }

    /// Whether the database dies too, first.
    pub(crate) fn kills_the_database(&self) -> bool {
        matches!(
            self,
            Self::Outside {
                database: Some(_),
                ..
            }
        )
    }

    /// Whether the database dies right after the service, so that what was committed is perhaps undone.
    pub(crate) fn takes_the_database_along(&self) -> bool {
        self.place() == Some(BEFORE_DURABLE)
    }

    /// Whether it leaves the end of a send unknown, so that a late status makes a second copy.
    pub(crate) fn cuts_a_send(&self) -> bool {
        matches!(self.place(), Some("send.after_http" | "send.before_settle"))
    }

    /// Whether invitations must fail for the place to be reached.
    pub(crate) fn needs_failed_invitations(&self) -> bool {
        self.place().is_some_and(|place| place.starts_with("follow_up."))
    }
}

/// Every place that a run of this size must have died at.
pub(crate) fn places(kind: Kind) -> impl Iterator<Item = &'static str> {
    let serving = WHILE_SERVING.iter().map(|(place, _)| *place);
    let all = serving
        .chain(WHILE_STARTING.iter().copied())
        .chain(WHILE_STOPPING.iter().copied());
    all.filter(move |place| kind.passes(place))
}

/// The gaps that no run may leave out, however short: between a commit and its answer, and between Meta's answer and its
/// settlement. Chance alone hardly ever hits them.
const ALWAYS: [&str; 2] = ["ingest.after_store", "send.after_http"];

/// Every end, in an order by chance: every third from outside, half of these with a database that can be killed; the
/// others at all places in turn.
pub(crate) fn ends(kills: u32, kind: Kind, dice: &mut Dice) -> Vec<End> {
    let mut all: Vec<_> = places(kind).collect();
    let mut died = 0;
    let mut ends = Vec::new();
    for nth in 1..=kills {
        let end = if is_outside(nth) {
            outside(
                (kind.can_be_killed() && nth.is_multiple_of(2)).then(|| moment(dice)),
                dice,
            )
        } else {
            let turn = died % all.len();
            if turn == 0 {
                dice.shuffle(&mut all);
                all.sort_by_key(|place| !ALWAYS.contains(place));
            }
            died += 1;
            at(all[turn], dice)
        };
        ends.push(end);
    }
    dice.shuffle(&mut ends);
    ends
}

fn is_outside(nth: u32) -> bool {
    nth.is_multiple_of(3)
}

/// Whether a run of so many kills is to die at every place twice.
pub(crate) fn is_complete(kills: u32, kind: Kind) -> bool {
    let at_places = (1..=kills).filter(|nth| !is_outside(*nth)).count();
    at_places >= 2 * places(kind).count()
}

/// Ends that hit what a service loses that acknowledges too early, or whose database does.
pub(crate) fn ends_for_control(kills: u32, with_database: bool, dice: &mut Dice) -> Vec<End> {
    let end = |_| {
        if with_database {
            outside(Some(Moment::Answered), dice)
        } else if dice.one_in(2) {
            outside(None, dice)
        } else {
            at("ingest.before_store", dice)
        }
    };
    (0..kills).map(end).collect()
}

fn outside(database: Option<Moment>, dice: &mut Dice) -> End {
    let after = dice.up_to(700);
    End::Outside { after, database }
}

fn moment(dice: &mut Dice) -> Moment {
    if dice.one_in(2) {
        Moment::Any
    } else {
        Moment::Answered
    }
}

fn at(place: &'static str, dice: &mut Dice) -> End {
    if WHILE_STOPPING.contains(&place) {
        let after = dice.up_to(500);
        return End::Stopping { place, after };
    }
    let most = WHILE_SERVING
        .iter()
        .find(|(known, _)| *known == place)
        .map_or(1, |(_, most)| *most);
    let nth = dice.one_to(most);
    End::At { place, nth }
}

/// Chance, from one seed.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end.max(1))
    }

    pub(crate) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    /// A time of up to this many milliseconds.
    pub(crate) fn up_to(&mut self, milliseconds: u64) -> Duration {
        Duration::from_millis(self.0.random_range(0..=milliseconds))
    }

    fn one_to(&mut self, most: u32) -> u32 {
        self.0.random_range(1..=most.max(1))
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }

    /// A seed for others.
    pub(crate) fn seed(&mut self) -> u64 {
        self.0.next_u64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_died_at_twice() {
        for kind in [Kind::Sqlite, Kind::Postgres] {
            let ends = ends(100, kind, &mut Dice::seeded(1));
            assert_eq!(ends.len(), 100);
            for place in places(kind) {
                assert!(
                    ends.iter().filter(|end| end.place() == Some(place)).count() >= 2,
                    "{place}"
                );
            }
            let killed = |with| {
                ends.iter()
                    .any(|end| matches!(end, End::Outside { database, .. } if *database == with))
            };
            assert!(killed(None));
            assert_eq!(killed(Some(Moment::Any)), kind.can_be_killed());
            assert_eq!(killed(Some(Moment::Answered)), kind.can_be_killed());
        }
    }

    #[test]
    fn a_short_run_dies_in_the_gaps_that_matter() {
        for seed in 0..20 {
            let ends = ends(6, Kind::Postgres, &mut Dice::seeded(seed));
            for place in ALWAYS {
                assert!(ends.iter().any(|end| end.place() == Some(place)), "{place}");
            }
            assert!(ends.iter().any(End::kills_the_database));
        }
    }

    #[test]
    fn one_seed_gives_one_plan() {
        let plan = |seed| ends(80, Kind::Sqlite, &mut Dice::seeded(seed));
        assert_eq!(plan(7), plan(7));
        assert_ne!(plan(7), plan(8));
    }
}
