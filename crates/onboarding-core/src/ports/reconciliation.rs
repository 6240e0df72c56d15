//! Changes of who a client is.

use async_trait::async_trait;

use super::StoreError;
use crate::{CompanyId, Dispute, DisputeId, IdentityEvent, NewDispute, Reconciliation, Timestamp};

/// What became of a reconciliation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReconcileOutcome {
    /// It is stored.
    Reconciled,
    /// Something that it rests on is no longer so; nothing changed. Look again.
    Stale,
}

/// Changes the company's record of its clients, and tells how it came about.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait ClientReconciliation: Send + Sync {
    /// Stores the change in one transaction, together with its line in the history and its audit entry: nothing else can change either
    /// identity meanwhile. In this order:
    ///
    /// 1. The rooms that end are closed as [`Reconciliation::room_end`] tells; what waits in their name is withdrawn.
    /// 2. Everything that hangs on the absorbed identity is the other's: aliases, profiles, prospects, rooms, windows,
    ///    the queue, rates. The records of decisions and acts stay as they were written. Of two
    ///    contacts that wait for one user, the absorbed one's ends. Open questions about it are settled.
    /// 3. Keys are released, then claimed.
    /// 4. What is queued for the identity and not settled is sent to the best of its aliases; where it has none, it
    ///    is withdrawn.
    ///
    /// Stale when a revision is another one, when the absorbed identity went up in another before, when a claim is
    /// another identity's, when two live rooms would be in each other's way (INV-1, INV-2), a live room would be left to
    /// a client who opted out, or when the question is
    /// settled already.
    async fn reconcile(
        &self,
        company: &CompanyId,
        change: Reconciliation,
        now: Timestamp,
    ) -> Result<ReconcileOutcome, StoreError>;

    /// Asks a person, unless the same question about these two is open already.
    async fn dispute(
        &self,
        company: &CompanyId,
        question: NewDispute,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// The open questions of a company, oldest first. The identities come with their rooms.
    async fn disputes(&self, company: &CompanyId, limit: u32) -> Result<Vec<Dispute>, StoreError>;

    /// One open question.
    async fn open_dispute(&self, company: &CompanyId, id: DisputeId) -> Result<Option<Dispute>, StoreError>;

    /// What happened to the company's clients, newest first.
    async fn identity_history(
        &self,
        company: &CompanyId,
        limit: u32,
    ) -> Result<Vec<IdentityEvent>, StoreError>;
}
