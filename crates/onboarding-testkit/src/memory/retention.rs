//! What is kept for a while only.

use async_trait::async_trait;
use onboarding_core::{
    Expired,
    ports::{Purged, Retention},
};

use super::{Answer, MemoryStore};

#[async_trait]
impl Retention for MemoryStore {
    async fn purge(&self, expired: Expired, most: u32) -> Answer<Purged> {
        let mut world = self.world();
        let (mut purged, most) = (Purged::default(), u64::from(most));
        world.deliveries.retain(|delivery| {
            let goes = delivery.received_at < expired.arrived_before && purged.deliveries < most;
            if goes {
                purged.deliveries += 1;
                purged.quarantined += delivery.quarantined.len() as u64;
            }
            !goes
        });
        world.rates.retain(|_, paid_until| {
            let goes = *paid_until < expired.paid_before && purged.rates < most;
            purged.rates += u64::from(goes);
            !goes
        });
        Ok(purged)
    }
}
