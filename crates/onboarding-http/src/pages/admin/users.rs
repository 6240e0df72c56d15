//! The active users with their extensions.

use actix_web::{HttpResponse, web};
use onboarding_core::{Role, config::UserConfig};
use onboarding_pages::admin::{AdminWords, Cell, Choice, Filter, ListPage, Row, Section};
use serde::Deserialize;

use super::{
    edit::{config_of, may_edit},
    in_query, named, on_page, shell,
};
use crate::{
    api::{Answer, Api},
    pages::visit::Visit,
};

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    page: usize,
    #[serde(default)]
    said: String,
}

pub(super) async fn list(
    api: web::Data<Api>,
    visit: Visit,
    wanted: web::Query<Wanted>,
) -> Answer<HttpResponse> {
    let (shell, company) = (shell(&visit), &visit.company);
    let (words, e) = (shell.tongue.admin_words(), shell.tongue.edit_words());
    let config = config_of(&api, &visit).await?;
    let found = config.users.into_iter().filter(|user| fits(user, &wanted));
    let page = wanted.page.max(1);
    let (found, more) = on_page(found.collect(), page);
    let rows: Vec<_> = found.iter().map(|user| row(&visit, user, words)).collect();
    let [q, unit, role] = [&wanted.q, &wanted.unit, &wanted.role].map(|text| in_query(text));
    let next = more.then(|| format!("/admin/users?q={q}&unit={unit}&role={role}&page={}", page + 1));
    let choices = company.org_units.iter().map(|unit| Choice {
        value: unit.id.to_string(),
        label: unit.name.clone(),
    });
    let by_unit = Filter {
        name: "unit",
        label: words.org_unit,
        choices: choices.collect(),
        chosen: wanted.unit.clone(),
    };
    let roles = [Role::User, Role::Admin, Role::Auditor].map(|role| Choice {
        value: role.to_string(),
        label: role_words(role, words).to_owned(),
    });
    let by_role = Filter {
        name: "role",
        label: words.roles,
        choices: roles.to_vec(),
        chosen: wanted.role.clone(),
    };
    visit.page(&ListPage {
        shell,
        section: Section::Users,
        search: Some(&wanted.q),
        filters: &[by_unit, by_role],
        columns: &[
            words.name,
            words.username,
            words.extension,
            words.org_unit,
            words.roles,
        ],
        rows: &rows,
        next: next.as_deref(),
        next_words: words.next_page,
        said: match wanted.said.as_str() {
            "saved" => Some((true, e.saved)),
            "removed" => Some((true, e.removed)),
            "sessions_ended" => Some((true, e.sessions_ended)),
            _ => None,
        },
        footnote: (!may_edit(&visit)).then_some(e.only_admins),
        act: may_edit(&visit).then_some(("/admin/new/users", e.user_new)),
    })
}

fn fits(user: &UserConfig, wanted: &Wanted) -> bool {
    let text = wanted.q.trim().to_lowercase();
    let extension = user.extension.as_ref().map(ToString::to_string);
    let holds = |field: &str| field.to_lowercase().contains(&text);
    let in_unit = wanted.unit.is_empty() || user.org_unit.to_string() == wanted.unit;
    let in_role = wanted.role.is_empty() || user.roles.iter().any(|role| role.to_string() == wanted.role);
    in_unit
        && in_role
        && (holds(&user.name) || holds(&user.username) || extension.is_some_and(|one| holds(&one)))
}

fn row(visit: &Visit, user: &UserConfig, words: &AdminWords) -> Row {
    let unit = visit
        .company
        .org_units
        .iter()
        .find(|unit| unit.id == user.org_unit);
    let unit = unit.map_or_else(|| user.org_unit.to_string(), |unit| unit.name.clone());
    let roles: Vec<_> = user.roles.iter().map(|role| role_words(*role, words)).collect();
    let extension = match &user.extension {
        Some(extension) => Cell::Code(extension.to_string()),
        None => Cell::Text(words.none.to_owned()),
    };
    Row {
        cells: vec![
            named(visit, Section::Users, &user.username, &user.name),
            Cell::Code(user.username.clone()),
            extension,
            Cell::Text(unit),
            Cell::Text(roles.join(", ")),
        ],
    }
}

fn role_words(role: Role, words: &AdminWords) -> &'static str {
    match role {
        Role::User => words.role_user,
        Role::Admin => words.role_admin,
        Role::Auditor => words.role_auditor,
    }
}
