//! What is around each page.

use crate::words::{Tongue, Words};

/// Which of the products a page belongs to; its paths begin with [`Area::base`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Leap Work on the web and on a phone.
    App,
    /// Leap Work inside Microsoft Teams.
    Teams,
    /// The Organization Admin.
    Admin,
}

impl Area {
    /// The first segment of its paths.
    pub fn base(self) -> &'static str {
        match self {
            Self::App => "/app",
            Self::Teams => "/teams",
            Self::Admin => "/admin",
        }
    }
}

/// Where in an area a page stands, for the marks in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The user's rooms and prospects.
    Chats,
    /// The user's own data and code.
    Profile,
    /// Elsewhere.
    Other,
}

/// Who is signed in, as their own pages show them.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// As clients read it.
    pub name: &'a str,
    /// Whether they also configure or audit the company, and get a way to the Organization Admin.
    pub administrates: bool,
    /// Goes with each change that a form of the page makes (reliability.md 5.5).
    pub form_token: &'a str,
}

/// What is around each page.
#[derive(Debug, Clone, Copy)]
pub struct Shell<'a> {
    /// The product.
    pub area: Area,
    /// The page's place in it.
    pub place: Place,
    /// The language of the page.
    pub tongue: Tongue,
    /// The company's name.
    pub company: &'a str,
    /// Nobody on the pages before one is signed in.
    pub signed: Option<Signed<'a>>,
    /// Whether a banner says that nothing of this is real.
    pub demo: bool,
}

impl Shell<'_> {
    pub(crate) fn w(&self) -> &'static Words {
        self.tongue.words()
    }

    pub(crate) fn base(&self) -> &'static str {
        self.area.base()
    }

    /// The first page of the product.
    pub(crate) fn home(&self) -> &'static str {
        match self.area {
            Area::App => "/app/profile",
            Area::Teams => "/teams/profile",
            Area::Admin => "/admin",
        }
    }

    pub(crate) fn is_teams(&self) -> bool {
        self.area == Area::Teams
    }

    /// `page` marks the link of the page that one is on, for those who hear it.
    pub(crate) fn current(&self, place: Place) -> &'static str {
        if self.place == place { "page" } else { "false" }
    }
}
