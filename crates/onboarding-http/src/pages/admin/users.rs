//! The active users with their extensions.

use actix_web::{HttpResponse, web};
use onboarding_core::{Company, Role, config::UserConfig};
use onboarding_pages::admin::{AdminWords, Cell, Choice, Filter, ListPage, Row, Section};
use serde::Deserialize;

use super::{in_query, on_page, shell};
use crate::{
    api::{Answer, Api},
    pages::visit::Visit,
    problem::Problem,
};

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    page: usize,
}

pub(super) async fn list(
    api: web::Data<Api>,
    visit: Visit,
    wanted: web::Query<Wanted>,
) -> Answer<HttpResponse> {
    let (shell, company) = (shell(&visit), &visit.company);
    let words = shell.tongue.admin_words();
    let config = api.store.config(&company.id).await?;
    let (config, _) = config.ok_or_else(Problem::not_found)?;
    let found = config.users.into_iter().filter(|user| fits(user, &wanted));
    let page = wanted.page.max(1);
    let (found, more) = on_page(found.collect(), page);
    let rows: Vec<_> = found.iter().map(|user| row(company, user, words)).collect();
    let (q, unit) = (in_query(&wanted.q), in_query(&wanted.unit));
    let next = more.then(|| format!("/admin/users?q={q}&unit={unit}&page={}", page + 1));
    let choices = company.org_units.iter().map(|unit| Choice {
        value: unit.id.to_string(),
        label: unit.name.clone(),
    });
    let filter = Filter {
        name: "unit",
        label: words.org_unit,
        choices: choices.collect(),
        chosen: wanted.unit.clone(),
    };
    visit.page(&ListPage {
        shell,
        section: Section::Users,
        search: Some(&wanted.q),
        filter: Some(&filter),
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
        said: None,
        footnote: Some(words.read_only),
        act: None,
    })
}

fn fits(user: &UserConfig, wanted: &Wanted) -> bool {
    let text = wanted.q.trim().to_lowercase();
    let extension = user.extension.as_ref().map(ToString::to_string);
    let holds = |field: &str| field.to_lowercase().contains(&text);
    let in_unit = wanted.unit.is_empty() || user.org_unit.to_string() == wanted.unit;
    in_unit && (holds(&user.name) || holds(&user.username) || extension.is_some_and(|one| holds(&one)))
}

fn row(company: &Company, user: &UserConfig, words: &AdminWords) -> Row {
    let unit = company.org_units.iter().find(|unit| unit.id == user.org_unit);
    let unit = unit.map_or_else(|| user.org_unit.to_string(), |unit| unit.name.clone());
    let roles: Vec<_> = user.roles.iter().map(|role| role_words(*role, words)).collect();
    let extension = match &user.extension {
        Some(extension) => Cell::Code(extension.to_string()),
        None => Cell::Text(words.none.to_owned()),
    };
    Row {
        cells: vec![
            Cell::Text(user.name.clone()),
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
