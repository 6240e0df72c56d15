//! The queue of what came in.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use onboarding_core::{
    CompanyId, IngestHealth, LeaseToken, StatusReport, Timestamp,
    audit::buried_entry,
    in_turns,
    ports::{AccountOwner, Inbox, InboxItem, InboxLease, NewDelivery, StatusEffect},
};

use super::{
    Answer, MemoryStore,
    world::{InboxEnd, InboxRow, Lease, World},
};

#[async_trait]
impl Inbox for MemoryStore {
    async fn owners(&self, phone_number_ids: &[String]) -> Answer<BTreeMap<String, AccountOwner>> {
        let world = self.world();
        let mut owners = BTreeMap::new();
        for (company, rows) in &world.companies {
            for row in rows.accounts.iter().filter(|row| row.in_use) {
                let number = &row.account.phone_number_id;
                if phone_number_ids.contains(number) {
                    let owner = AccountOwner {
                        company: company.clone(),
                        account: row.account.id,
                    };
                    owners.insert(number.clone(), owner);
                }
            }
        }
        Ok(owners)
    }

    async fn owner_of_waba(&self, waba_id: &str) -> Answer<Option<CompanyId>> {
        let world = self.world();
        let owner = world.companies.iter().find(|(_, rows)| {
            rows.accounts
                .iter()
                .any(|row| row.in_use && row.account.waba_id == waba_id)
        });
        Ok(owner.map(|(company, _)| company.clone()))
    }

    async fn store(&self, mut delivery: NewDelivery) -> Answer<usize> {
        let mut world = self.world();
        let before = world.inbox.len();
        for row in std::mem::take(&mut delivery.rows) {
            let same = |old: &InboxRow| {
                let old = &old.row;
                (&old.company, old.account, &old.dedupe_key) == (&row.company, row.account, &row.dedupe_key)
            };
            if !world.inbox.iter().any(same) {
                let due = delivery.received_at;
                world.inbox.push(InboxRow {
                    row,
                    due,
                    attempts: 0,
                    lease: None,
                    end: None,
                });
            }
        }
        world.deliveries.push(delivery);
        Ok(world.inbox.len() - before)
    }

    async fn ingest_seen(&self, now: Timestamp, interrupted: bool) -> Answer<IngestHealth> {
        let mut world = self.world();
        let known = IngestHealth::seen(world.ingest, now, interrupted);
        world.ingest = Some(known);
        Ok(known)
    }

    async fn lease(
        &self,
        now: Timestamp,
        lease_for: Duration,
        tokens: Vec<LeaseToken>,
    ) -> Answer<Vec<InboxItem>> {
        let mut world = self.world();
        let mut items = Vec::new();
        for (place, token) in due_in_order(&world, now).into_iter().zip(tokens) {
            let row = &mut world.inbox[place];
            row.attempts += 1;
            row.lease = Some(Lease {
                token,
                until: now + lease_for,
            });
            items.push(InboxItem {
                lease: InboxLease {
                    id: row.row.id,
                    token,
                },
                company: row.row.company.clone(),
                account: row.row.account,
                payload: row.row.payload.clone(),
                attempts: row.attempts,
            });
        }
        Ok(items)
    }

    async fn finish(&self, item: &InboxItem, note: &str, _now: Timestamp) -> Answer<()> {
        if let Some(row) = self.world().leased(item.lease.id, item.lease.token) {
            row.end(InboxEnd::Finished(note.to_owned()));
        }
        Ok(())
    }

    async fn retry_at(&self, item: &InboxItem, due: Timestamp) -> Answer<()> {
        if let Some(row) = self.world().leased(item.lease.id, item.lease.token) {
            row.due = due;
            row.lease = None;
        }
        Ok(())
    }

    async fn bury(&self, item: &InboxItem, reason: &str, now: Timestamp) -> Answer<()> {
        let mut world = self.world();
        if let Some(row) = world.leased(item.lease.id, item.lease.token) {
            row.end(InboxEnd::Buried(reason.to_owned()));
            world.record(&item.company, [buried_entry(item.lease.id, reason, now)]);
        }
        Ok(())
    }

    async fn apply_status(
        &self,
        item: &InboxItem,
        report: &StatusReport,
        now: Timestamp,
    ) -> Answer<StatusEffect> {
        Ok(self.world().apply_status(item, report, now))
    }
}

/// The places of the rows that may be leased: of each lane the first unfinished row, if it is due and the lane
/// has nobody at work. The earliest arrival goes first, company by company in turns.
fn due_in_order(world: &World, now: Timestamp) -> Vec<usize> {
    let mut open: Vec<usize> = (0..world.inbox.len())
        .filter(|place| world.inbox[*place].end.is_none())
        .collect();
    open.sort_by_key(|place| (world.inbox[*place].row.arrival, *place));
    let lane = |place: &usize| (&world.inbox[*place].row.company, &world.inbox[*place].row.lane);
    let is_first = |place: &usize| open.iter().find(|other| lane(other) == lane(place)) == Some(place);
    let at_work = |place: &usize| {
        let held = |other: &usize| world.inbox[*other].lease.is_some_and(|lease| lease.holds_at(now));
        open.iter().any(|other| lane(other) == lane(place) && held(other))
    };
    let is_due = |place: &usize| world.inbox[*place].due <= now && !at_work(place);
    let due = open
        .iter()
        .copied()
        .filter(|place| is_first(place) && is_due(place));
    in_turns(due, |place| &world.inbox[*place].row.company)
}
