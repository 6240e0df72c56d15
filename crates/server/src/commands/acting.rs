//! What the commands share that do something with rooms and prospects.

use std::sync::Arc;

use anyhow::{Context, bail};
use onboarding_core::{
    Act, ActKind, Company, CompanyId, PhoneNumber,
    config::ConfigChange,
    ports::{ApplyOutcome, Clock, OnboardingStore},
    service::{ActPorts, ActService, Acted, Settled, UpkeepService, Wish},
};

use super::qr;
use crate::{
    environment::{SystemClock, SystemEntropy, operator},
    settings::Settings,
    store,
};

/// One company, and what is done in it.
pub(super) struct Acting {
    pub(super) store: Arc<dyn OnboardingStore>,
    pub(super) company: Arc<Company>,
    pub(super) acts: ActService,
    pub(super) upkeep: UpkeepService,
}

impl Acting {
    /// In the company that is meant.
    pub(super) async fn on(settings: &Settings, company: Option<&str>) -> anyhow::Result<Self> {
        let store = store::open(&settings.database, true).await?.store;
        let company = qr::company(&store, company).await?;
        Ok(Self::within(store, company))
    }

    pub(super) fn within(store: Arc<dyn OnboardingStore>, company: Arc<Company>) -> Self {
        let ports = ActPorts::on_store(&store, Arc::new(SystemClock), Arc::new(SystemEntropy));
        Self {
            acts: ActService::new(ports.clone()),
            upkeep: UpkeepService::new(ports, store.clone()),
            store,
            company,
        }
    }

    pub(super) fn id(&self) -> &CompanyId {
        &self.company.id
    }

    /// Does what is wished and gives the act; an error that says what stood in the way.
    pub(super) async fn act(&self, what: &str, wish: &Wish) -> anyhow::Result<Act> {
        done(what, self.acts.act(self.id(), wish, &operator()).await?)
    }

    /// Changes the company as it is now.
    pub(super) async fn change(&self, change: ConfigChange) -> anyhow::Result<()> {
        let (_, revision) = self
            .store
            .config(self.id())
            .await?
            .context("the company is gone")?;
        let now = SystemClock.now();
        match self
            .store
            .apply(self.id(), Some(revision), vec![change], &operator(), now)
            .await?
        {
            ApplyOutcome::Applied(_) => Ok(()),
            ApplyOutcome::Stale => bail!("somebody else changed the company meanwhile; try again"),
            ApplyOutcome::Taken(why) | ApplyOutcome::InUse(why) => bail!("{why}"),
        }
    }

    /// A number of ours.
    pub(super) fn number(&self, account: onboarding_core::OfficialAccountId) -> String {
        let found = self.company.account(account);
        found.map_or_else(
            || "a number out of use".to_owned(),
            |one| one.phone_number.to_string(),
        )
    }

    /// A line about a room that a change of the company concerned.
    pub(super) fn settled(&self, settled: &Settled) -> String {
        let room = settled.room.id;
        let number = self.number(settled.room.account);
        let why = settled
            .obstacle
            .map_or_else(String::new, |why| format!(": {why}"));
        match settled.done {
            Some(ActKind::RoomHandedOver) => format!("room {room} on {number}: handed over"),
            Some(ActKind::RoomMoved) => format!("room {room} on {number}: moved"),
            Some(_) if why.is_empty() => format!("room {room} on {number}: closed"),
            Some(_) => format!("room {room} on {number}: closed, because it could not be handed over{why}"),
            None => format!("room {room} on {number}: left as it is{why}"),
        }
    }
}

/// The act, or an error that says why there is none.
pub(super) fn done(what: &str, acted: Acted) -> anyhow::Result<Act> {
    match acted {
        Acted::Done(act) => Ok(*act),
        Acted::Prevented(why) => bail!("{what}: {why}"),
        Acted::NotFound => bail!("{what}: there is none with this id in the company"),
        Acted::Contended => bail!("{what}: others changed it at the same time; try again"),
    }
}

/// A phone number as people write it.
pub(super) fn parse_number(text: &str) -> anyhow::Result<PhoneNumber> {
    PhoneNumber::parse(text).with_context(|| format!("`{text}` is no phone number"))
}
