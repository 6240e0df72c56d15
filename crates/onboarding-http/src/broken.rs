//! A mistake on purpose: the positive control of the crash suite, which must see what it loses.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use onboarding_core::service::IncomingDelivery;

use crate::webhook::Webhook;

/// How long a delivery that was acknowledged is in memory only.
const LATE: Duration = Duration::from_millis(30);

/// Says 200 first and stores later, as much public advice has it.
pub(crate) fn acknowledge_before_storing(
    webhook: web::Data<Webhook>,
    delivery: IncomingDelivery,
) -> HttpResponse {
    actix_web::rt::spawn(async move {
        let _ = tokio::time::timeout(LATE, std::future::pending::<()>()).await;
        if webhook.ingest.accept(delivery).await.is_ok() {
            webhook.wake.notify_one();
        }
    });
    HttpResponse::Ok().finish()
}
