//! Pages of the record.

use std::cmp::Reverse;

use async_trait::async_trait;
use onboarding_core::{
    CompanyId, OnboardingId, Timestamp,
    ports::{DeadLetter, Listings, OnboardingFilter, OnboardingRecord, RoomFilter, RoomView},
};
use uuid::Uuid;

use super::{
    Answer, MemoryStore,
    world::{InboxRow, OutboxRow, World},
};

#[async_trait]
impl Listings for MemoryStore {
    async fn list_rooms(&self, company: &CompanyId, filter: RoomFilter, limit: u32) -> Answer<Vec<RoomView>> {
        let world = self.world();
        let Some(rows) = world.company(company) else {
            return Ok(Vec::new());
        };
        let mut wanted: Vec<_> = rows
            .rooms
            .iter()
            .filter(|room| filter.user.is_none_or(|user| room.user == user))
            .filter(|room| !filter.live || room.state.is_live())
            .filter(|room| {
                filter
                    .after
                    .is_none_or(|after| (room.created_at, room.id) < after)
            })
            .collect();
        wanted.sort_by_key(|room| Reverse((room.created_at, room.id)));
        let wanted = wanted.into_iter().take(at_most(limit));
        Ok(wanted.map(|room| rows.view(room)).collect())
    }

    async fn list_onboardings(
        &self,
        company: &CompanyId,
        filter: OnboardingFilter,
        limit: u32,
    ) -> Answer<Vec<OnboardingRecord>> {
        let world = self.world();
        let rows = world.company(company);
        let all: Vec<_> = rows
            .into_iter()
            .flat_map(|rows| rows.onboardings.iter().rev())
            .map(|row| &row.record)
            .collect();
        let start = match filter.after {
            None => 0,
            Some(after) => all
                .iter()
                .position(|record| record.id == after)
                .map_or(all.len(), |place| place + 1),
        };
        let wanted = all[start..]
            .iter()
            .filter(|record| filter.user.is_none_or(|user| record.user == Some(user)));
        Ok(wanted
            .take(at_most(limit))
            .map(|record| (*record).clone())
            .collect())
    }

    async fn onboarding(&self, company: &CompanyId, id: OnboardingId) -> Answer<Option<OnboardingRecord>> {
        let world = self.world();
        let mut rows = world
            .company(company)
            .into_iter()
            .flat_map(|rows| &rows.onboardings);
        Ok(rows.find(|row| row.record.id == id).map(|row| row.record.clone()))
    }

    async fn list_dead_letters(
        &self,
        company: &CompanyId,
        after: Option<(Timestamp, Uuid)>,
        limit: u32,
    ) -> Answer<Vec<DeadLetter>> {
        let world = self.world();
        let mut letters: Vec<_> = dead_letters(&world, company)
            .filter(|letter| after.is_none_or(|after| (letter.since, letter.id) < after))
            .collect();
        letters.sort_by_key(|letter| Reverse((letter.since, letter.id)));
        letters.truncate(at_most(limit));
        Ok(letters)
    }

    async fn dead_letter(&self, company: &CompanyId, id: Uuid) -> Answer<Option<DeadLetter>> {
        let world = self.world();
        Ok(dead_letters(&world, company).find(|letter| letter.id == id))
    }
}

fn dead_letters<'a>(world: &'a World, company: &'a CompanyId) -> impl Iterator<Item = DeadLetter> + 'a {
    let elements = world.inbox.iter().filter_map(InboxRow::dead_letter);
    let messages = world.outbox.iter().filter_map(OutboxRow::dead_letter);
    elements
        .chain(messages)
        .filter(move |letter| letter.company == *company)
}

fn at_most(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
