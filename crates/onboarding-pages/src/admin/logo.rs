//! The logo in the company's QR codes: what there is, another, none.

use askama::Template;

use super::{AdminWords, EditWords, Section};
use crate::shell::Shell;

/// The page of the logo.
#[derive(Debug, Template)]
#[template(path = "admin/logo.html")]
pub struct LogoPage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// Where a code is as it looks now.
    pub code: &'a str,
    /// Whether the company has a logo.
    pub has_logo: bool,
    /// Names the state that the reader sees, so that nobody overwrites what they have not seen.
    pub tag: &'a str,
    /// Why the last file was not taken, in English, as the API says it.
    pub problem: Option<&'a str>,
    /// Whether a change was made just now.
    pub saved: bool,
}

impl LogoPage<'_> {
    fn a(&self) -> &'static AdminWords {
        self.shell.tongue.admin_words()
    }

    fn e(&self) -> &'static EditWords {
        self.shell.tongue.edit_words()
    }

    #[expect(clippy::unused_self, reason = "templates ask every page for its part")]
    fn section(&self) -> Section {
        Section::Company
    }
}
