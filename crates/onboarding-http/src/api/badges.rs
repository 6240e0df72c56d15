//! `/api/v1/badges.pdf`: badges of many users on one sheet to print.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use onboarding_core::{Company, Language, Role, access::Action, config::UserConfig};
use onboarding_qr::{Person, link_for};
use utoipa::IntoParams;

use super::{Answer, Api, Caller, Endpoint, Policy, endpoint, page::invalid_parameter};
use crate::{
    badges::{self, Chosen, UserFilter},
    marks::mark_of,
    pictures,
    problem::{FieldProblem, Problem},
};

/// So many of those who are to blame a sentence names; the field problems name all.
const NAMED: usize = 10;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![endpoint!(Policy::May(Action::SeeConfig), sheet)]
}

/// Whose badges, and how they are printed. Without a username or a filter: everybody's.
#[derive(Debug, Default, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Whose badge, by username; repeated for each. A filter beside it adds those who fit.
    #[param(required = false)]
    username: Vec<String>,
    /// The id of a unit: users of it and of those below it.
    org_unit: Option<String>,
    /// What name, username or extension hold.
    q: Option<String>,
    /// A role that users have: `user`, `admin` or `auditor`.
    role: Option<String>,
    /// The language of the sentence on the badges, as a BCP 47 tag; the company's default unless given.
    language: Option<String>,
}

/// Badges of many users as one PDF to print and cut out: A4, ten a page, each of the size of a bank card.
///
/// 500 at the most, by username. Users whom a filter chooses and who have no code are left out; users who are named must have
/// one. It has an `ETag` of what is on it; `If-None-Match` is answered 304.
#[utoipa::path(
    get,
    path = "/api/v1/badges.pdf",
    tag = "users",
    params(Wanted),
    responses(
        (
            status = 200,
            description = "the sheet",
            content_type = "application/pdf",
            body = String,
            headers(("Badges-Left-Out" = u32, description = "how many users who fit the filter have no code, and so no badge"))
        ),
        (status = 304, description = "you have it already"),
        (status = 409, description = "nobody chosen has a code, one who is named has none, or a badge cannot be drawn"),
        (status = 422, description = "more than 500 badges"),
    )
)]
async fn sheet(
    api: web::Data<Api>,
    caller: Caller,
    request: HttpRequest,
    wanted: web::Query<Vec<(String, String)>>,
) -> Answer<HttpResponse> {
    let wanted = Wanted::of(wanted.into_inner())?;
    let id = &caller.principal.company;
    let company = api.store.company(id).await?.ok_or_else(Problem::not_found)?;
    let languages = wanted.languages(&company)?;
    let filter = wanted.filter(&company)?;
    let (config, _) = api.store.config(id).await?.ok_or_else(Problem::not_found)?;
    let named: BTreeSet<&str> = wanted.username.iter().map(String::as_str).collect();
    judge_named(&company, &config.users, &named)?;
    let users = config.users.iter().filter(|user| {
        let fits = |filter: &UserFilter<'_>| filter.fits(user, &company);
        named.contains(user.username.as_str()) || filter.as_ref().is_some_and(fits)
    });
    let chosen = Chosen::of(&company, users);
    let mark = mark_of(api.store.as_ref(), &company).await?;
    Ok(badges::answer(&request, (company, mark), chosen, languages).await?)
}

impl Wanted {
    /// A username may be there several times, which `web::Query` of a struct does not take.
    fn of(parameters: Vec<(String, String)>) -> Answer<Self> {
        let mut wanted = Self::default();
        for (name, value) in parameters {
            let (name, place) = match name.as_str() {
                "username" => {
                    wanted.username.push(value);
                    continue;
                }
                "org_unit" => ("org_unit", &mut wanted.org_unit),
                "q" => ("q", &mut wanted.q),
                "role" => ("role", &mut wanted.role),
                "language" => ("language", &mut wanted.language),
                _ => return Err(unknown_parameter(&name)),
            };
            if place.replace(value).is_some() {
                return Err(invalid_parameter(name, "write it once"));
            }
        }
        Ok(wanted)
    }

    fn languages(&self, company: &Company) -> Answer<Vec<Language>> {
        let Some(tag) = &self.language else {
            return Ok(pictures::languages(company));
        };
        let language = Language::parse(tag);
        Ok(vec![language.map_err(|error| {
            invalid_parameter("language", &error.to_string())
        })?])
    }

    /// Who fits; `None` where only those who are named are wanted.
    fn filter(&self, company: &Company) -> Answer<Option<UserFilter<'_>>> {
        let (unit, role) = (self.org_unit.as_deref(), self.role.as_deref());
        let is_unit = |id: &str| company.org_units.iter().any(|unit| unit.id.to_string() == id);
        if unit.is_some_and(|id| !is_unit(id)) {
            return Err(invalid_parameter(
                "org_unit",
                "there is no such unit; /api/v1/org-units lists them",
            ));
        }
        let is_role = |name: &str| {
            [Role::User, Role::Admin, Role::Auditor]
                .iter()
                .any(|role| role.to_string() == name)
        };
        if role.is_some_and(|name| !is_role(name)) {
            return Err(invalid_parameter(
                "role",
                "no such value; known are user, admin, auditor",
            ));
        }
        let filter = UserFilter {
            q: self.q.as_deref().unwrap_or_default(),
            unit: unit.unwrap_or_default(),
            role: role.unwrap_or_default(),
        };
        let is_given = unit.is_some() || role.is_some() || self.q.is_some();
        Ok((is_given || self.username.is_empty()).then_some(filter))
    }
}

fn unknown_parameter(name: &str) -> Problem {
    let detail = format!(
        "parameters after `?`: unknown field `{name}`, expected one of `username`, `org_unit`, `q`, `role`, `language`"
    );
    Problem::new(StatusCode::BAD_REQUEST, "invalid-parameter", detail)
}

/// Whoever is named is there and has a code.
fn judge_named(company: &Company, users: &[UserConfig], named: &BTreeSet<&str>) -> Answer<()> {
    let there: BTreeSet<&str> = users.iter().map(|user| user.username.as_str()).collect();
    let unknown = named.difference(&there);
    let unknown = unknown.map(|username| format!("no active user is called `{username}`"));
    refuse(StatusCode::BAD_REQUEST, "invalid-parameter", unknown.collect())?;
    let users = users.iter().filter(|user| named.contains(user.username.as_str()));
    let without = users.filter_map(|user| link_for(company, &Person::from(user)).err());
    let without = without.map(|why| why.to_string());
    refuse(StatusCode::CONFLICT, "no-code", without.collect())
}

fn refuse(status: StatusCode, kind: &'static str, mistakes: Vec<String>) -> Answer<()> {
    if mistakes.is_empty() {
        return Ok(());
    }
    let (named, others) = mistakes.split_at(mistakes.len().min(NAMED));
    let more = match others.len() {
        0 => String::new(),
        count => format!("; and {count} more"),
    };
    let detail = format!("username: {}{more}", named.join("; "));
    let fields = mistakes.into_iter().map(|detail| FieldProblem {
        field: "username".to_owned(),
        detail,
    });
    Err(Problem::new(status, kind, detail).with_fields(fields.collect()))
}
