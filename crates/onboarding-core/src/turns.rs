//! Turns: a company with much to do does not make the others wait.

use std::collections::BTreeMap;

/// Puts what waits into the order in which it is served: the first of every company, then the second of every company,
/// and so on. `waiting` comes in the order in which one company alone would be served, and each company keeps it.
///
/// ```
/// use onboarding_core::in_turns;
///
/// let waiting = ["a1", "a2", "a3", "b1", "b2"];
/// let served = in_turns(waiting, |one| one.as_bytes()[0]);
/// assert_eq!(served, ["a1", "b1", "a2", "b2", "a3"]);
/// ```
pub fn in_turns<T, C: Ord>(waiting: impl IntoIterator<Item = T>, company: impl Fn(&T) -> C) -> Vec<T> {
    let mut seen: BTreeMap<C, usize> = BTreeMap::new();
    let mut turns: Vec<(usize, T)> = Vec::new();
    for one in waiting {
        let turn = seen.entry(company(&one)).or_default();
        turns.push((*turn, one));
        *turn += 1;
    }
    // Stable: of one turn, the one that waited longer goes first.
    turns.sort_by_key(|(turn, _)| *turn);
    turns.into_iter().map(|(_, one)| one).collect()
}
