//! Who is there: API tokens, sessions, and how people sign in. No HTTP server, no store.
//!
//! - [`Access`] turns what a caller shows into a [`Principal`](onboarding_core::access::Principal), and makes what
//!   callers show.
//! - [`local`]: passwords and one-time codes, where the company has no identity provider.
//! - [`openid`]: identity providers, and Microsoft Teams.
//! - [`secret`]: secrets of 256 bits as text, and the hash that is stored of them.
//!
//! What a principal may do is a rule of the core (`onboarding_core::access`).

mod authority;
mod code;
pub mod local;
pub mod openid;
mod password;
pub mod secret;

pub use authority::{Access, AccessPorts, OpenedSession, ShownOnce, SignedIn, csrf_token};
