//! The audit, as it is read. What changes something writes its entries by the port that makes the change.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    CompanyId, Timestamp,
    audit::{AuditEntry, AuditFilter, AuditHead, AuditSubject, NewAuditEntry, Origin},
};

/// Reads the audit, and writes the entries of what changes nothing else.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Appends the entries in their order, durably, before it answers.
    async fn record_audit(&self, company: &CompanyId, entries: Vec<NewAuditEntry>) -> Result<(), StoreError>;

    /// The same for one reading of message content. Whoever shows the content records the reading first, and shows
    /// nothing when that fails.
    async fn record_read(
        &self,
        company: &CompanyId,
        by: &Origin,
        subject: &AuditSubject,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let entry = NewAuditEntry::read(by, subject, now);
        self.record_audit(company, vec![entry]).await
    }

    /// The first `limit` entries of the company after the place `after` that the filter takes, in order. They are
    /// given as they are stored, whatever is in them: [`crate::audit::ChainCheck`] judges them.
    async fn audit_entries(
        &self,
        company: &CompanyId,
        filter: &AuditFilter,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError>;

    /// The end of the company's chain as it is kept; `None` before the first entry.
    async fn audit_head(&self, company: &CompanyId) -> Result<Option<AuditHead>, StoreError>;
}
