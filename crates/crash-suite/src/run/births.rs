//! A database dies while it is made, and while its first company is: whoever tries again succeeds.

use std::time::Duration;

use anyhow::{Context, ensure};

use super::Report;
use crate::{
    database::{Database, Kind},
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

/// Gives the last of them, with its company.
pub(super) async fn births(
    setting: &Setting<'_>,
    kind: Kind,
    report: &mut Report,
) -> anyhow::Result<Database> {
    let mut last = None;
    for time in 0..TIMES {
        for place in plan::AT_BIRTH {
            let database = Database::new(kind, setting.folder, &format!("{place}-{time}"));
            let death = command(setting, &database, &["migrate"], Some(place)).await?;
            report.died(place, &death);
            let again = command(setting, &database, &["migrate"], None).await?;
            ensure!(
                again == Death::Stopped,
                "after a crash at {place}, `migrate` ends with {again:?}"
            );
            last = Some(database);
        }
    }
    let database = last.context("there is a place at least")?;
    for place in WHILE_APPLYING {
        let death = command(setting, &database, &["apply", "company.toml"], Some(place)).await?;
        report.died(place, &death);
    }
    let applied = command(setting, &database, &["apply", "company.toml"], None).await?;
    ensure!(
        applied == Death::Stopped,
        "after its crashes, `apply` ends with {applied:?}"
    );
    Ok(database)
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
