//! The audit: entries in a chain for each company.

use async_trait::async_trait;
use onboarding_core::{
    CompanyId,
    audit::{AuditEntry, AuditFilter, AuditHash, AuditHead, NewAuditEntry, chain_hash},
    ports::AuditLog,
};

use super::{Answer, MemoryStore, world::World};

#[async_trait]
impl AuditLog for MemoryStore {
    async fn record_audit(&self, company: &CompanyId, entries: Vec<NewAuditEntry>) -> Answer<()> {
        self.world().record(company, entries);
        Ok(())
    }

    async fn audit_entries(
        &self,
        company: &CompanyId,
        filter: &AuditFilter,
        after: u64,
        limit: u32,
    ) -> Answer<Vec<AuditEntry>> {
        let world = self.world();
        let entries = world.audit.get(company).into_iter().flatten();
        let wanted = entries.filter(|entry| entry.sequence > after && filter.takes(&entry.content));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(wanted.take(limit).cloned().collect())
    }

    async fn audit_head(&self, company: &CompanyId) -> Answer<Option<AuditHead>> {
        Ok(self.world().audit_head(company))
    }
}

impl World {
    /// Appends the entries to the company's chain, in their order.
    pub(super) fn record(&mut self, company: &CompanyId, entries: impl IntoIterator<Item = NewAuditEntry>) {
        for content in entries {
            let (sequence, previous) = self
                .audit_head(company)
                .map_or((1, AuditHash::NONE), |head| (head.sequence + 1, head.hash));
            let hash = chain_hash(company, sequence, &previous, &content.canonical_bytes());
            self.audit.entry(company.clone()).or_default().push(AuditEntry {
                sequence,
                hash,
                content,
            });
        }
    }

    fn audit_head(&self, company: &CompanyId) -> Option<AuditHead> {
        self.audit.get(company)?.last().map(|entry| AuditHead {
            sequence: entry.sequence,
            hash: entry.hash,
        })
    }
}
