//! Who calls: an API token or one of Microsoft Teams in `Authorization`, or the session of a browser.

use std::{
    future::{Ready, ready},
    net::IpAddr,
};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::{Payload, ServiceRequest},
    http::{StatusCode, header},
    web,
};
use onboarding_access::{SignedIn, csrf_token, openid::Why};
use onboarding_core::{
    access::{Principal, Reach, Session},
    audit::Origin,
};

use super::{Api, body, multipart};
use crate::problem::Problem;

/// The cookie with the session's secret, where the browser reaches us by HTTPS. By plain HTTP, which is for this
/// machine only, browsers refuse the prefix: there it is `onboarding-session`.
pub const SESSION_COOKIE: &str = "__Host-s";

/// The same cookie without the promises that HTTPS makes.
pub(crate) const LOOPBACK_COOKIE: &str = "onboarding-session";

/// The header with which pages show that a request is theirs.
pub(super) const CSRF_HEADER: &str = "x-csrf-token";

/// The field in which forms do.
pub const FORM_TOKEN: &str = "form_token";

/// The caller of a request, as an argument of handlers. The gate has found that they may.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who it is.
    pub principal: Principal,
    /// How far the right reaches that let them in.
    pub reach: Reach,
    /// What they showed.
    pub shown: Shown,
    /// Where the request came from.
    pub address: Option<IpAddr>,
}

impl Caller {
    /// Who it is and from where, for the audit: the `by` of ports that change something.
    pub fn origin(&self) -> Origin {
        Origin::new(self.principal.actor(), self.address)
    }

    /// What goes with each form of a page; nothing for callers without a session.
    pub fn form_token(&self) -> &str {
        match &self.shown {
            Shown::Session { csrf_token, .. } => csrf_token,
            Shown::Bearer => "",
        }
    }
}

/// What a caller showed.
#[derive(Debug, Clone)]
pub enum Shown {
    /// A token in `Authorization`.
    Bearer,
    /// The cookie of a session.
    Session {
        /// The session.
        session: Box<Session>,
        /// What its pages show in requests that change something.
        csrf_token: String,
    },
}

/// A caller of whom it is not known yet whether they may.
pub(super) struct Known {
    pub(super) principal: Principal,
    pub(super) shown: Shown,
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = request.extensions().get::<Self>().cloned();
        ready(caller.ok_or_else(|| {
            // An endpoint that is open to anybody has no caller to ask for.
            Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "the endpoint has no caller",
            )
        }))
    }
}

/// Whoever calls. With an `Authorization` header cookies count for nothing.
pub(super) async fn identify(api: &Api, request: &ServiceRequest) -> Result<Known, Problem> {
    let mut given = request.headers().get_all(header::AUTHORIZATION);
    if let Some(authorization) = given.next() {
        let only = given.next().is_none();
        let text = authorization.to_str().unwrap_or_default();
        let (scheme, token) = text.split_once(' ').unwrap_or_default();
        if !only || !scheme.eq_ignore_ascii_case("bearer") {
            return Err(unauthorised("write one header `Authorization: Bearer <token>`"));
        }
        return by_bearer(api, token.trim()).await;
    }
    // Inside Microsoft Teams a cookie is a third party's: it says nothing there (docs/sign-in.md).
    if is_teams(request.path()) {
        return Err(unauthorised(
            "send the token of Microsoft Teams as `Authorization: Bearer <token>`",
        ));
    }
    if let Some(text) = session_cookie(api, request.request()) {
        return by_session(api, &text).await;
    }
    Err(unauthorised("sign in, or send `Authorization: Bearer <token>`"))
}

/// Whether the address is one of the pages inside Microsoft Teams.
pub(super) fn is_teams(path: &str) -> bool {
    path.strip_prefix("/teams")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

async fn by_bearer(api: &Api, token: &str) -> Result<Known, Problem> {
    if token.matches('.').count() == 2 {
        return by_teams(api, token).await;
    }
    let principal = api.access.by_token(token).await?;
    let principal = principal.ok_or_else(|| {
        unauthorised("the token is unknown, expired or revoked").with_header(
            "WWW-Authenticate",
            "Bearer realm=\"onboarding\", error=\"invalid_token\"",
        )
    })?;
    Ok(Known {
        principal,
        shown: Shown::Bearer,
    })
}

async fn by_teams(api: &Api, token: &str) -> Result<Known, Problem> {
    let refused = match api.openid.by_teams(token).await {
        Ok(principal) => {
            return Ok(Known {
                principal,
                shown: Shown::Bearer,
            });
        }
        Err(refused) => refused,
    };
    let company = refused.company.as_ref().map(ToString::to_string);
    tracing::warn!(company, reason = %refused.why, "a token of Microsoft Teams is refused");
    let detail = match refused.why {
        Why::Store(error) => return Err(error.into()),
        Why::Provider(_) => {
            let detail = "who you are cannot be found out right now; try again in a minute";
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).retry_after(60));
        }
        Why::Unknown => {
            let detail = "your account is not known here; ask your company admin to add it to your user";
            return Err(Problem::new(StatusCode::FORBIDDEN, "unknown-account", detail));
        }
        _ => "the token is not one for this service, or has expired",
    };
    Err(unauthorised(detail).with_header(
        "WWW-Authenticate",
        "Bearer realm=\"onboarding\", error=\"invalid_token\"",
    ))
}

