//! `dead-letters`: what was given up.

use std::process::ExitCode;

use onboarding_core::{CompanyId, ports::DeadLetter};

use super::{say, table::say_table};
use crate::{cli::DeadLettersArgs, settings::Settings, store};

pub(super) async fn run(settings: &Settings, args: &DeadLettersArgs) -> anyhow::Result<ExitCode> {
    let company = args.company.as_deref().map(CompanyId::parse).transpose()?;
    let store = store::open(&settings.database, true).await?.store;
    let letters = store.dead_letters(company, args.limit).await?;
    if letters.is_empty() {
        say("no dead letters");
    } else {
        let rows = letters.into_iter().map(cells).collect();
        say_table(["ID", "COMPANY", "KIND", "SINCE", "ATTEMPTS", "REASON"], rows);
    }
    Ok(ExitCode::SUCCESS)
}

fn cells(letter: DeadLetter) -> [String; 6] {
    [
        letter.id.to_string(),
        letter.company.to_string(),
        letter.kind.to_string(),
        letter.since.to_string(),
        letter.attempts.to_string(),
        letter.reason,
    ]
}
