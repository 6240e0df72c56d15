//! One click, in the demo.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use onboarding_core::{CompanyId, access::SignInMeans, config::UserConfig};
use onboarding_pages::{DemoPerson, SignInPage};

use super::{Entry, Proven, answer, enter, outside};
use crate::{
    api::{Answer, Api},
    pages::tongue::Chosen,
    problem::Problem,
};

pub(super) async fn show(api: &Api, id: &CompanyId, request: &HttpRequest) -> Answer<HttpResponse> {
    let company = api.store.company(id).await?.ok_or_else(Problem::not_found)?;
    let (config, _) = api.store.config(id).await?.ok_or_else(Problem::not_found)?;
    let roles: Vec<String> = config.users.iter().map(roles_of).collect();
    let people: Vec<_> = config
        .users
        .iter()
        .zip(&roles)
        .map(|(user, role)| DemoPerson {
            username: &user.username,
            name: &user.name,
            role,
        })
        .collect();
    let chosen = Chosen::of(request);
    let page = SignInPage {
        shell: outside(chosen, &company.settings.name, true),
        action: "/sign-in",
        provider: None,
        password: false,
        company: None,
        people: &people,
        error: None,
        form_token: "",
    };
    answer(api, chosen, StatusCode::OK, &page)
}

pub(super) async fn sign_in(
    api: &Api,
    company: &CompanyId,
    request: &HttpRequest,
    form: &Entry,
) -> Answer<HttpResponse> {
    let user = api.store.user_named(company, &form.username).await?;
    let user = user.filter(|user| user.active).ok_or_else(|| {
        Problem::new(
            StatusCode::FORBIDDEN,
            "sign-in-failed",
            "choose one of the people on the page",
        )
    })?;
    let proven = Proven {
        company,
        user: &user,
        means: SignInMeans::Demo,
        second_factor: true,
    };
    enter(api, request, proven, form.to.as_deref()).await
}

fn roles_of(user: &UserConfig) -> String {
    let roles: Vec<_> = user.roles.iter().map(|role| role.as_str()).collect();
    match &user.title {
        Some(title) => format!("{title} · {}", roles.join(", ")),
        None => roles.join(", "),
    }
}
