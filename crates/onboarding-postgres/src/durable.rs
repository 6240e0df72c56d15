//! Waits until what was committed is durable, once for many.

use std::sync::atomic::{AtomicU64, Ordering};

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _, pooled_connection::deadpool::Pool};
use tokio::sync::Mutex;

use crate::error::Error;

/// A transaction of its own that has something to write, for which the server waits as it is configured to: for its disk,
/// and for standbys. All that was committed before is durable with it, because the log is written in order.
const BARRIER: &str = "SELECT pg_logical_emit_message(true, 'onboarding', '')";

/// One wait for the disk, shared by all who committed without one (docs/decisions/0006).
#[derive(Debug, Default)]
pub(crate) struct Barrier {
    /// How many have asked, each of whom had committed before.
    asked: AtomicU64,
    /// So many of them are durable.
    durable: Mutex<u64>,
}

impl Barrier {
    /// Comes back when everything that was committed before the call is durable.
    pub(crate) async fn wait(&self, pool: &Pool<AsyncPgConnection>) -> Result<(), Error> {
        let mine = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut durable = self.durable.lock().await;
        if *durable >= mine {
            return Ok(());
        }
        let these = self.asked.load(Ordering::SeqCst);
        let mut connection = pool.get().await.map_err(Error::Pool)?;
        connection.batch_execute(BARRIER).await?;
        *durable = these;
        Ok(())
    }
}
