//! What really happened, kept outside the service under test.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::Value;

/// Entries of each kind that the ledger keeps.
const CAPACITY: usize = 5_000;

/// Every webhook with its attempts, and every Graph request with its answer. The oldest entries are forgotten.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Ledger {
    /// Webhooks, oldest first.
    pub deliveries: VecDeque<Delivery>,
    /// Graph requests, oldest first.
    pub graph_calls: VecDeque<GraphCall>,
    /// Webhooks ever made, also the forgotten ones.
    pub deliveries_total: u64,
    /// Graph requests ever received, also the forgotten ones.
    pub graph_calls_total: u64,
}

/// One webhook body on its way to the service.
#[derive(Debug, Clone, Serialize)]
pub struct Delivery {
    /// Counts from 1.
    pub number: u64,
    /// The webhook this one repeats.
    pub duplicate_of: Option<u64>,
    /// `messages`, `statuses` or `raw`.
    pub kind: &'static str,
    /// The ids of the messages it is about.
    pub message_ids: Vec<String>,
    /// The status it reports, for `statuses`.
    pub status: Option<&'static str>,
    /// The client it concerns.
    pub client: Option<String>,
    /// The bytes as sent.
    pub body: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts, oldest first; of many only the first and the latest are kept.
    pub attempts: Vec<Attempt>,
}

/// Where a webhook stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Not answered with 200 yet.
    Pending,
    /// Answered with 200.
    Delivered,
    /// Given up.
    Abandoned,
}

/// One attempt to deliver a webhook.
#[derive(Debug, Clone, Serialize)]
pub struct Attempt {
    /// When it ended, in milliseconds since 1970 by the simulator's clock.
    pub at_ms: u64,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", content = "detail", rename_all = "snake_case")]
pub enum Outcome {
    /// The service answered with this HTTP status.
    Answered(u16),
    /// No answer in time.
    TimedOut,
    /// No connection, or it broke.
    Failed(String),
    /// Lost on purpose, by [`crate::Faults::drop_webhooks`].
    Dropped,
}

/// One request to the Graph endpoints.
#[derive(Debug, Clone, Serialize)]
pub struct GraphCall {
    /// Counts from 1.
    pub number: u64,
    /// When it came, in milliseconds since 1970 by the simulator's clock.
    pub at_ms: u64,
    /// The HTTP method.
    pub method: String,
    /// The path below `/simulator/graph`, without the query, which may hold tokens.
    pub path: String,
    /// The body, if it was JSON.
    pub body: Option<Value>,
    /// The HTTP status of the answer; `None` when a fault held the answer back.
    pub status: Option<u16>,
    /// Meta's code, if the answer was an error.
    pub error_code: Option<u32>,
    /// The id given to an accepted message.
    pub message_id: Option<String>,
}

impl Ledger {
    pub(crate) fn open_delivery(&mut self, mut delivery: Delivery) -> u64 {
        self.deliveries_total += 1;
        delivery.number = self.deliveries_total;
        push(&mut self.deliveries, delivery);
        self.deliveries_total
    }

    pub(crate) fn record_attempt(&mut self, number: u64, attempt: Attempt) {
        /// Of a webhook retried for hours, the first attempts and the latest are enough.
        const KEPT: usize = 20;
        let Some(delivery) = self.delivery_mut(number) else {
            return;
        };
        if attempt.outcome == Outcome::Answered(200) {
            delivery.state = DeliveryState::Delivered;
        }
        if delivery.attempts.len() >= KEPT {
            delivery.attempts.remove(KEPT / 2);
        }
        delivery.attempts.push(attempt);
    }

    pub(crate) fn abandon(&mut self, number: u64) {
        if let Some(delivery) = self.delivery_mut(number) {
            delivery.state = DeliveryState::Abandoned;
        }
    }

    pub(crate) fn record_call(&mut self, mut call: GraphCall) {
        self.graph_calls_total += 1;
        call.number = self.graph_calls_total;
        push(&mut self.graph_calls, call);
    }

    fn delivery_mut(&mut self, number: u64) -> Option<&mut Delivery> {
        let first = self.deliveries.front()?.number;
        let index = usize::try_from(number.checked_sub(first)?).ok()?;
        self.deliveries.get_mut(index)
    }
}

fn push<T>(entries: &mut VecDeque<T>, entry: T) {
    if entries.len() >= CAPACITY {
        entries.pop_front();
    }
    entries.push_back(entry);
}
