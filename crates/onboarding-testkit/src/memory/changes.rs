//! Whether anything changed that people look at.

use async_trait::async_trait;
use onboarding_core::{
    CompanyId,
    ports::{ChangeMark, Changes},
};

use super::{Answer, MemoryStore};

#[async_trait]
impl Changes for MemoryStore {
    async fn change_mark(&self, company: &CompanyId) -> Answer<ChangeMark> {
        let world = self.world();
        let rows = world.company(company);
        let finished = world
            .inbox
            .iter()
            .filter(|row| row.row.company == *company && row.end.is_some());
        let settled = world
            .outbox
            .iter()
            .filter(|row| row.company == *company && row.settled_at.is_some());
        let imports = world.imports.iter().filter(|job| job.company == *company);
        let done: usize = imports
            .map(|job| usize::try_from(job.import.counts.done()).unwrap_or(0))
            .sum();
        let notices = rows.map_or(0, |rows| rows.notices.len());
        let counts = [finished.count(), settled.count(), done, notices];
        let revision = rows.map_or(0, |rows| rows.revision);
        let audit = world.audit.get(company).map_or(0, Vec::len);
        let mut others: Vec<_> = counts
            .map(|count| i64::try_from(count).unwrap_or(i64::MAX))
            .into();
        others.push(i64::try_from(revision).unwrap_or(i64::MAX));
        Ok(ChangeMark {
            audit: u64::try_from(audit).unwrap_or(u64::MAX),
            others,
        })
    }
}
