//! `dead-letters`: what was given up.

use std::process::ExitCode;

use onboarding_core::{CompanyId, ports::DeadLetter};

use super::say;
use crate::{cli::DeadLettersArgs, settings::Settings, store};

pub(super) async fn run(settings: &Settings, args: &DeadLettersArgs) -> anyhow::Result<ExitCode> {
    let company = args.company.as_deref().map(CompanyId::parse).transpose()?;
    let store = store::open(&settings.database, true).await?.store;
    let letters = store.dead_letters(company, args.limit).await?;
    if letters.is_empty() {
        say("no dead letters");
        return Ok(ExitCode::SUCCESS);
    }
    for line in table(&letters) {
        say(&line);
    }
    Ok(ExitCode::SUCCESS)
}

/// A line a letter below the headings, in columns; the reason, which may be long, is the last.
fn table(letters: &[DeadLetter]) -> Vec<String> {
    let headings = ["ID", "COMPANY", "KIND", "SINCE", "ATTEMPTS", "REASON"].map(str::to_owned);
    let mut rows = vec![headings];
    rows.extend(letters.iter().map(cells));
    let widths: Vec<usize> = (0..5)
        .map(|column| {
            rows.iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let line = |row: &[String; 6]| {
        let [.., reason] = row;
        let columns = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}  "));
        columns.collect::<String>() + reason
    };
    rows.iter().map(line).collect()
}

fn cells(letter: &DeadLetter) -> [String; 6] {
    // WhatsApp's words, on one line and without what a terminal would obey.
    let reason: String = letter
        .reason
        .chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect();
    [
        letter.id.to_string(),
        letter.company.to_string(),
        letter.kind.to_string(),
        letter.since.to_string(),
        letter.attempts.to_string(),
        reason,
    ]
}
