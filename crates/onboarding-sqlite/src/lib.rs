//! The onboarding ports on an embedded SQLite file.
//!
//! One process has the file, one thread writes, two read. Every answer about a write is told when it is durable.
//! Synchronous Diesel on threads of its own, because SQLite has no other kind of access.

mod act;
mod api_token;
mod audit;
mod changes;
mod client;
mod commit;
mod company;
mod config;
mod connection;
mod dead_letter;
mod error;
mod idempotency;
mod import;
mod inbox;
mod invitation;
mod job;
mod key;
mod lifecycle;
mod listing;
mod load;
mod local_account;
mod migrate;
mod notice;
mod open;
mod outbox;
mod platform;
mod prepared;
mod profile;
mod prospect;
mod quarantine;
mod reconciliation;
mod record;
mod retention;
mod room;
mod schema;
mod session;
mod settings;
mod status;
mod store;
mod threads;
mod usage;
mod user;
mod user_identity;
mod verification;

pub use migrate::Migrations;
pub use open::OpenError;
pub use store::SqliteStore;
