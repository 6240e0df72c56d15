//! `/api/v1`: what admins and other services can do.
//!
//! Each resource is a module with its handlers and a function `endpoints`, which lists them with their policies. The
//! one table of all of them ([`endpoints`]) makes the routes and the OpenAPI document, so that neither can say what
//! the other does not. A request passes the gate before its handler: who is there, whether they may, how often
//! they came, and whether the same creation was answered before.

pub(crate) mod access;
mod audit_events;
mod badges;
mod body;
mod caller;
mod config;
mod dead_letters;
mod endpoint;
mod etag;
mod gate;
mod idempotency;
pub(crate) mod imports;
mod limiter;
mod me;
pub(crate) mod multipart;
mod names;
mod notices;
mod onboardings;
mod openapi;
mod page;
mod prospects;
mod proxies;
mod qr;
mod rooms;
mod tokens;
mod written;

use std::{net::IpAddr, sync::Arc};

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use onboarding_access::{Access, local::LocalSignIn, openid::OpenIdSignIn};
use onboarding_core::{
    CompanyId,
    ports::{Clock, Entropy, OnboardingStore, SetUp},
};

pub(crate) use body::read as read_body;
pub use body::{Body, MAX_JSON};
pub use caller::{Caller, FORM_TOKEN, SESSION_COOKIE, Shown};
pub(crate) use caller::{foreign_origin, from_our_origin, session_cookie};
pub(crate) use config::{Settings, Things, logo};
pub use endpoint::{Endpoint, Policy, TableError, check};
pub use etag::{ETag, IfMatch};
pub use limiter::{Limiter, Limits};
pub use openapi::document;
pub use page::{Page, PageQuery};
pub use proxies::{InvalidNetwork, TrustedProxies};
pub(crate) use written::Moment;

use crate::problem::Problem;

pub(crate) use endpoint::endpoint;

/// What handlers work with.
pub struct Api {
    /// The ports of the store.
    pub store: Arc<dyn OnboardingStore>,
    /// Knows callers.
    pub access: Access,
    /// Knows passwords and one-time codes.
    pub local: LocalSignIn,
    /// Knows whom identity providers and Microsoft Teams know.
    pub openid: OpenIdSignIn,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// How often callers may come.
    pub limits: Limiter,
    /// Who may say for whom a request is.
    pub proxies: TrustedProxies,
    /// Scheme, host and port that browsers see; `None`: whatever they asked for.
    pub origin: Option<String>,
    /// Sets companies up at WhatsApp.
    pub set_up: Arc<dyn SetUp>,
}

impl Api {
    /// Whether browsers reach us by HTTPS.
    pub fn is_https(&self) -> bool {
        let origin = self.origin.as_deref();
        origin.is_some_and(|origin| origin.starts_with("https://"))
    }

    /// Where a request came from, past the proxies that are trusted.
    pub(crate) fn address_of(&self, request: &HttpRequest) -> Option<IpAddr> {
        let peer = request.peer_addr()?.ip();
        Some(self.proxies.client(peer, request.headers()))
    }

    /// Whether people of the company may have passwords.
    pub(crate) async fn has_local_accounts(&self, company: &CompanyId) -> Result<bool, Problem> {
        let company = self.store.company(company).await?;
        Ok(company.is_some_and(|company| company.settings.sign_in.has_local_accounts()))
    }

    /// The name of the cookie with the session's secret.
    pub fn cookie_name(&self) -> &'static str {
        if self.is_https() {
            SESSION_COOKIE
        } else {
            caller::LOOPBACK_COOKIE
        }
    }
}

/// What a handler gives.
pub type Answer<T> = Result<T, Problem>;

/// Every endpoint of the API, in the order of the OpenAPI document.
pub fn endpoints() -> Vec<Endpoint> {
    [
        me::endpoints(),
        config::endpoints(),
        imports::endpoints(),
        access::endpoints(),
        qr::endpoints(),
        badges::endpoints(),
        onboardings::endpoints(),
        rooms::endpoints(),
        prospects::endpoints(),
        notices::endpoints(),
        dead_letters::endpoints(),
        audit_events::endpoints(),
        tokens::endpoints(),
        openapi::endpoints(),
    ]
    .concat()
}

/// Mounts endpoints. Whatever else is asked for below `/api` is answered with a problem document.
pub fn configure(config: &mut web::ServiceConfig, api: web::Data<Api>, endpoints: &[Endpoint]) {
    config
        .app_data(api)
        .app_data(query_config())
        .app_data(path_config());
    endpoint::mount(config, endpoints);
    config.service(web::scope("/api").default_service(web::to(|| std::future::ready(no_such_route()))));
}

/// Parameters after `?` that cannot be read.
fn query_config() -> web::QueryConfig {
    web::QueryConfig::default().error_handler(|error, _: &HttpRequest| {
        let reason = match &error {
            actix_web::error::QueryPayloadError::Deserialize(error) => error.to_string(),
            _ => "they cannot be read".to_owned(),
        };
        let detail = format!("parameters after `?`: {reason}");
        Problem::new(StatusCode::BAD_REQUEST, "invalid-parameter", detail).into()
    })
}

/// What is no id is nobody's id.
fn path_config() -> web::PathConfig {
    web::PathConfig::default().error_handler(|_, _: &HttpRequest| Problem::not_found().into())
}

fn no_such_route() -> HttpResponse {
    Problem::new(
        StatusCode::NOT_FOUND,
        "no-such-route",
        "there is no such address; /api/v1/openapi.json lists them",
    )
    .response()
}
