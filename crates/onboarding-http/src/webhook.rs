//! `/webhooks/whatsapp`: Meta's verification handshake and its deliveries.
//!
//! A delivery is answered with 200 only after it is stored, and for everything that is genuine, even what cannot be
//! read: Meta would send it again for seven days. Whatever is not 200 changed nothing.

use std::{sync::Arc, time::Duration};

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use onboarding_core::{
    CompanyId,
    ports::Quarantined,
    service::{IncomingDelivery, IncomingElement, IngestService},
};
use secrecy::SecretString;
use serde::Deserialize;
use tokio::{
    sync::{Notify, Semaphore},
    time::timeout,
};
use whatsapp_graph::{
    AppSecret, SignatureError, VerifiedBody, signature::SIGNATURE_HEADER, verify_token_matches,
    webhook::split,
};

use crate::problem::{problem, unavailable};

/// The largest delivery that is taken. Meta sends 3 MB at the most.
pub const MAX_BODY: usize = 4 * 1024 * 1024;

/// How long a sender may take over its body.
const BODY_DEADLINE: Duration = Duration::from_secs(10);

/// How long storing may take before the sender is asked to come again, who hears it within two seconds.
const STORE_DEADLINE: Duration = Duration::from_millis(1_500);

/// How many deliveries are stored at once. Of more than the store can take in [`STORE_DEADLINE`] each would wait for
/// nearly all of it, and be given up when its turn comes: then nothing gets through any more. Who finds no place is told
/// so at once, and comes again.
const AT_ONCE: usize = 32;

/// The secrets that deliveries and handshakes are checked with. Asked each time, so that a rotated secret needs no
/// restart.
pub trait WebhookSecrets: Send + Sync {
    /// The app secrets by company. Several companies may share one; one company may have two for a while.
    fn app_secrets(&self) -> Arc<[(CompanyId, AppSecret)]>;

    /// The verify tokens of all companies.
    fn verify_tokens(&self) -> Arc<[SecretString]>;
}

/// What the webhook needs.
pub struct Webhook {
    /// Stores deliveries.
    pub ingest: IngestService,
    secrets: Arc<dyn WebhookSecrets>,
    pub(crate) wake: Arc<Notify>,
    /// For deliveries that are being stored.
    places: Semaphore,
}

impl Webhook {
    /// Stores deliveries with `ingest`, checked with `secrets`; `wake` tells the worker that something is stored.
    pub fn new(ingest: IngestService, secrets: Arc<dyn WebhookSecrets>, wake: Arc<Notify>) -> Self {
        Self {
            ingest,
            secrets,
            wake,
            places: Semaphore::new(AT_ONCE),
        }
    }
}

/// Mounts the webhook.
pub fn configure(config: &mut web::ServiceConfig, webhook: web::Data<Webhook>) {
    config.app_data(webhook).service(
        web::resource("/webhooks/whatsapp")
            .route(web::get().to(handshake))
            .route(web::post().to(deliver)),
    );
}

#[derive(Deserialize)]
struct Handshake {
    #[serde(rename = "hub.mode", default)]
    mode: String,
    #[serde(rename = "hub.challenge", default)]
    challenge: String,
    #[serde(rename = "hub.verify_token", default)]
    verify_token: String,
}

async fn handshake(webhook: web::Data<Webhook>, query: web::Query<Handshake>) -> HttpResponse {
    let ours = webhook.secrets.verify_tokens();
    // No short cut: how long it takes does not tell which token was near.
    let matches = ours
        .iter()
        .filter(|token| verify_token_matches(token, &query.verify_token))
        .count();
    if query.mode == "subscribe" && matches > 0 {
        HttpResponse::Ok()
            .insert_header(("X-Content-Type-Options", "nosniff"))
            .content_type("text/plain; charset=utf-8")
            .body(query.challenge.clone())
    } else {
        problem(
            StatusCode::FORBIDDEN,
            "wrong-verify-token",
            "the verify token is none of ours",
        )
    }
}

async fn deliver(webhook: web::Data<Webhook>, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let response = answer(&webhook, &request, payload).await;
    metrics::counter!("onboarding_webhook_deliveries_total", "status" => response.status().as_u16().to_string())
        .increment(1);
    response
}

