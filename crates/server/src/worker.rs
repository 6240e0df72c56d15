//! The workers: they keep the two queues moving.
//!
//! A worker wakes on a signal in process and on a timer. It looks after it has asked to be woken, so that nothing
//! that arrives in between waits for the timer.

mod caretaker;
mod importer;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use onboarding_core::{
    ports::{InboxItem, LeasedMessage, Settlement, StoreError},
    service::{DeliverService, Delivered, ImportService, Processed, ReceiveService},
};
use tokio::{
    sync::Notify,
    task::{JoinHandle, JoinSet},
    time::{Instant, timeout, timeout_at},
};

pub(crate) use self::caretaker::Caretaker;
use crate::{store::Arrivals, watch::alarm};

/// How long a quiet worker waits for a signal before it looks by itself.
const POLL: Duration = Duration::from_millis(250);

/// Elements decided on at a time; each waits mostly for the store.
const RECEIVE_AT_ONCE: usize = 32;

/// Messages under way at a time; each waits mostly for WhatsApp.
const DELIVER_AT_ONCE: usize = 64;

/// Looks of the deliver worker between two repairs.
const REPAIR_EVERY: u32 = 120;

/// The signals between the webhook and the workers.
#[derive(Clone, Default)]
pub(crate) struct Signals {
    pub(crate) inbox: Arc<Notify>,
    outbox: Arc<Notify>,
    caretaker: Arc<Notify>,
    importer: Arc<Notify>,
    stop: Arc<AtomicBool>,
}

impl Signals {
    /// Wakes the workers for what other replicas put into the queues, until the store is closed.
    pub(crate) fn follow(&self, arrivals: Arrivals) {
        for (mut arrivals, queue) in [(arrivals.inbox, &self.inbox), (arrivals.outbox, &self.outbox)] {
            let queue = queue.clone();
            tokio::spawn(async move {
                while arrivals.changed().await.is_ok() {
                    queue.notify_one();
                }
            });
        }
    }
}

/// The running workers.
pub(crate) struct Workers {
    signals: Signals,
    tasks: Vec<JoinHandle<()>>,
}

impl Workers {
    pub(crate) fn start(
        receive: ReceiveService,
        deliver: DeliverService,
        caretaker: Caretaker,
        imports: ImportService,
        signals: Signals,
    ) -> Self {
        let tasks = vec![
            tokio::spawn(caretaker.look_after_everything(signals.clone())),
            tokio::spawn(importer::import_everything(imports, signals.clone())),
            tokio::spawn(receiving(Arc::new(receive), signals.clone())),
            tokio::spawn(delivering(Arc::new(deliver), signals.clone())),
        ];
        Self { signals, tasks }
    }

    /// Takes nothing new, lets what is under way end, and returns then, or at the deadline.
    pub(crate) async fn stop(self, deadline: Instant) {
        self.signals.stop.store(true, Ordering::Release);
        self.signals.inbox.notify_one();
        self.signals.outbox.notify_one();
        self.signals.caretaker.notify_one();
        self.signals.importer.notify_one();
        let all = async {
            for task in self.tasks {
                if let Err(error) = task.await {
                    tracing::error!(%error, "a worker ended with an error");
                }
            }
        };
        if timeout_at(deadline, all).await.is_err() {
            tracing::warn!("some work did not end in time; its leases run out and it is taken up again");
        }
    }
}

async fn receiving(service: Arc<ReceiveService>, signals: Signals) {
    let mut under_way = JoinSet::new();
    while !signals.stop.load(Ordering::Acquire) {
        let wake = signals.inbox.notified();
        reap(&mut under_way);
        let free = RECEIVE_AT_ONCE - under_way.len();
        let leased = if free == 0 {
            Ok(Vec::new())
        } else {
            service.lease(free).await
        };
        let leased = complain_and_default(leased, "cannot lease from the inbox");
        let may_be_more = free > 0 && leased.len() == free;
        for item in leased {
            under_way.spawn(receive(service.clone(), item, signals.clone()));
        }
        if !may_be_more {
            wait(&mut under_way, wake).await;
        }
    }
    drain(&mut under_way).await;
}

