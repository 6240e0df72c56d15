//! The caretaker: what follows from the passing of time and from changes of companies, how full the pools are, and what
//! need not be kept any more.
//!
//! Every replica has one. They need no leader: what one has done, another finds done.

use std::{sync::Arc, sync::atomic::Ordering, time::Duration};

use onboarding_core::{
    CompanyId, Utilisation,
    ports::{Clock, CompanyDirectory, Entropy, OnboardingStore, StoreError},
    service::{ActPorts, PoolPorts, PoolService, RetentionService, UpkeepService, Upkept},
};
use tokio::time::timeout;

use super::{Signals, complain_and_default};

/// How often each company is looked after. A client on the waiting list waits no longer than that for a free number.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// Looks between two measurements of the pools, which read a row a client.
const MEASURE_EVERY: u32 = 20;

/// Looks between two purges: about an hour.
const PURGE_EVERY: u32 = 1_200;

/// Looks after all companies.
pub(crate) struct Caretaker {
    companies: Arc<dyn CompanyDirectory>,
    upkeep: UpkeepService,
    pools: PoolService,
    retention: RetentionService,
}

impl Caretaker {
    /// On one store.
    pub(crate) fn on_store(
        store: &Arc<dyn OnboardingStore>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let acts = ActPorts::on_store(store, clock.clone(), entropy.clone());
        Self {
            companies: store.clone(),
            upkeep: UpkeepService::new(acts, store.clone()),
            pools: PoolService::new(PoolPorts::on_store(store, clock.clone(), entropy)),
            retention: RetentionService::new(store.clone(), clock),
        }
    }

    /// Until the signals say stop.
    pub(super) async fn look_after_everything(self, signals: Signals) {
        let mut looks = 0_u32;
        while !signals.stop.load(Ordering::Acquire) {
            let companies = self.companies.company_ids().await;
            for company in complain_and_default(companies, "cannot list the companies") {
                let upkept = self.upkeep.look_after(&company).await;
                let upkept = complain_and_default(upkept, "cannot look after a company");
                count(&company, &upkept);
                if upkept.changed() {
                    tracing::info!(%company, "looked after rooms and prospects");
                    signals.outbox.notify_one();
                }
                if looks.is_multiple_of(MEASURE_EVERY) {
                    complain_and_default(self.measure(&company).await, "cannot measure the pools");
                }
            }
            if looks.is_multiple_of(PURGE_EVERY) {
                self.purge(&signals).await;
            }
            looks = looks.wrapping_add(1);
            let _ = timeout(LOOK_EVERY, signals.caretaker.notified()).await;
        }
    }

    /// In small steps, between which others write.
    async fn purge(&self, signals: &Signals) {
        let mut more = true;
        while more && !signals.stop.load(Ordering::Acquire) {
            // After an error there is another hour.
            let step = self.retention.step().await;
            let (purged, left) = complain_and_default(step, "cannot purge what is expired");
            let add = |what: &'static str, count: u64| {
                metrics::counter!("onboarding_purged_total", "what" => what).increment(count);
            };
            add("deliveries", purged.deliveries);
            add("quarantine", purged.quarantined);
            add("send_rates", purged.rates);
            more = left;
        }
    }

    async fn measure(&self, company: &CompanyId) -> Result<(), StoreError> {
        let found = self.pools.utilisation(company).await?;
        for one in &found {
            show(company, one);
        }
        self.pools.warn(company, &found).await
    }
}

fn count(company: &CompanyId, upkept: &Upkept) {
    let add = |done: &'static str, count: usize| {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        metrics::counter!("onboarding_upkeep_total", "done" => done).increment(count);
    };
    for room in &upkept.rooms {
        if let Some(kind) = room.done {
            add(kind.as_str(), 1);
        }
    }
    let stuck = upkept.rooms.iter().filter(|room| room.done.is_none()).count();
    metrics::gauge!("onboarding_rooms_stuck", "company" => company.to_string()).set(float(stuck));
    add("number_found", upkept.numbers_found);
    add("prospect_expired", upkept.expired);
    add("link_expired", upkept.links_expired);
}

fn show(company: &CompanyId, one: &Utilisation) {
    let labels = [
        ("company", company.to_string()),
        ("pool", one.pool.to_string()),
        (
            "country",
            one.country
                .map_or_else(|| "unknown".to_owned(), |country| country.to_string()),
        ),
    ];
    metrics::gauge!("onboarding_pool_utilisation_percent", &labels).set(f64::from(one.percent()));
    metrics::gauge!("onboarding_pool_alarm_percent", &labels).set(f64::from(one.alarm().unwrap_or(0)));
    metrics::gauge!("onboarding_pool_clients_without_a_number", &labels)
        .set(float(one.without_a_free_number));
    if let Some(level) = one.alarm() {
        tracing::warn!(
            company = %labels[0].1,
            pool = %labels[1].1,
            country = %labels[2].1,
            level,
            "a pool fills up: add secondaries, see `pool plan`"
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 clients")]
fn float(count: usize) -> f64 {
    count as f64
}
