//! Carries webhooks to the service: in each client's order, signed, repeated until answered.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;

use crate::ledger::{Attempt, Delivery, DeliveryState, Outcome};
use crate::lock;
use crate::scheduler::pause;
use crate::simulator::Inner;
use crate::world::{MessageState, ThreadKey};

/// Webhooks that may wait at once; more are given up, as the ledger then says.
const MAX_WAITING: usize = 100_000;

/// Failed attempts after which a webhook no longer holds up the ones behind it. One poisonous message must not silence
/// its client for hours.
const HOLDING_ATTEMPTS: u32 = 4;

/// A webhook to deliver.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    pub(crate) body: Bytes,
    /// Parcels of one lane are delivered one after the other.
    pub(crate) lane: String,
    pub(crate) kind: &'static str,
    pub(crate) status: Option<&'static str>,
    pub(crate) client: Option<String>,
    pub(crate) message_ids: Vec<String>,
    /// Messages of the client whose ticks turn with this delivery.
    pub(crate) ticks: Vec<(ThreadKey, String)>,
    /// Passes the lane by: for copies that are to race.
    pub(crate) alone: bool,
}

/// The lanes.
#[derive(Debug, Default)]
pub(crate) struct Courier {
    lanes: Mutex<HashMap<String, VecDeque<Trip>>>,
    waiting: AtomicUsize,
}

/// A parcel with what the dice decided for it.
#[derive(Debug)]
struct Trip {
    parcel: Parcel,
    number: u64,
    attempts: u32,
    delay: Duration,
    lose_first: bool,
    repeat: bool,
}

impl Inner {
    /// Takes a webhook into delivery.
    pub(crate) fn dispatch(self: &Arc<Self>, parcel: Parcel) {
        if !self.is_subscribed(&parcel.body) {
            return;
        }
        let number = self.open_delivery(&parcel, None);
        if self.courier.waiting.fetch_add(1, Ordering::Relaxed) >= MAX_WAITING {
            self.end_trip(number, false);
            return;
        }
        let (trip, overtakes) = {
            let faults = lock(&self.faults).clone();
            let mut dice = lock(&self.dice);
            let overtakes = dice.happens(faults.reorder_webhooks);
            let mut delay = dice.up_to(faults.delay_webhooks_ms);
            if overtakes {
                delay += dice.up_to(500);
            }
            let trip = Trip {
                number,
                attempts: 0,
                delay: Duration::from_millis(delay),
                lose_first: dice.happens(faults.drop_webhooks),
                repeat: dice.happens(faults.duplicate_webhooks),
                parcel,
            };
            (trip, overtakes)
        };
        if overtakes || trip.parcel.alone {
            self.travel_alone(trip);
            return;
        }
        let lane = trip.parcel.lane.clone();
        let first = {
            let mut lanes = lock(&self.courier.lanes);
            let idle = !lanes.contains_key(&lane);
            lanes.entry(lane.clone()).or_default().push_back(trip);
            idle
        };
        if first {
            let inner = Arc::clone(self);
            self.scheduler.spawn(async move { inner.drain(&lane).await });
        }
    }

    /// Whether the app gets the webhooks of the account that the body is about.
    fn is_subscribed(&self, body: &[u8]) -> bool {
        let unsubscribed = lock(&self.unsubscribed);
        if unsubscribed.is_empty() {
            return true;
        }
        let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let id = body.pointer("/entry/0/id").and_then(serde_json::Value::as_str);
        !id.is_some_and(|id| unsubscribed.contains(id))
    }

    /// Delivers the parcels of a lane until it is empty.
    async fn drain(self: Arc<Self>, lane: &str) {
        loop {
            let next = {
                let mut lanes = lock(&self.courier.lanes);
                let next = lanes.get_mut(lane).and_then(VecDeque::pop_front);
                if next.is_none() {
                    lanes.remove(lane);
                }
                next
            };
            let Some(mut trip) = next else { return };
            if !self.travel(&mut trip, HOLDING_ATTEMPTS).await {
                self.travel_alone(trip);
            }
        }
    }

