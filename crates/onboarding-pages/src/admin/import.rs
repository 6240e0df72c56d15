//! Users in bulk: the table is sent, what it would do is shown, it runs, and what was refused is told.

use askama::Template;

use super::{AdminWords, Cell, EditWords, Filter, Mark, Row, Section};
use crate::shell::Shell;

macro_rules! asked_by_templates {
    ($($page:ident),+) => {$(
        impl $page<'_> {
            fn a(&self) -> &'static AdminWords {
                self.shell.tongue.admin_words()
            }

            fn e(&self) -> &'static EditWords {
                self.shell.tongue.edit_words()
            }

            fn section(&self) -> Section {
                Section::Import
            }
        }
    )+};
}

/// The form for a table, and the imports so far.
#[derive(Debug, Template)]
#[template(path = "admin/import.html")]
pub struct ImportPage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// Whether the reader may begin one.
    pub may_edit: bool,
    /// Why the last table was not taken, in English, as the API says it.
    pub problem: Option<&'a str>,
    /// What is searched for in the list.
    pub search: &'a str,
    /// Narrow the list.
    pub filters: &'a [Filter],
    /// Whether the list is one that was searched or narrowed.
    pub is_narrowed: bool,
    /// What the columns of the list are called.
    pub columns: &'a [&'a str],
    /// The imports so far.
    pub rows: &'a [Row],
    /// What the list leaves out.
    pub footnote: Option<&'a str>,
    /// Where the next page is.
    pub next: Option<&'a str>,
}

/// What a table would do.
#[derive(Template)]
#[template(path = "admin/import_preview.html")]
pub struct ImportPreviewPage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// How many rows do what.
    pub counts: &'a [(&'static str, u32)],
    /// What the columns are called.
    pub columns: &'a [&'a str],
    /// The rows that do something, as many as are shown.
    pub rows: &'a [Row],
    /// How many are not shown.
    pub more: usize,
    /// The table itself, which is sent again to begin.
    pub table: &'a str,
    /// How many rows are refused.
    pub refused: u32,
    /// How many rows change something.
    pub changes: u32,
    /// Why it did not begin, in English, as the API says it.
    pub problem: Option<&'a str>,
}

/// An import, while it runs and after.
#[derive(Debug, Template)]
#[template(path = "admin/import_run.html")]
pub struct ImportRunPage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// Where the page hears that it went on.
    pub events: &'a str,
    /// How it is.
    pub state: (Mark, &'a str),
    /// Rows of the table.
    pub total: u32,
    /// Rows of which it is known what became of them.
    pub done: u32,
    /// How many rows did what.
    pub counts: &'a [(&'static str, u32)],
    /// A way to stop it, for whoever may while it runs.
    pub stop: Option<&'a str>,
    /// Where the report is searched.
    pub place: &'a str,
    /// What is searched for in the report.
    pub search: &'a str,
    /// What the columns of the report are called.
    pub columns: &'a [&'a str],
    /// The rows that took no effect.
    pub rows: &'a [Row],
    /// Where the next page of them is.
    pub next: Option<&'a str>,
}

asked_by_templates!(ImportPage, ImportPreviewPage, ImportRunPage);

impl ImportRunPage<'_> {
    #[expect(clippy::unused_self, reason = "templates ask every page for its part")]
    fn no_filters(&self) -> &'static [Filter] {
        &[]
    }
}
