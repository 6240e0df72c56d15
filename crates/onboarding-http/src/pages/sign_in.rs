//! `/sign-in` and `/sign-out`.

mod demo;
mod local;
mod provider;

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    http::{Method, StatusCode, header},
    web,
};
use askama::Template;
use onboarding_core::{
    CompanyId, Role, User,
    access::{Action, SignInMeans},
    audit::{Actor, Origin},
};
use onboarding_pages::{Area, Place, Shell};
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::{WaysIn, html, rendered, tongue::Chosen};
use crate::api::{
    Answer, Api, Caller, Endpoint, Policy, Shown, foreign_origin, from_our_origin, session_cookie,
};

/// Where users go after signing in, and whoever one is in the demo; and who configures or audits.
const HOME: &str = "/app/profile";
const ADMIN_HOME: &str = "/admin";

/// The products, to whose pages a form may lead.
const PRODUCTS: [&str; 3] = ["/app/", "/teams/", "/admin"];

pub(super) fn endpoints() -> Vec<Endpoint> {
    let strangers = Policy::Open("whoever signs in is not signed in yet");
    let oneself = Policy::May(Action::ManageSelf);
    vec![
        Endpoint::page(Method::GET, "/sign-in", strangers, || web::route().to(show)),
        Endpoint::page(Method::POST, "/sign-in", strangers, || web::route().to(sign_in)),
        Endpoint::page(Method::GET, provider::BEGIN, strangers, || {
            web::route().to(provider::begin)
        })
        .tried(),
        Endpoint::page(Method::GET, provider::CALLBACK, strangers, || {
            web::route().to(provider::finish)
        })
        .tried(),
        Endpoint::page(Method::POST, "/sign-out", oneself, || web::route().to(sign_out)),
    ]
}

/// What a form of the page sends. It has no `Debug`, because of the password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    username: String,
    #[serde(default)]
    company: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
    /// The page to go to.
    to: Option<String>,
    /// The field of all forms. Before a session there is nothing to compare it with: `Origin` counts.
    #[serde(rename = "form_token", default)]
    _form_token: String,
}

async fn show(api: web::Data<Api>, ways: web::Data<WaysIn>, request: HttpRequest) -> Answer<HttpResponse> {
    match &ways.demo {
        Some(company) => demo::show(&api, company, &request).await,
        None => local::show(&api, &request).await,
    }
}

async fn sign_in(
    api: web::Data<Api>,
    ways: web::Data<WaysIn>,
    request: HttpRequest,
    form: web::Form<Entry>,
) -> Answer<HttpResponse> {
    if !from_our_origin(api.origin.as_deref(), &request) {
        return Err(foreign_origin());
    }
    match &ways.demo {
        Some(company) => demo::sign_in(&api, company, &request, &form).await,
        None => local::sign_in(&api, &request, form.into_inner()).await,
    }
}

/// Somebody who has just proven who they are.
pub(super) struct Proven<'a> {
    pub(super) company: &'a CompanyId,
    pub(super) user: &'a User,
    pub(super) means: SignInMeans,
    pub(super) second_factor: bool,
}

/// Opens a session for them and leads them to their page, or to the one that they came for.
pub(super) async fn enter(
    api: &Api,
    request: &HttpRequest,
    proven: Proven<'_>,
    to: Option<&str>,
) -> Answer<HttpResponse> {
    end_present(api, request).await?;
    let opened = api
        .access
        .open_session(
            proven.company,
            proven.user,
            proven.means,
            proven.second_factor,
            api.address_of(request),
        )
        .await?;
    Ok(HttpResponse::SeeOther()
        .cookie(cookie(api, opened.secret.expose_secret()))
        .insert_header((header::LOCATION, destination(to, &proven)))
        .finish())
}

/// A page of ours and no other: an address that somebody else made leads nowhere else.
fn destination<'a>(wanted: Option<&'a str>, proven: &Proven<'_>) -> &'a str {
    let plain = |path: &str| {
        let simple = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-');
        path.chars().all(simple) && PRODUCTS.iter().any(|product| path.starts_with(product))
    };
    let administrates = proven.user.roles.iter().any(|role| *role != Role::User);
    let home = match proven.means {
        SignInMeans::Demo => HOME,
        _ if administrates => ADMIN_HOME,
        _ => HOME,
    };
    wanted.filter(|path| plain(path)).unwrap_or(home)
}

/// What is around a page that one sees before one is signed in.
pub(super) fn outside(chosen: Chosen, company: &str, demo: bool) -> Shell<'_> {
    Shell {
        area: Area::App,
        place: Place::Other,
        tongue: chosen.tongue,
        company,
        signed: None,
        demo,
    }
}

/// An answer with such a page, which remembers the language that was chosen on it.
pub(super) fn answer(
    api: &Api,
    chosen: Chosen,
    status: StatusCode,
    page: &impl Template,
) -> Answer<HttpResponse> {
    let mut answer = html(rendered(page)?);
    *answer.status_mut() = status;
    if let Some(cookie) = chosen.cookie(api.is_https()) {
        // A cookie of ours has no character that a header refuses.
        let _ = answer.add_cookie(&cookie);
    }
    Ok(answer)
}

async fn sign_out(api: web::Data<Api>, caller: Caller) -> Answer<HttpResponse> {
    if let Shown::Session { session, .. } = &caller.shown
        && let Actor::Person(username) = caller.principal.actor()
    {
        api.access
            .end_session(session, &username, &caller.origin())
            .await?;
    }
    let mut gone = cookie(&api, "");
    gone.set_max_age(Duration::ZERO);
    Ok(HttpResponse::SeeOther()
        .cookie(gone)
        .insert_header(("Clear-Site-Data", "\"cache\", \"storage\""))
        .insert_header((header::LOCATION, "/sign-in"))
        .finish())
}

/// Whoever signs in leaves the session that the browser has.
async fn end_present(api: &Api, request: &HttpRequest) -> Answer<()> {
    let Some(text) = session_cookie(api, request) else {
        return Ok(());
    };
    if let Some(present) = api.access.by_session(&text).await?
        && let Actor::Person(username) = present.principal.actor()
    {
        let address = api.address_of(request);
        let by = Origin::new(present.principal.actor(), address);
        api.access.end_session(&present.session, &username, &by).await?;
    }
    Ok(())
}

/// Ends with the browser; the store ends it earlier.
fn cookie<'a>(api: &Api, secret: &'a str) -> Cookie<'a> {
    Cookie::build(api.cookie_name(), secret)
        .path("/")
        .http_only(true)
        .secure(api.is_https())
        .same_site(SameSite::Lax)
        .finish()
}
