//! `/set-up/{link}`: a user chooses a password and, as an admin always, a second factor.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode},
    web,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use onboarding_access::local::{NotSetUp, OpenLink};
use onboarding_core::access::{SignInMeans, WeakPassword};
use onboarding_pages::{MessagePage, SecondFactor, SetUpPage, Words};
use onboarding_qr::{Code, Mark, Size};
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    sign_in::{Proven, answer, enter, outside},
    tongue::Chosen,
};
use crate::{
    api::{Answer, Api, Endpoint, Policy, foreign_origin, from_our_origin},
    problem::Problem,
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let strangers = Policy::Open("the link in the address shows who may");
    vec![
        Endpoint::page(Method::GET, "/set-up/{link}", strangers, || web::route().to(show)),
        Endpoint::page(Method::POST, "/set-up/{link}", strangers, || {
            web::route().to(set_up)
        }),
    ]
}

/// What the form sends. It has no `Debug`, because of the password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    password: String,
    again: String,
    #[serde(default)]
    code: String,
    /// For password managers; whose account it is, the link says.
    #[serde(rename = "username", default)]
    _username: String,
    /// The field of all forms. Before a session there is nothing to compare it with: `Origin` counts.
    #[serde(rename = "form_token", default)]
    _form_token: String,
}

async fn show(api: web::Data<Api>, request: HttpRequest, link: web::Path<String>) -> Answer<HttpResponse> {
    page(&api, &request, &link, None).await
}

async fn set_up(
    api: web::Data<Api>,
    request: HttpRequest,
    link: web::Path<String>,
    form: web::Form<Wish>,
) -> Answer<HttpResponse> {
    if !from_our_origin(api.origin.as_deref(), &request) {
        return Err(foreign_origin());
    }
    let words = Chosen::of(&request).tongue.words();
    let Wish {
        password,
        again,
        code,
        ..
    } = form.into_inner();
    if password != again {
        return page(&api, &request, &link, Some(words.passwords_differ)).await;
    }
    if open(&api, &link).await?.is_none() {
        return page(&api, &request, &link, None).await;
    }
    let password = SecretString::from(password);
    let address = api.address_of(&request);
    match api.local.set_up(&link, &password, &code, address).await {
        Ok((company, proven)) => {
            let proven = Proven {
                company: &company,
                user: &proven.user,
                means: SignInMeans::Password,
                second_factor: proven.second_factor,
            };
            enter(&api, &request, proven, None).await
        }
        Err(NotSetUp::Store(error)) => Err(error.into()),
        Err(why) => page(&api, &request, &link, Some(told(&why, words))).await,
    }
}

/// The refusal in the words of the page.
fn told(why: &NotSetUp, words: &'static Words) -> &'static str {
    match why {
        NotSetUp::LinkGone => words.link_gone_hint,
        NotSetUp::Weak(WeakPassword::TooShort) => words.password_too_short,
        NotSetUp::Weak(WeakPassword::TooLong) => words.password_too_long,
        NotSetUp::Weak(WeakPassword::Guessable) => words.password_guessable,
        NotSetUp::WrongCode => words.code_wrong,
        NotSetUp::Hashing | NotSetUp::Store(_) => words.try_again,
    }
}

/// What the link opens, as long as people of its company may have passwords.
async fn open(api: &Api, link: &str) -> Answer<Option<OpenLink>> {
    let Some(open) = api.local.open_link(link).await? else {
        return Ok(None);
    };
    let holds = api.has_local_accounts(&open.link.company).await?;
    Ok(holds.then_some(open))
}

/// The form, or that the link does not hold any more.
async fn page(api: &Api, request: &HttpRequest, link: &str, error: Option<&str>) -> Answer<HttpResponse> {
    let chosen = Chosen::of(request);
    let words = chosen.tongue.words();
    let Some(open) = open(api, link).await? else {
        let gone = MessagePage {
            shell: outside(chosen, words.leap_work, false),
            title: words.link_gone,
            text: words.link_gone_hint,
        };
        return answer(api, chosen, StatusCode::GONE, &gone);
    };
    let company = api.store.company(&open.link.company).await?;
    let company = company.ok_or_else(Problem::not_found)?;
    let (image, key) = (image(&open, &company.settings.name), open.key());
    let action = format!("/set-up/{link}");
    let page = SetUpPage {
        shell: outside(chosen, &company.settings.name, false),
        action: &action,
        name: &open.user.name,
        username: &open.user.username,
        second_factor: SecondFactor {
            image: image.as_deref(),
            key: &key,
            needed: open.needs_code(),
        },
        error,
    };
    let status = error.map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY);
    answer(api, chosen, status, &page)
}

/// What authenticators scan, within the page: no address of its own that could be kept somewhere.
fn image(open: &OpenLink, company: &str) -> Option<String> {
    let code = Code::new(&open.address(company)?, Mark::None).ok()?;
    let svg = code.svg(Size::new(256).ok()?);
    Some(format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg)))
}