async fn by_session(api: &Api, text: &str) -> Result<Known, Problem> {
    let signed_in = api.access.by_session(text).await?;
    let SignedIn { principal, session } =
        signed_in.ok_or_else(|| unauthorised("the session is over; sign in again"))?;
    Ok(Known {
        principal,
        shown: Shown::Session {
            session: Box::new(session),
            csrf_token: csrf_token(text),
        },
    })
}

/// The secret of the session that the browser shows.
pub(crate) fn session_cookie(api: &Api, request: &HttpRequest) -> Option<String> {
    let cookie = request.cookie(api.cookie_name());
    cookie.map(|cookie| cookie.value().to_owned())
}

fn unauthorised(detail: &'static str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "not-signed-in", detail)
        .with_header("WWW-Authenticate", "Bearer realm=\"onboarding\"")
}

/// Whether a request of a session comes from a page of ours: by where it comes from, and by what only our pages know,
/// which scripts send in a header and forms, of so many bytes at the most, in a field.
pub(super) async fn same_site(
    api: &Api,
    request: &mut ServiceRequest,
    known: &Known,
    form: Option<usize>,
) -> Result<(), Problem> {
    let Shown::Session { csrf_token, .. } = &known.shown else {
        return Ok(());
    };
    if !from_our_origin(api.origin.as_deref(), request.request()) {
        return Err(foreign_origin());
    }
    let in_header = request
        .headers()
        .get(CSRF_HEADER)
        .map(|value| value.as_bytes().to_vec());
    let shown = match (in_header, form) {
        (None, Some(most)) => field_of_form(request, most).await?,
        (shown, _) => shown,
    };
    if shown.is_some_and(|shown| shown == csrf_token.as_bytes()) {
        Ok(())
    } else {
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "csrf-token-needed",
            "send the csrf_token of GET /api/v1/me in the header X-CSRF-Token",
        ))
    }
}

/// The refusal of what does not come from a page of ours.
pub(crate) fn foreign_origin() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "foreign-origin",
        "requests that change something must come from this site: the Origin header is another's or missing",
    )
}

/// The field `form_token`; the body stays there for the handler.
async fn field_of_form(request: &mut ServiceRequest, most: usize) -> Result<Option<Vec<u8>>, Problem> {
    let body = body::read(request.take_payload(), most).await?.freeze();
    if multipart::is_multipart(request.headers()) {
        let parts = multipart::parts(request.headers(), body.clone()).await;
        let mut parts = parts.unwrap_or_default().into_iter();
        request.set_payload(Payload::from(body));
        return Ok(parts.find(|(name, _)| name == FORM_TOKEN).map(|(_, value)| value));
    }
    let text = std::str::from_utf8(&body).unwrap_or_default();
    let fields = web::Query::<Vec<(String, String)>>::from_query(text);
    let fields = fields.map(web::Query::into_inner).unwrap_or_default();
    let token = fields.into_iter().find(|(name, _)| name == FORM_TOKEN);
    request.set_payload(Payload::from(body));
    Ok(token.map(|(_, value)| value.into_bytes()))
}

/// Whether the browser says that the request comes from our origin.
pub(crate) fn from_our_origin(ours: Option<&str>, request: &HttpRequest) -> bool {
    let header = |name: &str| {
        let mut all = request.headers().get_all(name);
        let one = all.next().and_then(|value| value.to_str().ok());
        one.filter(|_| all.next().is_none())
    };
    match (request.headers().contains_key("origin"), header("origin")) {
        (true, None) => false,
        // Our pages tell nobody where they are (`Referrer-Policy`), and so a browser hides their origin too when it sends
        // one of their forms. Where the form is, no page can make up: the pages of others are never `same-origin`.
        (false, _) | (true, Some("null")) => header("sec-fetch-site") == Some("same-origin"),
        (true, Some(origin)) => {
            if let Some(ours) = ours {
                return origin.eq_ignore_ascii_case(ours);
            }
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == header("host")
        }
    }
}
