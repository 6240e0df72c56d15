//! The same figures on SQLite.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{bail, ensure};
use rusqlite::{Connection, OpenFlags};
use tokio::{sync::Semaphore, time::timeout};

use super::{Context, resources, say};
use crate::{
    clock, company,
    load::Load,
    postgres::PATIENCE,
    report::{Aim, Figure, Resource},
    service::Installation,
    sqlite::{Bare, Work},
};

/// As on PostgreSQL.
const UNDECIDED: usize = 64;
const LOOK_EVERY: Duration = Duration::from_millis(4);

/// Of the ceiling with shared commits: as many as there are connections.
const GROUP: u32 = 16;

pub(super) async fn measure(context: &Context<'_>) -> anyhow::Result<(Vec<Figure>, Vec<Resource>)> {
    context.hold_messages(true);
    let deliveries = deliveries(context).await?;
    let (onboardings, resources) = onboardings(context).await?;
    Ok((deliveries.into_iter().chain(onboardings).collect(), resources))
}

/// The decisions go on: there is one process, and nobody could hold them up from outside.
async fn deliveries(context: &Context<'_>) -> anyhow::Result<[Figure; 2]> {
    let plan = context.plan;
    let (installation, file) = installation(context, "sqlite-deliveries").await?;
    let service = installation.start().await?;
    let load = Load::new(&service.host, company::new_clients());
    load.as_fast_as_answered(plan.warm_up).await?;
    let mut bare = bare(context, "sqlite-bare-deliveries", &file).await?;
    let mut turns = [Vec::new(), Vec::new()];
    for turn in 1..=plan.turns {
        let ours = load.as_fast_as_answered(plan.turn).await?.per_second();
        all_decided(&file).await?;
        turn_of(&mut bare, Work::Delivery, plan.turn, ours, &mut turns)?;
        say(&format!("sqlite deliveries, turn {turn}: {}", shown(&turns)));
    }
    let name = "SQLite: deliveries acknowledged, decisions going on";
    Ok(figures("sqlite-deliveries", name, turns))
}

async fn onboardings(context: &Context<'_>) -> anyhow::Result<([Figure; 2], Vec<Resource>)> {
    let plan = context.plan;
    let (installation, file) = installation(context, "sqlite-onboardings").await?;
    let mut resources = resources::of_installation(context, "sqlite", &installation).await?;
    let service = installation.start().await?;
    let load = Load::new(&service.host, company::new_clients());
    one_turn(&file, &load, plan.warm_up).await?;
    let mut bare = bare(context, "sqlite-bare-onboardings", &file).await?;
    let mut turns = [Vec::new(), Vec::new()];
    for turn in 1..=plan.turns {
        let ours = one_turn(&file, &load, plan.turn).await?;
        turn_of(&mut bare, Work::Onboarding, plan.turn, ours, &mut turns)?;
        say(&format!("sqlite onboardings, turn {turn}: {}", shown(&turns)));
    }
    resources.extend(resources::memory(
        &service,
        "sqlite",
        "memory after load",
        |memory| memory.most,
    ));
    let name = "SQLite: onboardings, webhook in to committed decision";
    Ok((figures("sqlite-onboardings", name, turns), resources))
}

/// The ceilings' part of a turn: one commit each, and commits that are shared.
fn turn_of(
    bare: &mut Bare,
    work: Work,
    time: Duration,
    ours: f64,
    turns: &mut [Vec<[f64; 2]>; 2],
) -> anyhow::Result<()> {
    // They hold nobody up: the service has nothing to do now.
    for (turns, group) in turns.iter_mut().zip([1, GROUP]) {
        let theirs = tokio::task::block_in_place(|| bare.per_second(work, group, time / 2))?;
        turns.push([ours, theirs]);
    }
    Ok(())
}

