//! The Graph endpoints, below `/simulator/graph`.

mod app;
mod catalogue;
mod error;
mod node;
mod recipient;
mod render;
mod request;
mod send;
mod template;

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use secrecy::ExposeSecret;
use serde_json::Value;

pub(crate) use app::app_token;
pub(crate) use catalogue::catalogue;
use error::GraphError;
use request::GraphRequest;
use send::Sent;

use crate::ledger::GraphCall;
use crate::scheduler::pause;
use crate::simulator::Inner;
use crate::{Simulator, lock};

/// Longer than a caller's own time limit. actix keeps the connection until then, also when the caller is gone.
const NEVER: Duration = Duration::from_mins(1);

pub(crate) fn configure(scope: &mut web::ServiceConfig) {
    scope.service(
        web::scope("/graph")
            .app_data(web::PayloadConfig::new(4 << 20))
            .default_service(web::to(answer)),
    );
}

/// What a Graph call came to.
struct Answer {
    body: Value,
    message_id: Option<String>,
    /// A fault holds the answer back.
    withheld: bool,
}

impl From<Value> for Answer {
    fn from(body: Value) -> Self {
        Self {
            body,
            message_id: None,
            withheld: false,
        }
    }
}

async fn answer(request: HttpRequest, body: Bytes, simulator: web::Data<Simulator>) -> HttpResponse {
    let inner = &simulator.inner;
    let request = GraphRequest::read(&request, &body);
    let result = match (&request.method, request.segments.as_slice()) {
        (&Method::POST, [app, edge]) if edge == "subscriptions" => {
            app::subscribe(inner, app, &request).await.map(Answer::from)
        }
        (&Method::GET, [app, edge]) if edge == "subscriptions" => {
            app::subscriptions(inner, app, &request).map(Answer::from)
        }
        _ => route(inner, &request),
    };
    let (status, body, error_code, message_id, withheld) = match result {
        Ok(answer) => (
            StatusCode::OK,
            answer.body,
            None,
            answer.message_id,
            answer.withheld,
        ),
        Err(error) => {
            let trace_id = lock(&inner.ids).trace_id();
            (error.status, error.body(&trace_id), Some(error.code), None, false)
        }
    };
    lock(&inner.ledger).record_call(GraphCall {
        number: 0,
        at_ms: inner.clock.now_ms(),
        method: request.method.to_string(),
        path: request.path.clone(),
        body: request.body.clone(),
        status: (!withheld).then_some(status.as_u16()),
        error_code,
        message_id,
    });
    inner.announcer.touch();
    if withheld {
        pause(NEVER).await;
        return HttpResponse::GatewayTimeout().finish();
    }
    HttpResponse::build(status).json(body)
}

fn route(inner: &Arc<Inner>, request: &GraphRequest) -> Result<Answer, GraphError> {
    authenticate(inner, request)?;
    let segments: Vec<_> = request.segments.iter().map(String::as_str).collect();
    match (&request.method, segments.as_slice()) {
        (&Method::GET, ["debug_token"]) => Ok(node::debug_token(inner, request)?.into()),
        (&Method::GET, [id]) => Ok(node::get(inner, id, request)?.into()),
        (&Method::GET, [waba, "subscribed_apps"]) => Ok(node::subscribed_apps(inner, waba)?.into()),
        (&Method::POST, [waba, "subscribed_apps"]) => Ok(node::subscribe(inner, waba)?.into()),
        (&Method::DELETE, [waba, "subscribed_apps"]) => Ok(node::unsubscribe(inner, waba)?.into()),
        (&Method::GET, [waba, "message_templates"]) => Ok(node::templates(inner, waba, request)?.into()),
        (&Method::GET, [waba, "phone_numbers"]) => Ok(node::phone_numbers(inner, waba, request)?.into()),
        (&Method::POST, [number, "messages"]) => match send::send(inner, number, request)? {
            Sent::ReadMark(body) => Ok(body.into()),
            Sent::Message { body, id, withheld } => Ok(Answer {
                body,
                message_id: Some(id),
                withheld,
            }),
        },
        (
            _,
            [_]
            | [
                _,
                "messages" | "subscribed_apps" | "message_templates" | "phone_numbers",
            ],
        ) => Err(GraphError::unsupported(&request.method)),
        _ => Err(GraphError::unknown_path(&segments)),
    }
}

fn authenticate(inner: &Inner, request: &GraphRequest) -> Result<(), GraphError> {
    let token = request.token.as_deref().ok_or_else(GraphError::no_token)?;
    if is_valid_token(inner, token) {
        Ok(())
    } else {
        Err(GraphError::bad_token())
    }
}

fn is_valid_token(inner: &Inner, token: &str) -> bool {
    lock(&inner.access_tokens)
        .iter()
        .any(|valid| !valid.expose_secret().is_empty() && valid.expose_secret() == token)
}