async fn receive(service: Arc<ReceiveService>, item: InboxItem, signals: Signals) {
    let company = item.company.to_string();
    match service.process(item).await {
        Ok(processed) => {
            let name = match &processed {
                Processed::Decided(outcome) => outcome.name(),
                Processed::AlreadyHandled => "already_handled",
                Processed::Reconciled => "reconciled",
                Processed::Noted => "noted",
                Processed::Noticed(facts) => {
                    for fact in facts {
                        alarm(&company, fact);
                    }
                    "notice"
                }
                Processed::Status(_) => "status",
                Processed::Contended => "contended",
                Processed::Buried(reason) => {
                    tracing::warn!(reason, "gave up an inbound element");
                    "buried"
                }
            };
            metrics::counter!("onboarding_inbound_total", "outcome" => name).increment(1);
            tracing::info!(outcome = name, "handled an inbound element");
            signals.outbox.notify_one();
        }
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "cannot handle an inbound element; it is tried again"
            );
        }
    }
}

async fn delivering(service: Arc<DeliverService>, signals: Signals) {
    let mut under_way = JoinSet::new();
    let mut looks = 0_u32;
    while !signals.stop.load(Ordering::Acquire) {
        if looks.is_multiple_of(REPAIR_EVERY) {
            complain_and_default(service.repair().await, "cannot follow up failed invitations");
        }
        looks = looks.wrapping_add(1);
        let wake = signals.outbox.notified();
        reap(&mut under_way);
        let free = DELIVER_AT_ONCE - under_way.len();
        let leased = if free == 0 {
            Ok(Vec::new())
        } else {
            service.lease(free).await
        };
        let leased = complain_and_default(leased, "cannot lease from the outbox");
        let may_be_more = free > 0 && leased.len() == free;
        for message in leased {
            under_way.spawn(deliver(service.clone(), message));
        }
        if !may_be_more {
            wait(&mut under_way, wake).await;
        }
    }
    drain(&mut under_way).await;
}

async fn deliver(service: Arc<DeliverService>, message: LeasedMessage) {
    let (id, purpose) = (message.item.message.id, message.item.message.purpose.as_str());
    if let Some(why) = DeliverService::sends_again(&message) {
        metrics::counter!("onboarding_sent_again_total", "reason" => why.as_str()).increment(1);
        tracing::warn!(%id, purpose, reason = why.as_str(), "sending again what may have gone out");
    }
    match service.deliver(message).await {
        Ok(Delivered::LeaseLost) => tracing::debug!(%id, "a status settled the message first"),
        Ok(Delivered::Settled(settlement)) => {
            let name = match &settlement {
                Settlement::Accepted(_) => "accepted",
                Settlement::RetryAt { reason, .. } => {
                    tracing::warn!(%id, purpose, reason, "not sent; tried again later");
                    "retry"
                }
                Settlement::AccountPaused { reason, .. } => {
                    tracing::warn!(%id, purpose, reason, "the account cannot send; all of its messages wait");
                    "paused"
                }
                Settlement::Unknown { reason, .. } => {
                    tracing::warn!(%id, purpose, reason, "it is not known whether the message went out");
                    "unknown"
                }
                Settlement::Failed(refusal) => {
                    tracing::warn!(%id, purpose, code = refusal.code, reason = refusal.reason, "gave up a message");
                    "failed"
                }
            };
            metrics::counter!("onboarding_outbound_total", "result" => name, "purpose" => purpose)
                .increment(1);
            tracing::info!(%id, purpose, result = name, "handled an outbound message");
        }
        Err(error) => {
            tracing::error!(%id, error = &error as &dyn std::error::Error, "cannot settle a message; it counts as unknown");
        }
    }
}

/// Until somebody calls, something under way ends, or it is time to look.
async fn wait(under_way: &mut JoinSet<()>, wake: impl Future<Output = ()>) {
    let ended = async {
        match under_way.join_next().await {
            Some(result) => note_panic(result),
            None => std::future::pending().await,
        }
    };
    let _ = timeout(POLL, async {
        tokio::select! {
            () = wake => {}
            () = ended => {}
        }
    })
    .await;
}

/// Makes room: all that ended since, or the next lease would be for one.
fn reap(under_way: &mut JoinSet<()>) {
    while let Some(result) = under_way.try_join_next() {
        note_panic(result);
    }
}

async fn drain(under_way: &mut JoinSet<()>) {
    while let Some(result) = under_way.join_next().await {
        note_panic(result);
    }
}

/// A panic costs one element its turn, never the worker: its lease runs out and the attempt is counted.
fn note_panic(result: Result<(), tokio::task::JoinError>) {
    if let Err(error) = result {
        metrics::counter!("onboarding_panics_total").increment(1);
        tracing::error!(%error, "handling one element panicked");
    }
}

fn complain_and_default<T: Default>(result: Result<T, StoreError>, what: &str) -> T {
    result.unwrap_or_else(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "{what}");
        T::default()
    })
}
