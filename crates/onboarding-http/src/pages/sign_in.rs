//! `/sign-in` and `/sign-out`.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    http::{Method, StatusCode, header},
    web,
};
use onboarding_core::{
    Company, CompanyId,
    access::{Action, SignInMeans},
    audit::{Actor, Origin},
    config::UserConfig,
};
use onboarding_pages::{Area, DemoPerson, Place, Shell, SignInPage, Tongue};
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::{WaysIn, html};
use crate::{
    api::{Answer, Api, Caller, Endpoint, Policy, Shown, foreign_origin, from_our_origin, session_cookie},
    problem::Problem,
};

/// Where one goes after signing in.
const HOME: &str = "/";

pub(super) fn endpoints() -> Vec<Endpoint> {
    let strangers = Policy::Open("whoever signs in is not signed in yet");
    let oneself = Policy::May(Action::ManageSelf);
    vec![
        Endpoint::page(Method::GET, "/sign-in", strangers, || web::route().to(show)),
        Endpoint::page(Method::POST, "/sign-in", strangers, || web::route().to(sign_in)),
        Endpoint::page(Method::POST, "/sign-out", oneself, || web::route().to(sign_out)),
    ]
}

#[derive(Deserialize)]
struct Asked {
    lang: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    username: String,
    /// The field of all forms. Before a session there is nothing to compare it with: `Origin` counts.
    #[serde(rename = "form_token", default)]
    _form_token: String,
}

async fn show(
    api: web::Data<Api>,
    ways: web::Data<WaysIn>,
    asked: web::Query<Asked>,
) -> Answer<HttpResponse> {
    let (company, users) = demo(&api, &ways).await?;
    let roles: Vec<String> = users.iter().map(roles_of).collect();
    let people: Vec<_> = users
        .iter()
        .zip(&roles)
        .map(|(user, role)| person(user, role))
        .collect();
    let wanted = asked.lang.as_deref().unwrap_or_default();
    let tongue = Tongue::ALL.into_iter().find(|tongue| tongue.tag() == wanted);
    let page = SignInPage {
        shell: Shell {
            area: Area::App,
            place: Place::Other,
            tongue: tongue.unwrap_or_default(),
            company: &company.settings.name,
            signed: None,
            demo: true,
        },
        action: "/sign-in",
        provider: None,
        password: false,
        code: false,
        people: &people,
        error: None,
        form_token: "",
    };
    let rendered = askama::Template::render(&page).map_err(|error| {
        tracing::error!(%error, "a page cannot be made");
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the page cannot be made",
        )
    })?;
    Ok(html(rendered))
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
    let company = demo_company(&ways)?;
    let user = api.store.user_named(company, &form.username).await?;
    let user = user.filter(|user| user.active).ok_or_else(|| {
        Problem::new(
            StatusCode::FORBIDDEN,
            "sign-in-failed",
            "choose one of the people on the page",
        )
    })?;
    end_present(&api, &request).await?;
    let address = api.address_of(&request);
    let opened = api
        .access
        .open_session(company, &user, SignInMeans::Demo, true, address)
        .await?;
    Ok(HttpResponse::SeeOther()
        .cookie(cookie(&api, opened.secret.expose_secret()))
        .insert_header((header::LOCATION, HOME))
        .finish())
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

fn demo_company(ways: &WaysIn) -> Answer<&CompanyId> {
    ways.demo.as_ref().ok_or_else(Problem::not_found)
}

async fn demo(api: &Api, ways: &WaysIn) -> Answer<(Arc<Company>, Vec<UserConfig>)> {
    let id = demo_company(ways)?;
    let company = api.store.company(id).await?.ok_or_else(Problem::not_found)?;
    let (config, _) = api.store.config(id).await?.ok_or_else(Problem::not_found)?;
    Ok((company, config.users))
}

fn roles_of(user: &UserConfig) -> String {
    let roles: Vec<_> = user.roles.iter().map(|role| role.as_str()).collect();
    match &user.title {
        Some(title) => format!("{title} · {}", roles.join(", ")),
        None => roles.join(", "),
    }
}

fn person<'a>(user: &'a UserConfig, role: &'a str) -> DemoPerson<'a> {
    DemoPerson {
        username: &user.username,
        name: &user.name,
        role,
    }
}
