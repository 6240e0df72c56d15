//! OpenID Connect from the side of who relies on it: which provider, with which keys, and whether a token is good.
//! Knows nothing of onboarding.
//!
//! - [`OpenIdClient`] asks providers: what they say of themselves (Discovery 1.0), their keys (RFC 7517), and a token
//!   for a code (RFC 6749 with PKCE, RFC 7636).
//! - [`Claims`] are what a token says once its signature is right; [`Expected`] judges them, as a pure function.
//!
//! What comes from a provider is bounded in size, time and number, and no answer is followed to another address. Time
//! is seconds since 1970 and is given by the caller. No error repeats a token or what it says.

mod claims;
mod client;
mod crypto;
mod fetch;
mod keys;
mod metadata;
mod token;

pub use claims::{Claims, Expected, Kind, LEEWAY, Refusal, unproven_tenant};
pub use client::{Authorization, CodeExchange, OpenIdClient, ProviderError, Rejected};
pub use fetch::HttpClientError;
pub use metadata::{Metadata, MetadataError};
