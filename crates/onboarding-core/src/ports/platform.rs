//! What WhatsApp tells of accounts: kept in the store, and asked for.

use std::error::Error;

use async_trait::async_trait;

use super::{InboxLease, StoreError};
use crate::{
    AccountReport, CompanyId, NumberReport, OfficialAccountId, PlatformFact, SendRefusal, TemplateReport,
    Timestamp, TokenReport,
};

/// What is to be kept of a notice or a poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The company.
    pub company: CompanyId,
    /// The revision of the company on which it was found to be news.
    pub expected_revision: u64,
    /// The queued notice that it comes from, finished with this note; `None` for a poll.
    pub cause: Option<(InboxLease, String)>,
    /// Each takes the place of the fact of its name about its subject.
    pub facts: Vec<PlatformFact>,
    /// When it is kept.
    pub now: Timestamp,
}

/// What became of an observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObserveOutcome {
    /// It is kept, and the company has a new revision if there was any fact.
    Kept,
    /// The company changed meanwhile, or is gone; nothing changed. Look again whether it is news.
    Stale,
    /// The lease on the notice is no longer ours; nothing changed.
    LeaseLost,
}

/// Keeps what WhatsApp told, and answers what follows from what was sent.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait PlatformRecord: Send + Sync {
    /// Keeps the facts, counts the revision of the company up if there are any, and finishes the notice, in one
    /// transaction.
    async fn observe(&self, observation: Observation) -> Result<ObserveOutcome, StoreError>;

    /// To how many different clients these accounts queued a template since then, failed ones apart: what counts
    /// against the messaging limit of their portfolio.
    async fn clients_written_first(
        &self,
        company: &CompanyId,
        accounts: &[OfficialAccountId],
        since: Timestamp,
    ) -> Result<u32, StoreError>;

    /// The accounts, in order of their ids, that had messages accepted in `since..until` and got no status of any
    /// of these.
    async fn accounts_without_statuses(
        &self,
        company: &CompanyId,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<OfficialAccountId>, StoreError>;
}

/// Asks WhatsApp about our side of it. Reads only.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait PlatformInspector: Send + Sync {
    /// About the company's access token.
    async fn token(&self, company: &CompanyId) -> Result<TokenReport, InspectError>;

    /// About a number.
    async fn number(&self, company: &CompanyId, phone_number_id: &str) -> Result<NumberReport, InspectError>;

    /// About a WhatsApp Business Account.
    async fn account(&self, company: &CompanyId, waba_id: &str) -> Result<AccountReport, InspectError>;

    /// About the template of this name in all its languages.
    async fn template(
        &self,
        company: &CompanyId,
        waba_id: &str,
        name: &str,
    ) -> Result<Vec<TemplateReport>, InspectError>;
}

/// Why WhatsApp did not tell.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// It refused to.
    #[error("WhatsApp refuses to tell: {0}")]
    Refused(SendRefusal),
    /// It did not answer, or not in words that we know. That says nothing of the account.
    #[error("WhatsApp did not tell")]
    Unanswered(#[source] Box<dyn Error + Send + Sync>),
}
