//! What was found wrong so far, and on which line each path stands.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use onboarding_core::config::Mistake;

/// A mistake with its line.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) line: usize,
    pub(crate) path: String,
    pub(crate) message: String,
}

/// The line of every path that was met.
#[derive(Debug, Default)]
pub(crate) struct Places(BTreeMap<String, usize>);

impl Places {
    /// The line of the path, or of the nearest part of it that the file has: what is missing is missing there.
    pub(crate) fn line(&self, path: &str) -> usize {
        ways_up(path)
            .find_map(|path| self.0.get(path).copied())
            .unwrap_or(1)
    }
}

/// `a.b[1].c`, `a.b[1]`, `a.b`, `a`.
fn ways_up(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| path.rfind(['.', '[']).map(|at| &path[..at]))
}

/// Collects while the document is read; shared by all its items.
#[derive(Debug)]
pub(crate) struct Report {
    /// The byte at which each line begins.
    lines: Vec<usize>,
    places: RefCell<Places>,
    found: RefCell<Vec<Found>>,
}

impl Report {
    pub(crate) fn new(text: &str) -> Self {
        let breaks = text
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(at, _)| at + 1);
        Self {
            lines: std::iter::once(0).chain(breaks).collect(),
            places: RefCell::default(),
            found: RefCell::default(),
        }
    }

    /// The line, from 1, that the byte stands on.
    pub(crate) fn line_of(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at).max(1)
    }

    /// Remembers where a path stands.
    pub(crate) fn place(&self, path: &str, line: usize) {
        self.places.borrow_mut().0.entry(path.to_owned()).or_insert(line);
    }

    /// Records a mistake on a line.
    pub(crate) fn add(&self, line: usize, path: impl Into<String>, message: impl Into<String>) {
        self.found.borrow_mut().push(Found {
            line,
            path: path.into(),
            message: message.into(),
        });
    }

    /// Records what is wrong between the values that were read. Nothing is said of a path that was refused
    /// itself or in part: there stands a stand-in.
    pub(crate) fn add_mistakes(&self, mistakes: Vec<Mistake>) {
        let refused: BTreeSet<_> = self
            .found
            .borrow()
            .iter()
            .map(|found| found.path.clone())
            .collect();
        for Mistake { path, message } in mistakes {
            if !ways_up(&path).any(|path| refused.contains(path)) {
                let line = self.places.borrow().line(&path);
                self.add(line, path, message);
            }
        }
    }

    /// The places, if nothing was found wrong.
    pub(crate) fn finish(self) -> Result<Places, Vec<Found>> {
        let found = self.found.into_inner();
        if found.is_empty() {
            Ok(self.places.into_inner())
        } else {
            Err(found)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_missing_stands_where_its_table_does() {
        let report = Report::new("one\r\ntwo\nthree");
        assert_eq!(
            [0, 4, 5, 9, 13, 99].map(|at| report.line_of(at)),
            [1, 1, 2, 3, 3, 3]
        );
        report.place("users", 1);
        report.place("users[0]", 2);
        let places = report.finish().unwrap();
        let lines = ["users[0].roles[2]", "users[7].name", "pools"].map(|path| places.line(path));
        assert_eq!(lines, [2, 1, 1]);
    }
}
