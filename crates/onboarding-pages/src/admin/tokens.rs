//! API tokens: the form for a new one, and the one time that its secret is shown.

use askama::Template;
use onboarding_core::access::TokenScope;

use super::{AdminWords, Section};
use crate::shell::Shell;

/// For how many days a token may be made to hold.
pub const TOKEN_DAYS: [u16; 5] = [7, 30, 90, 180, 365];

/// The form for a new token.
#[derive(Debug, Template)]
#[template(path = "admin/token_new.html")]
pub struct NewTokenPage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// The name that was written before.
    pub name: &'a str,
    /// The scopes that were chosen before.
    pub scopes: &'a [TokenScope],
    /// The days that were chosen before.
    pub days: u16,
    /// Why the last try came to nothing.
    pub error: Option<&'a str>,
}

impl NewTokenPage<'_> {
    fn a(&self) -> &'static AdminWords {
        self.shell.tongue.admin_words()
    }

    #[expect(clippy::unused_self, reason = "templates ask every page for its part")]
    fn section(&self) -> Section {
        Section::Tokens
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "templates pass what they loop over by reference"
    )]
    fn is_chosen(&self, scope: &TokenScope) -> bool {
        self.scopes.contains(scope)
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "templates pass what they loop over by reference"
    )]
    fn is_held_for(&self, days: &u16) -> bool {
        *days == self.days
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "templates pass what they loop over by reference"
    )]
    fn scope_words(&self, scope: &TokenScope) -> &'static str {
        scope_words(*scope, self.a())
    }
}

/// A token that has just been made, with its secret.
#[derive(Template)]
#[template(path = "admin/token_made.html")]
pub struct MadeTokenPage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// What the company calls the service.
    pub name: &'a str,
    /// What the service shows. It is shown here and nowhere else.
    pub secret: &'a str,
}

impl MadeTokenPage<'_> {
    fn a(&self) -> &'static AdminWords {
        self.shell.tongue.admin_words()
    }

    #[expect(clippy::unused_self, reason = "templates ask every page for its part")]
    fn section(&self) -> Section {
        Section::Tokens
    }
}

/// What a scope lets a service do, in words.
fn scope_words(scope: TokenScope, words: &AdminWords) -> &'static str {
    match scope {
        TokenScope::ConfigRead => words.scope_config_read,
        TokenScope::ConfigWrite => words.scope_config_write,
        TokenScope::RoomsRead => words.scope_rooms_read,
        TokenScope::RoomsWrite => words.scope_rooms_write,
        TokenScope::MessagesRead => words.scope_messages_read,
    }
}
