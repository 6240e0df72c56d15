//! Imports of users.

use std::time::Duration;

use async_trait::async_trait;
use onboarding_core::{
    CompanyId, ImportId, LeaseToken, Timestamp,
    audit::{Origin, import_begun_entry, import_ended_entry},
    import::{Import, ImportRow, ImportState, NewImport, RefusedRow, SettledBatch},
    ports::{ApplyOutcome, BatchOutcome, IMPORTS_KEPT, Imports, LeasedImport, StoreError},
};

use super::{
    Answer, MemoryStore,
    administration::apply,
    world::{ImportJob, Lease, World},
};

#[async_trait]
impl Imports for MemoryStore {
    async fn begin_import(
        &self,
        company: &CompanyId,
        import: NewImport,
        by: &Origin,
        now: Timestamp,
    ) -> Answer<bool> {
        let mut world = self.world();
        let kept_since = now - IMPORTS_KEPT;
        let is_old = |job: &ImportJob| job.import.ended_at.is_some_and(|at| at < kept_since);
        world
            .imports
            .retain(|job| job.company != *company || !is_old(job));
        let runs = |job: &ImportJob| job.company == *company && job.import.ended_at.is_none();
        if world.imports.iter().any(runs) {
            return Ok(false);
        }
        let entry = import_begun_entry(by, &import, now);
        world.imports.push(ImportJob {
            company: company.clone(),
            import: Import {
                id: import.id,
                state: ImportState::Running,
                by: by.clone(),
                may_give_roles: import.may_give_roles,
                begun_at: now,
                ended_at: None,
                counts: import.counts(),
            },
            batches: import.batches.into(),
            refused: import.refused,
            lease: None,
        });
        world.record(company, [entry]);
        Ok(true)
    }

    async fn import(&self, company: &CompanyId, id: ImportId) -> Answer<Option<Import>> {
        Ok(job(&mut self.world(), company, id).map(|job| job.import.clone()))
    }

    async fn imports(&self, company: &CompanyId, after: Option<ImportId>, limit: u32) -> Answer<Vec<Import>> {
        let world = self.world();
        let mut theirs: Vec<_> = world
            .imports
            .iter()
            .filter(|job| job.company == *company && after.is_none_or(|after| job.import.id < after))
            .map(|job| job.import.clone())
            .collect();
        theirs.sort_by_key(|import| std::cmp::Reverse(import.id));
        theirs.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(theirs)
    }

    async fn refused_rows(
        &self,
        company: &CompanyId,
        id: ImportId,
        after: u32,
        limit: u32,
    ) -> Answer<Vec<RefusedRow>> {
        let mut world = self.world();
        let refused = job(&mut world, company, id).map(|job| job.refused.clone());
        let mut refused = refused.unwrap_or_default();
        refused.retain(|row| row.line > after);
        refused.sort_by_key(|row| row.line);
        refused.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(refused)
    }

    async fn stop_import(
        &self,
        company: &CompanyId,
        id: ImportId,
        by: &Origin,
        now: Timestamp,
    ) -> Answer<Option<Import>> {
        let mut world = self.world();
        let running = job(&mut world, company, id).filter(|job| job.import.ended_at.is_none());
        if let Some(job) = running {
            job.end(ImportState::Stopped, now);
            let entry = import_ended_entry(by, &job.import, now);
            world.record(company, [entry]);
        }
        Ok(job(&mut world, company, id).map(|job| job.import.clone()))
    }

    async fn lease_import(
        &self,
        now: Timestamp,
        lease_for: Duration,
        token: LeaseToken,
    ) -> Answer<Option<LeasedImport>> {
        let mut world = self.world();
        let is_free = |job: &&mut ImportJob| {
            job.import.ended_at.is_none() && !job.lease.is_some_and(|lease| lease.holds_at(now))
        };
        let free = world.imports.iter_mut().filter(is_free);
        Ok(free
            .min_by_key(|job| (job.import.begun_at, job.import.id))
            .map(|job| {
                let until = now + lease_for;
                job.lease = Some(Lease { token, until });
                LeasedImport {
                    company: job.company.clone(),
                    id: job.import.id,
                    token,
                    by: job.import.by.clone(),
                    may_give_roles: job.import.may_give_roles,
                }
            }))
    }

    async fn next_batch(&self, lease: &LeasedImport) -> Answer<Vec<ImportRow>> {
        let mut world = self.world();
        let next = job(&mut world, &lease.company, lease.id).and_then(|job| job.batches.front().cloned());
        let mut rows = next.unwrap_or_default();
        rows.sort_by_key(|row| row.line);
        Ok(rows)
    }

    async fn settle_batch(
        &self,
        lease: &LeasedImport,
        settled: SettledBatch,
        now: Timestamp,
        lease_for: Duration,
    ) -> Answer<BatchOutcome> {
        let mut world = self.world();
        let job_of = |job: &ImportJob| job.lease.is_some_and(|held| held.token == lease.token);
        if !job(&mut world, &lease.company, lease.id).is_some_and(|job| job_of(job)) {
            return Ok(BatchOutcome::LeaseLost);
        }
        if !settled.changes.is_empty() {
            let (company, revision) = (&lease.company, Some(settled.revision));
            match apply(&mut world, company, revision, settled.changes, &lease.by, now)? {
                ApplyOutcome::Applied(_) => {}
                ApplyOutcome::Stale => return Ok(BatchOutcome::Stale),
                ApplyOutcome::Taken(why) | ApplyOutcome::InUse(why) => {
                    return Err(StoreError::new("store the batch", why));
                }
            }
        }
        let Some(job) = job(&mut world, &lease.company, lease.id) else {
            return Ok(BatchOutcome::LeaseLost);
        };
        let is_over =
            |line: &u32| settled.done.contains(line) || settled.refused.iter().any(|row| row.line == *line);
        for batch in &mut job.batches {
            batch.retain(|row| !is_over(&row.line));
        }
        job.batches.retain(|batch| !batch.is_empty());
        job.refused.extend(settled.refused);
        let counts = &mut job.import.counts;
        counts.created += settled.counts.created;
        counts.changed += settled.counts.changed;
        counts.unchanged += settled.counts.unchanged;
        counts.refused += settled.counts.refused;
        if !job.batches.is_empty() {
            let until = now + lease_for;
            job.lease = Some(Lease {
                token: lease.token,
                until,
            });
            return Ok(BatchOutcome::Settled(ImportState::Running));
        }
        job.end(ImportState::Finished, now);
        let entry = import_ended_entry(&lease.by, &job.import, now);
        world.record(&lease.company, [entry]);
        Ok(BatchOutcome::Settled(ImportState::Finished))
    }
}

impl ImportJob {
    fn end(&mut self, state: ImportState, now: Timestamp) {
        self.import.state = state;
        self.import.ended_at = Some(now);
        self.batches.clear();
        self.lease = None;
    }
}

fn job<'a>(world: &'a mut World, company: &CompanyId, id: ImportId) -> Option<&'a mut ImportJob> {
    world
        .imports
        .iter_mut()
        .find(|job| job.company == *company && job.import.id == id)
}
