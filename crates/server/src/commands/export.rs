//! `export`: the active users of a company as a table.

use std::{io::Write as _, process::ExitCode};

use anyhow::Context;
use onboarding_manifest::write_users;

use super::qr;
use crate::{cli::ExportUsersArgs, settings::Settings, store};

pub(super) async fn run(settings: &Settings, args: &ExportUsersArgs) -> anyhow::Result<ExitCode> {
    let store = store::open(&settings.database, true).await?.store;
    let company = qr::company(&store, args.company.as_deref()).await?;
    let (config, _) = store.config(&company.id).await?.context("the company is gone")?;
    let table = write_users(&config.users);
    match &args.out {
        Some(path) => {
            std::fs::write(path, table).with_context(|| format!("cannot write {}", path.display()))?;
        }
        None => std::io::stdout().write_all(table.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}
