//! The logo in the company's QR codes.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::{Method, header},
    web,
};
use futures_util::future::LocalBoxFuture;
use onboarding_core::{Logo, access::Action};
use onboarding_pages::admin::{LogoPage, Section, SurePage};
use onboarding_qr::{Code, MOST_LOGO_BYTES, Size};

use super::{Wanted, in_query, see, shell};
use crate::{
    api::{Answer, Api, Endpoint, IfMatch, Policy, logo, multipart},
    marks::mark_of,
    pages::visit::Visit,
    problem::Problem,
};

/// What a form has around the file.
const AROUND: usize = 8 * 1024;
/// Whoever scans the sample is asked by WhatsApp whom they want to write to.
const SAMPLE: &str = "https://wa.me/?text=preview";

pub(super) fn endpoints() -> Vec<Endpoint> {
    let change = Policy::May(Action::ChangeConfig);
    let (at, removal) = ("/admin/company/logo", "/admin/company/logo/removal");
    vec![
        Endpoint::page(Method::GET, at, change, || web::route().to(show)),
        Endpoint::page(Method::POST, at, change, || web::route().to(set))
            .with_bodies_of(MOST_LOGO_BYTES + AROUND),
        Endpoint::page(Method::GET, "/admin/company/logo.svg", change, || {
            web::route().to(sample)
        }),
        Endpoint::page(Method::GET, removal, change, || web::route().to(ask)),
        Endpoint::page(Method::POST, removal, change, || web::route().to(remove)),
    ]
}

/// What the form sends.
#[derive(Default)]
struct Sent {
    file: Vec<u8>,
    tag: String,
}

impl FromRequest for Sent {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Answer<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (headers, payload) = (request.headers().clone(), payload.take());
        Box::pin(async move {
            let body = crate::api::read_body(payload, MOST_LOGO_BYTES + AROUND).await?;
            let mut sent = Self::default();
            for (name, value) in multipart::parts(&headers, body.freeze())
                .await
                .unwrap_or_default()
            {
                match name.as_str() {
                    "logo" => sent.file = value,
                    "tag" => sent.tag = String::from_utf8_lossy(&value).into_owned(),
                    _ => {}
                }
            }
            Ok(sent)
        })
    }
}

fn own(visit: &Visit) -> Option<&Logo> {
    visit.company.settings.qr_logo.as_ref()
}

async fn show(visit: Visit, wanted: web::Query<Wanted>) -> Answer<HttpResponse> {
    page(&visit, None, wanted.said == "saved")
}

fn page(visit: &Visit, problem: Option<&str>, saved: bool) -> Answer<HttpResponse> {
    let state = own(visit).map_or("", Logo::digest);
    visit.page(&LogoPage {
        shell: shell(visit),
        code: &format!("/admin/company/logo.svg?v={}", in_query(state)),
        has_logo: own(visit).is_some(),
        tag: &logo::tag_of(own(visit)).to_string(),
        problem,
        saved,
    })
}

async fn set(api: web::Data<Api>, visit: Visit, sent: Sent) -> Answer<HttpResponse> {
    let seen = IfMatch::of_form(&sent.tag);
    let done = match logo::taken(sent.file).await {
        Ok(logo) => logo::put(&api, &visit.caller, &seen, Some(&logo)).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(()) => Ok(see("/admin/company/logo?said=saved".to_owned())),
        Err(problem) if problem.status().is_client_error() => {
            let mut answer = page(&visit, Some(&problem.to_string()), false)?;
            *answer.status_mut() = problem.status();
            Ok(answer)
        }
        Err(problem) => Err(problem),
    }
}

/// A code as it looks now.
async fn sample(api: web::Data<Api>, visit: Visit) -> Answer<HttpResponse> {
    let mark = mark_of(api.store.as_ref(), &visit.company).await?;
    let code = Code::new(SAMPLE, mark).map_err(|_| Problem::not_found())?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .content_type("image/svg+xml")
        .body(code.svg(Size::CODE)))
}

async fn ask(visit: Visit) -> Answer<HttpResponse> {
    own(&visit).ok_or_else(Problem::not_found)?;
    let shell = shell(&visit);
    let e = shell.tongue.edit_words();
    visit.page(&SurePage {
        shell,
        section: Section::Company,
        title: e.logo_remove,
        meaning: e.logo_remove_sure,
        subject: &visit.company.settings.name,
        action: "/admin/company/logo/removal",
    })
}

async fn remove(api: web::Data<Api>, visit: Visit) -> Answer<HttpResponse> {
    let seen = IfMatch::of_form(&logo::tag_of(own(&visit)).to_string());
    logo::put(&api, &visit.caller, &seen, None).await?;
    Ok(see("/admin/company/logo?said=saved".to_owned()))
}
