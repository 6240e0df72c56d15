//! Truthful doubles of the onboarding ports, for tests that want the behaviour and not the calls.
//!
//! - [`MemoryStore`] is the model of a store: it passes the same contract as the databases
//!   (`onboarding-contract`), simply and in one place.
//! - [`ManualClock`], [`SeededEntropy`], [`RecordingMessenger`] and [`LiteralDecoder`] stand in for the world.
//! - [`TestService`] is the whole service on any store, spoken to as a client would.
//! - [`acme`] is the company of the documentation; [`all_changes`] turns a configuration into what a store
//!   applies.
//!
//! ```
//! use onboarding_testkit::{PRIMARY, TestService};
//!
//! # async fn example() {
//! let service = TestService::start().await;
//! service.client("85291234567").sends(PRIMARY, "#dom123456").await;
//! service.pump().await;
//! assert_eq!(service.messages_to("85291234567").len(), 2);
//! # }
//! ```

mod clock;
mod company;
mod decoder;
mod entropy;
mod memory;
mod message;
mod messenger;
mod service;

pub use clock::ManualClock;
pub use company::{
    ACME, PRIMARY, SECONDARIES, SG_PRIMARY, SG_SECONDARY, acme, acme_id, all_changes, configure, create,
    number, profile, user_named, with_pool_in_sg,
};
pub use decoder::LiteralDecoder;
pub use entropy::SeededEntropy;
pub use memory::MemoryStore;
pub use message::{bsuid, content_from, phone, provider_id, silent_from, tap_from, text_from};
pub use messenger::{RecordingMessenger, SentMessage, not_sent, paused, refused, unknown};
pub use service::{TestClient, TestService};
