//! The queue of what goes out.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use onboarding_core::{
    Breaker, ChatRoom, CompanyId, IngestHealth, InvitationContext, InvitationFailure, LeaseToken,
    OfficialAccount, OfficialAccountId, OutboxId, OutboxItem, OutboxState, Passage, Purpose, RoomState,
    SendLimits, SendRefusal, SentAgain, TextKey, Timestamp, in_turns,
    ports::{LeasedMessage, Outbox, SettleOutcome, Settlement, StoreError},
};

use super::{
    Answer, MemoryStore,
    world::{CompanyRows, InboxRow, Lease, OutboxRow, Try, World},
};

#[async_trait]
impl Outbox for MemoryStore {
    async fn lease(
        &self,
        now: Timestamp,
        lease_for: Duration,
        unknown_for: Duration,
        limits: SendLimits,
        tokens: Vec<LeaseToken>,
    ) -> Answer<Vec<LeasedMessage>> {
        let mut world = self.world();
        for row in &mut world.outbox {
            if row.lease.is_some_and(|lease| !lease.holds_at(now)) {
                row.becomes_unknown(now + unknown_for);
            }
        }
        let mut leased = Vec::new();
        let mut tokens = tokens.into_iter();
        for place in due_in_order(&world, now) {
            let passage = world.passage(place, now);
            if tokens.len() == 0 || passage == Passage::Held || !world.take_rates(place, limits, now) {
                continue;
            }
            let Some(token) = tokens.next() else { break };
            let account = world.account_of(place);
            if let Passage::Probe(breaker) = passage {
                world.breakers.insert(account.clone(), breaker);
            }
            let troubled = world.breakers.contains_key(&account);
            // The record shows in which order things were, whatever clocks say.
            let started_at = awaited(&world, place)
                .and_then(|first| first.settled_at)
                .max(Some(now));
            let again = why_again(&world, place, now);
            let (sender, client_wrote_at) = sender_and_window(&world, place);
            let row = &mut world.outbox[place];
            row.tries.push(Try {
                token,
                started_at: started_at.unwrap_or(now),
                accepted: false,
                explained: again.is_some() && row.unknown_attempts > 0,
            });
            row.state = OutboxState::Sending;
            row.attempts += 1;
            row.lease = Some(Lease {
                token,
                until: now + lease_for,
            });
            let item = OutboxItem {
                company: row.company.clone(),
                message: row.message.clone(),
                queued_at: row.queued_at,
                attempts: row.attempts,
                unknown_attempts: row.unknown_attempts,
                again: again.filter(|_| row.unknown_attempts > 0),
                troubled,
                sender,
                client_wrote_at,
            };
            leased.push(LeasedMessage { token, item });
        }
        Ok(leased)
    }

    async fn settle(
        &self,
        message: &LeasedMessage,
        settlement: Settlement,
        now: Timestamp,
    ) -> Answer<SettleOutcome> {
        let mut world = self.world();
        if matches!(settlement, Settlement::Accepted(_)) {
            world.note_accepted(message);
        }
        let is_ours = |row: &&mut OutboxRow| {
            row.company == message.item.company
                && row.message.id == message.item.message.id
                && row.lease.is_some_and(|lease| lease.token == message.token)
        };
        if let Settlement::AccountPaused { until, .. } = settlement {
            world.spend_rate(message, until);
        }
        let well = settlement.shows_whatsapp_well();
        let account = (message.item.company.clone(), message.item.message.account);
        if well == Some(true) {
            world.breakers.remove(&account);
        }
        let Some(row) = world.outbox.iter_mut().find(is_ours) else {
            return Ok(SettleOutcome::LeaseLost);
        };
        row.lease = None;
        match settlement {
            Settlement::Accepted(id) => {
                row.state = OutboxState::Accepted;
                row.settled_at = Some(now);
                row.provider_id = Some(id);
            }
            Settlement::RetryAt { due, counts, .. } => {
                row.state = OutboxState::Pending;
                row.due = due;
                row.attempts -= u32::from(!counts);
            }
            Settlement::AccountPaused { until, .. } => {
                row.state = OutboxState::Pending;
                row.due = until;
                row.attempts -= 1;
            }
            Settlement::Unknown { until, .. } => row.becomes_unknown(until),
            Settlement::Failed(refusal) => {
                row.state = OutboxState::Failed;
                row.settled_at = Some(now);
                row.refusal = Some(refusal);
            }
        }
        if well == Some(false) {
            let before = world.breakers.get(&account).copied();
            world.breakers.insert(account, Breaker::after_doubt(before, now));
        }
        Ok(SettleOutcome::Settled)
    }

