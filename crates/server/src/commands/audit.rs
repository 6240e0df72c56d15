//! `audit`: what was done, for other programs to read, and checkpoints of it.

mod export;

use std::{io::Write as _, process::ExitCode};

use onboarding_core::{CompanyId, ports::Clock as _};

use crate::{
    checkpoints::{SigningKey, checkpoint_lines},
    cli::{AuditCommand, CheckpointArgs},
    environment::SystemClock,
    settings::Settings,
    store,
};

pub(super) async fn run(settings: &Settings, command: &AuditCommand) -> anyhow::Result<ExitCode> {
    match command {
        AuditCommand::Export(args) => export::run(settings, args).await,
        AuditCommand::Checkpoint(args) => checkpoint(settings, args).await,
    }
}

async fn checkpoint(settings: &Settings, args: &CheckpointArgs) -> anyhow::Result<ExitCode> {
    let company = args.company.as_deref().map(CompanyId::parse).transpose()?;
    let key = SigningKey::read(settings.audit_key.as_ref())?;
    let store = store::open(&settings.database, true).await?.store;
    let companies = match company {
        Some(company) => vec![company],
        None => store.company_ids().await?,
    };
    let lines = checkpoint_lines(store.as_ref(), &companies, &key, SystemClock.now()).await?;
    std::io::stdout().write_all(lines.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
