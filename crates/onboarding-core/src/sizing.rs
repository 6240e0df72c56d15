//! Sizing: how far the numbers of a pool are used up, and how many it needs.
//!
//! A number is never used up as such: it serves any number of clients. It is used up for a client, who can have one user on
//! it and never another (INV-31). So a pool is as full as it is for its fullest client, and needs as many secondaries as one
//! client has users.

use std::collections::BTreeMap;

use crate::{Company, CountryCode, OfficialAccountId, Pool, PoolId, ports::ClientLoad};

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
pub fn sizing_plan(company: &Company, pool: &Pool, loads: &[ClientLoad], target: f64) -> SizingPlan {
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