fn shown(turns: &[Vec<[f64; 2]>; 2]) -> String {
    let last = turns
        .each_ref()
        .map(|turns| turns.last().copied().unwrap_or_default());
    let [[ours, single], [_, shared]] = last;
    format!("{ours:.0}/s, the library {single:.0}/s, with {GROUP} to a commit {shared:.0}/s")
}

fn figures(key: &str, name: &str, turns: [Vec<[f64; 2]>; 2]) -> [Figure; 2] {
    let [single, shared] = turns;
    [
        Figure::new(
            key,
            name,
            "/s",
            "the bare transaction through the library",
            Aim::AtLeast(0.7),
            single,
        ),
        Figure::new(
            format!("{key}-shared"),
            format!("{name} (as above)"),
            "/s",
            format!("the same, {GROUP} to a commit"),
            Aim::None,
            shared,
        ),
    ]
}

async fn installation(context: &Context<'_>, name: &str) -> anyhow::Result<(Installation, PathBuf)> {
    let folder = context.folder.path().join(name);
    let file = folder.join("onboarding.db");
    let (url, graph_url) = (
        format!("sqlite://{}", file.display()),
        context.simulator.graph_url(),
    );
    Ok((
        Installation::new(context.server, &folder, url, graph_url).await?,
        file,
    ))
}

/// The ceiling, on a database of its own with rows as large as the service's.
async fn bare(context: &Context<'_>, name: &str, like: &Path) -> anyhow::Result<Bare> {
    let size = |column: &str, table: &str| {
        reader(like)?.query_row(
            &format!("SELECT CAST(coalesce(avg(length({column})), 0) AS INTEGER) FROM {table}"),
            [],
            |row| row.get::<_, i64>(0),
        )
    };
    let (raw, payload) = (
        usize::try_from(size("raw", "deliveries")?)?,
        usize::try_from(size("payload", "inbox")?)?,
    );
    ensure!(raw > 0 && payload > 0, "the service stored no delivery");
    let (_, file) = installation(context, name).await?;
    Bare::open(&file, raw, payload)
}

async fn one_turn(file: &Path, load: &Load, time: Duration) -> anyhow::Result<f64> {
    let look = reader(file)?;
    let before = onboarded(&look)?;
    let permits = Arc::new(Semaphore::new(UNDECIDED));
    let begin = clock::now();
    tokio::select! {
        answered = load.as_permitted(permits.clone(), time) => answered?,
        stopped = permit_as_decided(&look, &permits) => bail!("{stopped:?}"),
    };
    let took = begin.elapsed();
    let decided = onboarded(&look)? - before;
    all_decided(file).await?;
    ensure!(decided > 0, "nobody was onboarded");
    Ok(f64::from(decided) / took.as_secs_f64())
}

async fn permit_as_decided(look: &Connection, permits: &Semaphore) -> anyhow::Result<()> {
    let last = || {
        let query = "SELECT coalesce(max(place), 0) FROM onboardings WHERE company_id = 'bench'";
        look.prepare_cached(query)?
            .query_row([], |row| row.get::<_, u32>(0))
    };
    let mut seen = last()?;
    loop {
        clock::pause(LOOK_EVERY).await;
        let now = last()?;
        permits.add_permits((now - seen) as usize);
        seen = now;
    }
}

async fn all_decided(file: &Path) -> anyhow::Result<()> {
    let look = reader(file)?;
    let open = "SELECT count(*) FROM inbox WHERE finished_at IS NULL";
    let done = async {
        while look.query_row(open, [], |row| row.get::<_, u32>(0))? > 0 {
            clock::pause(LOOK_EVERY).await;
        }
        anyhow::Ok(())
    };
    match timeout(PATIENCE, done).await {
        Ok(done) => done,
        Err(_) => bail!("not every delivery was decided on"),
    }
}

fn onboarded(look: &Connection) -> rusqlite::Result<u32> {
    look.query_row(
        "SELECT count(*) FROM onboardings WHERE room_id IS NOT NULL",
        [],
        |row| row.get(0),
    )
}

fn reader(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA query_only = ON;")?;
    Ok(connection)
}
