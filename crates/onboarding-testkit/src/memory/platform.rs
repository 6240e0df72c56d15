//! What WhatsApp told of accounts.

use std::collections::BTreeSet;

use async_trait::async_trait;
use onboarding_core::{
    CompanyId, OfficialAccountId, OutboundContent, OutboxState, Timestamp,
    ports::{Observation, ObserveOutcome, PlatformRecord},
};

use super::{Answer, MemoryStore, world::InboxEnd};

#[async_trait]
impl PlatformRecord for MemoryStore {
    async fn observe(&self, observation: Observation) -> Answer<ObserveOutcome> {
        let mut world = self.world();
        if let Some((lease, _)) = &observation.cause
            && world.leased(lease.id, lease.token).is_none()
        {
            return Ok(ObserveOutcome::LeaseLost);
        }
        let rows = world.companies.get_mut(&observation.company);
        let Some(rows) = rows.filter(|rows| rows.revision == observation.expected_revision) else {
            return Ok(ObserveOutcome::Stale);
        };
        rows.revision += u64::from(!observation.facts.is_empty());
        for fact in observation.facts {
            rows.platform.put(fact);
        }
        if let Some((lease, note)) = observation.cause
            && let Some(row) = world.leased(lease.id, lease.token)
        {
            row.end(InboxEnd::Finished(note));
        }
        Ok(ObserveOutcome::Kept)
    }

    async fn clients_written_first(
        &self,
        company: &CompanyId,
        accounts: &[OfficialAccountId],
        since: Timestamp,
    ) -> Answer<u32> {
        let world = self.world();
        let clients: BTreeSet<_> = world
            .outbox
            .iter()
            .filter(|row| row.company == *company && accounts.contains(&row.message.account))
            .filter(|row| matches!(row.message.content, OutboundContent::Template { .. }))
            .filter(|row| row.queued_at >= since && row.state != OutboxState::Failed)
            .map(|row| row.message.identity)
            .collect();
        Ok(u32::try_from(clients.len()).unwrap_or(u32::MAX))
    }

    async fn accounts_without_statuses(
        &self,
        company: &CompanyId,
        since: Timestamp,
        until: Timestamp,
    ) -> Answer<Vec<OfficialAccountId>> {
        let world = self.world();
        let in_span = |at: Timestamp| since <= at && at < until;
        let accepted = || {
            world.outbox.iter().filter(|row| {
                row.company == *company
                    && row.state == OutboxState::Accepted
                    && row.settled_at.is_some_and(in_span)
            })
        };
        let told: BTreeSet<_> = accepted()
            .filter(|row| row.progress.is_some())
            .map(|row| row.message.account)
            .collect();
        let silent: BTreeSet<_> = accepted()
            .map(|row| row.message.account)
            .filter(|account| !told.contains(account))
            .collect();
        Ok(silent.into_iter().collect())
    }
}
