//! `cargo xtask check`: the rules of the workspace that no compiler and no lint knows.
//!
//! Each rule answers with findings, one line each: what is wrong, why that matters, and the mend.

mod failpoints;
mod failures;
mod layers;
mod manifests;
mod migrations;
mod mocks;
mod sources;

use anyhow::{Result, bail};
use cargo_metadata::{Metadata, MetadataCommand};

use crate::step::heading;

/// What one rule has to say.
#[derive(Debug, Default, PartialEq)]
struct Report {
    /// Rules that are broken: the check fails.
    violations: Vec<String>,
    /// What could not be looked at, and why: printed, and the check goes on.
    notes: Vec<String>,
}

impl Report {
    fn violations(violations: Vec<String>) -> Self {
        Self {
            violations,
            notes: Vec::new(),
        }
    }

    fn note(note: impl Into<String>) -> Self {
        Self {
            violations: Vec::new(),
            notes: vec![note.into()],
        }
    }

    fn merge(mut self, other: Self) -> Self {
        self.violations.extend(other.violations);
        self.notes.extend(other.notes);
        self
    }
}

type Rule = fn(&Metadata) -> Result<Report>;

const RULES: &[(&str, Rule)] = &[
    ("layers", |metadata| Ok(layers::check(metadata))),
    ("failpoints", |metadata| Ok(failpoints::check(metadata))),
    ("failures", failures::check),
    ("manifests", manifests::check),
    ("mocks", mocks::check),
    ("sources", sources::check),
    ("migrations", migrations::check),
];

pub(crate) fn run() -> Result<()> {
    heading("check");
    let metadata = MetadataCommand::new().no_deps().exec()?;
    let mut broken = 0;
    for (name, rule) in RULES {
        let report = rule(&metadata)?;
        print(name, &report);
        broken += report.violations.len();
    }
    match broken {
        0 => Ok(()),
        1 => bail!("one rule of the workspace is broken"),
        many => bail!("the rules of the workspace are broken in {many} places"),
    }
}

fn print(name: &str, report: &Report) {
    if report.violations.is_empty() {
        println!("{name}: ok");
    }
    for violation in &report.violations {
        println!("{name}: {violation}");
    }
    for note in &report.notes {
        println!("{name}: note: {note}");
    }
}
