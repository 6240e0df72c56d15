//! Pools: how far they are used up, and how many numbers they need.

use std::{sync::Arc, time::Duration};

use crate::{
    Audience, Company, CompanyId, Draw, NewNotice, NoticeId, NoticeKind, Pool, SizingPlan, Utilisation,
    ports::{ClientLoad, Clock, CompanyDirectory, Entropy, Notices, OnboardingStore, PoolLoad, StoreError},
    sizing_plan, utilisation,
};

/// What the pool service needs.
#[derive(Clone)]
pub struct PoolPorts {
    /// Companies.
    pub companies: Arc<dyn CompanyDirectory>,
    /// How the numbers are used up.
    pub loads: Arc<dyn PoolLoad>,
    /// Where admins are told.
    pub notices: Arc<dyn Notices>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
}

impl PoolPorts {
    /// All ports of one store.
    pub fn on_store(
        store: &Arc<dyn OnboardingStore>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            companies: store.clone(),
            loads: store.clone(),
            notices: store.clone(),
            clock,
            entropy,
        }
    }
}

/// Looks at pools as a whole.
pub struct PoolService {
    ports: PoolPorts,
}

impl PoolService {
    /// On these ports.
    pub fn new(ports: PoolPorts) -> Self {
        Self { ports }
    }

    /// How far each pool is used up, country by country. Reads a row a client and number: not for every second.
    pub async fn utilisation(&self, company: &CompanyId) -> Result<Vec<Utilisation>, StoreError> {
        let Some(company) = self.ports.companies.company(company).await? else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for pool in &company.pools {
            let loads = self.loads(&company, pool).await?;
            found.extend(utilisation(&company, pool, &loads));
        }
        Ok(found)
    }

    /// How many numbers each pool needs so that at most `target` of its clients are turned away.
    pub async fn plan(&self, company: &CompanyId, target: f64) -> Result<Vec<SizingPlan>, StoreError> {
        let Some(company) = self.ports.companies.company(company).await? else {
            return Ok(Vec::new());
        };
        let now = self.ports.clock.now();
        let mut plans = Vec::new();
        for pool in &company.pools {
            let loads = self.loads(&company, pool).await?;
            plans.push(sizing_plan(&company, pool, &loads, (target, now)));
        }
        Ok(plans)
    }

    /// Tells the admins of the pools that fill up; once for each level, as long as nobody saw it.
    pub async fn warn(&self, company: &CompanyId, utilisation: &[Utilisation]) -> Result<(), StoreError> {
        let now = self.ports.clock.now();
        let mut draw = Draw::from_seed(self.ports.entropy.seed());
        let notice = |one: &Utilisation| {
            let level = one.alarm()?;
            let country = one
                .country
                .map_or_else(|| "an unknown country".to_owned(), |country| country.to_string());
            let text = format!(
                "Pool {} has {} numbers, and a client of {country} has used {} of them up; {} have none left.",
                one.pool, one.numbers, one.fullest, one.without_a_free_number
            );
            Some(NewNotice {
                id: NoticeId::from_uuid(draw.uuid(now)),
                audience: Audience::Admins,
                kind: NoticeKind::PoolFillsUp,
                subject: format!("pool {} {country} {level}", one.pool),
                text,
            })
        };
        let notices: Vec<_> = utilisation.iter().filter_map(notice).collect();
        if notices.is_empty() {
            return Ok(());
        }
        self.ports.notices.tell(company, notices, now).await
    }

    async fn loads(&self, company: &Company, pool: &Pool) -> Result<Vec<ClientLoad>, StoreError> {
        let days = company.settings.features.pair_reuse_after_days;
        let reserved_for = days.map(|days| Duration::from_hours(u64::from(days) * 24));
        let now = self.ports.clock.now();
        self.ports
            .loads
            .client_loads(&company.id, &pool.secondaries, reserved_for, now)
            .await
    }
}
