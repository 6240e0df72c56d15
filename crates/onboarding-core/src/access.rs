//! Who may do what: callers, the actions of the product, and the rule that joins them.
//!
//! Everything here is a value or a pure function. A caller is a [`Principal`]; what an endpoint lets happen is an
//! [`Action`]; [`Principal::may`] answers with how far the right reaches, and refuses whatever it does not name.

mod account;
mod action;
mod principal;
mod session;
mod token;

pub use account::*;
pub use action::*;
pub use principal::*;
pub use session::*;
pub use token::*;
