//! Forgets what was kept long enough.

use std::sync::Arc;

use crate::{
    Expired,
    ports::{Clock, Purged, Retention, StoreError},
};

/// Rows of each kind that one transaction deletes at the most, so that nobody waits for it.
const AT_ONCE: u32 = 1_000;

/// Forgets, in small steps.
pub struct RetentionService {
    store: Arc<dyn Retention>,
    clock: Arc<dyn Clock>,
}

impl RetentionService {
    /// On this store.
    pub fn new(store: Arc<dyn Retention>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// One step. Gives what went, and whether another step may find more.
    pub async fn step(&self) -> Result<(Purged, bool), StoreError> {
        let expired = Expired::at(self.clock.now());
        let purged = self.store.purge(expired, AT_ONCE).await?;
        Ok((purged, purged.may_have_left_some(AT_ONCE)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Timestamp,
        ports::{MockClock, MockRetention},
    };

    #[tokio::test]
    async fn a_step_that_was_full_asks_for_another() {
        let now = Timestamp::from_unix_seconds(1_795_000_000);
        let mut clock = MockClock::new();
        clock.expect_now().return_const(now);
        let mut store = MockRetention::new();
        for deliveries in [1_000, 999] {
            store
                .expect_purge()
                .times(1)
                .withf(move |expired, most| (*expired, *most) == (Expired::at(now), AT_ONCE))
                .returning(move |_, _| {
                    Ok(Purged {
                        deliveries,
                        ..Purged::default()
                    })
                });
        }
        let service = RetentionService::new(Arc::new(store), Arc::new(clock));
        let mut more = Vec::new();
        for _ in 0..2 {
            more.push(service.step().await.expect("purged").1);
        }
        assert_eq!(more, [true, false]);
    }
}
