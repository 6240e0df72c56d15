//! What was given up, and how it is tried again.

use std::cmp::Reverse;

use async_trait::async_trait;
use onboarding_core::{
    CompanyId, OutboxState, Timestamp,
    audit::{Origin, replay_entry},
    ports::{DeadLetter, DeadLetterKind, DeadLetters, ReplayOutcome},
};
use uuid::Uuid;

use super::{
    Answer, MemoryStore,
    world::{InboxEnd, InboxRow, OutboxRow, World},
};

#[async_trait]
impl DeadLetters for MemoryStore {
    async fn dead_letters(&self, company: Option<CompanyId>, limit: u32) -> Answer<Vec<DeadLetter>> {
        let world = self.world();
        let elements = world.inbox.iter().filter_map(InboxRow::dead_letter);
        let messages = world.outbox.iter().filter_map(OutboxRow::dead_letter);
        let asked = |letter: &DeadLetter| company.as_ref().is_none_or(|company| letter.company == *company);
        let mut letters: Vec<_> = elements.chain(messages).filter(asked).collect();
        letters.sort_by_key(|letter| Reverse((letter.since, letter.id)));
        letters.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(letters)
    }

    async fn replay(&self, id: Uuid, by: &Origin, now: Timestamp) -> Answer<ReplayOutcome> {
        let mut world = self.world();
        let is_it = |row: &&mut InboxRow| row.row.id.as_uuid() == id && row.dead_letter().is_some();
        if let Some(row) = world.inbox.iter_mut().find(is_it) {
            row.end = None;
            row.attempts = 0;
            row.due = now;
            let company = row.row.company.clone();
            world.record(&company, [replay_entry(by, DeadLetterKind::Inbound, id, now)]);
            return Ok(ReplayOutcome::Replayed);
        }
        Ok(world.replay_message(id, by, now))
    }
}

impl World {
    fn replay_message(&mut self, id: Uuid, by: &Origin, now: Timestamp) -> ReplayOutcome {
        let is_it = |row: &OutboxRow| row.message.id.as_uuid() == id && row.state == OutboxState::Failed;
        let Some(place) = self.outbox.iter().position(is_it) else {
            return ReplayOutcome::NotFound;
        };
        let row = &self.outbox[place];
        if let Some(id) = row.message.room
            && !self
                .company(&row.company)
                .and_then(|rows| rows.room(id))
                .is_some_and(|room| room.state.is_live())
        {
            return ReplayOutcome::ROOM_IS_OVER;
        }
        let row = self.outbox.remove(place);
        self.queue(&row.company, row.message, now);
        self.record(
            &row.company,
            [replay_entry(by, DeadLetterKind::Outbound, id, now)],
        );
        if let Some(again) = self.outbox.last_mut() {
            again.replayed = true;
        }
        ReplayOutcome::Replayed
    }
}

impl InboxRow {
    pub(super) fn dead_letter(&self) -> Option<DeadLetter> {
        let Some(InboxEnd::Buried(reason)) = &self.end else {
            return None;
        };
        Some(DeadLetter {
            id: self.row.id.as_uuid(),
            company: self.row.company.clone(),
            kind: DeadLetterKind::Inbound,
            since: Timestamp::from_micros(self.row.arrival),
            reason: reason.clone(),
            attempts: self.attempts,
        })
    }
}

impl OutboxRow {
    pub(super) fn dead_letter(&self) -> Option<DeadLetter> {
        let unnamed = || "WhatsApp gave no reason".to_owned();
        (self.state == OutboxState::Failed).then(|| DeadLetter {
            id: self.message.id.as_uuid(),
            company: self.company.clone(),
            kind: DeadLetterKind::Outbound,
            since: self.queued_at,
            reason: self.refusal.as_ref().map_or_else(unnamed, ToString::to_string),
            attempts: self.attempts,
        })
    }
}
