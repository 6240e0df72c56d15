//! With a password and, for who has an authenticator, a one-time code.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use onboarding_access::local;
use onboarding_core::{CompanyId, access::SignInMeans};
use onboarding_pages::SignInPage;
use secrecy::SecretString;
use serde::Deserialize;

use super::{Entry, Proven, answer, enter, outside};
use crate::{
    api::{Answer, Api},
    pages::tongue::Chosen,
};

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    company: String,
}

pub(super) async fn show(api: &Api, request: &HttpRequest) -> Answer<HttpResponse> {
    let asked = web::Query::<Asked>::from_query(request.query_string());
    let company = asked.map(|asked| asked.into_inner().company).unwrap_or_default();
    page(api, request, StatusCode::OK, &company).await
}

pub(super) async fn sign_in(api: &Api, request: &HttpRequest, form: Entry) -> Answer<HttpResponse> {
    let (password, code) = (SecretString::from(form.password), form.code);
    let company = match Companies::of(api).await? {
        Companies::Only(id) => Some(id),
        Companies::Several => CompanyId::parse(form.company.trim()).ok(),
    };
    let username = form.username.trim();
    let user = match &company {
        Some(company) => api.store.user_named(company, username).await?,
        None => None,
    };
    let shown = local::Shown {
        password: &password,
        code: &code,
        address: api.address_of(request),
    };
    // Whoever asks for a company that is not there waits as long for the same answer.
    let nowhere = CompanyId::parse("nowhere").ok();
    let Some(company) = company.or(nowhere) else {
        return page(api, request, StatusCode::FORBIDDEN, &form.company).await;
    };
    let Some(proven) = api.local.sign_in(&company, user, &shown).await? else {
        return page(api, request, StatusCode::FORBIDDEN, &form.company).await;
    };
    let proven = Proven {
        company: &company,
        user: &proven.user,
        means: SignInMeans::Password,
        second_factor: proven.second_factor,
    };
    enter(api, request, proven, form.to.as_deref()).await
}

/// The page, with the words of a refusal where the status is one.
async fn page(api: &Api, request: &HttpRequest, status: StatusCode, asked: &str) -> Answer<HttpResponse> {
    let companies = Companies::of(api).await?;
    let chosen = Chosen::of(request);
    let words = chosen.tongue.words();
    let name = match &companies {
        Companies::Only(id) => api
            .store
            .company(id)
            .await?
            .map(|company| company.settings.name.clone()),
        Companies::Several => None,
    };
    let page = SignInPage {
        shell: outside(chosen, name.as_deref().unwrap_or(words.leap_work), false),
        action: "/sign-in",
        provider: None,
        password: true,
        company: matches!(companies, Companies::Several).then_some(asked),
        people: &[],
        error: (status != StatusCode::OK).then_some(words.sign_in_failed),
        form_token: "",
    };
    answer(api, chosen, status, &page)
}

/// Whether people have to say which company is theirs. Which there are is not told to strangers.
enum Companies {
    Only(CompanyId),
    Several,
}

impl Companies {
    async fn of(api: &Api) -> Answer<Self> {
        let mut ids = api.store.company_ids().await?;
        Ok(match (ids.pop(), ids.is_empty()) {
            (Some(only), true) => Self::Only(only),
            _ => Self::Several,
        })
    }
}
