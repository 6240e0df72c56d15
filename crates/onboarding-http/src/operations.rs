//! `/livez`, `/readyz` and `/metrics`, for the operations listener.

use std::{sync::Arc, time::Duration};

use actix_web::{HttpResponse, web};
use metrics_exporter_prometheus::PrometheusHandle;
use onboarding_core::ports::{Backlog, Record};
use serde_json::json;

use crate::problem::unavailable;

/// How long the store may take to show that it answers.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the operations endpoints look at.
pub struct Operations {
    /// The store.
    pub record: Arc<dyn Record>,
    /// The recorder that the process writes its metrics to.
    pub metrics: PrometheusHandle,
}

/// Mounts the endpoints.
pub fn configure(config: &mut web::ServiceConfig, operations: web::Data<Operations>) {
    config
        .app_data(operations)
        .route("/livez", web::get().to(live))
        .route("/readyz", web::get().to(ready))
        .route("/metrics", web::get().to(render_metrics));
}

/// The process runs. Says nothing about its surroundings, so that a restart is not asked for when they fail.
async fn live() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

async fn ready(operations: web::Data<Operations>) -> HttpResponse {
    match backlog(&operations).await {
        Some(backlog) => HttpResponse::Ok()
            .insert_header(("Cache-Control", "no-store"))
            .json(json!({
                "status": "ready",
                "inbox": backlog.inbox,
                "outbox": backlog.outbox,
                "dead_letters": backlog.dead_letters,
                "quarantined": backlog.quarantined,
            })),
        None => unavailable(
            "store-unavailable",
            "the store does not answer; see the log for the reason",
            5,
        ),
    }
}

async fn render_metrics(operations: web::Data<Operations>) -> HttpResponse {
    if let Some(backlog) = backlog(&operations).await {
        set("onboarding_inbox_waiting", backlog.inbox);
        set("onboarding_outbox_waiting", backlog.outbox);
        set("onboarding_dead_letters", backlog.dead_letters);
        set("onboarding_quarantined", backlog.quarantined);
    }
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(operations.metrics.render())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a queue of 2^52 rows has other problems than a gauge"
)]
fn set(name: &'static str, value: u64) {
    metrics::gauge!(name).set(value as f64);
}

async fn backlog(operations: &Operations) -> Option<Backlog> {
    match tokio::time::timeout(PATIENCE, operations.record.backlog()).await {
        Ok(Ok(backlog)) => Some(backlog),
        Ok(Err(error)) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the store does not answer"
            );
            None
        }
        Err(_) => {
            tracing::warn!("the store does not answer in time");
            None
        }
    }
}
