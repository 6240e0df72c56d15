//! What differs between two things, for one line of a plan.

use std::{collections::BTreeSet, fmt};

/// The differences; prints as `title – → Director, roles +admin −user`.
#[derive(Default)]
pub(super) struct Difference(Vec<String>);

impl Difference {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A setting, shown as before → after.
    pub(super) fn value<T: PartialEq + fmt::Display>(self, what: &str, before: &T, after: &T) -> Self {
        self.shown(what, before, after, T::to_string)
    }

    /// An optional setting; `–` stands for none.
    pub(super) fn option<T: PartialEq + fmt::Display>(
        self,
        what: &str,
        before: Option<&T>,
        after: Option<&T>,
    ) -> Self {
        self.shown(what, &before, &after, |value| {
            value.map_or_else(|| "–".to_owned(), T::to_string)
        })
    }

    /// A setting with its own way to be shown.
    pub(super) fn shown<T: PartialEq>(
        mut self,
        what: &str,
        before: &T,
        after: &T,
        show: impl Fn(&T) -> String,
    ) -> Self {
        if before != after {
            self.0.push(format!("{what} {} → {}", show(before), show(after)));
        }
        self
    }

    /// A setting that is too long to show, or not for every eye.
    pub(super) fn unshown<T: PartialEq>(mut self, what: &str, before: &T, after: &T) -> Self {
        if before != after {
            self.0.push(format!("{what} changed"));
        }
        self
    }

    /// A list without an order: each name that came or went.
    pub(super) fn names<T: Ord + fmt::Display>(mut self, what: &str, before: &[T], after: &[T]) -> Self {
        let (came, went) = came_and_went(before, after);
        let came = came.into_iter().map(|name| format!(" +{name}"));
        let names: String = came
            .chain(went.into_iter().map(|name| format!(" −{name}")))
            .collect();
        if !names.is_empty() {
            self.0.push(format!("{what}{names}"));
        }
        self
    }

    /// A list without an order: how many came and went.
    pub(super) fn counts<T: Ord>(mut self, what: &str, before: &[T], after: &[T]) -> Self {
        let (came, went) = came_and_went(before, after);
        let count = |sign: char, list: &[&T]| {
            if list.is_empty() {
                String::new()
            } else {
                format!(" {sign}{}", list.len())
            }
        };
        let counts = count('+', &came) + &count('−', &went);
        if !counts.is_empty() {
            self.0.push(format!("{what}{counts}"));
        }
        self
    }
}

fn came_and_went<'a, T: Ord>(before: &'a [T], after: &'a [T]) -> (Vec<&'a T>, Vec<&'a T>) {
    let (before, after): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), after.iter().collect());
    (
        after.difference(&before).copied().collect(),
        before.difference(&after).copied().collect(),
    )
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}
