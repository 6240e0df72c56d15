//! `migrate`: bring the database to this version.

use std::process::ExitCode;

use super::say;
use crate::{settings::Settings, store};

pub(super) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let applied = store::migrate(&settings.database).await?;
    for step in &applied {
        say(&format!("applied {step}"));
    }
    say("the database is at this version");
    Ok(ExitCode::SUCCESS)
}
