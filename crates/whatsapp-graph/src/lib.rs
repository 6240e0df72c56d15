//! Meta's WhatsApp Cloud API: webhook wire types, signature check, error codes and the messages client.

mod json;

pub mod error;
pub mod signature;
pub mod webhook;

pub use error::{ApiErrorBody, ErrorClass, RecipientTrouble, TemplateTrouble};
pub use signature::{AppSecret, SignatureError, VerifiedBody, verify_token_matches};
