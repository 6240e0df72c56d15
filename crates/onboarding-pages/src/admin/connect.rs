//! Connecting the company to WhatsApp: what was found, what was changed, and the manifest that is proposed.

use askama::Template;

use super::{AdminWords, Mark, Section};
use crate::shell::Shell;

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectStep {
    /// How it is.
    pub mark: Mark,
    /// The same in words.
    pub state: &'static str,
    /// What was looked at or changed.
    pub text: String,
}

/// The form, and below it what came of it.
#[derive(Debug, Template)]
#[template(path = "admin/connect.html")]
pub struct ConnectPage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// Where one came from, and goes back to.
    pub section: Section,
    /// The ids of accounts as they were typed.
    pub accounts: &'a str,
    /// What was done; none before the form was sent.
    pub steps: &'a [ConnectStep],
    /// What stood in the way, with the mend.
    pub refusal: Option<&'a str>,
    /// The manifest that is proposed.
    pub manifest: Option<&'a str>,
    /// All that was looked at is as it should be.
    pub all_is_well: bool,
}

impl ConnectPage<'_> {
    fn a(&self) -> &'static AdminWords {
        self.shell.tongue.admin_words()
    }

    fn section(&self) -> Section {
        self.section
    }
}
