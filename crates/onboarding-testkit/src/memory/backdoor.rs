//! What no port changes yet and tests of the flow want changed.

use onboarding_core::{
    Actor, ChatRoomId, CloseReason, CompanyId, Health, PhoneNumber, PoolId, RoomEnd, RoomState, Timestamp,
};

use super::{MemoryStore, world::CompanyRows};

impl MemoryStore {
    /// As if WhatsApp had told us of the account's health.
    pub fn set_health(&self, company: &CompanyId, phone_number: &PhoneNumber, health: Health) {
        self.change(company, |rows| {
            let account = rows
                .accounts
                .iter_mut()
                .find(|row| row.account.phone_number == *phone_number);
            account.expect("the company has the account").account.health = health;
        });
    }

    /// As if WhatsApp had told us that the portfolio may write to no more new clients.
    pub fn set_messaging_limit_reached(&self, company: &CompanyId, pool: &PoolId, reached: bool) {
        self.change(company, |rows| {
            let pool = rows.pools.iter_mut().find(|one| one.id == *pool);
            pool.expect("the company has the pool").messaging_limit_reached = reached;
        });
    }

    /// As if the user had ended the conversation.
    pub fn close_room(&self, company: &CompanyId, room: ChatRoomId, now: Timestamp) {
        self.change(company, |rows| {
            let room = rows.live_room_mut(room).expect("the room is live");
            room.state = RoomState::Closed;
            room.closed_at = Some(now);
            let (id, by) = (room.id, Actor::User(room.user));
            let end = RoomEnd {
                by,
                reason: CloseReason::Ended,
                note: None,
            };
            rows.ends.insert(id, end);
        });
    }

    fn change(&self, company: &CompanyId, change: impl FnOnce(&mut CompanyRows)) {
        let mut world = self.world();
        change(
            world
                .companies
                .get_mut(company)
                .expect("the store has the company"),
        );
    }
}
