//! The control API below `/simulator/api`: what the phone page and tests over HTTP use.

mod clients;
mod stream;
mod world;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError, web};
use serde_json::json;

use crate::world::SimulatorError;

pub(crate) fn configure(scope: &mut web::ServiceConfig) {
    let json = web::JsonConfig::default()
        .limit(4 << 20)
        .error_handler(|error, _| SimulatorError::Unusable(error.to_string()).into());
    scope.service(
        web::scope("/api")
            .app_data(json)
            .route("/state", web::get().to(world::state))
            .route("/ledger", web::get().to(world::ledger))
            .route("/events", web::get().to(stream::events))
            .route("/faults", web::get().to(world::faults))
            .route("/faults", web::put().to(world::set_faults))
            .route("/clock/advance", web::post().to(world::advance_clock))
            .route("/templates/{name}", web::put().to(world::set_template_status))
            .route(
                "/accounts/{account}/health",
                web::put().to(world::set_account_health),
            )
            .route("/webhooks", web::post().to(world::send_webhook))
            .route("/scannables/{index}.svg", web::get().to(world::scannable))
            .route("/clients", web::post().to(clients::add))
            .route("/clients/{client}/threads", web::get().to(clients::threads))
            .route("/clients/{client}/messages", web::post().to(clients::send))
            .route("/clients/{client}/batch", web::post().to(clients::send_batch))
            .route("/clients/{client}/online", web::put().to(clients::set_online))
            .route(
                "/clients/{client}/threads/{account}",
                web::get().to(clients::thread),
            )
            .route(
                "/clients/{client}/threads/{account}/read",
                web::post().to(clients::read),
            ),
    );
}

impl ResponseError for SimulatorError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::UnknownClient(_) | Self::UnknownAccount(_) => StatusCode::NOT_FOUND,
            Self::ClientExists(_) => StatusCode::CONFLICT,
            Self::Unusable(_) => StatusCode::BAD_REQUEST,
            Self::Full(_) => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).json(json!({"error": self.to_string()}))
    }
}
