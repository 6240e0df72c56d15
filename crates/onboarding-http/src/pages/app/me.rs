//! The user's own data and code, as pages show them.

use std::hash::{DefaultHasher, Hash, Hasher};

use onboarding_core::{Company, Logo, OrgUnitId, Role, Timestamp, User};
use onboarding_pages::{
    Tongue,
    app::{self, Person},
};
use onboarding_qr::{Code, CodeState, Mark, NoCode, code_state};

/// Names one state of what a page shows, in any language.
pub(super) fn state_name(state: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    state.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// A user, with names instead of ids.
#[derive(Hash)]
pub(super) struct Me {
    username: String,
    name: String,
    title: Option<String>,
    email: Option<String>,
    extension: Option<String>,
    primary_number: Option<String>,
    org_units: Vec<String>,
    external_companies: Vec<String>,
    roles: Vec<Role>,
    code: MyCode,
}

#[derive(Hash)]
enum MyCode {
    Ready {
        link: String,
        image: String,
        card: String,
    },
    Trouble,
    NoExtension,
}

impl Me {
    /// As things stand now; pictures have addresses below `base`.
    pub(super) fn of(company: &Company, user: &User, base: &str, now: Timestamp) -> Self {
        let externals = user.external_companies.iter();
        let named = |id| company.external_companies.iter().find(|one| &one.id == id);
        let primary = company.primary_state(&user.org_unit, now);
        Self {
            username: user.username.clone(),
            name: user.name.clone(),
            title: user.title.clone(),
            email: user.email.clone(),
            extension: user.extension.as_ref().map(ToString::to_string),
            primary_number: primary.map(|(account, _)| account.phone_number.to_string()),
            org_units: units(company, &user.org_unit),
            external_companies: externals
                .filter_map(|id| named(id).map(|one| one.name.clone()))
                .collect(),
            roles: user.roles.clone(),
            code: code(company, user, base, now),
        }
    }

    /// Names this state.
    pub(super) fn state(&self) -> String {
        state_name(self)
    }

    /// What the page shows of their code.
    pub(super) fn code(&self) -> app::Code<'_> {
        match &self.code {
            MyCode::Ready { link, image, card } => app::Code::Ready { link, image, card },
            MyCode::Trouble => app::Code::Trouble,
            MyCode::NoExtension => app::Code::NoExtension,
        }
    }

    /// What borrows its parts.
    pub(super) fn parts(&self, tongue: Tongue) -> Parts<'_> {
        let words = tongue.words();
        let role = |role: &Role| match role {
            Role::User => words.role_user,
            Role::Admin => words.role_admin,
            Role::Auditor => words.role_auditor,
        };
        Parts {
            org_units: self.org_units.iter().map(String::as_str).collect(),
            roles: self.roles.iter().map(role).collect(),
            external_companies: self.external_companies.iter().map(String::as_str).collect(),
        }
    }

    /// As the page takes it.
    pub(super) fn person<'a>(&'a self, parts: &'a Parts<'a>) -> Person<'a> {
        Person {
            username: &self.username,
            name: &self.name,
            title: self.title.as_deref(),
            email: self.email.as_deref(),
            extension: self.extension.as_deref(),
            primary_number: self.primary_number.as_deref(),
            org_units: &parts.org_units,
            roles: &parts.roles,
            external_companies: &parts.external_companies,
        }
    }
}

/// Lists that a page borrows.
pub(super) struct Parts<'a> {
    org_units: Vec<&'a str>,
    roles: Vec<&'a str>,
    external_companies: Vec<&'a str>,
}

/// The unit and those above it, from the root.
fn units(company: &Company, unit: &OrgUnitId) -> Vec<String> {
    let mut names = Vec::new();
    let mut next = Some(unit);
    // No tree is deeper than it has units, whatever the data says.
    for _ in 0..=company.org_units.len() {
        let Some(found) = next.and_then(|id| company.org_units.iter().find(|one| &one.id == id)) else {
            break;
        };
        names.insert(0, found.name.clone());
        next = found.parent.as_ref();
    }
    names
}

fn code(company: &Company, user: &User, base: &str, now: Timestamp) -> MyCode {
    match code_state(company, &user.into(), now) {
        CodeState::Ready { link } => match Code::new(&link, Mark::None) {
            Ok(_) => {
                let logo = company.settings.qr_logo.as_ref().map(Logo::digest);
                let state = state_name(&(&link, &user.name, &user.title, &company.settings.name, logo));
                MyCode::Ready {
                    image: format!("{base}/qr.svg?v={state}"),
                    card: format!("{base}/qr-card.png?v={state}"),
                    link,
                }
            }
            // It would not scan, so it is not shown.
            Err(_) => MyCode::Trouble,
        },
        CodeState::Missing(NoCode::NoExtension { .. }) => MyCode::NoExtension,
        CodeState::AccountIssue { .. }
        | CodeState::Missing(
            NoCode::NoPool { .. } | NoCode::TextTooLong { .. } | NoCode::PrimaryGone { .. },
        ) => MyCode::Trouble,
    }
}
