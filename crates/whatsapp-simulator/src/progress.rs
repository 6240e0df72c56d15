//! How a message of the business gets to the phone, and what the business hears of it.

use std::sync::Arc;

use crate::events::Event;
use crate::lock;
use crate::scheduler::pause;
use crate::simulator::Inner;
use crate::webhook::{ClientCard, Parcel, failed_status, status, to_ascii_json};
use crate::world::{ChatMessage, MessageState, Outgoing, ThreadKey};

impl Inner {
    /// Takes an accepted message on its way: `sent`, then to the phone.
    pub(crate) fn carry_to_phone(self: &Arc<Self>, key: ThreadKey, message: ChatMessage) {
        let id = message.id.clone();
        lock(&self.world).put(key, message);
        let inner = Arc::clone(self);
        self.scheduler.spawn(async move {
            pause(inner.latencies.sent).await;
            inner.report(key, &id, MessageState::Sent);
            pause(inner.latencies.delivered).await;
            inner.hand_over(key, &id).await;
        });
    }

    /// Puts a message on the phone, if the phone has a connection.
    pub(crate) async fn hand_over(self: &Arc<Self>, key: ThreadKey, id: &str) {
        {
            let mut world = lock(&self.world);
            if !world.people[key.client].online {
                return;
            }
            let thread = world.thread_mut(key);
            if thread
                .message(id)
                .is_none_or(|message| message.state >= MessageState::Delivered)
            {
                return;
            }
            thread.unread += 1;
        }
        self.report(key, id, MessageState::Delivered);
        if self.automatic_read {
            pause(self.latencies.read).await;
            self.report(key, id, MessageState::Read);
        }
    }

    /// Moves a message of the business forward and tells the business.
    pub(crate) fn report(self: &Arc<Self>, key: ThreadKey, id: &str, state: MessageState) {
        let Some(message) = self.advance_message(key, id, state) else {
            return;
        };
        let Some(outgoing) = &message.outgoing else { return };
        let (account, person_id, card) = {
            let world = lock(&self.world);
            let person = &world.people[key.client];
            (
                world.accounts[key.account].clone(),
                person.id.clone(),
                ClientCard::from(&person.profile),
            )
        };
        let timestamp = self.clock.now_ms() / 1000;
        let body = status(&account, &card, outgoing, id, state, timestamp);
        self.dispatch(Parcel {
            body: to_ascii_json(&body).into(),
            lane: person_id.clone(),
            kind: "statuses",
            status: Some(state.status()),
            client: Some(person_id),
            message_ids: vec![id.to_owned()],
            ticks: Vec::new(),
            alone: false,
        });
    }

    /// Tells the business that an accepted message failed.
    pub(crate) fn report_failure(
        self: &Arc<Self>,
        account: usize,
        recipient: &str,
        outgoing: &Outgoing,
        id: &str,
        code: u32,
    ) {
        let account = lock(&self.world).accounts[account].clone();
        let timestamp = self.clock.now_ms() / 1000;
        let parcel = Parcel {
            body: to_ascii_json(&failed_status(&account, outgoing, id, code, timestamp)).into(),
            lane: recipient.to_owned(),
            kind: "statuses",
            status: Some("failed"),
            client: None,
            message_ids: vec![id.to_owned()],
            ticks: Vec::new(),
            alone: false,
        };
        let inner = Arc::clone(self);
        self.scheduler.spawn(async move {
            pause(inner.latencies.sent).await;
            inner.dispatch(parcel);
        });
    }

    /// Moves a message forward and tells the open pages; `None` if it is gone or already as far.
    pub(crate) fn advance_message(
        &self,
        key: ThreadKey,
        id: &str,
        state: MessageState,
    ) -> Option<ChatMessage> {
        let (message, event) = {
            let mut world = lock(&self.world);
            let message = world.thread_mut(key).advance(id, state)?;
            // A message of the business is on the phone only once it is delivered.
            let visible = message.from_client || state >= MessageState::Delivered;
            let event = visible.then(|| Event::Message {
                client: world.people[key.client].id.clone(),
                account: world.account_digits(key.account),
                unread: world.thread(key).map_or(0, |thread| thread.unread),
                message: Box::new(message.clone()),
            });
            (message, event)
        };
        match event {
            Some(event) => self.announcer.publish(event),
            None => self.announcer.touch(),
        }
        Some(message)
    }
}
