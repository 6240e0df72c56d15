//! What people read.

use async_trait::async_trait;
use onboarding_core::{
    ChatRoom, ChatRoomId, CompanyId, DeliveryProgress, OutboxState,
    ports::{Backlog, OnboardingRecord, Record, RoomRecordLine, written_by},
};

use super::{
    Answer, MemoryStore,
    world::{InboxEnd, InboxRow, OutboxRow},
};

#[async_trait]
impl Record for MemoryStore {
    async fn latest_onboardings(&self, company: &CompanyId, limit: u32) -> Answer<Vec<OnboardingRecord>> {
        let world = self.world();
        let rows = world
            .company(company)
            .into_iter()
            .flat_map(|rows| rows.onboardings.iter().rev());
        Ok(rows.take(at_most(limit)).map(|row| row.record.clone()).collect())
    }

    async fn latest_rooms(&self, company: &CompanyId, limit: u32) -> Answer<Vec<ChatRoom>> {
        let world = self.world();
        let rooms = world
            .company(company)
            .into_iter()
            .flat_map(|rows| rows.rooms.iter().rev());
        Ok(rooms.take(at_most(limit)).cloned().collect())
    }

    async fn room_record(&self, company: &CompanyId, room: ChatRoomId) -> Answer<Vec<RoomRecordLine>> {
        let world = self.world();
        let lines = world
            .company(company)
            .into_iter()
            .flat_map(|rows| &rows.room_lines);
        let mut of_client: Vec<_> = lines.filter(|line| line.room == room).collect();
        of_client.sort_by_key(|line| (line.at, line.arrived_at));
        let of_client = of_client.into_iter().map(|line| RoomRecordLine {
            at: written_by(line.at, line.arrived_at),
            from_client: true,
            text: line.text.clone(),
            state: String::new(),
        });
        let ours = world
            .outbox
            .iter()
            .filter(|row| row.company == *company && row.message.room == Some(room));
        let mut record: Vec<_> = of_client.chain(ours.map(our_line)).collect();
        record.sort_by_key(|line| line.at);
        Ok(record)
    }

    async fn backlog(&self) -> Answer<Backlog> {
        let world = self.world();
        let buried = |row: &&InboxRow| matches!(row.end, Some(InboxEnd::Buried(_)));
        let failed = |row: &&OutboxRow| row.state == OutboxState::Failed;
        let given_up = world.inbox.iter().filter(buried).count() + world.outbox.iter().filter(failed).count();
        Ok(Backlog {
            inbox: count(world.inbox.iter().filter(|row| row.end.is_none()).count()),
            outbox: count(world.outbox.iter().filter(|row| !row.state.is_settled()).count()),
            dead_letters: count(given_up),
            quarantined: count(
                world
                    .deliveries
                    .iter()
                    .map(|delivery| delivery.quarantined.len())
                    .sum(),
            ),
        })
    }
}

fn our_line(row: &OutboxRow) -> RoomRecordLine {
    let state = row.progress.map_or(row.state.as_str(), DeliveryProgress::as_str);
    RoomRecordLine {
        at: row.queued_at,
        from_client: false,
        text: row.message.content.clone().shown(),
        state: state.to_owned(),
    }
}

fn at_most(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
