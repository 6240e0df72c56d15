//! The suite of behaviours that every onboarding store must show.
//!
//! A store runs all of it by saying how it starts, empty and apart from every other, in its `tests/contract.rs`:
//!
//! ```
//! use std::sync::Arc;
//!
//! use onboarding_contract::Harness;
//! use onboarding_core::ports::OnboardingStore;
//! # use onboarding_testkit::MemoryStore as DatabaseStore;
//!
//! // What must be gone when the case is over, such as a temporary folder, stands in here too, after the store.
//! struct OnADatabase(Arc<DatabaseStore>);
//!
//! impl Harness for OnADatabase {
//!     async fn start() -> Self {
//!         Self(Arc::new(DatabaseStore::new()))
//!     }
//!
//!     fn store(&self) -> Arc<dyn OnboardingStore> {
//!         self.0.clone()
//!     }
//! }
//!
//! onboarding_contract::store_contract!(OnADatabase);
//! # fn main() {}
//! ```
//!
//! It needs this crate and `onboarding-core` under `[dev-dependencies]`; tokio comes along. The macro makes one
//! test a case, in one module a subject: `conflicts::a_stale_revision_conflicts`.
//!
//! To add a case, write a private function that takes a `Bench` and put its name into the list at the top of its
//! file. One that is not listed is dead code, and the build says so. Cases speak to the ports only, and hold
//! whatever the ports' documentation leaves open: they sort what has no order.

#![expect(clippy::unwrap_used, reason = "an unwrap that panics is a case that fails")]

mod bench;
mod cases;
mod list;
pub mod tampering;

use std::sync::Arc;

use onboarding_core::ports::OnboardingStore;

#[doc(hidden)]
pub use cases::{
    acceptance, access, acts, administration, audit, breaker, changes, clients, commit, conflicts,
    dead_letters, doubt, flow, genuineness, idempotency, identity, imports, inbox, invitation, joining,
    jumps, lanes, life, links, listings, local_accounts, logos, notices, numbers, outbox, platform,
    profile_changes, profiles, prospects, races, rates, reconciliation, record, retention, rooms, status,
    unsent_links, usage, verification, windows,
};
#[doc(hidden)]
pub use tokio;

/// How a store starts for one case.
pub trait Harness: Send + Sync + Sized {
    /// A store without any company, which nobody else uses.
    fn start() -> impl Future<Output = Self> + Send;

    /// The store. It stays usable as long as the harness lives.
    fn store(&self) -> Arc<dyn OnboardingStore>;
}

/// Makes a test of every case, run on the stores of this [`Harness`].
#[macro_export]
macro_rules! store_contract {
    ($harness:ty) => {
        $crate::acceptance_contract!($harness);
        $crate::access_contract!($harness);
        $crate::acts_contract!($harness);
        $crate::administration_contract!($harness);
        $crate::audit_contract!($harness);
        $crate::breaker_contract!($harness);
        $crate::changes_contract!($harness);
        $crate::clients_contract!($harness);
        $crate::commit_contract!($harness);
        $crate::conflicts_contract!($harness);
        $crate::dead_letters_contract!($harness);
        $crate::doubt_contract!($harness);
        $crate::flow_contract!($harness);
        $crate::genuineness_contract!($harness);
        $crate::idempotency_contract!($harness);
        $crate::identity_contract!($harness);
        $crate::imports_contract!($harness);
        $crate::inbox_contract!($harness);
        $crate::invitation_contract!($harness);
        $crate::joining_contract!($harness);
        $crate::jumps_contract!($harness);
        $crate::lanes_contract!($harness);
        $crate::life_contract!($harness);
        $crate::links_contract!($harness);
        $crate::unsent_links_contract!($harness);
        $crate::listings_contract!($harness);
        $crate::local_accounts_contract!($harness);
        $crate::logos_contract!($harness);
        $crate::notices_contract!($harness);
        $crate::numbers_contract!($harness);
        $crate::outbox_contract!($harness);
        $crate::platform_contract!($harness);
        $crate::profile_changes_contract!($harness);
        $crate::profiles_contract!($harness);
        $crate::prospects_contract!($harness);
        $crate::races_contract!($harness);
        $crate::rates_contract!($harness);
        $crate::reconciliation_contract!($harness);
        $crate::record_contract!($harness);
        $crate::retention_contract!($harness);
        $crate::rooms_contract!($harness);
        $crate::status_contract!($harness);
        $crate::usage_contract!($harness);
        $crate::verification_contract!($harness);
        $crate::windows_contract!($harness);
    };
}
