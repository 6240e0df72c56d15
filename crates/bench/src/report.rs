//! The table and the JSON.

use std::{fmt, time::Duration};

use anyhow::ensure;
use serde::{Serialize, Serializer};

/// Everything that a run found.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) smoke: bool,
    pub(crate) machine: Machine,
    pub(crate) figures: Vec<Figure>,
    pub(crate) resources: Vec<Resource>,
    /// How long all of it took.
    pub(crate) seconds: f64,
}

/// Where it ran.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) memory_gb: u64,
    /// Processes that wanted to run before we began, over the last minute.
    pub(crate) load: f64,
    pub(crate) server: String,
}

/// What a ratio is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Aim {
    AtLeast(f64),
    AtMost(f64),
    /// Reported beside the others.
    None,
}

/// A figure beside its ceiling.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    /// Short, for programs.
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) unit: &'static str,
    /// The middle of the turns.
    pub(crate) ours: f64,
    pub(crate) ceiling_name: String,
    pub(crate) ceiling: f64,
    /// The middle of the ratios of the turns.
    pub(crate) ratio: f64,
    pub(crate) aim: Aim,
    pub(crate) met: Option<bool>,
    /// Ours and the ceiling of each turn.
    pub(crate) turns: Vec<[f64; 2]>,
}

/// What the service takes of the machine.
#[derive(Debug, Serialize)]
pub(crate) struct Resource {
    pub(crate) name: &'static str,
    pub(crate) database: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) value: f64,
}

impl Figure {
    pub(crate) fn new(
        key: impl Into<String>,
        name: impl Into<String>,
        unit: &'static str,
        ceiling_name: impl Into<String>,
        aim: Aim,
        turns: Vec<[f64; 2]>,
    ) -> Self {
        let ratio = median(turns.iter().map(|[ours, ceiling]| ours / ceiling));
        Self {
            key: key.into(),
            name: name.into(),
            unit,
            ours: median(turns.iter().map(|turn| turn[0])),
            ceiling_name: ceiling_name.into(),
            ceiling: median(turns.iter().map(|turn| turn[1])),
            ratio,
            aim,
            met: aim.is_met(ratio),
            turns,
        }
    }
}

impl Aim {
    fn is_met(self, ratio: f64) -> Option<bool> {
        match self {
            Self::AtLeast(aim) => Some(ratio >= aim),
            Self::AtMost(aim) => Some(ratio <= aim),
            Self::None => None,
        }
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(aim) => write!(f, ">= {aim:.1}"),
            Self::AtMost(aim) => write!(f, "<= {aim:.1}"),
            Self::None => write!(f, "-"),
        }
    }
}

impl Serialize for Aim {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_none(),
            aim => serializer.collect_str(aim),
        }
    }
}

/// The one in the middle; of two, the lower.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
        .get(values.len().saturating_sub(1) / 2)
        .copied()
        .unwrap_or(f64::NAN)
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

impl Machine {
    /// Looks around. What the system does not tell is zero.
    pub(crate) fn look(server: &str) -> Self {
        let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
        let memory = read("/proc/meminfo");
        let memory = memory.lines().find_map(|line| line.strip_prefix("MemTotal:"));
        let kilobytes: Option<u64> = memory.and_then(|memory| memory.split_whitespace().next()?.parse().ok());
        let load = read("/proc/loadavg");
        Self {
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_gb: kilobytes.unwrap_or_default() / (1024 * 1024),
            load: load
                .split(' ')
                .next()
                .and_then(|load| load.parse().ok())
                .unwrap_or_default(),
            server: server.to_owned(),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            cores,
            memory_gb,
            load,
            server,
        } = self;
        write!(
            f,
            "{cores} cores, {memory_gb} GB, load {load:.1} at the start, {server}"
        )
    }
}

