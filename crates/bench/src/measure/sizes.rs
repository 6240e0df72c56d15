//! What an onboarding costs where much is stored, against where little is.

use std::time::Duration;

use anyhow::{bail, ensure};
use tokio::time::timeout;

use super::{Context, say};
use crate::{
    clock, company,
    load::Load,
    plan::Stored,
    postgres::{Database, PATIENCE},
    report::{Aim, Figure},
    service::Service,
};

/// A light load: clients a second.
const PER_SECOND: u32 = 20;

pub(super) async fn measure(context: &Context<'_>) -> anyhow::Result<Figure> {
    let plan = context.plan;
    context.hold_messages(true);
    let much = Side::new(context, "much", plan.many).await?;
    let little = Side::new(context, "little", plan.few).await?;
    let mut turns = Vec::new();
    // The first is for the caches.
    for turn in 0..=plan.size_turns {
        let of_much = much.median(plan.size_onboardings).await?;
        let of_little = little.median(plan.size_onboardings).await?;
        if turn > 0 {
            say(&format!(
                "cost, turn {turn}: {of_much:.2} ms where much is stored, {of_little:.2} ms where little is"
            ));
            turns.push([of_much, of_little]);
        }
    }
    much.service.stop().await?;
    little.service.stop().await?;
    Ok(Figure::new(
        "sizes",
        format!(
            "time of a decision, {} clients and {} rooms stored",
            plan.many.clients, plan.many.rooms
        ),
        "ms",
        format!("the same, {} and {}", plan.few.clients, plan.few.rooms),
        Aim::AtMost(1.2),
        turns,
    ))
}

struct Side {
    database: Database,
    service: Service,
    load: Load,
}

impl Side {
    async fn new(context: &Context<'_>, name: &str, stored: Stored) -> anyhow::Result<Self> {
        let begin = clock::now();
        let database = context.database(name).await?;
        context.postgres.fill(&database, stored).await?;
        let took = begin.elapsed().as_secs();
        say(&format!(
            "{} clients and {} rooms stored in {took} s",
            stored.clients, stored.rooms
        ));
        let service = database.installation.start().await?;
        let load = Load::new(
            &service.host,
            company::new_and_stored_clients(stored.rooms, stored.clients),
        );
        Ok(Self {
            database,
            service,
            load,
        })
    }

    /// Milliseconds from the arrival of a webhook to the commit of its decision, in the middle of so many.
    async fn median(&self, onboardings: u32) -> anyhow::Result<f64> {
        let before = self.database.last_decision().await?;
        let time = Duration::from_secs(1) * onboardings / PER_SECOND;
        let answered = self
            .load
            .paced(f64::from(PER_SECOND), time)
            .await?
            .latencies
            .len();
        let decided = format!("onboardings WHERE place > {before} AND room_id IS NOT NULL");
        let all = i64::try_from(answered)?;
        ensure!(all > 0, "nobody wrote");
        let every = async {
            while self.database.count(&decided).await? < all {
                clock::pause(Duration::from_millis(20)).await;
            }
            anyhow::Ok(())
        };
        match timeout(PATIENCE, every).await {
            Ok(done) => done?,
            Err(_) => bail!("not every client was onboarded: {}", self.service.complaints()),
        }
        let median = format!(
            "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY
                 extract(epoch FROM pg_xact_commit_timestamp(onboardings.xmin)) * 1000 - received_at / 1000.0)::float8
             FROM onboardings JOIN inbox USING (company_id, inbox_id) JOIN deliveries USING (company_id, delivery_id)
             WHERE onboardings.place > {before}"
        );
        self.database.number(&median).await
    }
}
