//! A question before something that cannot be undone.

use askama::Template;

use super::{AdminWords, Section};
use crate::shell::Shell;

/// A question before something that cannot be undone; a page, so that it needs no script.
#[derive(Debug, Template)]
#[template(path = "admin/sure.html")]
pub struct SurePage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// Where one came from, and goes back to.
    pub section: Section,
    /// What would be done.
    pub title: &'a str,
    /// What that means.
    pub meaning: &'a str,
    /// To what, in a sentence.
    pub subject: &'a str,
    /// Where the form goes.
    pub action: &'a str,
}

impl SurePage<'_> {
    fn a(&self) -> &'static AdminWords {
        self.shell.tongue.admin_words()
    }

    fn section(&self) -> Section {
        self.section
    }
}
