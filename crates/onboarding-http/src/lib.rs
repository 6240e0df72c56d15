//! The HTTP surface on actix-web: the WhatsApp webhook and the operations endpoints.
//!
//! - [`webhook`]: `/webhooks/whatsapp`. A delivery is genuine, stored, and then answered; nothing else happens
//!   before the answer.
//! - [`operations`]: `/livez`, `/readyz`, `/metrics`, for a listener of their own.
//!
//! Errors are RFC 9457 problem documents ([`problem`]). The crate knows the core's services and no store.

#[cfg(feature = "failpoints")]
mod broken;
pub mod operations;
pub mod problem;
pub mod webhook;
