//! Sizing: how far the numbers of a pool are used up, and how many it needs.
//!
//! A number is never used up as such: it serves any number of clients. It is used up for a client, who can have one user on
//! it and never another (INV-31). So a pool is as full as it is for its fullest client, and needs as many secondaries as one
//! client has users.

use std::{collections::BTreeMap, time::Duration};

use crate::{Company, CountryCode, OfficialAccountId, Pool, PoolId, Timestamp, ports::ClientLoad};

/// From these shares on, in percent, somebody should do something.
pub const ALARMS: [u8; 3] = [70, 85, 95];

/// How far a pool is used up for the clients of one country.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Utilisation {
    /// The pool.
    pub pool: PoolId,
    /// The clients' country; `None` for those whose country is unknown.
    pub country: Option<CountryCode>,
    /// Clients with a number of the pool.
    pub clients: usize,
    /// The secondaries of the pool that take rooms.
    pub numbers: usize,
    /// How many of them the fullest client has used up.
    pub fullest: usize,
    /// Clients for whom none is left: the next user whom they ask for cannot be connected.
    pub without_a_free_number: usize,
}

impl Utilisation {
    /// The share that the fullest client has used up, in percent; 100 for a pool without a number.
    pub fn percent(&self) -> u8 {
        let share = (self.fullest * 100).checked_div(self.numbers).unwrap_or(100);
        u8::try_from(share.min(100)).unwrap_or(100)
    }

    /// The highest of [`ALARMS`] that is reached.
    pub fn alarm(&self) -> Option<u8> {
        ALARMS.into_iter().rev().find(|level| self.percent() >= *level)
    }
}

/// The secondaries of the pool that take new rooms, as far as people decide on it.
pub fn numbers_of(company: &Company, pool: &Pool) -> Vec<OfficialAccountId> {
    let takes_rooms = |id: &&OfficialAccountId| {
        let account = company.account(**id);
        account.is_some_and(|account| !account.retired) && !pool.draining.contains(id)
    };
    pool.secondaries.iter().filter(takes_rooms).copied().collect()
}

/// How far the pool is used up, country by country. Numbers of pools further up, which may help out, do not count.
pub fn utilisation(company: &Company, pool: &Pool, loads: &[ClientLoad]) -> Vec<Utilisation> {
    let numbers = numbers_of(company, pool);
    let mut by_country: BTreeMap<Option<CountryCode>, Vec<usize>> = BTreeMap::new();
    for load in loads {
        let taken = load.taken.iter().filter(|id| numbers.contains(id)).count();
        by_country.entry(load.country).or_default().push(taken);
    }
    let of_country = |(country, taken): (Option<CountryCode>, Vec<usize>)| Utilisation {
        pool: pool.id.clone(),
        country,
        clients: taken.len(),
        numbers: numbers.len(),
        fullest: taken.iter().copied().max().unwrap_or(0),
        without_a_free_number: taken.iter().filter(|count| **count >= numbers.len()).count(),
    };
    by_country.into_iter().map(of_country).collect()
}

/// Over so many days it is looked how fast clients take further numbers.
pub const PACE_DAYS: u32 = 7;

/// When the first client has used a pool up: the next user whom they ask for cannot be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsedUp {
    /// Somebody has already.
    Now,
    /// In about so many days, if that client goes on at their own pace of the last [`PACE_DAYS`].
    InDays(u32),
    /// Nobody took a further number in the last [`PACE_DAYS`].
    NotInSight,
    /// The pool is not used, or not long enough to tell a pace.
    Unknown,
}

