//! Webhook deliveries acknowledged a second, and how long an acknowledgement takes at half of that load.
//!
//! The decisions are held up, because on a machine with few cores they would take what the acknowledgements need:
//! they are measured by themselves.

use anyhow::ensure;

use super::{Context, say};
use crate::{
    company,
    load::Load,
    pgbench::Pgbench,
    postgres::Database,
    report::{Aim, Figure, milliseconds},
};

pub(super) async fn measure(context: &Context<'_>) -> anyhow::Result<[Figure; 2]> {
    let plan = context.plan;
    let database = context.database("deliveries").await?;
    let service = database.installation.start().await?;
    let held = database.hold_decisions().await?;
    let load = Load::new(&service.host, company::new_clients());
    load.as_fast_as_answered(plan.warm_up).await?;
    let (raw, payload) = row_sizes(&database).await?;
    let mut ceiling = Pgbench::deliveries(&database.url, raw, payload)?;
    ceiling.per_second(plan.warm_up).await?;
    let mut turns = Vec::new();
    for turn in 1..=plan.turns {
        let ours = load.as_fast_as_answered(plan.turn).await?.per_second();
        let theirs = ceiling.per_second(plan.turn).await?;
        say(&format!(
            "deliveries, turn {turn}: {ours:.0}/s, pgbench {theirs:.0}/s"
        ));
        turns.push([ours, theirs]);
    }
    let throughput = Figure::new(
        "deliveries",
        "webhook deliveries acknowledged, 16 connections",
        "/s",
        "pgbench, same inserts",
        Aim::AtLeast(0.8),
        turns,
    );
    let half = throughput.ours / 2.0;
    let mut turns = Vec::new();
    for turn in 1..=plan.turns {
        let ours = milliseconds(load.paced(half, plan.turn).await?.p99()?);
        let theirs = milliseconds(ceiling.p99(half, plan.turn).await?);
        say(&format!(
            "acknowledgement at {half:.0}/s, turn {turn}: p99 {ours:.2} ms, pgbench {theirs:.2} ms"
        ));
        turns.push([ours, theirs]);
    }
    ensure!(
        database.count("onboardings").await? == 0,
        "decisions were made while they were held up; does the store still take turns at leasing?"
    );
    let latency = Figure::new(
        "acknowledgement",
        "p99 of an acknowledgement at half of that load",
        "ms",
        "pgbench, same inserts, same pace",
        Aim::AtMost(3.0),
        turns,
    );
    drop(held);
    drop(service);
    Ok([throughput, latency])
}

/// How many bytes the service stores of a delivery, and of a message in it.
pub(super) async fn row_sizes(database: &Database) -> anyhow::Result<(usize, usize)> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the length of a text"
    )]
    let whole = |length: f64| length as usize;
    let raw = database
        .number("SELECT coalesce(avg(length(raw)), 0)::float8 FROM deliveries")
        .await?;
    let payload = database
        .number("SELECT coalesce(avg(length(payload)), 0)::float8 FROM inbox")
        .await?;
    ensure!(raw > 0.0 && payload > 0.0, "the service stored no delivery");
    Ok((whole(raw), whole(payload)))
}
