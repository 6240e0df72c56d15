//! What no port changes yet and tests of the flow want changed.

use onboarding_core::{
    Actor, ChatRoomId, CloseReason, CompanyId, FactName, Health, PhoneNumber, PlatformFact, RoomEnd,
    RoomState, Subject, Timestamp,
};

use super::{MemoryStore, world::CompanyRows};

impl MemoryStore {
    /// As if WhatsApp had told us of the account's health.
    pub fn set_health(&self, company: &CompanyId, phone_number: &PhoneNumber, health: Health) {
        self.change(company, |rows| {
            let account = rows
                .accounts
                .iter()
                .find(|row| row.account.phone_number == *phone_number);
            let id = &account
                .expect("the company has the account")
                .account
                .phone_number_id;
            let fact = PlatformFact::good(
                Subject::Number(id.clone()),
                FactName::Sending,
                "",
                Timestamp::EPOCH,
            );
            rows.platform.put(fact.but(health, "for the test"));
        });
    }

    /// As if WhatsApp had told us to how many people a day the account may write first.
    pub fn set_messaging_limit(&self, company: &CompanyId, waba_id: &str, people: u32) {
        self.change(company, |rows| {
            let about = Subject::BusinessAccount(waba_id.to_owned());
            let fact = PlatformFact::good(
                about,
                FactName::MessagingLimit,
                people.to_string(),
                Timestamp::EPOCH,
            );
            rows.platform.put(fact);
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
