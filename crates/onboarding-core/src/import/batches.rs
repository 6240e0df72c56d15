//! Which rows are made at once.

use std::collections::HashMap;

use super::{Judged, Verdict};
use crate::{Role, config::CompanyConfig};

/// Rows of one batch, unless more have to change together.
const AT_ONCE: usize = 250;

/// The rows that are not refused, by their places, in batches in the order in which they are to be made.
///
/// Whoever takes over an extension is in one batch with whoever lets go of it, because the store judges a batch as a whole.
/// Who stops to be an admin comes last, when those who become one are.
pub fn batches(config: &CompanyConfig, judged: &[Judged]) -> Vec<Vec<usize>> {
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for group in groups(config, judged) {
        match batches.last_mut() {
            Some(batch) if batch.len() + group.len() <= AT_ONCE => batch.extend(group),
            _ => batches.push(group),
        }
    }
    batches
}

/// Rows that change together.
fn groups(config: &CompanyConfig, judged: &[Judged]) -> Vec<Vec<usize>> {
    let stays = |verdict: &Verdict| !matches!(verdict, Verdict::Refuse(_));
    let places: Vec<_> = (0..judged.len())
        .filter(|place| stays(&judged[*place].verdict))
        .collect();
    let by_name: HashMap<_, _> = places
        .iter()
        .map(|place| (judged[*place].username.as_str(), *place))
        .collect();
    let holders: HashMap<_, _> = config
        .users
        .iter()
        .filter_map(|user| {
            Some((
                user.extension.as_ref()?.skeleton(),
                by_name.get(user.username.as_str())?,
            ))
        })
        .collect();
    let mut sets = Sets::of(judged.len());
    for place in &places {
        let wished = judged[*place].verdict.wished();
        let extension = wished.and_then(|user| user.extension.as_ref());
        if let Some(holder) = extension.and_then(|extension| holders.get(&extension.skeleton())) {
            sets.join(*place, **holder);
        }
    }
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut group_of: HashMap<usize, usize> = HashMap::new();
    for place in places {
        let group = *group_of.entry(sets.root(place)).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[group].push(place);
    }
    groups.sort_by_key(|group| group.iter().any(|place| loses_admin(&judged[*place].verdict)));
    groups
}

fn loses_admin(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Change { before, after } => {
            before.roles.contains(&Role::Admin) && !after.roles.contains(&Role::Admin)
        }
        _ => false,
    }
}

/// Disjoint sets of places.
struct Sets(Vec<usize>);

impl Sets {
    fn of(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, place: usize) -> usize {
        let mut at = place;
        while self.0[at] != at {
            // Halves the way for whoever comes next.
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one] = other;
    }
}
