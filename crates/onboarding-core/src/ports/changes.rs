//! Whether anything changed that people look at.

use async_trait::async_trait;

use super::StoreError;
use crate::CompanyId;

/// How far a company has come. Two that are equal: nothing that pages show changed in between, but for what the time alone
/// changes and for notices that were marked as seen.
///
/// It rests on what the database keeps anyway. Of changes that are made at the same moment, or by replicas whose clocks differ,
/// one may hide behind another: whoever saw it move looks again a moment later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeMark {
    /// The end of the audit.
    pub audit: u64,
    /// Whatever else the store tells it by.
    pub others: Vec<i64>,
}

/// Tells how far companies have come. One cheap question a second for all that look at a company.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait Changes: Send + Sync {
    /// It is another after each of these: an entry in the audit, a new revision of the company, an inbound element that was
    /// finished (a message, a status), a message that was settled, a notice, and progress of an import.
    async fn change_mark(&self, company: &CompanyId) -> Result<ChangeMark, StoreError>;
}
