//! The audit: who did what, when, from where, and what it was before and after.
//!
//! Whatever changes something, or reads what a client wrote, makes a [`NewAuditEntry`], which a store writes in the
//! transaction of the change and chains to the one before it. The chain of a company is judged by [`ChainCheck`],
//! against [`Checkpoint`]s that were kept elsewhere. What is recorded and what is not: `docs/audit.md`.

mod access;
mod actor;
mod chain;
mod checkpoint;
mod config;
mod decision;
mod entry;
mod filter;
mod import;
mod value;

pub use access::*;
pub use actor::*;
pub use chain::*;
pub use checkpoint::*;
pub use config::*;
pub use decision::*;
pub use entry::*;
pub use filter::*;
pub use import::*;
pub use value::*;
