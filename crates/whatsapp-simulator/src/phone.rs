//! What a client does with their phone.

mod message;

use std::sync::Arc;

pub use message::{ClientMessage, PhoneContent};

use crate::config::PhoneClient;
use crate::events::Event;
use crate::lock;
use crate::scheduler::pause;
use crate::simulator::Inner;
use crate::webhook::{ClientCard, MessageUpdate, Parcel, messages, to_ascii_json};
use crate::world::{ChatMessage, MessageState, SimulatorError, ThreadKey};

/// Messages of one batch, and copies of one message.
const MAX_AT_ONCE: usize = 1_000;

impl Inner {
    pub(crate) fn add_client(&self, client: PhoneClient) -> Result<String, SimulatorError> {
        let view = {
            let mut world = lock(&self.world);
            let index = world.add_person(client)?;
            world.client_view(index, self.clock.now_ms())
        };
        let id = view.id.clone();
        self.announcer.publish(Event::Client {
            client: Box::new(view),
        });
        Ok(id)
    }

    /// Puts the messages into their threads and their webhooks on the way; gives the messages' ids.
    pub(crate) fn client_sends(
        self: &Arc<Self>,
        client: &str,
        outgoing: Vec<ClientMessage>,
        in_one_webhook: bool,
    ) -> Result<Vec<String>, SimulatorError> {
        let copies = outgoing.iter().map(|message| message.copies).max().unwrap_or(1);
        if outgoing.is_empty() || outgoing.len().max(copies) > MAX_AT_ONCE || copies == 0 {
            return Err(SimulatorError::Unusable(format!(
                "send 1 to {MAX_AT_ONCE} messages, in 1 to {MAX_AT_ONCE} copies"
            )));
        }
        // All or nothing: an unknown account must not leave half of the batch in the threads.
        let keys = {
            let world = lock(&self.world);
            outgoing
                .iter()
                .map(|message| world.key(client, &message.to_account))
                .collect::<Result<Vec<_>, _>>()?
        };
        let mut updates = Vec::with_capacity(outgoing.len());
        for (key, message) in keys.into_iter().zip(outgoing) {
            updates.push((key, message.copies, self.write(key, message)));
        }
        let ids = updates.iter().map(|(_, _, update)| update.id.clone()).collect();
        let person = {
            let world = lock(&self.world);
            world.people[updates[0].0.client].id.clone()
        };
        if in_one_webhook {
            self.post_updates(&person, &updates, copies);
        } else {
            for update in &updates {
                self.post_updates(&person, std::slice::from_ref(update), update.1);
            }
        }
        Ok(ids)
    }

    /// Puts one message into its thread, where it opens the window.
    fn write(&self, key: ThreadKey, message: ClientMessage) -> MessageUpdate {
        let id = message
            .message_id
            .clone()
            .unwrap_or_else(|| lock(&self.ids).message_id());
        let now_ms = self.clock.now_ms();
        let at_ms = message
            .timestamp
            .map_or(now_ms, |seconds| seconds.saturating_mul(1000));
        let (update, event) = {
            let mut world = lock(&self.world);
            let own_number = world.account_digits(key.account);
            let update = MessageUpdate {
                account: world.accounts[key.account].clone(),
                client: ClientCard::from(&world.people[key.client].profile),
                id: id.clone(),
                timestamp: at_ms / 1000,
                fields: message.content.fields(&own_number, message.context.as_deref()),
            };
            let chat_message = ChatMessage {
                id,
                from_client: true,
                at_ms,
                state: MessageState::Pending,
                content: message.content.shown(message.context),
                outgoing: None,
            };
            world.thread_mut(key).hear(at_ms.min(now_ms));
            world.put(key, chat_message.clone());
            let event = Event::Message {
                client: world.people[key.client].id.clone(),
                account: own_number,
                unread: world.thread(key).map_or(0, |thread| thread.unread),
                message: Box::new(chat_message),
            };
            (update, event)
        };
        self.announcer.publish(event);
        update
    }

    fn post_updates(
        self: &Arc<Self>,
        person: &str,
        updates: &[(ThreadKey, usize, MessageUpdate)],
        copies: usize,
    ) {
        let bodies: Vec<_> = updates.iter().map(|(_, _, update)| update.clone()).collect();
        let parcel = Parcel {
            body: to_ascii_json(&messages(&bodies)).into(),
            lane: person.to_owned(),
            kind: "messages",
            status: None,
            client: Some(person.to_owned()),
            message_ids: bodies.iter().map(|update| update.id.clone()).collect(),
            ticks: updates
                .iter()
                .map(|(key, _, update)| (*key, update.id.clone()))
                .collect(),
            // Copies race each other: that is what a service has to stand.
            alone: copies > 1,
        };
        let latency = self.latencies.inbound;
        if latency.is_zero() {
            (0..copies).for_each(|_| self.dispatch(parcel.clone()));
            return;
        }
        let inner = Arc::clone(self);
        self.scheduler.spawn(async move {
            pause(latency).await;
            (0..copies).for_each(|_| inner.dispatch(parcel.clone()));
        });
    }

    pub(crate) fn client_reads(self: &Arc<Self>, client: &str, account: &str) -> Result<(), SimulatorError> {
        let (key, unread, event) = {
            let mut world = lock(&self.world);
            let key = world.key(client, account)?;
            let event = Event::Read {
                client: world.people[key.client].id.clone(),
                account: world.account_digits(key.account),
            };
            if world.thread(key).is_none() {
                return Ok(());
            }
            let thread = world.thread_mut(key);
            thread.unread = 0;
            (key, thread.unread_ids(), event)
        };
        for id in unread {
            self.report(key, &id, MessageState::Read);
        }
        self.announcer.publish(event);
        Ok(())
    }

    pub(crate) fn set_online(self: &Arc<Self>, client: &str, online: bool) -> Result<(), SimulatorError> {
        let (view, held) = {
            let mut world = lock(&self.world);
            let client = world.person(client)?;
            world.people[client].online = online;
            let held: Vec<_> = (0..world.accounts.len())
                .map(|account| ThreadKey { client, account })
                .filter_map(|key| Some((key, world.thread(key)?.held_ids())))
                .collect();
            (world.client_view(client, self.clock.now_ms()), held)
        };
        self.announcer.publish(Event::Client {
            client: Box::new(view),
        });
        if online {
            let inner = Arc::clone(self);
            self.scheduler.spawn(async move {
                for (key, ids) in held {
                    for id in ids {
                        inner.hand_over(key, &id).await;
                    }
                }
            });
        }
        Ok(())
    }
}
