//! `identities`: clients of whom a person must say who they are, and what happened to clients.

use std::process::ExitCode;

use onboarding_core::{ClientAliases, CompanyId, Dispute, ports::OnboardingStore};

use super::say;
use crate::{cli::IdentitiesArgs, settings::Settings, store};

pub(super) async fn run(settings: &Settings, args: &IdentitiesArgs) -> anyhow::Result<ExitCode> {
    let store = store::open(&settings.database, true).await?.store;
    let companies = match &args.company {
        Some(id) => vec![CompanyId::parse(id)?],
        None => store.company_ids().await?,
    };
    let mut lines = Vec::new();
    for company in &companies {
        if args.history {
            lines.extend(history(store.as_ref(), company, args.limit).await?);
        } else {
            for dispute in store.disputes(company, args.limit).await? {
                lines.extend(question(company, &dispute));
            }
        }
    }
    if lines.is_empty() {
        say(if args.history {
            "nothing happened"
        } else {
            "no open questions"
        });
    }
    for line in lines {
        say(&line);
    }
    Ok(ExitCode::SUCCESS)
}

/// Four lines: a person needs the aliases to find out who the two are.
fn question(company: &CompanyId, dispute: &Dispute) -> [String; 4] {
    let live = |one: &onboarding_core::KnownIdentity| one.rooms.iter().filter(|room| room.live).count();
    let one = |which: &str, one: &onboarding_core::KnownIdentity| {
        format!(
            "  {which}: client {}, {}, live rooms: {}",
            one.id,
            shown(&one.aliases),
            live(one)
        )
    };
    [
        format!(
            "{} of {company}, since {}",
            dispute.question.id, dispute.noticed_at
        ),
        format!("  why: {}", dispute.question.reason.explanation()),
        one("first", &dispute.identity),
        one("second", &dispute.other),
    ]
}

/// On one line and without what a terminal would obey.
fn shown(aliases: &ClientAliases) -> String {
    let phone = aliases
        .wa_id
        .as_ref()
        .map_or_else(|| "no phone".to_owned(), |phone| format!("+{phone}"));
    let id = aliases.bsuid.as_ref().map_or("no WhatsApp id", |id| id.as_str());
    let name = aliases.profile_name.as_deref().unwrap_or("no name");
    format!("{phone}, {id}, {name}")
        .chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect()
}

async fn history(
    store: &dyn OnboardingStore,
    company: &CompanyId,
    limit: u32,
) -> anyhow::Result<Vec<String>> {
    let events = store.identity_history(company, limit).await?;
    let line = |event: onboarding_core::IdentityEvent| {
        let absorbed = event
            .absorbed
            .map_or_else(String::new, |id| format!(" with {id}"));
        let (at, kind, identity, finding) = (event.at, event.kind, event.identity, event.finding);
        format!("{at} {company} client {identity} {kind}{absorbed}: {finding}")
    };
    Ok(events.into_iter().map(line).collect())
}
