//! A list with search, filter and paging.

use askama::Template;

use super::{AdminWords, Section};
use crate::shell::Shell;

/// How a word is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// All is well.
    Good,
    /// Somebody should look.
    Waiting,
    /// It failed.
    Bad,
    /// Nothing to do.
    Quiet,
}

impl Mark {
    /// Its name, for stylesheets and addresses.
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Waiting => "waiting",
            Self::Bad => "bad",
            Self::Quiet => "quiet",
        }
    }
}

/// What stands in one place of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A number, an id, an extension: left to right in every language.
    Code(String),
    /// A marked word.
    Mark(Mark, String),
    /// A way to more: where, and its words.
    Link(String, String),
    /// A button that sends a form of one's session: where, its words, and the session's `form_token`.
    Button(String, String, String),
    /// A time: for programs, and for people.
    Time(String, String),
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// As many as there are columns.
    pub cells: Vec<Cell>,
}

/// One choice of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// As people read it.
    pub label: String,
}

/// A filter beside the search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The form's field.
    pub name: &'static str,
    /// What it filters by.
    pub label: &'static str,
    /// The choices; that of everything comes by itself.
    pub choices: Vec<Choice>,
    /// The value that is chosen; empty for everything.
    pub chosen: String,
}

/// A list.
#[derive(Debug, Template)]
#[template(path = "admin/list.html")]
pub struct ListPage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// Which part of the Organization Admin.
    pub section: Section,
    /// What is searched for; `None` where there is no search.
    pub search: Option<&'a str>,
    /// Narrow the list.
    pub filters: &'a [Filter],
    /// What the columns are called.
    pub columns: &'a [&'a str],
    /// The rows.
    pub rows: &'a [Row],
    /// Where the next page is.
    pub next: Option<&'a str>,
    /// Words of that way.
    pub next_words: &'a str,
    /// What just happened, well or badly.
    pub said: Option<(bool, &'a str)>,
    /// What the list leaves out.
    pub footnote: Option<&'a str>,
    /// Ways to what can be done with the whole list: where each leads, and its words.
    pub acts: &'a [(&'a str, &'a str)],
    /// What one has to know before one does it.
    pub remark: Option<&'a str>,
}

impl ListPage<'_> {
    fn a(&self) -> &'static AdminWords {
        self.shell.tongue.admin_words()
    }

    fn section(&self) -> Section {
        self.section
    }
}
