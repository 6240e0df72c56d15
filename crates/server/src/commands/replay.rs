//! `replay`: try again what was given up.

use std::process::ExitCode;

use anyhow::bail;
use onboarding_core::ports::{Clock, ReplayOutcome};
use uuid::Uuid;

use super::say;
use crate::{
    environment::{SystemClock, operator},
    settings::Settings,
    store,
};

pub(super) async fn run(settings: &Settings, id: Uuid) -> anyhow::Result<ExitCode> {
    let store = store::open(&settings.database, true).await?.store;
    match store.replay(id, &operator(), SystemClock.now()).await? {
        ReplayOutcome::Replayed => {
            say(&format!("{id} is in its queue again; `serve` takes it up"));
            Ok(ExitCode::SUCCESS)
        }
        ReplayOutcome::NotFound => {
            bail!("no dead letter has the id {id}; `onboarding-server dead-letters` lists them")
        }
        ReplayOutcome::Refused(why) => bail!("{id} was not replayed: {why}"),
    }
}
