//! The messenger and inbound decoder ports on Meta's WhatsApp Cloud API.
//!
//! - [`GraphMessenger`] sends with [`whatsapp_graph::client::GraphClient`] and says by [`SendError`] what can be
//!   done about a failure.
//! - [`GraphDecoder`] reads queued webhook elements; [`KINDS`] says what becomes of each kind.
//! - [`connect`] leads from an access token to a working set-up.
//! - [`GraphInspector`] asks Graph about numbers, accounts, templates and tokens.
//!
//! No rule of the onboarding lives here: this crate translates.
//!
//! [`SendError`]: onboarding_core::ports::SendError

mod connect;
mod decoder;
mod error;
mod inspector;
mod kinds;
mod messenger;
mod notice;
mod proposal;

pub use connect::{AppSecrets, Connection, SecretReferences, connect};
pub use decoder::GraphDecoder;
pub use inspector::GraphInspector;
pub use kinds::{Effect, KINDS, Kind, fields_to_subscribe};
pub use messenger::{AccessTokens, GraphMessenger};
