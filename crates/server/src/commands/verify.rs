//! `verify`: what always holds, checked on what is stored.

use std::{collections::BTreeSet, process::ExitCode};

use super::say;
use crate::{settings::Settings, store};

pub(super) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let store = store::open(&settings.database, true).await?.store;
    let companies = store.company_ids().await?.len();
    let violations = store.violations().await?;
    for violation in &violations {
        say(&format!(
            "{} {}: {}",
            violation.invariant, violation.company, violation.subject
        ));
    }
    let broken: BTreeSet<_> = violations.iter().map(|violation| violation.invariant).collect();
    say(&format!(
        "companies checked: {companies}; violations: {}; invariants broken: {}",
        violations.len(),
        broken.len()
    ));
    Ok(if violations.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
