//! What a run came to, for people.

use std::{collections::BTreeMap, fmt, path::PathBuf, time::Duration};

use super::Order;
use crate::{
    life::Death,
    plan::{self, End},
    verdict::{Figures, Findings, Verdict},
};

/// Failures that are printed; the others are counted.
const SHOWN: usize = 40;

/// What a run came to.
pub(crate) struct Report {
    pub(crate) verdict: Verdict,
    failures: Vec<String>,
    pub(crate) figures: Figures,
    /// Deaths at each place.
    places: BTreeMap<&'static str, u32>,
    /// Kills from outside.
    outside: u32,
    /// Of these, kills of the database too.
    with_database: u32,
    /// Times that the service outlived the death of its database.
    pub(crate) outlived: u32,
    /// Times that the second replica was killed along.
    pub(crate) all_at_once: u32,
    /// Lives that did not die where they were to, and were killed from outside.
    missed: u32,
    /// Lives that nothing was proved by: nothing died.
    invalid: u32,
    /// Lives without faults in between, because too much was left to do; killed too.
    pub(crate) breaths: u32,
    /// How long the last life had to do until nothing was left.
    pub(crate) silence: Duration,
    /// Where what is left of a run that failed lies.
    pub(crate) kept_in: Vec<PathBuf>,
}

impl Default for Report {
    fn default() -> Self {
        Self {
            verdict: Verdict::Invalid,
            failures: Vec::new(),
            figures: Figures::default(),
            places: BTreeMap::new(),
            outside: 0,
            with_database: 0,
            outlived: 0,
            all_at_once: 0,
            missed: 0,
            invalid: 0,
            breaths: 0,
            silence: Duration::ZERO,
            kept_in: Vec::new(),
        }
    }
}

impl Report {
    /// Counts the end of a life.
    pub(super) fn count(&mut self, end: &End, death: &Death) {
        match (end.place(), death) {
            (Some(place), _) => self.died(place, death),
            (None, Death::Killed) => {
                self.outside += 1;
                self.with_database += u32::from(end.kills_the_database());
            }
            (None, _) => self.invalid += 1,
        }
    }

    /// Counts the end of a process that was to die at a place.
    pub(super) fn died(&mut self, place: &'static str, death: &Death) {
        match death {
            Death::AtPlace => *self.places.entry(place).or_default() += 1,
            Death::Killed => self.missed += 1,
            Death::Stopped | Death::Unexpected(_) => self.invalid += 1,
        }
    }

    /// Something that must hold does not.
    pub(super) fn failed(&mut self, failure: &str) {
        self.failures.push(failure.to_owned());
    }

    /// Something is left to do, and nobody does it.
    pub(super) fn unsettled(&mut self, log: &str) {
        self.failures.push(format!(
            "the queues do not get empty (INV-30); the service said last:\n{log}"
        ));
    }

    /// Gives the verdict.
    pub(super) fn conclude(&mut self, findings: Findings, order: &Order) {
        self.failures.extend(findings.failures);
        self.figures = findings.figures;
        self.verdict = if self.failures.is_empty() {
            match self.shortcoming(order) {
                None => Verdict::Pass,
                Some(shortcoming) => {
                    self.failures.push(format!("proves nothing: {shortcoming}"));
                    Verdict::Invalid
                }
            }
        } else {
            Verdict::Fail
        };
    }

    /// Why the run proves nothing, if it does not.
    fn shortcoming(&self, order: &Order) -> Option<String> {
        if u64::from(self.invalid) * 100 > u64::from(self.kills()) {
            return Some(format!("{} lives ended without a crash", self.invalid));
        }
        if order.mistake.is_some() {
            return None;
        }
        if self.figures.committed_unacknowledged == 0 {
            return Some("no crash fell between a commit and its answer".to_owned());
        }
        if self.figures.unknown == 0 {
            return Some("no crash left the end of a send unknown".to_owned());
        }
        if order.database.can_be_killed() && self.with_database == 0 {
            return Some("the database was never killed".to_owned());
        }
        let places = || plan::places(order.database);
        let enough = plan::is_complete(order.kills, order.database);
        let births = plan::AT_BIRTH.iter().copied();
        let unseen: Vec<_> = places()
            .chain(births.filter(|place| order.database.passes(place)))
            .filter(|place| !self.places.contains_key(place))
            .collect();
        (enough && !unseen.is_empty()).then(|| format!("nothing died at {}", unseen.join(", ")))
    }

    fn kills(&self) -> u32 {
        self.places.values().sum::<u32>() + self.outside + self.missed + self.breaths
    }

    /// Whether somebody will want to look at what is left.
    pub(super) fn must_be_kept(&self, order: &Order) -> bool {
        self.verdict != Verdict::Pass && order.mistake.is_none()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in self.failures.iter().take(SHOWN) {
            writeln!(f, "- {failure}")?;
        }
        if self.failures.len() > SHOWN {
            writeln!(f, "- and {} more", self.failures.len() - SHOWN)?;
        }
        for folder in &self.kept_in {
            writeln!(f, "what is left lies in {}", folder.display())?;
        }
        let at_places: u32 = self.places.values().sum();
        writeln!(f, "  kills                        {}", self.kills())?;
        writeln!(
            f,
            "    at {:2} places               {at_places}",
            self.places.len()
        )?;
        writeln!(f, "    from outside               {}", self.outside)?;
        writeln!(f, "      with the database        {}", self.with_database)?;
        writeln!(f, "        after outliving it     {}", self.outlived)?;
        writeln!(f, "      with the other replica   {}", self.all_at_once)?;
        writeln!(f, "    place not reached          {}", self.missed)?;
        writeln!(f, "    after a breath             {}", self.breaths)?;
        writeln!(f, "  invalid lives                {}", self.invalid)?;
        writeln!(f, "{}", self.figures)?;
        writeln!(
            f,
            "  until all was quiet          {:.1} s",
            self.silence.as_secs_f64()
        )?;
        let verdict = match self.verdict {
            Verdict::Pass => "PASS",
            Verdict::Fail => "FAIL",
            Verdict::Invalid => "INVALID",
        };
        write!(f, "verdict: {verdict}")
    }
}
