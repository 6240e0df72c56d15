//! Onboardings a second, from the webhook to the committed decision, with and without their audit, and the memory that
//! they take.

use std::{sync::Arc, time::Duration};

use anyhow::{bail, ensure};
use tokio::{sync::Semaphore, time::timeout};

use super::{Context, deliveries::row_sizes, resources, say};
use crate::{
    clock, company,
    load::Load,
    pgbench::Pgbench,
    postgres::{Database, PATIENCE},
    report::{Aim, Figure, Resource},
    service::Service,
};

/// Webhooks that were acknowledged and not decided on, at the most.
const UNDECIDED: u32 = 64;

/// How often is looked how far the decisions are.
const LOOK_EVERY: Duration = Duration::from_millis(4);

pub(super) async fn measure(context: &Context<'_>) -> anyhow::Result<([Figure; 2], Vec<Resource>)> {
    let plan = context.plan;
    context.hold_messages(true);
    let database = context.database("onboardings").await?;
    let mut resources = resources::of_installation(context, "postgres", &database.installation).await?;
    let service = database.installation.start().await?;
    let load = Load::new(&service.host, company::new_clients());
    one_turn(&database, &service, &load, plan.warm_up).await?;
    database.analyze().await?;
    let (raw, payload) = row_sizes(&database).await?;
    let mut ceiling = Pgbench::onboardings(&database.url, raw, payload)?;
    ceiling.per_second(plan.warm_up).await?;
    let (mut turns, mut audit_turns) = (Vec::new(), Vec::new());
    for turn in 1..=plan.turns {
        let ours = one_turn(&database, &service, &load, plan.turn).await?;
        database.audited(false).await?;
        let unaudited = one_turn(&database, &service, &load, plan.turn).await?;
        database.audited(true).await?;
        let theirs = ceiling.per_second(plan.turn).await?;
        say(&format!(
            "onboardings, turn {turn}: {ours:.0}/s, without the audit {unaudited:.0}/s, pgbench {theirs:.0}/s"
        ));
        turns.push([ours, theirs]);
        audit_turns.push([ours, unaudited]);
    }
    resources.extend(resources::memory(
        &service,
        "postgres",
        "memory after load",
        |memory| memory.most,
    ));
    service.stop().await?;
    let figure = Figure::new(
        "onboardings",
        "onboardings, webhook in to committed decision",
        "/s",
        "pgbench, same work as plain statements",
        Aim::AtLeast(0.8),
        turns,
    );
    let audit = Figure::new(
        "audit",
        "the same onboardings, each with its audit entry",
        "/s",
        "the service without the audit",
        Aim::AtLeast(0.8),
        audit_turns,
    );
    Ok(([figure, audit], resources))
}

async fn one_turn(
    database: &Database,
    service: &Service,
    load: &Load,
    time: Duration,
) -> anyhow::Result<f64> {
    let before = onboarded(database).await?;
    let permits = Arc::new(Semaphore::new(UNDECIDED as usize));
    let begin = clock::now();
    let answered = tokio::select! {
        answered = load.as_permitted(permits.clone(), time) => answered?,
        stopped = permit_as_decided(database, &permits) => bail!("{stopped:?}"),
    };
    let took = begin.elapsed();
    let decided = onboarded(database).await? - before;
    // The next turn is not to start with what this one left.
    let all = i64::try_from(answered.latencies.len())?;
    let rest = async {
        while onboarded(database).await? - before < all {
            clock::pause(LOOK_EVERY).await;
        }
        anyhow::Ok(())
    };
    match timeout(PATIENCE, rest).await {
        Ok(done) => done?,
        Err(_) => bail!("not every client was onboarded: {}", service.complaints()),
    }
    ensure!(decided > 0, "nobody was onboarded");
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let decided = decided as f64;
    Ok(decided / took.as_secs_f64())
}

/// Gives a permit for each decision. Ends with an error only.
async fn permit_as_decided(database: &Database, permits: &Semaphore) -> anyhow::Result<()> {
    let mut seen = database.last_decision().await?;
    loop {
        clock::pause(LOOK_EVERY).await;
        let last = database.last_decision().await?;
        permits.add_permits(usize::try_from(last - seen).unwrap_or_default());
        seen = last.max(seen);
    }
}

async fn onboarded(database: &Database) -> anyhow::Result<i64> {
    database.count("onboardings WHERE room_id IS NOT NULL").await
}
