//! The HTTP surface on actix-web: the WhatsApp webhook, the API, and the operations endpoints.
//!
//! - [`webhook`]: `/webhooks/whatsapp`. A delivery is genuine, stored, and then answered; nothing else happens
//!   before the answer.
//! - [`api`]: `/api/v1`, for admins and other services.
//! - [`pages`]: for people with a browser.
//! - [`operations`]: `/livez`, `/readyz`, `/metrics`, for a listener of their own.
//!
//! [`headers`] go on every answer.
//!
//! Errors are RFC 9457 problem documents ([`problem`]). The crate knows the core's services and no store.

pub mod api;
mod badges;
#[cfg(feature = "failpoints")]
mod broken;
pub mod headers;
mod marks;
pub mod operations;
pub mod pages;
mod pictures;
pub mod problem;
pub mod webhook;
