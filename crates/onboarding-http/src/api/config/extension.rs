//! `/api/v1/users/{username}/extension`: by which clients ask for a user.

use actix_web::{HttpResponse, http::StatusCode, web};
use onboarding_core::{
    Extension,
    access::Action,
    config::{CompanyConfig, UserConfig},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Edit, Place, change,
    collection::{Form, tag, tagged},
    present,
    users::UserForm,
};
use crate::{
    api::{Answer, Api, Body, Caller, Endpoint, IfMatch, Policy, endpoint, written as json},
    problem::Problem,
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        endpoint!(Policy::May(Action::SeeConfig), show),
        endpoint!(Policy::May(Action::ChangeConfig), set),
        endpoint!(Policy::May(Action::ChangeConfig), clear),
    ]
}

/// The extension of a user.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "extension": "#kate" }))]
struct ExtensionForm {
    /// None for a user whom clients cannot ask for.
    extension: Option<json::Extension>,
}

impl ExtensionForm {
    fn of(user: &UserConfig) -> Self {
        let extension = user.extension.clone().map(json::Extension);
        Self { extension }
    }
}

fn place(config: &CompanyConfig, username: &str) -> Answer<usize> {
    let place = config.users.iter().position(|user| user.username == username);
    place.ok_or_else(Problem::not_found)
}

/// The extension of a user.
#[utoipa::path(
    get,
    path = "/api/v1/users/{username}/extension",
    tag = "users",
    params(("username" = String, Path, description = "whose")),
    responses((status = 200, description = "with its ETag", body = ExtensionForm), (status = 404, description = "none here"))
)]
async fn show(api: web::Data<Api>, caller: Caller, username: web::Path<String>) -> Answer<HttpResponse> {
    let (config, _) = present(&api, &caller).await?;
    let user = &config.users[place(&config, &username)?];
    Ok(tagged(StatusCode::OK, &ExtensionForm::of(user)).json())
}

/// Give a user another extension. Codes that were printed with the old one lead nowhere from then on.
#[utoipa::path(
    put,
    path = "/api/v1/users/{username}/extension",
    tag = "users",
    params(
        ("username" = String, Path, description = "whose"),
        ("If-Match" = Option<String>, Header, description = "the ETag of what is replaced; needed"),
    ),
    request_body = ExtensionForm,
    responses(
        (status = 200, description = "set", body = ExtensionForm),
        (status = 404, description = "none here"),
        (status = 412, description = "it was changed meanwhile"),
        (status = 428, description = "If-Match is missing"),
    )
)]
async fn set(
    api: web::Data<Api>,
    caller: Caller,
    username: web::Path<String>,
    seen: IfMatch,
    body: Body<ExtensionForm>,
) -> Answer<HttpResponse> {
    let wished = body.0.extension.map(|extension| extension.0);
    let form = put(&api, &caller, &username, |tag| seen.require(tag), wished).await?;
    Ok(tagged(StatusCode::OK, &form).json())
}

/// Take a user's extension away: clients cannot ask for them any more.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{username}/extension",
    tag = "users",
    params(
        ("username" = String, Path, description = "whose"),
        ("If-Match" = Option<String>, Header, description = "the ETag of what is removed"),
    ),
    responses(
        (status = 204, description = "taken away"),
        (status = 404, description = "none here"),
        (status = 412, description = "it was changed meanwhile"),
    )
)]
async fn clear(
    api: web::Data<Api>,
    caller: Caller,
    username: web::Path<String>,
    seen: IfMatch,
) -> Answer<HttpResponse> {
    put(&api, &caller, &username, |tag| seen.agree(tag), None).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn put(
    api: &Api,
    caller: &Caller,
    username: &str,
    check: impl Fn(&crate::api::ETag) -> Answer<()>,
    wished: Option<Extension>,
) -> Answer<ExtensionForm> {
    change(api, caller, |config, moment| {
        let place = place(config, username)?;
        // The changed one stands last, so that what clashes with another is said of it.
        let mut user = config.users.remove(place);
        check(&tag(&ExtensionForm::of(&user)))?;
        let is_so = user.extension == wished;
        user.extension.clone_from(&wished);
        config.users.push(user.clone());
        Ok(Edit {
            place: Place::new(format!("users[{}]", config.users.len() - 1), ""),
            gives: ExtensionForm::of(&user),
            change: (!is_so).then(|| UserForm::put(user, moment)),
        })
    })
    .await
}