    fn travel_alone(self: &Arc<Self>, mut trip: Trip) {
        let inner = Arc::clone(self);
        self.scheduler.spawn(async move {
            let most = inner.retries.attempts;
            if !inner.travel(&mut trip, most).await {
                inner.end_trip(trip.number, false);
            }
        });
    }

    /// Attempts until answered; `false` once this many attempts were made in vain.
    async fn travel(self: &Arc<Self>, trip: &mut Trip, most: u32) -> bool {
        pause(std::mem::take(&mut trip.delay)).await;
        while trip.attempts < most.min(self.retries.attempts) {
            let outcome = if std::mem::take(&mut trip.lose_first) {
                Outcome::Dropped
            } else {
                self.tick(&trip.parcel, MessageState::Sent);
                self.post(&trip.parcel.body).await
            };
            trip.attempts += 1;
            let answered = outcome == Outcome::Answered(200);
            let attempt = Attempt {
                at_ms: self.clock.now_ms(),
                outcome,
            };
            if answered {
                // Before the ledger, so that whoever waits for the ledger finds the ticks turned.
                self.tick(&trip.parcel, MessageState::Delivered);
            }
            lock(&self.ledger).record_attempt(trip.number, attempt);
            if answered {
                self.end_trip(trip.number, true);
                self.repeat(trip);
                return true;
            }
            self.announcer.touch();
            if trip.attempts < self.retries.attempts {
                pause(self.retry_pause(trip.attempts)).await;
            }
        }
        false
    }

    fn repeat(self: &Arc<Self>, trip: &mut Trip) {
        if !std::mem::take(&mut trip.repeat) {
            return;
        }
        let parcel = trip.parcel.clone();
        let number = self.open_delivery(&parcel, Some(trip.number));
        self.courier.waiting.fetch_add(1, Ordering::Relaxed);
        self.travel_alone(Trip {
            parcel,
            number,
            attempts: 0,
            delay: Duration::from_millis(lock(&self.dice).up_to(50)),
            lose_first: false,
            repeat: false,
        });
    }

    async fn post(&self, body: &Bytes) -> Outcome {
        let Some(url) = lock(&self.webhook_url).clone() else {
            return Outcome::Failed("no webhook address is set".to_owned());
        };
        let answer = self
            .http
            .post(url)
            .timeout(self.retries.timeout)
            .header("Content-Type", "application/json")
            .header("User-Agent", "facebookexternalua")
            .header("X-Hub-Signature-256", self.app_secret.sign(body))
            .body(body.clone())
            .send()
            .await;
        match answer {
            Ok(response) => Outcome::Answered(response.status().as_u16()),
            Err(error) if error.is_timeout() => Outcome::TimedOut,
            Err(error) => Outcome::Failed(error.without_url().to_string()),
        }
    }

    fn retry_pause(&self, attempts: u32) -> Duration {
        let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        let pauses = &self.retries.pauses;
        pauses
            .get(index)
            .or(pauses.last())
            .copied()
            .unwrap_or(Duration::from_secs(1))
    }

    fn tick(&self, parcel: &Parcel, state: MessageState) {
        for (key, id) in &parcel.ticks {
            self.advance_message(*key, id, state);
        }
    }

    fn open_delivery(&self, parcel: &Parcel, duplicate_of: Option<u64>) -> u64 {
        lock(&self.ledger).open_delivery(Delivery {
            number: 0,
            duplicate_of,
            kind: parcel.kind,
            message_ids: parcel.message_ids.clone(),
            status: parcel.status,
            client: parcel.client.clone(),
            body: String::from_utf8_lossy(&parcel.body).into_owned(),
            state: DeliveryState::Pending,
            attempts: Vec::new(),
        })
    }

    fn end_trip(&self, number: u64, delivered: bool) {
        self.courier.waiting.fetch_sub(1, Ordering::Relaxed);
        if !delivered {
            lock(&self.ledger).abandon(number);
            tracing::warn!(delivery = number, "a webhook was given up");
        }
        self.announcer.touch();
    }
}
