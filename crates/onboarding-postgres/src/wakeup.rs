//! Tells workers, here and in other replicas, that a queue has something for them.
//!
//! A NOTIFY inside of a transaction takes a lock of the whole server through its commit and costs a third of all
//! commits. So the store signals in memory after the commit, and a task of its own tells the others, once for all that
//! was put in within a moment. What gets lost is found by the next look into the queue.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, mpsc, watch},
    task::JoinHandle,
    time::{Interval, MissedTickBehavior, interval, timeout},
};
use tokio_postgres::{Client, Notification};

use crate::connection::Address;

/// A queue of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// What came in.
    Inbox,
    /// What goes out.
    Outbox,
}

const QUEUES: [Queue; 2] = [Queue::Inbox, Queue::Outbox];

/// The others are told at most once in this time.
const PAUSE: Duration = Duration::from_millis(25);

/// Before the next try after a connection broke.
const RECONNECT: Duration = Duration::from_secs(1);

impl Queue {
    fn channel(self) -> &'static str {
        match self {
            Self::Inbox => "onboarding_inbox",
            Self::Outbox => "onboarding_outbox",
        }
    }
}

/// The signals of both queues.
#[derive(Default)]
pub(crate) struct Wakeups {
    inbox: Signal,
    outbox: Signal,
}

#[derive(Default)]
struct Signal {
    here: watch::Sender<u64>,
    others: Notify,
}

impl Wakeups {
    fn of(&self, queue: Queue) -> &Signal {
        match queue {
            Queue::Inbox => &self.inbox,
            Queue::Outbox => &self.outbox,
        }
    }

    pub(crate) fn subscribe(&self, queue: Queue) -> watch::Receiver<u64> {
        self.of(queue).here.subscribe()
    }

    /// Something was put in by this process.
    pub(crate) fn put_into(&self, queue: Queue) {
        self.wake(queue);
        self.of(queue).others.notify_one();
    }

    fn wake(&self, queue: Queue) {
        self.of(queue)
            .here
            .send_modify(|count| *count = count.wrapping_add(1));
    }
}

/// The task that listens and tells, on one connection. Ends when it is dropped.
pub(crate) struct Listener(JoinHandle<()>);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Listener {
    pub(crate) fn start(address: Arc<Address>, wakeups: Arc<Wakeups>) -> Self {
        Self(tokio::spawn(async move {
            loop {
                if let Err(error) = serve(&address, &wakeups).await {
                    tracing::warn!(%error, "the connection for wake-ups broke; work is still found by looking");
                }
                // Nobody sends this signal: it is the pause.
                let _ = timeout(RECONNECT, std::future::pending::<()>()).await;
            }
        }))
    }
}

/// Until the connection breaks.
async fn serve(address: &Address, wakeups: &Wakeups) -> Result<(), diesel::ConnectionError> {
    let (client, mut notifications) = address.connect_to_listen().await?;
    for queue in QUEUES {
        let listen = client.batch_execute(&format!("LISTEN {}", queue.channel())).await;
        listen.map_err(|error| diesel::ConnectionError::BadConnection(error.to_string()))?;
    }
    let ourselves = client
        .query_one("SELECT pg_backend_pid()", &[])
        .await
        .and_then(|row| row.try_get(0));
    let ourselves: i32 =
        ourselves.map_err(|error| diesel::ConnectionError::BadConnection(error.to_string()))?;
    // Whatever others said before is lost.
    for queue in QUEUES {
        wakeups.wake(queue);
    }
    tokio::select! {
        () = listen(&mut notifications, ourselves, wakeups) => Ok(()),
        broken = tell(&client, Queue::Inbox, wakeups) => Err(broken),
        broken = tell(&client, Queue::Outbox, wakeups) => Err(broken),
    }
}

async fn listen(
    notifications: &mut mpsc::UnboundedReceiver<Notification>,
    ourselves: i32,
    wakeups: &Wakeups,
) {
    while let Some(notification) = notifications.recv().await {
        let queue = QUEUES
            .into_iter()
            .find(|queue| queue.channel() == notification.channel());
        if let Some(queue) = queue.filter(|_| notification.process_id() != ourselves) {
            wakeups.wake(queue);
        }
    }
}

async fn tell(client: &Client, queue: Queue, wakeups: &Wakeups) -> diesel::ConnectionError {
    let mut pause: Interval = interval(PAUSE);
    pause.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let notify = format!("NOTIFY {}", queue.channel());
    loop {
        wakeups.of(queue).others.notified().await;
        pause.tick().await;
        if let Err(error) = client.batch_execute(&notify).await {
            return diesel::ConnectionError::BadConnection(error.to_string());
        }
    }
}
