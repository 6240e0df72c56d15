//! Meta's WhatsApp Cloud API: webhook wire types, signature check, error codes and the messages client.

pub mod signature;

pub use signature::{AppSecret, SignatureError, VerifiedBody, verify_token_matches};
