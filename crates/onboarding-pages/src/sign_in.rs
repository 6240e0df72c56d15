//! How one comes in.

use askama::Template;

use crate::shell::Shell;

/// A person of the demo whom one can be with one click.
#[derive(Debug, Clone, Copy)]
pub struct DemoPerson<'a> {
    /// Who it is: the value of the form's field `username`.
    pub username: &'a str,
    /// As clients read it.
    pub name: &'a str,
    /// What they are, in a few words.
    pub role: &'a str,
}

/// How one comes in: by the company's provider, with a password, or, in the demo, with one click.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// Where the form goes.
    pub action: &'a str,
    /// Where the company's provider is asked; without one the page asks for a password.
    pub provider: Option<&'a str>,
    /// Whether local accounts exist.
    pub password: bool,
    /// Whether a one-time code is asked for beside the password.
    pub code: bool,
    /// The people of the demo; empty elsewhere.
    pub people: &'a [DemoPerson<'a>],
    /// Why the last try failed.
    pub error: Option<&'a str>,
    /// Goes with the form.
    pub form_token: &'a str,
}
