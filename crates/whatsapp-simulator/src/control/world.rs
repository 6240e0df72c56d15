//! The state of the world, its faults, its clock and its ledger.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::{AccountHealth, TemplateStatus};
use crate::faults::Faults;
use crate::world::SimulatorError;
use crate::{Simulator, lock};

pub(super) async fn state(simulator: web::Data<Simulator>) -> HttpResponse {
    HttpResponse::Ok().json(simulator.state())
}

pub(super) async fn ledger(simulator: web::Data<Simulator>) -> HttpResponse {
    simulator.with_ledger(|ledger| HttpResponse::Ok().json(ledger))
}

pub(super) async fn faults(simulator: web::Data<Simulator>) -> HttpResponse {
    HttpResponse::Ok().json(simulator.faults())
}

pub(super) async fn set_faults(simulator: web::Data<Simulator>, faults: web::Json<Faults>) -> HttpResponse {
    simulator.set_faults(faults.into_inner());
    HttpResponse::Ok().json(simulator.faults())
}

#[derive(Deserialize)]
pub(super) struct Advance {
    seconds: u64,
}

pub(super) async fn advance_clock(simulator: web::Data<Simulator>, by: web::Json<Advance>) -> HttpResponse {
    simulator.advance_clock(Duration::from_secs(by.seconds));
    HttpResponse::Ok().json(json!({"now_ms": simulator.now_ms()}))
}

#[derive(Deserialize)]
pub(super) struct NewStatus {
    status: TemplateStatus,
}

pub(super) async fn set_template_status(
    simulator: web::Data<Simulator>,
    name: web::Path<String>,
    new: web::Json<NewStatus>,
) -> HttpResponse {
    if simulator.set_template_status(&name, new.status) {
        HttpResponse::NoContent().finish()
    } else {
        HttpResponse::NotFound().json(json!({"error": format!("no template {name:?}")}))
    }
}

pub(super) async fn set_account_health(
    simulator: web::Data<Simulator>,
    account: web::Path<String>,
    health: web::Json<AccountHealth>,
) -> Result<HttpResponse, SimulatorError> {
    simulator.set_account_health(&account, health.into_inner())?;
    Ok(HttpResponse::NoContent().finish())
}

pub(super) async fn send_webhook(simulator: web::Data<Simulator>, body: web::Json<Value>) -> HttpResponse {
    simulator.send_webhook(&body);
    HttpResponse::Accepted().json(json!({}))
}

pub(super) async fn scannable(simulator: web::Data<Simulator>, index: web::Path<usize>) -> HttpResponse {
    let svg = lock(&simulator.inner.world)
        .scannables
        .get(*index)
        .map(|scannable| scannable.svg.clone());
    match svg {
        Some(svg) => HttpResponse::Ok()
            .content_type("image/svg+xml")
            // Opened on its own, a picture must not run anything.
            .insert_header((
                "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
            ))
            .insert_header(("X-Content-Type-Options", "nosniff"))
            .insert_header(("Cache-Control", "no-cache"))
            .body(svg),
        None => HttpResponse::NotFound().finish(),
    }
}
