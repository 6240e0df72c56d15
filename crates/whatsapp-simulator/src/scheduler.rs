//! The thread on which the simulated network runs.

use std::future::Future;
use std::io;
use std::sync::Mutex;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

/// A runtime of the simulator's own, so that deliveries outlive the request that caused them, whichever server or test
/// the simulator is mounted in.
#[derive(Debug)]
pub(crate) struct Scheduler {
    handle: Handle,
    stop: Mutex<Option<oneshot::Sender<()>>>,
}

impl Scheduler {
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        std::thread::Builder::new()
            .name("whatsapp-simulator".to_owned())
            .spawn(move || {
                // Either a message or a dropped sender ends the thread, and with it every task.
                let _ = runtime.block_on(stopped);
                runtime.shutdown_background();
            })?;
        Ok(Self {
            handle,
            stop: Mutex::new(Some(stop)),
        })
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(task);
    }

    /// Ends every task; what is spawned later never runs.
    pub(crate) fn stop(&self) {
        if let Some(stop) = crate::lock(&self.stop).take() {
            let _ = stop.send(());
        }
    }
}

/// Lets simulated network time pass.
pub(crate) async fn pause(time: Duration) {
    if !time.is_zero() {
        sleep_until(Instant::now() + time).await;
    }
}
