//! `/sign-in/provider` and `/sign-in/callback`: through the company's identity provider (OpenID Connect).

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    http::{StatusCode, header},
    web,
};
use onboarding_access::openid::{PENDING_LASTS, Refused, Return, Why};
use onboarding_core::{CompanyId, access::SignInMeans};
use onboarding_pages::Words;
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::{
    Proven, enter,
    local::{self, Companies},
};
use crate::{
    api::{Answer, Api},
    pages::{WaysIn, tongue::Chosen},
    problem::Problem,
};

/// Where the browser begins.
pub(super) const BEGIN: &str = "/sign-in/provider";

/// Where the provider sends it back.
pub(super) const CALLBACK: &str = "/sign-in/callback";

/// What the browser keeps while it is away; by plain HTTP, which is for this machine only, the second.
const PENDING_COOKIE: &str = "__Host-sign-in";
const LOOPBACK_PENDING_COOKIE: &str = "onboarding-sign-in";

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    company: String,
}

/// What the provider sends along. It has no `Debug`, because of the code.
#[derive(Deserialize)]
pub(super) struct Sent {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

pub(super) async fn begin(
    api: web::Data<Api>,
    ways: web::Data<WaysIn>,
    request: HttpRequest,
    asked: web::Query<Asked>,
) -> Answer<HttpResponse> {
    if !ways.local {
        return Err(Problem::not_found());
    }
    let asked = asked.into_inner().company;
    let company = match Companies::of(&api).await? {
        Companies::Only(id) => Some(id),
        Companies::Several => CompanyId::parse(asked.trim()).ok(),
    };
    let Some(company) = company else {
        return local::page(&api, &request, &asked, None).await;
    };
    let callback = callback(&api, &request)?;
    match api.openid.begin(&company, &callback).await {
        Ok(begun) => Ok(HttpResponse::SeeOther()
            .cookie(pending(
                &api,
                begun.cookie.expose_secret(),
                PENDING_LASTS.as_secs(),
            ))
            .insert_header((header::LOCATION, begun.location))
            .finish()),
        Err(refused) => refuse(&api, &request, &asked, refused).await,
    }
}

pub(super) async fn finish(
    api: web::Data<Api>,
    ways: web::Data<WaysIn>,
    request: HttpRequest,
    sent: web::Query<Sent>,
) -> Answer<HttpResponse> {
    if !ways.local {
        return Err(Problem::not_found());
    }
    let callback = callback(&api, &request)?;
    let cookie = request.cookie(pending_name(&api));
    let back = Return {
        cookie: cookie.as_ref().map(Cookie::value),
        state: sent.state.as_deref(),
        code: sent.code.as_deref(),
        error: sent.error.as_deref(),
        issuer: sent.iss.as_deref(),
        redirect_uri: &callback,
        address: api.address_of(&request),
    };
    let mut answer = match api.openid.finish(&back).await {
        Ok((company, proven)) => {
            let proven = Proven {
                company: &company,
                user: &proven.user,
                means: SignInMeans::OpenIdConnect,
                second_factor: proven.second_factor,
            };
            enter(&api, &request, proven, None).await?
        }
        Err(refused) => {
            let company = refused
                .company
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default();
            refuse(&api, &request, &company, refused).await?
        }
    };
    // Good or not, it is over. A cookie of ours has no character that a header refuses.
    let _ = answer.add_cookie(&pending(&api, "", 0));
    Ok(answer)
}

/// The page with the words of the refusal; the reason is for the log and the audit.
async fn refuse(api: &Api, request: &HttpRequest, company: &str, refused: Refused) -> Answer<HttpResponse> {
    let words = Chosen::of(request).tongue.words();
    let told = told(&refused.why, words);
    match refused.why {
        Why::Store(error) => return Err(error.into()),
        why @ (Why::Provider(_) | Why::NoSecret) => {
            tracing::error!(company, reason = %why, "nobody can sign in through the company's provider");
        }
        why => tracing::warn!(company, reason = %why, "a sign-in through the company's provider is refused"),
    }
    local::page(api, request, company, Some(told)).await
}

fn told(why: &Why, words: &'static Words) -> (StatusCode, &'static str) {
    match why {
        Why::Unknown => (StatusCode::FORBIDDEN, words.sign_in_unknown),
        Why::Denied(refusal) if refusal.is_a_no() => (StatusCode::FORBIDDEN, words.sign_in_denied),
        Why::Provider(_) | Why::NoSecret => (StatusCode::BAD_GATEWAY, words.sign_in_unavailable),
        _ => (StatusCode::FORBIDDEN, words.sign_in_broken),
    }
}

/// Our address as the provider knows it. Without a public one only this machine's own names are believed.
fn callback(api: &Api, request: &HttpRequest) -> Answer<String> {
    if let Some(origin) = &api.origin {
        return Ok(format!("{origin}{CALLBACK}"));
    }
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let name = host.and_then(|host| host.rsplit_once(':').map_or(Some(host), |(name, _)| Some(name)));
    match (host, name) {
        (Some(host), Some("127.0.0.1" | "[::1]" | "localhost")) => Ok(format!("http://{host}{CALLBACK}")),
        _ => Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "no-public-url",
            "the service does not know its address; an operator sets ONBOARDING_PUBLIC_URL",
        )),
    }
}

fn pending_name(api: &Api) -> &'static str {
    if api.is_https() {
        PENDING_COOKIE
    } else {
        LOOPBACK_PENDING_COOKIE
    }
}

/// `Lax`, because the provider sends the browser back from its own site.
fn pending<'a>(api: &Api, text: &'a str, seconds: u64) -> Cookie<'a> {
    let lasts = i64::try_from(seconds).unwrap_or_default();
    Cookie::build(pending_name(api), text)
        .path("/")
        .http_only(true)
        .secure(api.is_https())
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(lasts))
        .finish()
}
