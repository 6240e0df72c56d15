//! How a company is configured.

mod change;
mod check;
mod read;

use async_trait::async_trait;
use onboarding_core::{
    CompanyId, Logo, Timestamp,
    audit::{Origin, changes_beyond_config, config_entries},
    config::{CompanyConfig, ConfigChange},
    ports::{ApplyOutcome, CompanyAdministration, StoreError, profile_in_use},
};

use super::{Answer, MemoryStore, world::World};

#[async_trait]
impl CompanyAdministration for MemoryStore {
    async fn config(&self, company: &CompanyId) -> Answer<Option<(CompanyConfig, u64)>> {
        Ok(self
            .world()
            .company(company)
            .map(|rows| (read::config(rows), rows.revision)))
    }

    async fn logo(&self, company: &CompanyId) -> Answer<Option<Logo>> {
        let world = self.world();
        Ok(world
            .company(company)
            .and_then(|rows| rows.settings.qr_logo.clone()))
    }

    async fn apply(
        &self,
        company: &CompanyId,
        expected_revision: Option<u64>,
        changes: Vec<ConfigChange>,
        by: &Origin,
        now: Timestamp,
    ) -> Answer<ApplyOutcome> {
        apply(&mut self.world(), company, expected_revision, changes, by, now)
    }
}

/// Makes the changes, all or none.
pub(super) fn apply(
    world: &mut World,
    company: &CompanyId,
    expected_revision: Option<u64>,
    changes: Vec<ConfigChange>,
    by: &Origin,
    now: Timestamp,
) -> Answer<ApplyOutcome> {
    let present = world.company(company);
    if present.map(|rows| rows.revision) != expected_revision {
        return Ok(ApplyOutcome::Stale);
    }
    // On a copy: uniqueness is judged at the end, and what is found wanting leaves nothing behind.
    let refuse = |why: String| StoreError::new("change the company", why);
    if let Some(key) = present.and_then(|rows| check::needed_by_the_record(rows, &changes)) {
        return Ok(ApplyOutcome::InUse(profile_in_use(key)));
    }
    let beyond = changes_beyond_config(by, &changes, now);
    let mut wished = change::apply_all(present.cloned(), changes, now).map_err(refuse)?;
    if let Some(taken) = check::taken_elsewhere(world, company, &wished) {
        return Ok(ApplyOutcome::Taken(taken));
    }
    check::consistent(&wished).map_err(refuse)?;
    wished.revision += 1;
    let revision = wished.revision;
    let before = present.map(read::config);
    let entries = config_entries(by, company, before.as_ref(), &read::config(&wished), now);
    world.companies.insert(company.clone(), wished);
    world.record(company, entries.into_iter().chain(beyond));
    Ok(ApplyOutcome::Applied(revision))
}
