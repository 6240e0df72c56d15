//! The messenger and inbound decoder ports on Meta's WhatsApp Cloud API.
//!
//! - [`GraphMessenger`] sends with [`whatsapp_graph::client::GraphClient`] and says by [`SendError`] what can be
//!   done about a failure.
//! - [`GraphDecoder`] reads queued webhook elements.
//!
//! No rule of the onboarding lives here: this crate translates.
//!
//! [`SendError`]: onboarding_core::ports::SendError

mod decoder;
mod error;
mod messenger;

pub use decoder::GraphDecoder;
pub use messenger::{AccessTokens, GraphMessenger};