    async fn invitation_context(
        &self,
        company: &CompanyId,
        invitation: OutboxId,
    ) -> Answer<Option<InvitationContext>> {
        let world = self.world();
        let is_it = |row: &&OutboxRow| row.company == *company && row.message.id == invitation;
        let Some(place) = world.outbox.iter().position(|row| is_it(&row)) else {
            return Ok(None);
        };
        let (row, later) = (&world.outbox[place], &world.outbox[place + 1..]);
        if !row.message.purpose.brings_the_client() {
            return Ok(None);
        }
        let link_again = later.iter().any(|other| {
            other.message.room == row.message.room
                && other.message.purpose == Purpose::Text(TextKey::HandOffLink)
                && other.state != OutboxState::Failed
        });
        Ok(world
            .company(company)
            .and_then(|rows| context(rows, company, row, link_again)))
    }

    async fn failed_invitations(&self, limit: u32) -> Answer<Vec<(CompanyId, OutboxId, SendRefusal)>> {
        let world = self.world();
        let mut left = Vec::new();
        for row in world.outbox.iter().rev() {
            let failed = row.state == OutboxState::Failed && row.message.purpose.brings_the_client();
            if failed && awaits_follow_up(&world, row) {
                let unnamed = || SendRefusal {
                    code: 0,
                    reason: "WhatsApp gave no reason".to_owned(),
                };
                let refusal = row.refusal.clone().unwrap_or_else(unnamed);
                left.push((row.company.clone(), row.message.id, refusal));
            }
        }
        left.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(left)
    }

    async fn fail_room(&self, company: &CompanyId, failure: InvitationFailure, now: Timestamp) -> Answer<()> {
        let mut world = self.world();
        let Some(rows) = world.companies.get_mut(company) else {
            return Err(StoreError::new("fail the room", "there is no such company"));
        };
        if rows.room_lines.iter().any(|line| line.room == failure.room.id) {
            return Ok(());
        }
        let Some(room) = rows.live_room_mut(failure.room.id) else {
            return Ok(());
        };
        if room.link_until != failure.room.link_until {
            return Ok(());
        }
        if let Some(until) = failure.link_until {
            room.state = RoomState::Invited;
            room.link_until = Some(until);
        } else {
            room.state = RoomState::Failed;
            room.closed_at = Some(now);
            rows.failures.insert(failure.room.id, failure.reason.clone());
        }
        rows.tell(failure.notices.clone(), now);
        world.record(company, [failure.audit_entry(now)]);
        if let Some(notice) = failure.notice {
            world.queue(company, notice, now);
        }
        Ok(())
    }
}

impl World {
    fn account_of(&self, place: usize) -> (CompanyId, OfficialAccountId) {
        let row = &self.outbox[place];
        (row.company.clone(), row.message.account)
    }

    fn passage(&self, place: usize, now: Timestamp) -> Passage {
        let breaker = self.breakers.get(&self.account_of(place)).copied();
        Breaker::lets_pass(breaker, self.outbox[place].unknown_attempts > 0, now)
    }

    /// Takes one from the rates of the number and of the pair; `false`, and nothing taken, if one of them is spent.
    fn take_rates(&mut self, place: usize, limits: SendLimits, now: Timestamp) -> bool {
        let row = &self.outbox[place];
        let number = (row.company.clone(), row.message.account, None);
        let pair = (
            row.company.clone(),
            row.message.account,
            Some(row.message.identity),
        );
        let of_number = limits.number.take(self.rates.get(&number).copied(), now);
        let of_pair = limits.pair.take(self.rates.get(&pair).copied(), now);
        let (Ok(of_number), Ok(of_pair)) = (of_number, of_pair) else {
            return false;
        };
        self.rates.insert(number, of_number);
        self.rates.insert(pair, of_pair);
        true
    }

    /// Whoever has the message now: this attempt went out.
    fn note_accepted(&mut self, message: &LeasedMessage) {
        let tries = self.outbox.iter_mut().flat_map(|row| &mut row.tries);
        if let Some(one) = tries.into_iter().find(|one| one.token == message.token) {
            one.accepted = true;
        }
    }