/// When the first client has used the pool up. The first number of a client is no further one.
pub fn used_up(numbers: &[OfficialAccountId], loads: &[ClientLoad], now: Timestamp) -> UsedUp {
    let window = now - Duration::from_hours(24 * u64::from(PACE_DAYS));
    let (mut soonest, mut earliest) = (None::<usize>, now);
    for load in loads {
        let here = load.taken.iter().filter(|id| numbers.contains(id)).count();
        let left = numbers.len().saturating_sub(here);
        if left == 0 {
            return UsedUp::Now;
        }
        let first = load.since.iter().min().copied().unwrap_or(now);
        earliest = earliest.min(first);
        // What was taken on a number that takes no room any more was wanted all the same.
        let recent = load.since.iter().filter(|since| **since >= window).count();
        let further = recent - usize::from(first >= window && recent > 0);
        let days = (left * PACE_DAYS as usize).checked_div(further);
        soonest = soonest.into_iter().chain(days).min();
    }
    match soonest {
        Some(days) => UsedUp::InDays(u32::try_from(days).unwrap_or(u32::MAX)),
        None if earliest >= window => UsedUp::Unknown,
        None => UsedUp::NotInSight,
    }
}

/// What a pool needs.
#[derive(Debug, Clone, PartialEq)]
pub struct SizingPlan {
    /// The pool.
    pub pool: PoolId,
    /// The secondaries that take rooms.
    pub numbers: usize,
    /// Clients with a number of the pool.
    pub clients: usize,
    /// Users that a client has, on average; never reused numbers count.
    pub users_per_client: f64,
    /// The probability that a client wants one user more than there are numbers.
    pub blocking: f64,
    /// The fewest secondaries with which that probability is within the target.
    pub needed: usize,
    /// Clients for whom one number is left.
    pub at_the_edge: usize,
    /// Clients for whom none is left.
    pub without_a_free_number: usize,
    /// When the first client has none left.
    pub used_up: UsedUp,
}

impl SizingPlan {
    /// Whether clients will be turned away before long, or are already.
    pub fn is_short(&self) -> bool {
        self.needed > self.numbers || self.without_a_free_number > 0
    }
}

/// The probability that a client wants more users than there are `numbers`.
///
/// Every client has one user; further ones come one by one and independently, so their number is Poisson distributed around
/// the observed mean. Where more clients are seen to have used everything up, what is seen counts.
pub fn blocking_probability(users: &[usize], numbers: usize) -> f64 {
    if users.is_empty() {
        return 0.0;
    }
    let further = mean(users) - 1.0;
    let seen = share(
        users.iter().filter(|count| **count > numbers).count(),
        users.len(),
    );
    if numbers == 0 {
        return 1.0;
    }
    poisson_tail(further.max(0.0), numbers - 1).max(seen)
}

/// How many secondaries the pool needs so that at most `target` of the clients are turned away.
pub fn sizing_plan(
    company: &Company,
    pool: &Pool,
    loads: &[ClientLoad],
    (target, now): (f64, Timestamp),
) -> SizingPlan {
    /// No pool is larger; a target that needs more is not to be met.
    const MOST: usize = 1_000;
    let numbers = numbers_of(company, pool);
    // What is used up on a number that takes no room any more was wanted all the same.
    let users: Vec<usize> = loads.iter().map(|load| load.taken.len()).collect();
    let taken = |load: &ClientLoad| load.taken.iter().filter(|id| numbers.contains(id)).count();
    let left = |count: usize| {
        loads
            .iter()
            .filter(|load| taken(load) + count == numbers.len())
            .count()
    };
    let needed = (1..MOST).find(|size| blocking_probability(&users, *size) <= target);
    SizingPlan {
        pool: pool.id.clone(),
        numbers: numbers.len(),
        clients: users.len(),
        users_per_client: if users.is_empty() { 0.0 } else { mean(&users) },
        blocking: blocking_probability(&users, numbers.len()),
        needed: needed.unwrap_or(MOST),
        at_the_edge: left(1),
        without_a_free_number: left(0),
        used_up: used_up(&numbers, loads, now),
    }
}

/// P(X > `most`) for X Poisson distributed around `mean`.
fn poisson_tail(mean: f64, most: usize) -> f64 {
    let mut term = (-mean).exp();
    let mut sum = term;
    for k in 1..=most {
        term *= mean / float(k);
        sum += term;
    }
    (1.0 - sum).clamp(0.0, 1.0)
}

fn mean(users: &[usize]) -> f64 {
    share(users.iter().sum(), users.len())
}

fn share(part: usize, whole: usize) -> f64 {
    float(part) / float(whole)
}

