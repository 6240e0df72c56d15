//! The suite of behaviours that every onboarding store must show.
//!
//! A store runs all of it by saying how it starts, empty and apart from every other:
//!
//! ```ignore
//! // crates/onboarding-DATABASE/tests/contract.rs
//! use std::sync::Arc;
//! use onboarding_contract::Harness;
//! use onboarding_core::ports::OnboardingStore;
//!
//! struct OnAFile {
//!     store: Arc<DatabaseStore>,
//!     _folder: tempfile::TempDir, // gone when the case is over
//! }
//!
//! impl Harness for OnAFile {
//!     async fn start() -> Self { /* a fresh file, opened and migrated */ }
//!     fn store(&self) -> Arc<dyn OnboardingStore> { self.store.clone() }
//! }
//!
//! onboarding_contract::store_contract!(OnAFile);
//! ```
//!
//! It needs this crate and `onboarding-core` under `[dev-dependencies]`; tokio comes along. The macro makes one
//! test a case, in one module a subject: `commit::a_stale_revision_conflicts`.
//!
//! To add a case, write a private function that takes a `Bench` and put its name into the list at the top of its
//! file. One that is not listed is dead code, and the build says so. Cases speak to the ports only, and hold
//! whatever the ports' documentation leaves open: they sort what has no order.

#![expect(clippy::unwrap_used, reason = "an unwrap that panics is a case that fails")]

mod bench;
mod cases;
mod list;

use std::sync::Arc;

use onboarding_core::ports::OnboardingStore;

#[doc(hidden)]
pub use cases::{
    administration, clients, commit, conflicts, flow, inbox, invitation, lanes, numbers, outbox, profiles,
    races, record, rooms, status, usage,
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
        $crate::administration_contract!($harness);
        $crate::clients_contract!($harness);
        $crate::commit_contract!($harness);
        $crate::conflicts_contract!($harness);
        $crate::flow_contract!($harness);
        $crate::inbox_contract!($harness);
        $crate::invitation_contract!($harness);
        $crate::lanes_contract!($harness);
        $crate::numbers_contract!($harness);
        $crate::outbox_contract!($harness);
        $crate::profiles_contract!($harness);
        $crate::races_contract!($harness);
        $crate::record_contract!($harness);
        $crate::rooms_contract!($harness);
        $crate::status_contract!($harness);
        $crate::usage_contract!($harness);
    };
}
