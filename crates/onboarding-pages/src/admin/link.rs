//! The one time that a link is shown with which a user sets up how they sign in.

use askama::Template;

use super::{AdminWords, EditWords, Section};
use crate::shell::Shell;

/// A set-up link that has just been made.
#[derive(Template)]
#[template(path = "admin/link_made.html")]
pub struct MadeLinkPage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// Whose it is.
    pub name: &'a str,
    /// The link. It is shown here and nowhere else.
    pub link: &'a str,
    /// Until when it is good: for programs, and for people.
    pub until: (&'a str, &'a str),
}

impl MadeLinkPage<'_> {
    fn a(&self) -> &'static AdminWords {
        self.shell.tongue.admin_words()
    }

    fn e(&self) -> &'static EditWords {
        self.shell.tongue.edit_words()
    }

    #[expect(clippy::unused_self, reason = "templates ask every page for its part")]
    fn section(&self) -> Section {
        Section::Users
    }
}
