//! How a company is configured.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    CompanyId, Logo, Timestamp,
    audit::Origin,
    config::{CompanyConfig, ConfigChange},
};

/// Reads and changes the configuration of a company as a whole.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait CompanyAdministration: Send + Sync {
    /// The present configuration with its revision; `None` for a company that does not exist.
    async fn config(&self, company: &CompanyId) -> Result<Option<(CompanyConfig, u64)>, StoreError>;

    /// The logo in the company's QR codes with its picture, which [`Self::config`] and companies come without; `None` where there
    /// is none.
    async fn logo(&self, company: &CompanyId) -> Result<Option<Logo>, StoreError>;

    /// Makes all the changes in one transaction and counts the revision up. `expected_revision` is `None` for
    /// a company that must not exist yet. What differs afterwards is in the audit
    /// ([`crate::audit::config_entries`]), as done by `by`. A logo in the settings is stored when it comes with its picture, and
    /// otherwise has to be the one that is stored.
    async fn apply(
        &self,
        company: &CompanyId,
        expected_revision: Option<u64>,
        changes: Vec<ConfigChange>,
        by: &Origin,
        now: Timestamp,
    ) -> Result<ApplyOutcome, StoreError>;
}

/// Why a client profile with this key cannot go.
pub fn profile_in_use(key: &str) -> String {
    format!(
        "client profile {key} has chat rooms or is part of a merge, which the record keeps; merge it into another instead"
    )
}

/// What became of a change of configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplyOutcome {
    /// Done; this is the revision now.
    Applied(u64),
    /// Somebody else changed the company meanwhile; nothing changed.
    Stale,
    /// Something belongs to another company already; nothing changed.
    Taken(String),
    /// The record needs what was to go: a client profile with a chat room or with another that went up in it. Nothing changed.
    InUse(String),
}
