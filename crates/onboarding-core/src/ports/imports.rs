//! Imports of users: jobs that any replica works on.

use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;
use crate::{
    CompanyId, ImportId, LeaseToken, Timestamp,
    audit::Origin,
    import::{Import, ImportRow, ImportState, NewImport, RefusedRow, SettledBatch},
};

/// How long an import that ended is remembered; it goes when the company begins another.
pub const IMPORTS_KEPT: Duration = Duration::from_hours(90 * 24);

/// The right to work on an import, for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedImport {
    /// Whose it is.
    pub company: CompanyId,
    /// Which.
    pub id: ImportId,
    /// The right.
    pub token: LeaseToken,
    /// In whose name it changes something.
    pub by: Origin,
    /// Whether they may give roles beyond `user`.
    pub may_give_roles: bool,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchOutcome {
    /// It is stored; this is how far the import is now.
    Settled(ImportState),
    /// The company was changed since the rows were judged; nothing was stored.
    Stale,
    /// Somebody else works on the import, or it ended; nothing was stored.
    LeaseLost,
}

/// Keeps imports.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait Imports: Send + Sync {
    /// Begins an import; `false`, and nothing changed, while another one of the company runs. Its entry
    /// ([`crate::audit::import_begun_entry`]) is in the audit. Imports that ended longer than [`IMPORTS_KEPT`] ago go.
    async fn begin_import(
        &self,
        company: &CompanyId,
        import: NewImport,
        by: &Origin,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// One import.
    async fn import(&self, company: &CompanyId, id: ImportId) -> Result<Option<Import>, StoreError>;

    /// The imports of the company, newest first, those that began before `after`.
    async fn imports(
        &self,
        company: &CompanyId,
        after: Option<ImportId>,
        limit: u32,
    ) -> Result<Vec<Import>, StoreError>;

    /// The refused rows of an import so far, by line, those beyond the line `after`.
    async fn refused_rows(
        &self,
        company: &CompanyId,
        id: ImportId,
        after: u32,
        limit: u32,
    ) -> Result<Vec<RefusedRow>, StoreError>;

    /// Stops an import: no batch is stored any more when this returns, and the rows that wait are forgotten. Gives it as it
    /// is then; one that ended before stays as it ended. Its entry ([`crate::audit::import_ended_entry`]) is in the audit.
    async fn stop_import(
        &self,
        company: &CompanyId,
        id: ImportId,
        by: &Origin,
        now: Timestamp,
    ) -> Result<Option<Import>, StoreError>;

    /// Leases the running import of any company that began first and that nobody works on.
    async fn lease_import(
        &self,
        now: Timestamp,
        lease_for: Duration,
        token: LeaseToken,
    ) -> Result<Option<LeasedImport>, StoreError>;

    /// The rows of the batch that is next, in their order; none when all are done with.
    async fn next_batch(&self, lease: &LeasedImport) -> Result<Vec<ImportRow>, StoreError>;

    /// Stores what became of a batch, in one transaction: the changes with their entries, the progress, and, when no row
    /// waits any more, the end with its entry. Renews the lease. Rows that are done with are forgotten; refused ones keep
    /// line, username and reason.
    async fn settle_batch(
        &self,
        lease: &LeasedImport,
        settled: SettledBatch,
        now: Timestamp,
        lease_for: Duration,
    ) -> Result<BatchOutcome, StoreError>;
}
