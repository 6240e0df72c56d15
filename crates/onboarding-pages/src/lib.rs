//! The pages that employees see, as functions from values to HTML.
//!
//! Nothing here reads a store, a request or a clock: a page is a value with public fields and a `render`, and whoever
//! serves it ([`onboarding-http`](https://docs.rs/onboarding-http)) fills it. Pages are whole without script; the modules
//! among the [`assets`] only make them quicker.
//!
//! - [`Shell`]: what is around each page: the person who is signed in, the language, the way to the other pages;
//! - [`SignInPage`]: how one comes in; [`SetUpPage`]: how one gets a password first;
//! - [`ApiPage`]: the description of the API;
//! - [`app`]: Leap Work, for users, on the web, on a phone and in Microsoft Teams;
//! - [`admin`]: the Organization Admin, for admins and auditors;
//! - [`assets`]: stylesheet, scripts and icons, each at an address that changes with its bytes;
//! - [`Tongue`]: the languages of the pages.
//!
//! The pages live under a policy without inline script or style ([`CONTENT_POLICY`]); a test holds them to it.

pub mod admin;
mod api;
pub mod app;
pub mod assets;
mod initials;
mod message;
mod shell;
mod sign_in;
mod words;

pub use api::{ApiAnswer, ApiField, ApiForm, ApiGroup, ApiOperation, ApiPage, ApiType};
pub use message::MessagePage;
pub use shell::{Area, Place, Shell, Signed};
pub use sign_in::{DemoPerson, SecondFactor, SetUpPage, SignInPage};
pub use words::{Direction, Tongue, Words};

/// What a page may load and run; the value of `Content-Security-Policy` (reliability.md 5.5).
pub const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types live";

/// The same inside Microsoft Teams, whose windows may show the page. One script of Microsoft's is let in by its whole
/// address, with the list of hosts that it asks for, and pictures that our script fetched with the token
/// (`blob:`).
pub const TEAMS_CONTENT_POLICY: &str = "default-src 'none'; \
     script-src 'self' https://res.cdn.office.net/teams-js/2.58.0/js/MicrosoftTeams.min.js; style-src 'self'; \
     img-src 'self' data: blob:; \
     connect-src 'self' https://res.cdn.office.net/teams-js/validDomains/json/validDomains.json; font-src 'self'; \
     form-action 'self'; base-uri 'none'; \
     frame-ancestors https://teams.microsoft.com https://*.teams.microsoft.com https://*.cloud.microsoft \
     https://*.skype.com https://*.office.com https://*.microsoft365.com; \
     require-trusted-types-for 'script'; trusted-types live";

/// Microsoft's script for pages inside Teams, from where Microsoft serves it, as its documentation asks.
pub(crate) const TEAMS_SDK: &str = "https://res.cdn.office.net/teams-js/2.58.0/js/MicrosoftTeams.min.js";

/// What it must be, as Microsoft documents; the npm package `@microsoft/teams-js` of the same version has the same file.
pub(crate) const TEAMS_SDK_INTEGRITY: &str =
    "sha384-sMo/EOqQPa1OCup2/VBRum7oFeOS22kvs8WGDc45xK53tUVZzFR5WwFYDUYN1LO4";
