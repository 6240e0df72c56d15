//! Lists of the record, which may be long: a page begins behind the last row of the one before, and what is searched for is
//! looked for in bounded steps.

use super::ON_A_PAGE;
use crate::api::Answer;

/// Rows that are read at once while something is looked for.
const AT_ONCE: u32 = 250;

/// So often one request reads; who looks for what is older goes on from there.
const MOST_LOOKS: usize = 12;

/// A page of what was looked for.
pub(super) struct Sought<T, K> {
    /// What fits.
    pub(super) shown: Vec<T>,
    /// Behind which row the next page begins, if there may be one.
    pub(super) next: Option<K>,
    /// Whether what lies behind the page was not looked at yet, so that it may hold nothing.
    pub(super) looks_on: bool,
}

/// The first rows behind `after` that fit. `ask` gives at most so many rows behind one, in the order of the list.
pub(super) async fn seek<T, K: Copy>(
    mut after: Option<K>,
    ask: impl AsyncFn(Option<K>, u32) -> Answer<Vec<T>>,
    key_of: impl Fn(&T) -> K,
    fits: impl Fn(&T) -> bool,
) -> Answer<Sought<T, K>> {
    let mut shown = Vec::new();
    let mut last_shown = after;
    for look in 0..MOST_LOOKS {
        let count = if look == 0 { one_page() } else { AT_ONCE };
        let rows = ask(after, count).await?;
        let is_end = rows.len() < usize::try_from(count).unwrap_or(usize::MAX);
        for row in rows {
            let key = key_of(&row);
            after = Some(key);
            if !fits(&row) {
                continue;
            }
            if shown.len() == ON_A_PAGE {
                return Ok(Sought {
                    shown,
                    next: last_shown,
                    looks_on: false,
                });
            }
            last_shown = Some(key);
            shown.push(row);
        }
        if is_end {
            return Ok(Sought {
                shown,
                next: None,
                looks_on: false,
            });
        }
    }
    Ok(Sought {
        shown,
        next: after,
        looks_on: true,
    })
}

/// One more than a page shows, which tells whether there is another.
fn one_page() -> u32 {
    u32::try_from(ON_A_PAGE + 1).unwrap_or(AT_ONCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list of numbers from the greatest down to 1.
    async fn sought(all: u32, after: Option<u32>, fits: impl Fn(&u32) -> bool) -> Sought<u32, u32> {
        let ask = async |after: Option<u32>, count: u32| {
            let below = after.map_or(all, |after| after - 1);
            Ok((1..=below).rev().take(count as usize).collect())
        };
        seek(after, ask, |row| *row, fits).await.unwrap()
    }

    #[actix_web::test]
    async fn pages_lead_through_everything_and_end_where_the_list_ends() {
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let page = sought(151, after, |_| true).await;
            assert!(!page.looks_on);
            seen.extend(page.shown);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, (1..=151).rev().collect::<Vec<_>>());
        let full = sought(50, None, |_| true).await;
        assert_eq!(
            (full.shown.len(), full.next),
            (50, None),
            "a full last page leads nowhere"
        );
    }

    #[actix_web::test]
    async fn what_is_far_back_is_found_in_bounded_steps() {
        let (mut after, mut steps) = (None, 0);
        let found = loop {
            let page = sought(10_000, after, |row| *row == 7).await;
            steps += 1;
            if let Some(found) = page.shown.first() {
                break *found;
            }
            assert!(page.looks_on, "it says that it has not looked at everything");
            after = page.next;
        };
        assert_eq!((found, steps), (7, 4));
    }
}
