//! `/admin`: the Organization Admin, for admins and, to look at, auditors.

mod accounts;
mod activity;
mod audit;
mod connect;
mod dead_letters;
mod edit;
mod external_companies;
mod features;
mod import;
mod logo;
mod notices;
mod org_units;
pub(super) mod pools;
mod seek;
mod settings;
mod texts;
mod things;
mod tokens;
mod user_access;
mod users;
mod whatsapp;

use actix_web::{
    HttpResponse,
    http::{Method, header},
    web,
};
use onboarding_core::{OfficialAccountId, Timestamp, access::Action};
use onboarding_pages::{
    Place, Shell,
    admin::{Cell, EditWords, Row, Section},
};
use serde::Deserialize;

use super::visit::Visit;
use crate::api::{Endpoint, Policy};

/// What is asked of a list.
#[derive(Deserialize)]
struct Wanted {
    /// What is searched for.
    #[serde(default)]
    q: String,
    /// The state that rows are to have.
    #[serde(default)]
    state: String,
    #[serde(default)]
    page: usize,
    /// What was just done.
    #[serde(default)]
    said: String,
}

/// What a page of a list shows.
struct Found<T> {
    shown: Vec<T>,
    /// Where the next page is.
    next: Option<String>,
}

/// Those of whose texts one holds what is searched for, on the page that is wanted.
fn found<T>(section: Section, wanted: &Wanted, all: Vec<T>, texts: impl Fn(&T) -> Vec<String>) -> Found<T> {
    let words = wanted.q.trim().to_lowercase();
    let holds = |one: &T| texts(one).iter().any(|text| text.to_lowercase().contains(&words));
    let page = wanted.page.max(1);
    let (shown, more) = on_page(all.into_iter().filter(holds).collect(), page);
    let (q, state) = (in_query(&wanted.q), in_query(&wanted.state));
    let next = more.then(|| format!("{}?q={q}&state={state}&page={}", section.path(), page + 1));
    Found { shown, next }
}

/// What can be read in a row.
fn texts_of(row: &Row) -> Vec<String> {
    let text = |cell: &Cell| match cell {
        Cell::Text(text) | Cell::Code(text) | Cell::Mark(_, text) | Cell::Link(_, text) => Some(text.clone()),
        _ => None,
    };
    row.cells.iter().filter_map(text).collect()
}

/// The name of a thing: a way to its form for whoever may change it.
fn named(visit: &Visit, section: Section, key: &str, name: &str) -> Cell {
    if edit::may_edit(visit) {
        Cell::Link(edit::place_of(section, key), name.to_owned())
    } else {
        Cell::Text(name.to_owned())
    }
}

/// What was just done, in words.
fn said(wanted: &Wanted, words: &'static EditWords) -> Option<(bool, &'static str)> {
    match wanted.said.as_str() {
        "saved" => Some((true, words.saved)),
        "removed" => Some((true, words.removed)),
        _ => None,
    }
}