async fn answer(webhook: &web::Data<Webhook>, request: &HttpRequest, payload: web::Payload) -> HttpResponse {
    let body = match timeout(BODY_DEADLINE, read(request, payload)).await {
        Ok(Ok(body)) => body,
        Ok(Err(refusal)) => return refusal,
        Err(_) => {
            return problem(
                StatusCode::REQUEST_TIMEOUT,
                "body-too-slow",
                "the body did not arrive within 10 seconds",
            );
        }
    };
    let secrets = webhook.secrets.app_secrets();
    let headers = request
        .headers()
        .get_all(SIGNATURE_HEADER)
        .map(actix_web::http::header::HeaderValue::as_bytes);
    let keyed = secrets.iter().map(|(company, secret)| (company, secret));
    let (body, companies) = match VerifiedBody::verify(body, headers, keyed) {
        Ok((body, companies)) => (body, companies.into_iter().cloned().collect()),
        Err(error) => return unauthorised(error),
    };
    onboarding_core::crash_point!("ingest.after_verify");
    store(webhook, &body, companies).await
}

async fn read(request: &HttpRequest, mut payload: web::Payload) -> Result<Bytes, HttpResponse> {
    let too_large = || {
        problem(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body-too-large",
            "a delivery has 4 MiB at the most",
        )
    };
    let announced = request
        .headers()
        .get("Content-Length")
        .and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > MAX_BODY) {
        return Err(too_large());
    }
    let mut body = BytesMut::with_capacity(announced.unwrap_or(0).min(64 * 1024));
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| {
            problem(
                StatusCode::BAD_REQUEST,
                "body-unreadable",
                "the body ended before its announced length",
            )
        })?;
        if body.len() + chunk.len() > MAX_BODY {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn unauthorised(error: SignatureError) -> HttpResponse {
    tracing::warn!(reason = %error, "refused a webhook delivery");
    let detail = format!("{error}: sign the raw body with the app secret in {SIGNATURE_HEADER}");
    problem(StatusCode::UNAUTHORIZED, "wrong-signature", &detail)
}

async fn store(
    webhook: &web::Data<Webhook>,
    body: &VerifiedBody,
    verified_for: Vec<CompanyId>,
) -> HttpResponse {
    let Ok(_place) = webhook.places.try_acquire() else {
        webhook.ingest.turned_away();
        tracing::debug!("too many webhook deliveries at once; one is asked to come again");
        return unavailable("busy", "too many deliveries are being stored; send it again", 1);
    };
    let delivery = split(body);
    let broken = delivery.broken.into_iter();
    let incoming = IncomingDelivery {
        raw: body.as_bytes().to_vec(),
        verified_for,
        elements: delivery.elements.into_iter().map(incoming).collect(),
        broken: broken
            .map(|broken| Quarantined {
                payload: broken.payload,
                reason: broken.reason,
            })
            .collect(),
    };
    #[cfg(feature = "failpoints")]
    if onboarding_core::broken!("ack_before_store") {
        return crate::broken::acknowledge_before_storing(webhook.clone(), incoming);
    }
    match timeout(STORE_DEADLINE, webhook.ingest.accept(incoming)).await {
        Ok(Ok(report)) => {
            webhook.wake.notify_one();
            if report.quarantined > 0 {
                metrics::counter!("onboarding_quarantined_total").increment(report.quarantined as u64);
                tracing::warn!(
                    quarantined = report.quarantined,
                    "put elements of a delivery aside"
                );
            }
            tracing::debug!(
                stored = report.stored,
                repeated = report.repeated,
                "stored a webhook delivery"
            );
            onboarding_core::crash_point!("ingest.before_answer");
            HttpResponse::Ok()
                .content_type("text/plain; charset=utf-8")
                .body("ok\n")
        }
        Ok(Err(error)) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "cannot store a webhook delivery"
            );
            unavailable(
                "store-unavailable",
                "the delivery could not be stored; send it again",
                5,
            )
        }
        Err(_) => {
            tracing::error!("storing a webhook delivery takes too long");
            unavailable(
                "store-unavailable",
                "the delivery could not be stored in time; send it again",
                5,
            )
        }
    }
}

fn incoming(element: whatsapp_graph::webhook::Element) -> IncomingElement {
    IncomingElement {
        waba_id: element.waba_id,
        phone_number_id: element.phone_number_id,
        dedupe_key: element.dedupe_key,
        lane: element.lane,
        payload: element.payload,
    }
}
