//! `pool`: how far pools are used up, and how many numbers they need.

use std::{process::ExitCode, sync::Arc};

use anyhow::ensure;
use onboarding_core::{
    PACE_DAYS, SizingPlan, UsedUp, Utilisation,
    service::{PoolPorts, PoolService},
};

use super::{qr, say, table::say_table};
use crate::{
    cli::{PoolArgs, PoolCommand},
    environment::{SystemClock, SystemEntropy},
    settings::Settings,
    store,
};

pub(super) async fn run(settings: &Settings, args: &PoolArgs) -> anyhow::Result<ExitCode> {
    let store = store::open(&settings.database, true).await?.store;
    let company = qr::company(&store, args.company.as_deref()).await?;
    let ports = PoolPorts::on_store(&store, Arc::new(SystemClock), Arc::new(SystemEntropy));
    let service = PoolService::new(ports);
    match args.command {
        PoolCommand::Plan { target } => {
            ensure!(
                (0.0..1.0).contains(&target),
                "--target is a share: write 0 to 0.99"
            );
            for plan in service.plan(&company.id, target).await? {
                for line in tell(&plan) {
                    say(&line);
                }
            }
        }
        PoolCommand::Utilisation => {
            let found = service.utilisation(&company.id).await?;
            if found.is_empty() {
                say("no client has a number yet");
            } else {
                let rows = found.iter().map(cells).collect();
                say_table(
                    [
                        "POOL",
                        "COUNTRY",
                        "CLIENTS",
                        "NUMBERS",
                        "FULLEST",
                        "NONE LEFT",
                        "ALARM",
                    ],
                    rows,
                );
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(plan: &SizingPlan) -> Vec<String> {
    let SizingPlan {
        pool,
        numbers,
        clients,
        users_per_client,
        blocking,
        needed,
        at_the_edge,
        without_a_free_number,
        used_up,
    } = plan;
    let mut lines = vec![format!(
        "pool {pool}: {numbers} secondaries, {clients} clients with {users_per_client:.2} users each; a client is \
         turned away with probability {:.2} %; {needed} secondaries are needed",
        blocking * 100.0
    )];
    if *without_a_free_number > 0 {
        lines.push(format!(
            "pool {pool}: WARNING: {without_a_free_number} client(s) have no number left and are turned away with the \
             next user they ask for"
        ));
    } else if *at_the_edge > 0 {
        lines.push(format!(
            "pool {pool}: WARNING: {at_the_edge} client(s) have one number left"
        ));
    }
    if let UsedUp::InDays(days) = used_up {
        lines.push(format!(
            "pool {pool}: at the pace of the last {PACE_DAYS} days the first client has no number left in about {days} days"
        ));
    }
    if plan.is_short() {
        let more = needed.saturating_sub(*numbers).max(1);
        lines.push(format!("pool {pool}: add {more} secondaries"));
    }
    lines
}

fn cells(one: &Utilisation) -> [String; 7] {
    [
        one.pool.to_string(),
        one.country
            .map_or_else(|| "–".to_owned(), |country| country.to_string()),
        one.clients.to_string(),
        one.numbers.to_string(),
        format!("{} ({} %)", one.fullest, one.percent()),
        one.without_a_free_number.to_string(),
        one.alarm().map_or_else(String::new, |level| format!("{level} %")),
    ]
}
