//! Pages for people: how one comes in and goes out, and the files that pages refer to.
//!
//! Pages are endpoints of the same table as the API ([`Endpoint::page`]), with the same gate before them: whoever is not
//! signed in is sent to `/sign-in`, and a form that changes something carries its `form_token`
//! ([`Caller::form_token`](crate::api::Caller::form_token)). What they look like is in `onboarding-pages`.

mod admin;
mod app;
mod assets;
mod docs;
mod refusal;
mod set_up;
mod sign_in;
mod tongue;
mod visit;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use askama::Template;
use onboarding_core::CompanyId;
use onboarding_pages::CONTENT_POLICY;

use crate::{
    api::{Answer, Endpoint},
    problem::Problem,
};

pub use app::Live;
pub(crate) use app::tab;
pub(crate) use refusal::as_page;
pub use refusal::nowhere;

/// The ways in that an installation offers.
#[derive(Debug, Clone, Default)]
pub struct WaysIn {
    /// The company of the demo, whose users anybody may be with one click.
    pub demo: Option<CompanyId>,
    /// Whether people sign in here as their companies want it: through an identity provider, or with passwords. Not in
    /// the demo.
    pub local: bool,
}

/// The endpoints of these pages. Without a way in there is nothing to sign in to.
pub fn endpoints(ways: &WaysIn) -> Vec<Endpoint> {
    let mut all = [assets::endpoints(), docs::endpoints()].concat();
    if ways.local {
        all.extend(set_up::endpoints());
    }
    if ways.local || ways.demo.is_some() {
        all.extend(sign_in::endpoints());
        all.extend(app::endpoints());
        all.extend(admin::endpoints());
    }
    all
}

/// An answer with a page.
pub fn html(page: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_POLICY))
        .content_type("text/html; charset=utf-8")
        .body(page)
}

/// The text of a page.
fn rendered(page: &impl Template) -> Answer<String> {
    page.render().map_err(|error| {
        tracing::error!(%error, "a page cannot be made");
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the page cannot be made",
        )
    })
}
