//! A page that says one thing.

use askama::Template;

use crate::shell::Shell;

/// A page that says one thing: not found, refused, out of order.
#[derive(Debug, Template)]
#[template(path = "message.html")]
pub struct MessagePage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// What happened.
    pub title: &'a str,
    /// What the reader can do about it.
    pub text: &'a str,
}
