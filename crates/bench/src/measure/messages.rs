//! Messages out a second.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tokio::task::JoinSet;
use whatsapp_graph::client::{HttpLimits, http_client};

use super::{Context, say};
use crate::{
    clock,
    company::{self, ACCESS_TOKEN},
    report::{Aim, Figure},
};

/// Sends under way at a time, here as in the service.
const AT_ONCE: usize = 64;

/// Queued for each second, more than can be sent.
const QUEUED_A_SECOND: u64 = 6_000;

pub(super) async fn measure(context: &Context<'_>) -> anyhow::Result<Figure> {
    let plan = context.plan;
    context.hold_messages(false);
    let database = context.database("messages").await?;
    let held = database.hold_messages().await?;
    let seconds = (plan.warm_up + plan.turn * plan.turns).as_secs() + 1;
    database.queue_messages(seconds * QUEUED_A_SECOND).await?;
    let service = database.installation.start().await?;
    drop(held);
    clock::pause(plan.warm_up).await;
    let mut held = database.hold_messages().await?;
    let bare = Bare::new(context)?;
    bare.per_second(plan.warm_up).await?;
    let mut turns = Vec::new();
    for turn in 1..=plan.turns {
        drop(held);
        let ours = ours(context, plan.turn).await;
        held = database.hold_messages().await?;
        let theirs = bare.per_second(plan.turn).await?;
        say(&format!(
            "messages, turn {turn}: {ours:.0}/s, bare client {theirs:.0}/s"
        ));
        turns.push([ours, theirs]);
    }
    ensure!(
        database.count("outbox WHERE state = 'failed'").await? == 0,
        "messages failed: {}",
        service.complaints()
    );
    ensure!(
        database.count("outbox WHERE state = 'pending'").await? > 0,
        "all messages were sent before the time was over"
    );
    drop(held);
    Ok(Figure::new(
        "messages",
        "messages out, 64 at a time",
        "/s",
        "bare HTTP client, same simulator",
        Aim::AtLeast(0.7),
        turns,
    ))
}

async fn ours(context: &Context<'_>, time: Duration) -> f64 {
    let calls = || context.simulator.with_ledger(|ledger| ledger.graph_calls_total);
    let (before, begin) = (calls(), clock::now());
    clock::pause(time).await;
    per_second(calls() - before, begin)
}

/// A client that does nothing but send.
struct Bare {
    http: reqwest::Client,
    urls: Arc<[String]>,
    /// A free text and an invitation, as the service sent them.
    bodies: Arc<[Value]>,
    next: Arc<AtomicU64>,
}

impl Bare {
    fn new(context: &Context<'_>) -> anyhow::Result<Self> {
        let (bodies, version) = context.simulator.with_ledger(|ledger| {
            let bodies = ["text", "template"].map(|kind| {
                let mut bodies = ledger.graph_calls.iter().filter_map(|call| call.body.as_ref());
                bodies.find(|body| body["type"] == kind).cloned()
            });
            let path = ledger
                .graph_calls
                .back()
                .map(|call| call.path.clone())
                .unwrap_or_default();
            (
                bodies,
                path.trim_start_matches('/')
                    .split('/')
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
            )
        });
        let bodies: Option<Vec<Value>> = bodies.into_iter().collect();
        let graph = context.simulator.graph_url();
        let version = if version.starts_with('v') {
            format!("/{version}")
        } else {
            String::new()
        };
        let url = |number| format!("{graph}{version}/{}/messages", company::phone_number_id(number));
        Ok(Self {
            http: http_client(&HttpLimits::default())?,
            urls: (0..company::UNITS * (company::SECONDARIES + 1))
                .map(url)
                .collect(),
            bodies: bodies.context("the service sent nothing")?.into(),
            next: Arc::default(),
        })
    }

    async fn per_second(&self, time: Duration) -> anyhow::Result<f64> {
        let begin = clock::now();
        let mut senders = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (http, urls, bodies, next) = (
                self.http.clone(),
                self.urls.clone(),
                self.bodies.clone(),
                self.next.clone(),
            );
            senders.spawn(async move {
                let mut sent = 0_u64;
                while begin.elapsed() < time {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let place = usize::try_from(number)?;
                    let mut body = bodies[place % bodies.len()].clone();
                    body["to"] = Value::String(format!("+8527{number:07}"));
                    let request = http
                        .post(&urls[place % urls.len()])
                        .bearer_auth(ACCESS_TOKEN)
                        .json(&body);
                    let response = request.send().await?.error_for_status()?;
                    response.bytes().await?;
                    sent += 1;
                }
                anyhow::Ok(sent)
            });
        }
        let mut sent = 0;
        while let Some(sender) = senders.join_next().await {
            sent += sender??;
        }
        Ok(per_second(sent, begin))
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn per_second(count: u64, since: Instant) -> f64 {
    count as f64 / since.elapsed().as_secs_f64()
}
