//! What every request passes before its handler.

use std::net::IpAddr;

use actix_web::{
    Error, HttpMessage as _, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::StatusCode,
    http::header::{self, HeaderName, HeaderValue},
    middleware::Next,
    web,
};
use onboarding_core::{
    access::{Denial, Reach},
    audit::{Origin, denied_entry},
};

use super::{
    Api, Caller, Policy,
    caller::{self, Known},
    idempotency,
    limiter::Standing,
};
use crate::{pages, problem::Problem};

/// What the table says of the endpoint.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub(super) policy: Policy,
    pub(super) creates: bool,
    pub(super) most_body: usize,
    /// Counted as a try of a stranger.
    pub(super) is_try: bool,
    pub(super) is_page: bool,
}

/// Lets the request through to its handler, or answers it.
pub(super) async fn pass(
    rules: Rules,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(api) = request.app_data::<web::Data<Api>>().cloned() else {
        let bug = Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the service is not wired",
        );
        return Ok(request.into_response(bug.response()));
    };
    if rules.is_page && pages::tab::opens(request.request()) {
        let page = pages::tab::page(request.request());
        let answer = page.unwrap_or_else(|problem| problem.response());
        return Ok(request.into_response(answer));
    }
    let mut standing = None;
    let admitted = admit(&api, rules, &mut request, &mut standing).await;
    let mut response = match admitted {
        Ok(()) if rules.creates => idempotency::once(&api, request, rules.most_body, next).await?,
        Ok(()) => next.call(request).await?.map_into_boxed_body(),
        Err(problem) if rules.is_page && wants_sign_in(&request, &problem) => {
            request.into_response(to_sign_in())
        }
        Err(problem) => request.into_response(problem.response()),
    };
    if let Some(standing) = standing {
        tell(&mut response, standing);
    }
    if rules.is_page {
        response = pages::as_page(response);
    }
    Ok(response)
}

/// Finds out who calls and whether they may. What the handler needs of it lies in the request's extensions then.
async fn admit(
    api: &Api,
    rules: Rules,
    request: &mut ServiceRequest,
    standing: &mut Option<Standing>,
) -> Result<(), Problem> {
    let now = api.clock.now();
    let Policy::May(action) = rules.policy else {
        // What anybody may try, such as to sign in, is tried as often as a stranger may come.
        if rules.is_try || !request.method().is_safe() {
            let of_strangers = api.limits.take_stranger(&place_of(api, request), now);
            *standing = Some(of_strangers);
            return of_strangers
                .refused
                .map_or(Ok(()), |seconds| Err(too_many(seconds)));
        }
        return Ok(());
    };
    let known = match caller::identify(api, request).await {
        Ok(known) => known,
        Err(problem) => {
            // Those who guess are slowed down by where they come from; nobody else is in their way.
            let of_strangers = api.limits.take_stranger(&place_of(api, request), now);
            let refused = of_strangers.refused;
            *standing = Some(of_strangers);
            return Err(refused.map_or(problem, too_many));
        }
    };
    let of_caller = api.limits.take_caller(&known.principal, now);
    *standing = Some(of_caller);
    if let Some(seconds) = of_caller.refused {
        return Err(too_many(seconds));
    }
    if !request.method().is_safe() {
        let form = rules.is_page.then_some(rules.most_body);
        caller::same_site(api, request, &known, form).await?;
    }
    match known.principal.may(action) {
        Ok(reach) => {
            admit_with(api, request, known, reach);
            Ok(())
        }
        Err(denial) => {
            record(api, request, &known, denial).await?;
            Err(denied(denial))
        }
    }
}

/// A refusal of somebody who is known is told in the audit of their company, by the address as the table writes it.
async fn record(api: &Api, request: &ServiceRequest, known: &Known, denial: Denial) -> Result<(), Problem> {
    let by = Origin::new(known.principal.actor(), address_of(api, request));
    let asked = request.match_pattern().unwrap_or_default();
    let asked = format!("{} {asked}", request.method());
    let entry = denied_entry(&by, &asked, denial, api.clock.now());
    let company = &known.principal.company;
    Ok(api.store.record_audit(company, vec![entry]).await?)
}

fn address_of(api: &Api, request: &ServiceRequest) -> Option<IpAddr> {
    api.address_of(request.request())
}

/// Where strangers are counted.
fn place_of(api: &Api, request: &ServiceRequest) -> String {
    let source = address_of(api, request).map(|address| address.to_string());
    format!("source:{}", source.unwrap_or_default())
}

fn wants_sign_in(request: &ServiceRequest, problem: &Problem) -> bool {
    // A tab of Microsoft Teams cannot sign in on a page of ours: it shows a token.
    request.method().is_safe() && problem.kind() == "not-signed-in" && !caller::is_teams(request.path())
}

fn to_sign_in() -> HttpResponse {
    let mut response = HttpResponse::SeeOther();
    response.insert_header((header::LOCATION, "/sign-in")).finish()
}

fn admit_with(api: &Api, request: &ServiceRequest, known: Known, reach: Reach) {
    request.extensions_mut().insert(Caller {
        principal: known.principal,
        reach,
        shown: known.shown,
        address: address_of(api, request),
    });
}

pub(super) fn denied(denial: Denial) -> Problem {
    let kind = match denial {
        Denial::NotAllowed => "not-allowed",
        Denial::NotActive => "not-active",
        Denial::NoSecondFactor => "second-factor-needed",
        Denial::NotFresh => "fresh-sign-in-needed",
    };
    Problem::new(StatusCode::FORBIDDEN, kind, denial.to_string())
}

fn too_many(seconds: u64) -> Problem {
    let detail = format!("too many requests; come again in {seconds} s");
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail).retry_after(seconds)
}

/// `RateLimit` and `RateLimit-Policy`, as the IETF's draft has them.
fn tell(response: &mut ServiceResponse<BoxBody>, standing: Standing) {
    let policy = format!("\"{}\";q={};w={}", standing.name, standing.quota, standing.window);
    let limit = format!("\"{}\";r={};t={}", standing.name, standing.left, standing.reset);
    for (name, value) in [("ratelimit-policy", policy), ("ratelimit", limit)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            let headers: &mut HttpResponse = response.response_mut();
            headers.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
}
