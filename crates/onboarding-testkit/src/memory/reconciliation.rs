//! Changes of who a client is.

use async_trait::async_trait;
use onboarding_core::{
    Actor, ChatRoom, ChatRoomId, ClientIdentityId, Closing, CompanyId, Dispute, DisputeId, EndedRooms,
    IdentityEvent, IdentityRevision, NewDispute, ProspectState, Recipient, Reconciliation, Timestamp,
    ports::{ClientReconciliation, ReconcileOutcome},
};

use super::{
    Answer, MemoryStore,
    commit::waiting,
    questions::known_identity,
    world::{CompanyRows, DisputeRow, World},
};

#[async_trait]
impl ClientReconciliation for MemoryStore {
    async fn reconcile(
        &self,
        company: &CompanyId,
        change: Reconciliation,
        now: Timestamp,
    ) -> Answer<ReconcileOutcome> {
        let mut world = self.world();
        let Some(rows) = world.companies.get_mut(company) else {
            return Ok(ReconcileOutcome::Stale);
        };
        if is_stale(rows, &change) {
            return Ok(ReconcileOutcome::Stale);
        }
        let ended = store(rows, &change, now);
        for room in ended {
            world.withdraw(company, room, now);
        }
        store_queues(&mut world, company, &change, now);
        world.record(company, [change.audit_entry(now)]);
        Ok(ReconcileOutcome::Reconciled)
    }

    async fn dispute(&self, company: &CompanyId, question: NewDispute, now: Timestamp) -> Answer<()> {
        let mut world = self.world();
        let Some(rows) = world.companies.get_mut(company) else {
            return Ok(());
        };
        let same = |row: &DisputeRow| {
            row.open && row.question.identity == question.identity && row.question.other == question.other
        };
        if !rows.disputes.iter().any(same) {
            rows.disputes.push(DisputeRow {
                question,
                noticed_at: now,
                open: true,
            });
        }
        Ok(())
    }

