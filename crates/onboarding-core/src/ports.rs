//! The ports: what the flow asks of the world, and what it tells it.
//!
//! Every port is object safe and held as `Arc<dyn Port>`. No transaction crosses a port: questions are
//! answered one by one, and everything that a decision changes goes through one call of
//! [`DecisionCommit::commit`], all or nothing. With the feature `mocks` each port `X` has a `MockX`.

mod access;
mod administration;
mod audit;
mod changes;
mod commit;
mod environment;
mod flow;
mod imports;
mod inbox;
mod lifecycle;
mod listing;
mod messenger;
mod operation;
mod outbox;
mod platform;
mod profiles;
mod reconciliation;
mod retention;
mod set_up;

use std::error::Error;

pub use access::*;
pub use administration::*;
pub use audit::*;
pub use changes::*;
pub use commit::*;
pub use environment::*;
pub use flow::*;
pub use imports::*;
pub use inbox::*;
pub use lifecycle::*;
pub use listing::*;
pub use messenger::*;
pub use operation::*;
pub use outbox::*;
pub use platform::*;
pub use profiles::*;
pub use reconciliation::*;
pub use retention::*;
pub use set_up::*;

/// The store could not do it, and nothing changed; only when a disk or connection fails during a commit may it have
/// happened all the same. Every call may be repeated: deliveries, decisions and settlements know their own.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation}")]
pub struct StoreError {
    operation: &'static str,
    #[source]
    source: Box<dyn Error + Send + Sync>,
}

impl StoreError {
    /// What was tried, as in “cannot load the company”, and why it failed.
    pub fn new(operation: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            operation,
            source: source.into(),
        }
    }
}

/// A store that answers and keeps everything. Implemented for whatever implements all of it.
pub trait OnboardingStore:
    CompanyDirectory
    + ClientIdentification
    + ClientReconciliation
    + ExtensionLookup
    + ChatRoomCheck
    + ClientProfileSelection
    + SecondaryNumberAllocation
    + DecisionCommit
    + Inbox
    + Outbox
    + CompanyAdministration
    + AuditLog
    + Record
    + DeadLetters
    + Quarantine
    + Retention
    + Verification
    + RoomLife
    + Prospects
    + Acts
    + Notices
    + PoolLoad
    + ClientProfiles
    + PlatformRecord
    + ApiTokens
    + Sessions
    + LocalAccounts
    + IdempotencyKeys
    + Imports
    + Listings
    + Changes
{
}

impl<S> OnboardingStore for S where
    S: CompanyDirectory
        + ClientIdentification
        + ClientReconciliation
        + ExtensionLookup
        + ChatRoomCheck
        + ClientProfileSelection
        + SecondaryNumberAllocation
        + DecisionCommit
        + Inbox
        + Outbox
        + CompanyAdministration
        + AuditLog
        + Record
        + DeadLetters
        + Quarantine
        + Retention
        + Verification
        + RoomLife
        + Prospects
        + Acts
        + Notices
        + PoolLoad
        + ClientProfiles
        + PlatformRecord
        + ApiTokens
        + Sessions
        + LocalAccounts
        + IdempotencyKeys
        + Imports
        + Listings
        + Changes
{
}
