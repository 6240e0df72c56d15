//! What was put aside.

use std::cmp::Reverse;

use async_trait::async_trait;
use onboarding_core::ports::{NewDelivery, PutAside, Quarantine};

use super::{Answer, MemoryStore};

#[async_trait]
impl Quarantine for MemoryStore {
    async fn put_aside(&self, limit: u32) -> Answer<Vec<PutAside>> {
        let world = self.world();
        let mut elements: Vec<_> = world.deliveries.iter().flat_map(of_delivery).collect();
        elements.sort_by_key(|element| (Reverse((element.received_at, element.delivery)), element.place));
        elements.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(elements)
    }
}

fn of_delivery(delivery: &NewDelivery) -> impl Iterator<Item = PutAside> {
    (0..).zip(&delivery.quarantined).map(|(place, element)| PutAside {
        delivery: delivery.id,
        place,
        received_at: delivery.received_at,
        bytes: u64::try_from(element.payload.len()).unwrap_or(u64::MAX),
        reason: element.reason.clone(),
    })
}
