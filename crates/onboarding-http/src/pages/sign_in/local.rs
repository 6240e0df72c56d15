//! As the company wants it: through its identity provider, or with a password and, for who has an authenticator, a
//! one-time code.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use onboarding_access::local;
use onboarding_core::{CompanyId, access::SignInMeans};
use onboarding_pages::SignInPage;
use secrecy::SecretString;
use serde::Deserialize;

use super::{Entry, Proven, answer, enter, outside, provider::BEGIN};
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
    page(api, request, &company, None).await
}

pub(super) async fn sign_in(api: &Api, request: &HttpRequest, form: Entry) -> Answer<HttpResponse> {
    let (password, code) = (SecretString::from(form.password), form.code);
    let company = match Companies::of(api).await? {
        Companies::Only(id) => Some(id),
        Companies::Several => CompanyId::parse(form.company.trim()).ok(),
    };
    let username = form.username.trim();
    let user = match &company {
        Some(company) if api.has_local_accounts(company).await? => {
            api.store.user_named(company, username).await?
        }
        _ => None,
    };
    let shown = local::Shown {
        password: &password,
        code: &code,
        address: api.address_of(request),
    };
    // Whoever asks for a company that is not there waits as long for the same answer.
    let nowhere = CompanyId::parse("nowhere").ok();
    let Some(company) = company.or(nowhere) else {
        return failed(api, request, &form.company).await;
    };
    let Some(proven) = api.local.sign_in(&company, user, &shown).await? else {
        return failed(api, request, &form.company).await;
    };
    let proven = Proven {
        company: &company,
        user: &proven.user,
        means: SignInMeans::Password,
        second_factor: proven.second_factor,
    };
    enter(api, request, proven, form.to.as_deref()).await
}

async fn failed(api: &Api, request: &HttpRequest, asked: &str) -> Answer<HttpResponse> {
    let words = Chosen::of(request).tongue.words();
    page(
        api,
        request,
        asked,
        Some((StatusCode::FORBIDDEN, words.sign_in_failed)),
    )
    .await
}

/// The page, perhaps with the words of a refusal. `asked` is the company that somebody says is theirs.
pub(super) async fn page(
    api: &Api,
    request: &HttpRequest,
    asked: &str,
    refusal: Option<(StatusCode, &str)>,
) -> Answer<HttpResponse> {
    let companies = Companies::of(api).await?;
    let chosen = Chosen::of(request);
    let words = chosen.tongue.words();
    let id = match &companies {
        Companies::Only(id) => Some(id.clone()),
        Companies::Several => CompanyId::parse(asked.trim()).ok(),
    };
    let known = match &id {
        Some(id) => api.store.company(id).await?,
        None => None,
    };
    let sign_in = known
        .as_ref()
        .map(|company| company.settings.sign_in.clone())
        .unwrap_or_default();
    let several = matches!(companies, Companies::Several);
    let begin = match (several, &id) {
        (true, Some(id)) => format!("{BEGIN}?company={id}"),
        _ => BEGIN.to_owned(),
    };
    // Whose page it is, is told where there is one company only.
    let name = known
        .as_ref()
        .filter(|_| !several)
        .map(|company| company.settings.name.as_str());
    let page = SignInPage {
        shell: outside(chosen, name.unwrap_or(words.leap_work), false),
        action: "/sign-in",
        provider: sign_in.provider.as_ref().map(|_| begin.as_str()),
        password: sign_in.has_local_accounts(),
        company: several.then_some(asked),
        people: &[],
        error: refusal.map(|(_, words)| words),
        form_token: "",
    };
    let status = refusal.map_or(StatusCode::OK, |(status, _)| status);
    answer(api, chosen, status, &page)
}

/// Whether people have to say which company is theirs. Which there are is not told to strangers.
pub(super) enum Companies {
    Only(CompanyId),
    Several,
}

impl Companies {
    pub(super) async fn of(api: &Api) -> Answer<Self> {
        let mut ids = api.store.company_ids().await?;
        Ok(match (ids.pop(), ids.is_empty()) {
            (Some(only), true) => Self::Only(only),
            _ => Self::Several,
        })
    }
}
