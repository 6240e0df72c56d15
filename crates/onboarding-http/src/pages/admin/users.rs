//! The active users with their extensions.

use actix_web::{HttpRequest, HttpResponse, web};
use onboarding_core::{Role, config::UserConfig};
use onboarding_pages::admin::{AdminWords, Cell, Choice, EditWords, Filter, ListPage, Row, Section};
use onboarding_qr::DrawError;
use serde::Deserialize;

use super::{
    edit::{config_of, may_edit},
    in_query, named, on_page, shell,
};
use crate::{
    api::{Answer, Api},
    badges::{self, Chosen, NoBadges, Undrawable, UserFilter},
    marks::mark_of,
    pages::visit::Visit,
    pictures,
    problem::Problem,
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
    let users = config_of(&api, &visit).await?.users;
    show(&visit, users, &wanted, None)
}

/// The badges of the users whom the list shows on all its pages; where there is no sheet, the list says why.
pub(super) async fn badges(
    api: web::Data<Api>,
    visit: Visit,
    request: HttpRequest,
    wanted: web::Query<Wanted>,
) -> Answer<HttpResponse> {
    let users = config_of(&api, &visit).await?.users;
    let company = &visit.company;
    let found = users.iter().filter(|user| wanted.filter().fits(user, company));
    let chosen = Chosen::of(company, found);
    let languages = pictures::languages(company);
    let mark = mark_of(api.store.as_ref(), company).await?;
    let why = match badges::answer(&request, (company.clone(), mark), chosen, languages).await {
        Ok(sheet) => return Ok(sheet),
        Err(why) => why,
    };
    let words = shell(&visit).tongue.admin_words();
    let Some(said) = refusal(&why, &users, words) else {
        return Err(why.into());
    };
    let status = Problem::from(why).status();
    let mut page = show(&visit, users, &wanted, Some(&said))?;
    *page.status_mut() = status;
    Ok(page)
}

/// Why there is no sheet, for an admin; `None` for what no admin can help.
fn refusal(why: &NoBadges, users: &[UserConfig], words: &AdminWords) -> Option<String> {
    let name_of = |username: &String| {
        let user = users.iter().find(|user| user.username == *username);
        user.map_or(username, |user| &user.name).clone()
    };
    Some(match why {
        NoBadges::Nobody => words.badges_nobody.to_owned(),
        NoBadges::NoCode(_) => words.badges_none.to_owned(),
        NoBadges::TooMany(count) => too_many(*count, words),
        NoBadges::Undrawable { username, why } => match why {
            Undrawable::Code(_) | Undrawable::Drawing(DrawError::TooLongForBadge) => {
                words.badges_too_long.replace("{name}", &name_of(username))
            }
            Undrawable::Drawing(DrawError::NoGlyph { letters }) => words
                .badges_no_letters
                .replace("{letters}", letters)
                .replace("{name}", &name_of(username)),
            Undrawable::Drawing(_) => return None,
        },
        NoBadges::Paper(_) | NoBadges::Stopping => return None,
    })
}

fn too_many(count: usize, words: &AdminWords) -> String {
    let words = words.badges_too_many.replace("{count}", &count.to_string());
    words.replace("{most}", &badges::MOST.to_string())
}

/// What of the badges is offered: words of the button, and a remark.
fn offer(chosen: &Chosen, words: &AdminWords) -> (Option<String>, Option<String>) {
    let (count, left_out) = (chosen.count(), chosen.left_out());
    let print = || words.badges_print.replace("{count}", &count.to_string());
    let without = || words.badges_left_out.replace("{count}", &left_out.to_string());
    match (count, left_out) {
        (0, 0) => (None, None),
        (0, _) => (None, Some(words.badges_none.to_owned())),
        (count, _) if count > badges::MOST => (None, Some(too_many(count, words))),
        (_, 0) => (Some(print()), None),
        _ => (Some(print()), Some(without())),
    }
}

/// The list; `refused` is why there is no sheet of badges.
fn show(
    visit: &Visit,
    users: Vec<UserConfig>,
    wanted: &Wanted,
    refused: Option<&str>,
) -> Answer<HttpResponse> {
    let (shell, company) = (shell(visit), &visit.company);
    let (words, e) = (shell.tongue.admin_words(), shell.tongue.edit_words());
    let found: Vec<_> = users
        .into_iter()
        .filter(|user| wanted.filter().fits(user, company))
        .collect();
    let (print, remark) = offer(&Chosen::of(company, &found), words);
    let page = wanted.page.max(1);
    let (found, more) = on_page(found, page);
    let rows: Vec<_> = found.iter().map(|user| row(visit, user, words)).collect();
    let [q, unit, role] = [&wanted.q, &wanted.unit, &wanted.role].map(|text| in_query(text));
    let narrowed = format!("q={q}&unit={unit}&role={role}");
    let next = more.then(|| format!("/admin/users?{narrowed}&page={}", page + 1));
    let sheet = format!("/admin/badges.pdf?{narrowed}");
    let print = print.as_ref().map(|words| (sheet.as_str(), words.as_str()));
    let new = may_edit(visit).then_some(("/admin/new/users", e.user_new));
    let acts: Vec<_> = print.into_iter().chain(new).collect();
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
        said: refused.map(|words| (false, words)).or_else(|| done(wanted, e)),
        footnote: (!may_edit(visit)).then_some(e.only_admins),
        acts: &acts,
        remark: remark.as_deref().filter(|_| refused.is_none()),
    })
}

/// What was just done, in words.
fn done(wanted: &Wanted, e: &'static EditWords) -> Option<(bool, &'static str)> {
    match wanted.said.as_str() {
        "saved" => Some((true, e.saved)),
        "removed" => Some((true, e.removed)),
        "sessions_ended" => Some((true, e.sessions_ended)),
        _ => None,
    }
}

impl Wanted {
    fn filter(&self) -> UserFilter<'_> {
        UserFilter {
            q: &self.q,
            unit: &self.unit,
            role: &self.role,
        }
    }
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
