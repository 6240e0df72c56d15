//! A database dies while it is made, and while its first company is: whoever tries again succeeds.

use std::time::Duration;

use anyhow::{Context, ensure};

use super::Report;
use crate::{
    database::{Database, Databases, Kind},
    life::{Death, Life, Setting},
    plan,
};

const PATIENCE: Duration = Duration::from_mins(1);

/// How often each place is tried, each time on a new database.
const TIMES: usize = 2;

/// Where `apply` dies, on the last database. After the last of them nothing is left to apply.
const WHILE_APPLYING: [&str; 4] = [
    "store.before_begin",
    "store.between_jobs",
    "store.before_commit",
    "store.after_commit",
];

/// Gives the last of them, with its company. Where the service makes a mistake on purpose nothing dies yet: there is
/// nothing to be learned from it.
pub(super) async fn births(
    setting: &Setting<'_>,
    kind: Kind,
    databases: &Databases<'_>,
    report: &mut Report,
) -> anyhow::Result<Database> {
    let dies = |place: &&'static &str| setting.mistake.is_none() && kind.passes(place);
    for time in 0..TIMES {
        for place in plan::AT_BIRTH.iter().filter(dies) {
            let name = format!("{}_{time}", place.replace('.', "_"));
            let database = databases.make(&name).await?;
            let death = command(setting, &database, &["migrate"], Some(place)).await?;
            report.died(place, &death);
            succeeds(setting, &database, &["migrate"]).await?;
        }
    }
    let database = databases.make("company").await?;
    succeeds(setting, &database, &["migrate"]).await?;
    for place in WHILE_APPLYING.iter().filter(dies) {
        let death = command(setting, &database, &["apply", "company.toml"], Some(place)).await?;
        report.died(place, &death);
    }
    succeeds(setting, &database, &["apply", "company.toml"]).await?;
    database.make_safe().await?;
    Ok(database)
}

/// Whatever crashed before.
async fn succeeds(setting: &Setting<'_>, database: &Database, args: &[&str]) -> anyhow::Result<()> {
    let ended = command(setting, database, args, None).await?;
    ensure!(
        ended == Death::Stopped,
        "`{}` ends with {ended:?}",
        args.join(" ")
    );
    Ok(())
}

async fn command(
    setting: &Setting<'_>,
    database: &Database,
    args: &[&str],
    crash_at: Option<&str>,
) -> anyhow::Result<Death> {
    let mut command = setting.command(args, crash_at);
    command.env("DATABASE_URL", database.url());
    let mut life = Life::start(command)?;
    let death = life.ends_within(PATIENCE).await?;
    death.with_context(|| format!("`{}` does not end:\n{}", args.join(" "), life.log()))
}
