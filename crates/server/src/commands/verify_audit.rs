//! `verify-audit`: whether the audit is whole.

use std::{collections::BTreeSet, fs, path::Path, process::ExitCode};

use anyhow::Context;
use onboarding_core::{
    CompanyId,
    audit::Checkpoint,
    service::{verify_audit, verify_records},
};

use super::say;
use crate::{
    checkpoints::{PublicKey, SigningKey},
    cli::VerifyAuditArgs,
    settings::Settings,
    store,
};

pub(super) async fn run(settings: &Settings, args: &VerifyAuditArgs) -> anyhow::Result<ExitCode> {
    let company = args.company.as_deref().map(CompanyId::parse).transpose()?;
    let mut findings = 0_usize;
    let mut checkpoints = Vec::new();
    if !args.checkpoint.is_empty() {
        let key = match &args.public_key {
            Some(path) => PublicKey::read(path)?,
            None => SigningKey::read(settings.audit_key.as_ref())?.public_key(),
        };
        for path in &args.checkpoint {
            findings += read(path, &key, &mut checkpoints)?;
        }
    }
    let store = store::open(&settings.database, true).await?.store;
    let companies: BTreeSet<CompanyId> = if let Some(company) = company {
        BTreeSet::from([company])
    } else {
        let known = store.company_ids().await?.into_iter();
        known
            .chain(checkpoints.iter().map(|one| one.company.clone()))
            .collect()
    };
    for company in &companies {
        let mut found = verify_audit(store.as_ref(), company, &checkpoints).await?;
        found.extend(verify_records(store.as_ref(), company).await?);
        for finding in found {
            say(&format!("{company}: {finding}"));
            findings += 1;
        }
    }
    say(&format!(
        "companies checked: {}; checkpoints: {}; findings: {findings}",
        companies.len(),
        checkpoints.len()
    ));
    Ok(if findings == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Reads the checkpoints of a file. Gives the number of those that the key did not sign.
fn read(path: &Path, key: &PublicKey, checkpoints: &mut Vec<Checkpoint>) -> anyhow::Result<usize> {
    let shown = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("{shown}: cannot be read"))?;
    let mut unsigned = 0;
    for (place, line) in (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let checked = key
            .checked(line)
            .with_context(|| format!("{shown}: line {place}"))?;
        if let Some(checkpoint) = checked {
            checkpoints.push(checkpoint);
        } else {
            say(&format!(
                "{shown}: line {place}: this key did not sign the checkpoint"
            ));
            unsigned += 1;
        }
    }
    Ok(unsigned)
}
