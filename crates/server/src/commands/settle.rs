//! `settle`: carries out what a person decided about two clients.

use std::{process::ExitCode, sync::Arc};

use anyhow::bail;
use onboarding_core::{
    DisputeId, DisputeVerdict,
    service::{DisputeService, VerdictOutcome},
};
use uuid::Uuid;

use super::say;
use crate::{
    cli::Verdict,
    environment::{SystemClock, SystemEntropy, operator},
    settings::Settings,
    store,
};

pub(super) async fn run(settings: &Settings, id: Uuid, verdict: Verdict) -> anyhow::Result<ExitCode> {
    let store = store::open(&settings.database, true).await?.store;
    let service = DisputeService::new(store.clone(), Arc::new(SystemClock), Arc::new(SystemEntropy));
    let verdict = match verdict {
        Verdict::Same => DisputeVerdict::Same,
        Verdict::Different => DisputeVerdict::Different,
    };
    let by = operator();
    for company in store.company_ids().await? {
        match service
            .settle(&company, DisputeId::from_uuid(id), verdict, &by)
            .await?
        {
            VerdictOutcome::Settled => {
                say(&format!("{id} is settled: {verdict}"));
                return Ok(ExitCode::SUCCESS);
            }
            VerdictOutcome::Contended => bail!("the clients of {id} are writing right now; try again"),
            VerdictOutcome::NotOpen => {}
        }
    }
    bail!("no open question has the id {id}; `onboarding-server identities` lists them")
}
