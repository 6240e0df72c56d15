//! Pools: their numbers, their rules, how full they are, and when they will not do any more.

use askama::Template;
use onboarding_core::UsedUp;

use super::{AdminWords, EditWords, Mark, Section};
use crate::shell::Shell;

/// A number of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The number.
    pub number: String,
    /// Whether clients write to it first.
    pub primary: bool,
    /// How it is.
    pub mark: Mark,
    /// The same in words.
    pub state: &'static str,
    /// What is wrong, and what mends it.
    pub findings: Vec<String>,
}

/// How full a pool is for the clients of one country.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// The country.
    pub country: String,
    /// The share, 0 to 100.
    pub percent: u8,
    /// Good below every alarm, waiting from the first on, bad from the second on.
    pub mark: Mark,
    /// The same in words.
    pub words: String,
}

/// Whether the numbers will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// Whether more are needed.
    pub is_short: bool,
    /// Secondaries that take rooms.
    pub numbers: usize,
    /// Secondaries that are needed.
    pub needed: usize,
    /// The chance that a client is turned away, as `1.25 %`.
    pub turned_away: String,
    /// When the first client has no number left.
    pub used_up: UsedUp,
}

/// A pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolCard {
    /// Its id.
    pub id: String,
    /// The units that it serves.
    pub serves: String,
    /// Its numbers, the primary first.
    pub members: Vec<Member>,
    /// Its default region.
    pub default_region: String,
    /// Whether pools further up help out.
    pub fallback: bool,
    /// Which country stands for which.
    pub geography: String,
    /// How full it is.
    pub bars: Vec<Bar>,
    /// Whether it will do.
    pub forecast: Option<Forecast>,
}

impl Forecast {
    /// When the first client has no number left, in words.
    fn runs_out(&self, words: &AdminWords) -> String {
        match self.used_up {
            UsedUp::Now => words.runs_out_now.to_owned(),
            UsedUp::InDays(0 | 1) => words.runs_out_soon.to_owned(),
            UsedUp::InDays(days) => words.runs_out_in.replace("{days}", &days.to_string()),
            UsedUp::NotInSight => words.runs_out_not.to_owned(),
            UsedUp::Unknown => words.runs_out_unknown.to_owned(),
        }
    }
}

impl Bar {
    /// How long it is in a chart of 400.
    fn length(&self) -> usize {
        usize::from(self.percent) * 4
    }
}

/// The pools.
#[derive(Debug, Template)]
#[template(path = "admin/pools.html")]
pub struct PoolsPage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// Where the page hears that they are fuller or emptier.
    pub events: &'a str,
    /// The pools.
    pub pools: &'a [PoolCard],
    /// What is searched for.
    pub search: &'a str,
    /// Where the next page is.
    pub next: Option<&'a str>,
    /// What just happened, well or badly.
    pub said: Option<(bool, &'a str)>,
    /// Whether the reader may change them.
    pub may_edit: bool,
}

impl PoolsPage<'_> {
    fn a(&self) -> &'static AdminWords {
        self.shell.tongue.admin_words()
    }

    fn e(&self) -> &'static EditWords {
        self.shell.tongue.edit_words()
    }

    #[expect(clippy::unused_self, reason = "templates ask every page for its part")]
    fn section(&self) -> Section {
        Section::Pools
    }
}
