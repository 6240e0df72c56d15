//! `/api/v1/users`: the active users of the company.

use actix_web::{HttpResponse, web};
use onboarding_core::{
    ExternalIdentity, UserId,
    access::Action,
    config::{CompanyConfig, ConfigChange, Leaver, UserConfig},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Moment,
    collection::{self, Form, collection},
};
use crate::{
    api::{Answer, Api, Caller, Endpoint, IfMatch, Policy, endpoint, gate, written as json},
    problem::Problem,
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let mut all = common_endpoints();
    all.push(endpoint!(Policy::May(Action::ChangeConfig), remove));
    all
}

collection! {
    UserForm at "/api/v1/users" and "/api/v1/users/{username}" by "username", tagged "users",
    see SeeConfig, change ChangeConfig;
    list "The active users, by username.",
    create "Add a user, or take back one who left. Roles beyond `user`, and identities, need the right `access.manage`.",
    show "One active user.",
    replace "Replace a user. Other roles or identities than they have need the right `access.manage`."
}

/// An employee.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "username": "mia",
    "name": "Mia Wong",
    "email": "mia@acme.example",
    "title": "Relationship manager",
    "org_unit": "hk",
    "extension": "#mia",
    "external_companies": [],
    "roles": ["user"],
    "identities": [{ "issuer": "https://login.example.com", "subject": "00u1-mia" }]
}))]
pub(super) struct UserForm {
    /// Names them for good.
    username: String,
    /// As clients read it.
    name: String,
    email: Option<String>,
    /// Their position, as clients may read it.
    title: Option<String>,
    org_unit: json::OrgUnitId,
    /// By which clients ask for them.
    extension: Option<json::Extension>,
    /// Whose client profiles they see.
    #[serde(default)]
    external_companies: Vec<json::ExternalCompanyId>,
    /// `user` unless given.
    #[serde(default = "usual_roles")]
    roles: Vec<json::Role>,
    /// Under which names identity providers know them, of whom each is one user's.
    #[serde(default)]
    identities: Vec<IdentityForm>,
}

/// Under which name an identity provider knows a user: never an e-mail address.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct IdentityForm {
    issuer: json::Issuer,
    subject: json::Subject,
}

fn identity_form(identity: ExternalIdentity) -> IdentityForm {
    IdentityForm {
        issuer: json::Issuer(identity.issuer),
        subject: json::Subject(identity.subject),
    }
}

fn identity(form: IdentityForm) -> ExternalIdentity {
    ExternalIdentity {
        issuer: form.issuer.0,
        subject: form.subject.0,
    }
}

fn usual_roles() -> Vec<json::Role> {
    vec![json::Role(onboarding_core::Role::User)]
}

impl Form for UserForm {
    type Of = UserConfig;
    const LIST: &'static str = "users";
    const ADDRESS: &'static str = "users";
    const KEY: &'static str = "username";

    fn all(config: &CompanyConfig) -> &Vec<UserConfig> {
        &config.users
    }

    fn all_mut(config: &mut CompanyConfig) -> &mut Vec<UserConfig> {
        &mut config.users
    }

    fn shown(one: &UserConfig) -> Self {
        let firms = one.external_companies.iter().cloned();
        Self {
            username: one.username.clone(),
            name: one.name.clone(),
            email: one.email.clone(),
            title: one.title.clone(),
            org_unit: json::OrgUnitId(one.org_unit.clone()),
            extension: one.extension.clone().map(json::Extension),
            external_companies: firms.map(json::ExternalCompanyId).collect(),
            roles: one.roles.iter().copied().map(json::Role).collect(),
            identities: one.identities.iter().cloned().map(identity_form).collect(),
        }
    }

    fn read(self) -> UserConfig {
        UserConfig {
            username: self.username,
            name: self.name,
            email: self.email,
            title: self.title,
            org_unit: self.org_unit.0,
            extension: self.extension.map(|extension| extension.0),
            external_companies: self.external_companies.into_iter().map(|firm| firm.0).collect(),
            roles: self.roles.into_iter().map(|role| role.0).collect(),
            identities: self.identities.into_iter().map(identity).collect(),
        }
    }

    fn key(one: &UserConfig) -> String {
        one.username.clone()
    }

    fn put(user: UserConfig, moment: &mut Moment) -> ConfigChange {
        ConfigChange::PutUser {
            new_id: UserId::from_uuid(moment.draw.uuid(moment.now)),
            user,
        }
    }

    /// Roles and identities hand out access: they are not for whoever may change the rest of a user.
    fn check_right(before: Option<&UserConfig>, after: Option<&UserConfig>, caller: &Caller) -> Answer<()> {
        let roles = |user: Option<&UserConfig>| {
            let mut roles = user.map(|user| user.roles.clone()).unwrap_or_default();
            roles.sort();
            roles.retain(|role| *role != onboarding_core::Role::User);
            roles
        };
        let identities = |user: Option<&UserConfig>| {
            let mut all = user.map(|user| user.identities.clone()).unwrap_or_default();
            all.sort();
            all
        };
        if after.is_none() {
            return Ok(());
        }
        let field = if roles(before) != roles(after) {
            "/roles"
        } else if identities(before) != identities(after) {
            "/identities"
        } else {
            return Ok(());
        };
        let right = caller.principal.may(Action::ManageAccess);
        right
            .map(|_| ())
            .map_err(|denial| gate::denied(denial).about(field))
    }
}

/// Who goes on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Leaving {
    /// Username of who goes on with the clients; without one the rooms are closed.
    hand_over_to: Option<String>,
}

/// A user leaves: inactive from now on, their extension and QR code dead. The record keeps them.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{username}",
    tag = "users",
    params(
        ("username" = String, Path, description = "who leaves"),
        Leaving,
        ("If-Match" = Option<String>, Header, description = "the ETag of what is removed"),
    ),
    responses(
        (status = 204, description = "they left"),
        (status = 404, description = "none here"),
        (status = 409, description = "something needs them"),
        (status = 412, description = "they were changed meanwhile"),
        (status = 422, description = "there is nobody to go on"),
    )
)]
async fn remove(
    api: web::Data<Api>,
    caller: Caller,
    key: web::Path<String>,
    leaving: web::Query<Leaving>,
    seen: IfMatch,
) -> Answer<HttpResponse> {
    leaves(&api, &caller, &key, &seen, leaving.into_inner().hand_over_to).await
}

/// The user leaves; a successor goes on with their clients.
pub(super) async fn leaves(
    api: &Api,
    caller: &Caller,
    key: &str,
    seen: &IfMatch,
    successor: Option<String>,
) -> Answer<HttpResponse> {
    let gone = |config: &mut CompanyConfig, one: &UserConfig| {
        if let Some(successor) = &successor {
            if !config.users.iter().any(|user| user.username == *successor) {
                return Err(Problem::field(
                    "hand_over_to",
                    "there is no such active user; name another",
                ));
            }
            config.leavers.push(Leaver {
                username: one.username.clone(),
                hand_over_to: successor.clone(),
            });
        }
        // What was assigned to them is nobody's, or whoever's else it was.
        for profile in &mut config.client_profiles {
            profile.assigned_to.retain(|username| *username != one.username);
        }
        Ok(ConfigChange::DeactivateUser {
            username: one.username.clone(),
            successor: successor.clone(),
        })
    };
    collection::remove::<UserForm>(api, caller, key, seen, gone).await
}
