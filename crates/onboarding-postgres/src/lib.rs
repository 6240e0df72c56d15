//! The onboarding ports on a PostgreSQL server.
//!
//! Several replicas may share a database. Asynchronous Diesel on tokio-postgres, so that no C library is linked. The
//! files have the names of `onboarding-sqlite`, where the same questions stand in the other dialect.

// The entry `diesel` of the workspace has SQLite's features; the derives write paths that begin with `diesel`.
extern crate diesel_postgres as diesel;

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
mod durable;
mod error;
mod idempotency;
mod import;
mod inbox;
mod invitation;
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
mod text;
mod time;
mod tls;
mod together;
mod transaction;
mod usage;
mod user;
mod user_identity;
mod verification;
mod wakeup;

pub use migrate::Migrations;
pub use open::OpenError;
pub use store::{PostgresOptions, PostgresStore};
pub use wakeup::Queue;
