//! The user's own data and code.

use askama::Template;

use crate::shell::{Place, Shell};

/// A user as their own pages show them.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// Stable name within the company.
    pub username: &'a str,
    /// As clients read it.
    pub name: &'a str,
    /// Their position.
    pub title: Option<&'a str>,
    /// Where mail reaches them.
    pub email: Option<&'a str>,
    /// By which clients ask for them, with its `#`.
    pub extension: Option<&'a str>,
    /// The number that clients write to first, with its `+`.
    pub primary_number: Option<&'a str>,
    /// Their unit and those above it, from the root.
    pub org_units: &'a [&'a str],
    /// Their roles, in words of the page's language.
    pub roles: &'a [&'a str],
    /// The external companies whose clients they see.
    pub external_companies: &'a [&'a str],
}

/// What a page shows of the user's code.
#[derive(Debug, Clone, Copy)]
pub enum Code<'a> {
    /// It can be shown and shared.
    Ready {
        /// What it holds.
        link: &'a str,
        /// The code alone, as an address.
        image: &'a str,
        /// The card to share, as an address.
        card: &'a str,
    },
    /// The number cannot answer at present (pictures 08, 12 and 15).
    Trouble,
    /// Clients could not ask for this user: there is no icon, and a sentence says whom to ask.
    NoExtension,
}

impl Code<'_> {
    pub(crate) fn has_icon(&self) -> bool {
        !matches!(self, Self::NoExtension)
    }
}

/// The user's own data, with the way to their code (pictures 05 to 09, 13 and 14).
#[derive(Debug, Template)]
#[template(path = "app/profile.html")]
pub struct ProfilePage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// Who they are.
    pub person: Person<'a>,
    /// Their code.
    pub code: Code<'a>,
    /// Where the page hears that it changed.
    pub events: &'a str,
}

/// The user's code alone, as large as the window (pictures 10 and 12); what a browser without script opens.
#[derive(Debug, Template)]
#[template(path = "app/code.html")]
pub struct CodePage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// Who they are.
    pub person: Person<'a>,
    /// Their code.
    pub code: Code<'a>,
    /// Where the page hears that it changed.
    pub events: &'a str,
}
