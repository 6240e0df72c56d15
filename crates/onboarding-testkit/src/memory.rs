//! A store in memory: the model of what every store does.
//!
//! One lock over one [`World`]: a call sees everything that earlier calls did, and nothing half done.
//! Whatever changes something first checks everything, then changes it by steps that cannot fail.

mod access;
mod administration;
mod audit;
mod backdoor;
mod changes;
mod commit;
mod dead_letter;
mod imports;
mod inbox;
mod lifecycle;
mod listing;
mod local_account;
mod outbox;
mod platform;
mod profiles;
mod quarantine;
mod questions;
mod reconciliation;
mod record;
mod retention;
mod status;
mod verification;
mod world;

use std::sync::{Mutex, MutexGuard, PoisonError};

use onboarding_core::ports::StoreError;

use world::World;

type Answer<T> = Result<T, StoreError>;

/// Keeps everything that the service stores, as long as it lives.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<World>);

impl MemoryStore {
    /// Empty: no company, no client.
    pub fn new() -> Self {
        Self::default()
    }

    /// Also after a test panicked while it held the lock: the next assertion shall speak, not the lock.
    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