impl Report {
    /// Every figure must be there and be a number above zero: a smoke run asks for no more.
    pub(crate) fn require_every_figure(&self, only_some: bool) -> anyhow::Result<()> {
        const ALL: usize = 10;
        ensure!(
            only_some || self.figures.len() == ALL,
            "{} figures instead of {ALL}",
            self.figures.len()
        );
        for figure in &self.figures {
            let numbers = [figure.ours, figure.ceiling, figure.ratio];
            let sound = numbers.iter().all(|number| number.is_finite() && *number > 0.0);
            ensure!(sound, "no figure came of `{}`: {numbers:?}", figure.name);
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.machine)?;
        if self.smoke {
            writeln!(
                f,
                "A smoke run: it shows that every figure can be measured. Its numbers mean nothing."
            )?;
        }
        let mut rows = vec![
            [
                "figure",
                "ours",
                "ceiling",
                "ratio",
                "aim",
                "met",
                "the ceiling is",
            ]
            .map(str::to_owned),
        ];
        rows.extend(self.figures.iter().map(|figure| self.row(figure)));
        table(f, &rows)?;
        writeln!(f)?;
        let mut rows = vec![["beside them", "", ""].map(str::to_owned)];
        rows.extend(self.resources.iter().map(|resource| {
            let value = number(resource.value);
            [
                resource.name.to_owned(),
                resource.database.to_owned(),
                format!("{value} {}", resource.unit),
            ]
        }));
        table(f, &rows)?;
        write!(f, "\nThe whole run took {:.0} s.", self.seconds)
    }
}

impl Report {
    fn row(&self, figure: &Figure) -> [String; 7] {
        let with_unit = |value| match figure.unit {
            "/s" => format!("{}/s", number(value)),
            unit => format!("{} {unit}", number(value)),
        };
        let met = match figure.met.filter(|_| !self.smoke) {
            None => "-",
            Some(true) => "yes",
            Some(false) => "NO",
        };
        [
            figure.name.clone(),
            with_unit(figure.ours),
            with_unit(figure.ceiling),
            format!("{:.2}", figure.ratio),
            figure.aim.to_string(),
            met.to_owned(),
            figure.ceiling_name.clone(),
        ]
    }
}

/// Three digits that matter.
fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// Rows in columns as wide as they need, with a line below the first.
fn table<const COLUMNS: usize>(f: &mut fmt::Formatter<'_>, rows: &[[String; COLUMNS]]) -> fmt::Result {
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    for (nth, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .enumerate()
            .map(|(column, (cell, width))| {
                let is_number = COLUMNS > 3 && (1..=4).contains(&column);
                if is_number {
                    format!("{cell:>width$}")
                } else {
                    format!("{cell:<width$}")
                }
            })
            .collect();
        writeln!(f, "{}", cells.join("  ").trim_end())?;
        if nth == 0 {
            let lines: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            writeln!(f, "{}", lines.join("  "))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(aim: Aim, turns: Vec<[f64; 2]>) -> Figure {
        Figure::new("key", "name", "/s", "ceiling", aim, turns)
    }

    #[test]
    fn a_figure_is_the_middle_of_its_turns_and_of_their_ratios() {
        let figure = figure(Aim::AtLeast(0.8), vec![[1.0, 10.0], [90.0, 100.0], [8.0, 10.0]]);
        assert_eq!((figure.ours, figure.ceiling, figure.ratio), (8.0, 10.0, 0.8));
        assert_eq!(figure.met, Some(true));
    }

    #[test]
    fn an_aim_may_be_a_floor_or_a_roof() {
        assert_eq!(figure(Aim::AtLeast(0.8), vec![[7.9, 10.0]]).met, Some(false));
        assert_eq!(figure(Aim::AtMost(1.2), vec![[12.0, 10.0]]).met, Some(true));
        assert_eq!(figure(Aim::AtMost(1.2), vec![[12.1, 10.0]]).met, Some(false));
        assert_eq!(figure(Aim::None, vec![[1.0, 10.0]]).met, None);
    }

    #[test]
    fn a_figure_that_is_missing_or_no_number_fails_the_run() {
        let report = |figures| Report {
            smoke: true,
            machine: Machine::look(""),
            figures,
            resources: Vec::new(),
            seconds: 1.0,
        };
        assert!(report(Vec::new()).require_every_figure(false).is_err());
        let good = || figure(Aim::None, vec![[1.0, 2.0]]);
        assert!(report(vec![good()]).require_every_figure(true).is_ok());
        for bad in [vec![], vec![[0.0, 2.0]], vec![[1.0, 0.0]]] {
            assert!(
                report(vec![good(), figure(Aim::None, bad)])
                    .require_every_figure(true)
                    .is_err()
            );
        }
    }
}