/// Rows on a page of a list.
const ON_A_PAGE: usize = 50;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let may = Policy::May;
    let (config, rooms) = (may(Action::SeeConfig), may(Action::ReadAudit));
    let (letters, change) = (may(Action::SeeDeadLetters), may(Action::ChangeConfig));
    let tokens = may(Action::ManageTokens);
    let mut all = [
        lists(),
        things::endpoints(),
        user_access::endpoints(),
        import::endpoints(),
        logo::endpoints(),
        settings::endpoints(),
        texts::endpoints(),
    ]
    .concat();
    all.extend([
        Endpoint::page(Method::GET, "/admin", config, || web::route().to(home)),
        Endpoint::page(Method::GET, "/admin/features", config, || {
            web::route().to(features::show)
        }),
        Endpoint::page(Method::GET, "/admin/pools", config, || {
            web::route().to(pools::show)
        }),
        Endpoint::page(Method::GET, "/admin/whatsapp", config, || {
            web::route().to(whatsapp::show)
        }),
        Endpoint::page(Method::GET, "/admin/whatsapp/connect", change, || {
            web::route().to(connect::ask)
        }),
        Endpoint::page(Method::POST, "/admin/whatsapp/connect", change, || {
            web::route().to(connect::connect)
        }),
        Endpoint::page(Method::GET, "/admin/onboardings", rooms, || {
            web::route().to(activity::list)
        }),
        Endpoint::page(Method::GET, "/admin/onboardings/{id}", rooms, || {
            web::route().to(activity::show)
        }),
        Endpoint::page(Method::GET, "/admin/notices", rooms, || {
            web::route().to(notices::list)
        }),
        Endpoint::page(Method::POST, "/admin/notices/{id}/seen", change, || {
            web::route().to(notices::mark)
        }),
        Endpoint::page(Method::GET, "/admin/dead-letters", letters, || {
            web::route().to(dead_letters::list)
        }),
        Endpoint::page(
            Method::GET,
            "/admin/dead-letters/{id}/replay",
            may(Action::ReplayDeadLetters),
            || web::route().to(dead_letters::ask),
        ),
        Endpoint::page(
            Method::POST,
            "/admin/dead-letters/{id}/replay",
            may(Action::ReplayDeadLetters),
            || web::route().to(dead_letters::replay),
        ),
        Endpoint::page(Method::GET, "/admin/tokens", tokens, || {
            web::route().to(tokens::list)
        }),
        Endpoint::page(Method::POST, "/admin/tokens", tokens, || {
            web::route().to(tokens::make)
        }),
        Endpoint::page(Method::GET, "/admin/tokens/new", tokens, || {
            web::route().to(tokens::form)
        }),
        Endpoint::page(Method::GET, "/admin/tokens/{id}/revocation", tokens, || {
            web::route().to(tokens::ask)
        }),
        Endpoint::page(Method::POST, "/admin/tokens/{id}/revocation", tokens, || {
            web::route().to(tokens::revoke)
        }),
        Endpoint::page(Method::GET, "/admin/audit", may(Action::ReadAudit), || {
            web::route().to(audit::list)
        }),
    ]);
    all
}

/// Lists of what can be changed, and what is printed of them.
fn lists() -> Vec<Endpoint> {
    let config = Policy::May(Action::SeeConfig);
    vec![
        Endpoint::page(Method::GET, "/admin/users", config, || {
            web::route().to(users::list)
        }),
        Endpoint::page(Method::GET, "/admin/badges.pdf", config, || {
            web::route().to(users::badges)
        }),
        Endpoint::page(Method::GET, "/admin/org-units", config, || {
            web::route().to(org_units::list)
        }),
        Endpoint::page(Method::GET, "/admin/external-companies", config, || {
            web::route().to(external_companies::list)
        }),
        Endpoint::page(Method::GET, "/admin/official-accounts", config, || {
            web::route().to(accounts::list)
        }),
    ]
}

async fn home() -> HttpResponse {
    see("/admin/features".to_owned())
}

/// Sends the browser to another page.
fn see(path: String) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .finish()
}

fn shell(visit: &Visit) -> Shell<'_> {
    visit.shell(Place::Other)
}

fn time(at: Timestamp) -> Cell {
    let text = at.to_string();
    let shown = text.get(..19).unwrap_or(&text).replace('T', " ");
    Cell::Time(text, format!("{shown} UTC"))
}

fn number(visit: &Visit, account: OfficialAccountId) -> Option<String> {
    let account = visit.company.account(account)?;
    Some(account.phone_number.to_string())
}

/// What goes after `?name=` in an address.
fn in_query(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push_str(&hex::encode_upper([byte]));
        }
    }
    encoded
}

/// The rows of this page, counted from 1, and whether there is another.
fn on_page<T>(all: Vec<T>, page: usize) -> (Vec<T>, bool) {
    let before = page.saturating_sub(1).saturating_mul(ON_A_PAGE);
    let more = all.len() > before.saturating_add(ON_A_PAGE);
    (all.into_iter().skip(before).take(ON_A_PAGE).collect(), more)
}
