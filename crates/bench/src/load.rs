//! Clients who write: each as soon as it is answered, or all together at a pace.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant as Deadline, sleep_until},
};

use crate::{
    clock,
    wire::{Webhook, Wire},
};

/// Connections on which clients write, and on which a ceiling works.
pub(crate) const CONNECTIONS: u32 = 16;

/// Makes the webhook with this number; each number is another message of another client.
pub(crate) type Write = Arc<dyn Fn(u64) -> Webhook + Send + Sync>;

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Answered {
    /// How long each acknowledgement took, in no order.
    pub(crate) latencies: Vec<Duration>,
    pub(crate) took: Duration,
}

impl Answered {
    pub(crate) fn per_second(&self) -> f64 {
        count(self.latencies.len()) / self.took.as_secs_f64()
    }

    /// The latency that 99 of 100 are below.
    pub(crate) fn p99(mut self) -> anyhow::Result<Duration> {
        p99(&mut self.latencies)
    }
}

/// The latency that 99 of 100 are below.
pub(crate) fn p99(latencies: &mut [Duration]) -> anyhow::Result<Duration> {
    latencies.sort_unstable();
    let place = latencies.len() * 99 / 100;
    latencies.get(place).copied().context("nothing was answered")
}

/// How many, as a number to divide.
#[expect(clippy::cast_precision_loss, reason = "nobody counts to 2^52 here")]
pub(crate) fn count(count: usize) -> f64 {
    count as f64
}

/// When the next message is sent.
#[derive(Clone)]
enum Turn {
    /// At once.
    Now,
    /// With a permit, which somebody else gives.
    Permit(Arc<Semaphore>),
    /// The n-th so many seconds after the start.
    At(f64),
}

/// Writes to the service.
#[derive(Clone)]
pub(crate) struct Load {
    /// Such as `127.0.0.1:8080`.
    pub(crate) host: String,
    pub(crate) write: Write,
    /// The number of the next message.
    pub(crate) next: Arc<AtomicU64>,
}

impl Load {
    pub(crate) fn new(host: &str, write: Write) -> Self {
        Self {
            host: host.to_owned(),
            write,
            next: Arc::default(),
        }
    }

    /// As fast as answers come.
    pub(crate) async fn as_fast_as_answered(&self, time: Duration) -> anyhow::Result<Answered> {
        self.send(Turn::Now, time).await
    }

    /// One for each permit.
    pub(crate) async fn as_permitted(
        &self,
        permits: Arc<Semaphore>,
        time: Duration,
    ) -> anyhow::Result<Answered> {
        self.send(Turn::Permit(permits), time).await
    }

    /// So many a second, however slow the answers are. A message that is late because all connections wait for answers
    /// counts from when it was due.
    pub(crate) async fn paced(&self, per_second: f64, time: Duration) -> anyhow::Result<Answered> {
        self.send(Turn::At(1.0 / per_second), time).await
    }

    async fn send(&self, turn: Turn, time: Duration) -> anyhow::Result<Answered> {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            connections.push(Wire::connect(&self.host).await?);
        }
        let begin = clock::now();
        let place = Arc::new(AtomicU64::new(0));
        let mut senders = JoinSet::new();
        for wire in connections {
            let (load, turn, place) = (self.clone(), turn.clone(), place.clone());
            senders.spawn(async move { load.one_connection(wire, turn, &place, begin, begin + time).await });
        }
        let mut answered = Answered::default();
        while let Some(sender) = senders.join_next().await {
            answered.latencies.extend(sender??);
        }
        answered.took = begin.elapsed();
        Ok(answered)
    }

    async fn one_connection(
        &self,
        mut wire: Wire,
        turn: Turn,
        place: &AtomicU64,
        begin: Instant,
        end: Instant,
    ) -> anyhow::Result<Vec<Duration>> {
        let mut latencies = Vec::new();
        loop {
            let since = match &turn {
                Turn::Now => clock::now(),
                Turn::Permit(permits) => {
                    let permit = tokio::time::timeout_at(Deadline::from_std(end), permits.acquire()).await;
                    let Ok(permit) = permit else { break };
                    permit?.forget();
                    clock::now()
                }
                Turn::At(apart) => {
                    let nth = u32::try_from(place.fetch_add(1, Ordering::Relaxed))?;
                    let due = begin + Duration::from_secs_f64(apart * f64::from(nth));
                    if due < clock::now() {
                        due
                    } else {
                        sleep_until(Deadline::from_std(due.min(end))).await;
                        // The timer's own lateness is nobody's fault.
                        clock::now()
                    }
                }
            };
            if since >= end {
                break;
            }
            let webhook = (self.write)(self.next.fetch_add(1, Ordering::Relaxed));
            let status = wire.post(&webhook).await?;
            ensure!(status == 200, "the service answered {status} instead of 200");
            latencies.push(since.elapsed());
        }
        Ok(latencies)
    }
}
