//! `apply`: make companies be what their manifests say.

use std::{path::Path, process::ExitCode, sync::Arc};

use anyhow::{Context, bail};
use onboarding_core::{
    Actor, Draw,
    config::plan,
    ports::{ApplyOutcome, Clock, CompanyAdministration, Entropy, OnboardingStore, RoomsOf},
};
use onboarding_manifest::{CompanyManifest, parse_all};

use super::{acting::Acting, say, templates};
use crate::{
    cli::ApplyArgs,
    environment::{SystemClock, SystemEntropy, operator},
    settings::Settings,
    store,
};

/// How many rooms of one user are counted.
const MOST_ROOMS: u32 = 10_000;

pub(super) async fn run(settings: &Settings, args: &ApplyArgs) -> anyhow::Result<ExitCode> {
    let mut files = Vec::new();
    for path in &args.files {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(|| format!("{name}: cannot be read"))?;
        files.push((name, text));
    }
    let named: Vec<_> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let mut manifests = match parse_all(&named) {
        Ok(manifests) => manifests,
        Err(mistakes) => {
            complain(&mistakes.to_string());
            return Ok(ExitCode::FAILURE);
        }
    };
    for (manifest, path) in manifests.iter_mut().zip(&args.files) {
        read_logo(manifest, path)?;
    }
    let store = store::open(&settings.database, true).await?.store;
    for manifest in manifests {
        let of_leavers = rooms_of_leavers(store.as_ref(), &manifest).await?;
        let mut lines = apply(store.as_ref(), &manifest, args.dry_run).await?;
        lines.extend(of_leavers);
        if !args.dry_run {
            lines.extend(follow_up(&store, &manifest).await?);
        }
        for line in lines {
            say(&format!("{}: {line}", manifest.company));
        }
        for line in templates::check(settings, &manifest.company, &manifest.config).await {
            say(&format!("{}: {line}", manifest.company));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Puts the logo that the manifest names into its settings.
fn read_logo(manifest: &mut CompanyManifest, file: &Path) -> anyhow::Result<()> {
    let Some(named) = &manifest.logo else {
        return Ok(());
    };
    let path = file.parent().unwrap_or(Path::new("")).join(named);
    let place = || format!("{}: qr.logo: {}", file.display(), path.display());
    let bytes = std::fs::read(&path).with_context(|| format!("{}: cannot be read", place()))?;
    let logo = onboarding_qr::logo(&bytes).with_context(place)?;
    manifest.config.settings.qr_logo = Some(logo);
    Ok(())
}

/// How many rooms the users have who are to leave.
async fn rooms_of_leavers(
    store: &dyn OnboardingStore,
    manifest: &CompanyManifest,
) -> anyhow::Result<Vec<String>> {
    let id = &manifest.company;
    let Some((present, _)) = store.config(id).await? else {
        return Ok(Vec::new());
    };
    let mut lines = Vec::new();
    let stays = |name: &String| manifest.config.users.iter().any(|user| user.username == *name);
    for leaver in present.users.iter().filter(|user| !stays(&user.username)) {
        let Some(user) = store.user_named(id, &leaver.username).await? else {
            continue;
        };
        let rooms = store.rooms(id, RoomsOf::User(user.id), MOST_ROOMS).await?.len();
        lines.push(format!("user {} has {rooms} live room(s)", leaver.username));
    }
    Ok(lines)
}

/// What has to follow from the change at once; `serve` would see to it, too.
async fn follow_up(
    store: &Arc<dyn OnboardingStore>,
    manifest: &CompanyManifest,
) -> anyhow::Result<Vec<String>> {
    let Some(company) = store.company(&manifest.company).await? else {
        return Ok(Vec::new());
    };
    let acting = Acting::within(store.clone(), company);
    let mut lines = Vec::new();
    loop {
        let mut settled = acting
            .upkeep
            .settle_leavers(acting.id(), Actor::Operator, &operator())
            .await?;
        settled.extend(
            acting
                .upkeep
                .settle_numbers(acting.id(), Actor::Operator, &operator())
                .await?,
        );
        let over = settled.iter().all(|one| one.done.is_none());
        let told = settled.iter().filter(|one| over || one.done.is_some());
        lines.extend(told.map(|one| acting.settled(one)));
        if over {
            return Ok(lines);
        }
    }
}

/// Plans and, unless it is a dry run, makes the changes of one company. Gives a line for each.
pub(crate) async fn apply<S>(
    store: &S,
    manifest: &CompanyManifest,
    dry_run: bool,
) -> anyhow::Result<Vec<String>>
where
    S: CompanyAdministration + ?Sized,
{
    let id = &manifest.company;
    let current = store.config(id).await?;
    let (config, revision) =
        current.map_or((None, None), |(config, revision)| (Some(config), Some(revision)));
    let now = SystemClock.now();
    let mut draw = Draw::from_seed(SystemEntropy.seed());
    let planned = plan(config.as_ref(), &manifest.config, now, &mut draw);
    if planned.is_empty() {
        return Ok(vec!["nothing to change".to_owned()]);
    }
    let count = planned.len();
    let (mut lines, changes): (Vec<_>, Vec<_>) = planned
        .into_iter()
        .map(|planned| (planned.summary, planned.change))
        .unzip();
    if dry_run {
        lines.push(format!("{count} change(s), none made (--dry-run)"));
        return Ok(lines);
    }
    match store.apply(id, revision, changes, &operator(), now).await? {
        ApplyOutcome::Applied(revision) => lines.push(format!("{count} change(s) made, revision {revision}")),
        ApplyOutcome::Stale => bail!("{id}: somebody else changed the company meanwhile; run apply again"),
        ApplyOutcome::Taken(why) | ApplyOutcome::InUse(why) => bail!("{id}: {why}"),
    }
    Ok(lines)
}

#[expect(clippy::print_stderr, reason = "this is how a command says why it failed")]
fn complain(mistakes: &str) {
    eprintln!("{}", mistakes.trim_end());
    eprintln!("onboarding-server: nothing was changed: mend the manifest and run apply again");
}
