//! `profiles`: the company's records of its clients.

use std::{process::ExitCode, sync::Arc};

use anyhow::{Context, bail};
use onboarding_core::{
    ClientProfile, ClientProfileId, ExternalCompanyId, PhoneNumber, ProfileChange, ProfileCompletion,
    ProfileField, ports::ProfileOutcome, service::ProfileService,
};

use super::{
    acting::{Acting, parse_number},
    say,
    table::say_table,
};
use crate::{
    cli::{ProfilesArgs, ProfilesCommand},
    environment::{SystemClock, operator},
    settings::Settings,
};

/// How many profiles are read at a time.
const PAGE: u32 = 500;

pub(super) async fn run(settings: &Settings, args: &ProfilesArgs) -> anyhow::Result<ExitCode> {
    let acting = Acting::on(settings, args.company.as_deref()).await?;
    match &args.command {
        ProfilesCommand::List { incomplete, limit } => list(&acting, *incomplete, *limit).await?,
        ProfilesCommand::Merge { profile, into } => {
            let into = ClientProfileId::from_uuid(*into);
            let profile = ClientProfileId::from_uuid(*profile);
            change(&acting, profile, ProfileChange::Merge { into }).await?;
            say(&format!(
                "merged profile {profile} into {into}; its rooms stay as they are"
            ));
        }
        ProfilesCommand::Separate { profile } => {
            let profile = ClientProfileId::from_uuid(*profile);
            change(&acting, profile, ProfileChange::Separate).await?;
            say(&format!("profile {profile} stands for itself again"));
        }
        ProfilesCommand::Complete {
            profile,
            name,
            phone,
            external_company,
        } => {
            let profile = ClientProfileId::from_uuid(*profile);
            let told = ProfileCompletion {
                name: name.as_deref().map(given_name).transpose()?,
                phone_number: phone.as_deref().map(possible_number).transpose()?,
                external_company: external_company.as_deref().map(firm).transpose()?,
                ..ProfileCompletion::default()
            };
            change(&acting, profile, ProfileChange::Complete(told)).await?;
            say(&format!("completed profile {profile}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn change(acting: &Acting, profile: ClientProfileId, change: ProfileChange) -> anyhow::Result<()> {
    let clock = Arc::new(SystemClock);
    let service = ProfileService::new(acting.store.clone(), acting.store.clone(), clock);
    match service.change(acting.id(), profile, change, &operator()).await? {
        ProfileOutcome::Changed => Ok(()),
        ProfileOutcome::Refused(why) => bail!("profile {profile}: {why}"),
    }
}

fn given_name(text: &str) -> anyhow::Result<String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        bail!("--name: write 1 to 200 characters that can be seen");
    }
    Ok(name.to_owned())
}

fn possible_number(text: &str) -> anyhow::Result<PhoneNumber> {
    let number = parse_number(text)?;
    if !number.is_possible() {
        bail!("--phone: nobody can have `{text}`; check the country code and the number of digits");
    }
    Ok(number)
}

fn firm(text: &str) -> anyhow::Result<ExternalCompanyId> {
    ExternalCompanyId::parse(text).with_context(|| format!("--external-company: `{text}` is no id"))
}

async fn list(acting: &Acting, only_incomplete: bool, limit: u32) -> anyhow::Result<()> {
    let mandatory = &acting.company.settings.features.mandatory_profile_fields;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = acting.store.profiles(acting.id(), after, PAGE).await?;
        let Some(last) = page.last() else {
            break;
        };
        after = Some(last.id);
        for profile in page {
            // What stands for nothing lacks nothing.
            let lacks = if profile.merged_into.is_some() {
                Vec::new()
            } else {
                profile.lacks(mandatory)
            };
            if !only_incomplete || !lacks.is_empty() {
                rows.push(cells(&profile, &lacks));
            }
        }
        if rows.len() >= limit {
            break;
        }
    }
    if rows.is_empty() {
        say(if only_incomplete {
            "no incomplete profiles"
        } else {
            "no profiles"
        });
        return Ok(());
    }
    rows.truncate(limit);
    say_table(["PROFILE", "KEY", "UNIT", "LACKS", "MERGED INTO", "NAME"], rows);
    Ok(())
}

fn cells(profile: &ClientProfile, lacks: &[ProfileField]) -> [String; 6] {
    let lacks: Vec<_> = lacks.iter().map(|field| field.as_str()).collect();
    let or_dash = |text: String| if text.is_empty() { "–".to_owned() } else { text };
    let into = profile.merged_into.as_ref();
    [
        profile.id.to_string(),
        or_dash(profile.key.clone().unwrap_or_default()),
        profile.org_unit.to_string(),
        or_dash(lacks.join(", ")),
        or_dash(into.map_or_else(String::new, |kept| kept.id.to_string())),
        profile.name.clone(),
    ]
}