#[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 clients")]
fn float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_tail_of_poisson_is_right_where_it_is_known() {
        assert!((poisson_tail(1.0, 0) - 0.632_12).abs() < 1e-4);
        assert!((poisson_tail(1.0, 2) - 0.080_30).abs() < 1e-4);
        assert!(poisson_tail(0.0, 0).abs() < 1e-9);
    }

    #[test]
    fn one_user_a_client_needs_one_number_and_what_is_seen_counts() {
        assert!(blocking_probability(&[1, 1, 1], 1).abs() < 1e-9);
        assert!((blocking_probability(&[], 0)).abs() < 1e-9);
        assert!((blocking_probability(&[1], 0) - 1.0).abs() < 1e-9);
        // Half of the clients want five: the mean alone would not tell.
        assert!(blocking_probability(&[1, 5], 4) >= 0.5);
    }

    #[test]
    fn alarms_sound_at_their_level() {
        let at = |fullest, numbers| Utilisation {
            pool: PoolId::parse("hk").unwrap(),
            country: None,
            clients: 1,
            numbers,
            fullest,
            without_a_free_number: 0,
        };
        let told: Vec<_> = [
            (69, 100),
            (70, 100),
            (84, 100),
            (85, 100),
            (95, 100),
            (3, 3),
            (0, 0),
        ]
        .map(|(fullest, numbers)| at(fullest, numbers).alarm())
        .into();
        let expected = [None, Some(70), Some(70), Some(85), Some(95), Some(95), Some(95)];
        assert_eq!(told, expected);
    }

    fn account(nth: u128) -> OfficialAccountId {
        OfficialAccountId::from_uuid(uuid::Uuid::from_u128(nth))
    }

    /// A client who took numbers so many days ago.
    fn load(days_ago: &[u64]) -> ClientLoad {
        let since = |days: &u64| NOW - Duration::from_hours(24 * days);
        ClientLoad {
            identity: crate::ClientIdentityId::from_uuid(uuid::Uuid::from_u128(1)),
            country: None,
            taken: (1..).map(account).take(days_ago.len()).collect(),
            since: days_ago.iter().map(since).collect(),
        }
    }

    const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

    #[test]
    fn the_first_client_to_run_out_tells_when_the_pool_is_used_up() {
        let numbers: Vec<_> = (1..=4).map(account).collect();
        let told = |loads: &[ClientLoad]| used_up(&numbers, loads, NOW);
        assert_eq!(told(&[]), UsedUp::Unknown);
        assert_eq!(told(&[load(&[1])]), UsedUp::Unknown, "a first number is no pace");
        assert_eq!(told(&[load(&[30])]), UsedUp::NotInSight);
        assert_eq!(told(&[load(&[30, 8])]), UsedUp::NotInSight);
        assert_eq!(
            told(&[load(&[30, 3])]),
            UsedUp::InDays(14),
            "one in 7 days, two left"
        );
        assert_eq!(told(&[load(&[6, 3])]), UsedUp::InDays(14), "the first one apart");
        let both = [load(&[30, 3]), load(&[30, 3, 2])];
        assert_eq!(told(&both), UsedUp::InDays(3), "two in 7 days, one left");
        assert_eq!(told(&[load(&[30, 3]), load(&[40, 39, 38, 37])]), UsedUp::Now);
        assert_eq!(used_up(&[], &[load(&[30])], NOW), UsedUp::Now);
    }

    #[test]
    fn numbers_that_take_no_more_rooms_tell_of_the_pace_and_are_not_left() {
        let numbers = [account(1), account(9)];
        let taken = load(&[30, 3, 2]);
        assert_eq!(used_up(&numbers, &[taken], NOW), UsedUp::InDays(3));
    }

    proptest! {
        #[test]
        fn more_numbers_never_block_more(users in prop::collection::vec(1_usize..12, 1..40), numbers in 0_usize..30) {
            let now = blocking_probability(&users, numbers);
            let then = blocking_probability(&users, numbers + 1);
            prop_assert!((0.0..=1.0).contains(&now));
            prop_assert!(then <= now + 1e-12);
        }
    }
}
