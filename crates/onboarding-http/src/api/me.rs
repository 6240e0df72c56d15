//! `/api/v1/me`: who the caller is and what they may.

use actix_web::web;
use onboarding_core::access::{Action, Principal, Who};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Answer, Api, Caller, Endpoint, Policy, Shown, endpoint};
use crate::problem::Problem;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![endpoint!(Policy::May(Action::SeeSelf), show)]
}

/// The caller.
#[derive(Serialize, ToSchema)]
struct Me {
    company: MyCompany,
    /// The person; none for a service.
    user: Option<MyUser>,
    /// The service; none for a person.
    service: Option<MyService>,
    /// The rights that the caller has now.
    may: Vec<&'static str>,
    /// For the header X-CSRF-Token; only for sessions.
    csrf_token: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct MyCompany {
    id: String,
    name: String,
}

#[derive(Serialize, ToSchema)]
struct MyUser {
    id: String,
    username: String,
    name: String,
    roles: Vec<&'static str>,
}

#[derive(Serialize, ToSchema)]
struct MyService {
    /// Id of the token.
    token: String,
    name: String,
    scopes: Vec<&'static str>,
}

/// Who the caller is, and what they may.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    tag = "me",
    responses((status = 200, description = "the caller", body = Me))
)]
async fn show(api: web::Data<Api>, caller: Caller) -> Answer<web::Json<Me>> {
    let company = api.store.company(&caller.principal.company).await?;
    let company = company.ok_or_else(Problem::not_found)?;
    Ok(web::Json(Me {
        company: MyCompany {
            id: company.id.to_string(),
            name: company.settings.name.clone(),
        },
        may: rights(&caller.principal),
        user: user(&caller.principal),
        service: service(&caller.principal),
        csrf_token: match caller.shown {
            Shown::Session { csrf_token, .. } => Some(csrf_token),
            Shown::Bearer => None,
        },
    }))
}

fn rights(caller: &Principal) -> Vec<&'static str> {
    let all = Action::ALL.iter();
    let given = all.filter(|action| caller.may(**action).is_ok());
    given.map(|action| action.as_str()).collect()
}

fn user(caller: &Principal) -> Option<MyUser> {
    match &caller.who {
        Who::Person(person) => Some(MyUser {
            id: person.user.to_string(),
            username: person.username.clone(),
            name: person.name.clone(),
            roles: person.roles.iter().map(|role| role.as_str()).collect(),
        }),
        Who::Service(_) => None,
    }
}

fn service(caller: &Principal) -> Option<MyService> {
    match &caller.who {
        Who::Service(service) => Some(MyService {
            token: service.token.to_string(),
            name: service.name.clone(),
            scopes: service.scopes.iter().map(|scope| scope.as_str()).collect(),
        }),
        Who::Person(_) => None,
    }
}