    fn spend_rate(&mut self, message: &LeasedMessage, until: Timestamp) {
        let item = &message.item;
        let number = (item.company.clone(), item.message.account, None);
        let state = self.rates.entry(number).or_insert(until);
        *state = until.max(*state);
    }
}

impl OutboxRow {
    fn becomes_unknown(&mut self, until: Timestamp) {
        self.state = OutboxState::Unknown;
        self.unknown_attempts += 1;
        self.due = until;
        self.lease = None;
    }

    fn shares_lane_with(&self, other: &Self) -> bool {
        (&self.company, self.message.account, self.message.identity)
            == (&other.company, other.message.account, other.message.identity)
    }
}

/// The places of the messages that may be leased: of each client and account the first that is not settled,
/// if it is due, nobody sends it now, and it waits for no other. Company by company in turns.
fn due_in_order(world: &World, now: Timestamp) -> Vec<usize> {
    let open = |row: &&OutboxRow| !row.state.is_settled();
    let is_first = |place: usize| {
        let row = &world.outbox[place];
        !world.outbox[..place]
            .iter()
            .filter(open)
            .any(|earlier| earlier.shares_lane_with(row))
    };
    let waits = |place| awaited(world, place).is_some_and(|first| !first.state.is_settled());
    let may_go = |place: &usize| {
        let row = &world.outbox[*place];
        let idle = matches!(row.state, OutboxState::Pending | OutboxState::Unknown);
        let in_doubt = row.state == OutboxState::Unknown;
        let may_be_repeated = || !in_doubt || why_again(world, *place, now).is_some();
        idle && row.due <= now && !waits(*place) && is_first(*place) && may_be_repeated()
    };
    let due = (0..world.outbox.len()).filter(may_go);
    in_turns(due, |place| &world.outbox[*place].company)
}

/// Why the message may be sent again, if it may be, by what is known of ingest.
fn why_again(world: &World, place: usize, now: Timestamp) -> Option<SentAgain> {
    let row = &world.outbox[place];
    let open = |other: &&InboxRow| other.end.is_none() && other.row.company == row.company;
    let oldest = world
        .inbox
        .iter()
        .filter(open)
        .map(|other| other.row.arrival)
        .min();
    let go = IngestHealth::lets_go(world.ingest, now)?;
    go.why(row.due, oldest.map(Timestamp::from_micros))
}

/// The account that the message goes out from, if it is in use, and when the client wrote to it last.
fn sender_and_window(world: &World, place: usize) -> (Option<OfficialAccount>, Option<Timestamp>) {
    let row = &world.outbox[place];
    let Some(rows) = world.company(&row.company) else {
        return (None, None);
    };
    let lane = (row.message.account, row.message.identity);
    let sender = rows.as_company(&row.company).account(lane.0).cloned();
    (sender, rows.windows.get(&lane).copied())
}

/// The message that this one comes after.
fn awaited(world: &World, place: usize) -> Option<&OutboxRow> {
    let row = &world.outbox[place];
    let is_it =
        |other: &&OutboxRow| other.company == row.company && Some(other.message.id) == row.message.after;
    world.outbox.iter().find(is_it)
}

fn context(
    rows: &CompanyRows,
    company: &CompanyId,
    row: &OutboxRow,
    link_again: bool,
) -> Option<InvitationContext> {
    let room = rows.room(row.message.room?)?;
    Some(InvitationContext {
        company: Arc::new(rows.as_company(company)),
        room: room.clone(),
        user: rows.users.iter().find(|user| user.id == room.user)?.clone(),
        client: rows.identities.get(&room.identity)?.aliases.clone(),
        client_wrote: rows.room_lines.iter().any(|line| line.room == room.id),
        failed: row.message.purpose,
        link_again,
        wrote_to_primary: rows.windows.get(&(room.primary, room.identity)).copied(),
    })
}

/// Whether the room of the message lives on though the client never wrote there.
fn awaits_follow_up(world: &World, row: &OutboxRow) -> bool {
    let Some(rows) = world.company(&row.company) else {
        return false;
    };
    let room = row.message.room.and_then(|room| rows.room(room));
    let wordless = |room: &ChatRoom| rows.room_lines.iter().all(|line| line.room != room.id);
    let by_link = row.message.purpose != Purpose::Invitation;
    room.is_some_and(|room| room.state.is_live() && room.link_until.is_some() == by_link && wordless(room))
}