    async fn disputes(&self, company: &CompanyId, limit: u32) -> Answer<Vec<Dispute>> {
        let world = self.world();
        let rows = world.company(company);
        let open = rows.into_iter().flat_map(|rows| {
            rows.disputes
                .iter()
                .filter(|row| row.open)
                .map(|row| told(rows, row))
        });
        Ok(open.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }

    async fn open_dispute(&self, company: &CompanyId, id: DisputeId) -> Answer<Option<Dispute>> {
        let world = self.world();
        let Some(rows) = world.company(company) else {
            return Ok(None);
        };
        let row = rows.disputes.iter().find(|row| row.open && row.question.id == id);
        Ok(row.map(|row| told(rows, row)))
    }

    async fn identity_history(&self, company: &CompanyId, limit: u32) -> Answer<Vec<IdentityEvent>> {
        let world = self.world();
        let events = world
            .company(company)
            .into_iter()
            .flat_map(|rows| rows.identity_events.iter().rev());
        Ok(events
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .cloned()
            .collect())
    }
}

fn told(rows: &CompanyRows, row: &DisputeRow) -> Dispute {
    Dispute {
        question: row.question.clone(),
        noticed_at: row.noticed_at,
        identity: known_identity(rows, row.question.identity, &[], true),
        other: known_identity(rows, row.question.other, &[], true),
    }
}

fn is_stale(rows: &CompanyRows, change: &Reconciliation) -> bool {
    let is_as_seen = |seen: &IdentityRevision| {
        let row = rows.identities.get(&seen.id);
        row.is_some_and(|row| row.revision == seen.revision && row.merged_into.is_none())
    };
    let own = |holder: &ClientIdentityId| {
        *holder == change.identity.id || change.absorbs.is_some_and(|absorbed| absorbed.id == *holder)
    };
    let settled = change
        .settles
        .is_some_and(|(id, _)| !rows.disputes.iter().any(|row| row.open && row.question.id == id));
    !is_as_seen(&change.identity)
        || change
            .absorbs
            .as_ref()
            .is_some_and(|absorbed| !is_as_seen(absorbed))
        || change
            .claims
            .iter()
            .any(|key| rows.aliases.get(key).is_some_and(|holder| !own(holder)))
        || settled
        || keeps_a_room_open(rows, change)
        || clashes(rows, change)
}

/// Whether two live rooms would be in each other's way.
fn clashes(rows: &CompanyRows, change: &Reconciliation) -> bool {
    let Some(absorbed) = change.absorbs else {
        return false;
    };
    let live = |id: ClientIdentityId| {
        rows.live_rooms()
            .filter(move |room| room.identity == id && !ends(change, room))
    };
    live(absorbed.id).any(|moved| {
        live(change.identity.id).any(|kept| kept.user == moved.user || kept.account == moved.account)
    })
}

/// Whether a client who opted out would have a live room.
fn keeps_a_room_open(rows: &CompanyRows, change: &Reconciliation) -> bool {
    let absorbed = change.absorbs.map(|absorbed| absorbed.id);
    let theirs = |room: &&ChatRoom| room.identity == change.identity.id || Some(room.identity) == absorbed;
    change.opted_out_at.is_some() && rows.live_rooms().filter(theirs).any(|room| !ends(change, room))
}

fn ends(change: &Reconciliation, room: &ChatRoom) -> bool {
    match &change.ends {
        EndedRooms::None => false,
        EndedRooms::All => room.identity == change.identity.id,
        EndedRooms::These(these) => these.contains(&room.id),
    }
}

/// Stores it and gives the rooms that ended.
fn store(rows: &mut CompanyRows, change: &Reconciliation, now: Timestamp) -> Vec<ChatRoomId> {
    let ended: Vec<_> = rows
        .live_rooms()
        .filter(|room| ends(change, room))
        .map(|room| room.id)
        .collect();
    for room in &ended {
        let closing = Closing {
            room: *room,
            end: change.room_end(),
        };
        rows.close(&closing, now);
    }
    if let Some(absorbed) = change.absorbs {
        take_over(rows, absorbed.id, change.identity.id, now);
    }
    let id = change.identity.id;
    match change.opted_out_at {
        Some(at) => drop(rows.opted_out.insert(id, at)),
        None => drop(rows.opted_out.remove(&id)),
    }
    for key in &change.releases {
        if rows.aliases.get(key) == Some(&id) {
            rows.aliases.remove(key);
            rows.released.insert((key.clone(), id), now);
        }
    }
    for key in &change.claims {
        rows.aliases.insert(key.clone(), id);
        rows.released.remove(&(key.clone(), id));
    }
    if let Some(row) = rows.identities.get_mut(&id) {
        row.aliases = change.aliases.clone();
        row.phone_since = change.phone_since.or(row.phone_since);
        row.revision += 1;
    }
    let settled = change.settles.map(|(id, _)| id);
    let absorbed = change.absorbs.map(|absorbed| absorbed.id);
    for dispute in &mut rows.disputes {
        let question = &dispute.question;
        let of_absorbed = absorbed.is_some_and(|id| question.identity == id || question.other == id);
        dispute.open &= Some(question.id) != settled && !of_absorbed;
    }
    rows.identity_events.push(IdentityEvent {
        id: change.id,
        at: now,
        kind: change.kind,
        identity: id,
        absorbed,
        finding: change.finding.clone(),
    });
    ended
}

/// Everything of one identity becomes the other's.
fn take_over(rows: &mut CompanyRows, from: ClientIdentityId, to: ClientIdentityId, now: Timestamp) {
    for holder in rows.aliases.values_mut().filter(|holder| **holder == from) {
        *holder = to;
    }
    for room in rows.rooms.iter_mut().filter(|room| room.identity == from) {
        room.identity = to;
        rows.taken_over.entry(room.id).or_insert(from);
    }
    for profile in &mut rows.profiles {
        if profile.profile.identity == Some(from) {
            profile.profile.identity = Some(to);
        }
    }
    let waits: Vec<_> = waiting(rows)
        .filter(|one| one.identity == to)
        .map(|one| one.user)
        .collect();
    for prospect in rows.prospects.values_mut().filter(|one| one.identity == from) {
        prospect.identity = to;
        if prospect.state == ProspectState::Waiting && waits.contains(&prospect.user) {
            prospect.state = ProspectState::Joined;
            prospect.ended_at = Some(now);
            prospect.ended_by = Some(Actor::Service);
        }
    }
    rows.opted_out.remove(&from);
    let windows: Vec<_> = rows
        .windows
        .iter()
        .filter(|((_, id), _)| *id == from)
        .map(|(key, at)| (*key, *at))
        .collect();
    for ((account, id), at) in windows {
        rows.windows.remove(&(account, id));
        let window = rows.windows.entry((account, to)).or_insert(at);
        *window = at.max(*window);
    }
    let released: Vec<_> = rows
        .released
        .iter()
        .filter(|((_, id), _)| *id == from)
        .map(|(key, at)| (key.clone(), *at))
        .collect();
    for ((key, id), at) in released {
        rows.released.remove(&(key.clone(), id));
        rows.released.insert((key, to), at);
    }
    for row in rows
        .identities
        .values_mut()
        .filter(|row| row.merged_into == Some(from))
    {
        row.merged_into = Some(to);
    }
    if let Some(row) = rows.identities.get_mut(&from) {
        row.merged_into = Some(to);
        row.revision += 1;
        row.aliases = onboarding_core::ClientAliases::default();
    }
}

/// The queue and the rates.
fn store_queues(world: &mut World, company: &CompanyId, change: &Reconciliation, now: Timestamp) {
    let id = change.identity.id;
    let absorbed = change.absorbs.map(|absorbed| absorbed.id);
    let recipient = Recipient::of(&change.aliases);
    for row in world.outbox.iter_mut().filter(|row| row.company == *company) {
        if Some(row.message.identity) == absorbed {
            row.message.identity = id;
        }
        if row.message.identity != id || row.state.is_settled() {
            continue;
        }
        if let Some(recipient) = &recipient {
            row.message.recipient = recipient.clone();
        } else {
            row.withdraw(now);
        }
    }
    let of_absorbed =
        |sender: &super::world::Sender| sender.0 == *company && sender.2.is_some() && sender.2 == absorbed;
    let rates: Vec<_> = world
        .rates
        .iter()
        .filter(|(sender, _)| of_absorbed(sender))
        .map(|(sender, until)| (sender.clone(), *until))
        .collect();
    for (sender, until) in rates {
        world.rates.remove(&sender);
        let paid = world.rates.entry((sender.0, sender.1, Some(id))).or_insert(until);
        *paid = until.max(*paid);
    }
}
