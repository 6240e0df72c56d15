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
    /// The company, where more than one is served and people have to say which is theirs; empty until they did.
    pub company: Option<&'a str>,
    /// The people of the demo; empty elsewhere.
    pub people: &'a [DemoPerson<'a>],
    /// Why the last try failed.
    pub error: Option<&'a str>,
    /// Goes with the form.
    pub form_token: &'a str,
}

/// What an authenticator needs to make one-time codes.
#[derive(Debug, Clone, Copy)]
pub struct SecondFactor<'a> {
    /// The address of a picture of the QR code; without one the key is typed.
    pub image: Option<&'a str>,
    /// The key as people type it.
    pub key: &'a str,
    /// Whether the account is not set up without it.
    pub needed: bool,
}

/// Behind a set-up link: a user chooses a password and, as an admin always, a second factor.
#[derive(Debug, Template)]
#[template(path = "set_up.html")]
pub struct SetUpPage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// Where the form goes.
    pub action: &'a str,
    /// Whose account it is, as people read it.
    pub name: &'a str,
    /// The name that they will sign in with.
    pub username: &'a str,
    /// The second factor that can be set up.
    pub second_factor: SecondFactor<'a>,
    /// Why the last try failed.
    pub error: Option<&'a str>,
}

/// How many characters a password has at the least.
fn at_least() -> usize {
    onboarding_core::access::PASSWORD_AT_LEAST
}
