//! The tab in Microsoft Teams, before it is known whose it is.

use askama::Template;

use crate::shell::Shell;

/// What Microsoft Teams loads: it names nobody. Its script asks for pages with the token of the tab's single sign-on, and
/// shows them in its place.
#[derive(Debug, Template)]
#[template(path = "app/tab.html")]
pub struct TabPage<'a> {
    /// What is around it: the area is Teams, and nobody is signed in.
    pub shell: Shell<'a>,
}
