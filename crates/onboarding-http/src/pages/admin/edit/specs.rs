//! Which fields each thing has.

use onboarding_core::{Role, config::CompanyConfig};
use onboarding_pages::{
    Tongue,
    admin::{AdminWords, Choice, EditWords},
};

use super::fields::{Kind, Spec};
use crate::api::Things;

/// The forms of one kind of thing, in one language.
pub(in crate::pages::admin) struct Thing {
    pub(in crate::pages::admin) new: &'static str,
    pub(in crate::pages::admin) one: &'static str,
    pub(in crate::pages::admin) remove: &'static str,
    pub(in crate::pages::admin) remove_sure: &'static str,
    pub(in crate::pages::admin) specs: Vec<Spec>,
}

impl Thing {
    /// The forms, with what can be chosen in the company.
    pub(in crate::pages::admin) fn of(things: Things, config: &CompanyConfig, tongue: Tongue) -> Self {
        let (a, e) = (tongue.admin_words(), tongue.edit_words());
        let (new, one, remove, remove_sure, specs) = match things {
            Things::Users => (
                e.user_new,
                e.user_one,
                e.user_leave,
                e.user_leave_sure,
                of_users(config, a, e),
            ),
            Things::OrgUnits => (
                e.unit_new,
                e.unit_one,
                e.unit_remove,
                e.unit_remove_sure,
                of_units(config, a, e),
            ),
            Things::ExternalCompanies => (
                e.firm_new,
                e.firm_one,
                e.firm_remove,
                e.firm_remove_sure,
                of_firms(a, e),
            ),
            Things::Pools => (
                e.pool_new,
                e.pool_one,
                e.pool_remove,
                e.pool_remove_sure,
                of_pools(config, a, e),
            ),
            Things::Accounts => (
                e.account_new,
                e.account_one,
                e.account_remove,
                e.account_remove_sure,
                of_accounts(a, e),
            ),
        };
        Self {
            new,
            one,
            remove,
            remove_sure,
            specs,
        }
    }

    /// Gives the choices of these fields another label, by their value.
    pub(in crate::pages::admin) fn relabel(
        &mut self,
        fields: &[&str],
        label: impl Fn(&str) -> Option<String>,
    ) {
        for spec in self.specs.iter_mut().filter(|spec| fields.contains(&&*spec.name)) {
            if let Kind::Many(choices) = &mut spec.kind {
                for choice in choices {
                    choice.label = label(&choice.value).unwrap_or_else(|| choice.label.clone());
                }
            }
        }
    }

    /// The same with the key to be read only.
    pub(in crate::pages::admin) fn with_fixed(mut self, key: &str) -> Self {
        for spec in &mut self.specs {
            if spec.name == key {
                spec.kind = Kind::Fixed;
                spec.hint = None;
            }
        }
        self
    }
}

pub(super) fn choice(value: &impl ToString, label: impl Into<String>) -> Choice {
    Choice {
        value: value.to_string(),
        label: label.into(),
    }
}

fn units(config: &CompanyConfig) -> Vec<Choice> {
    let units = config.org_units.iter();
    units.map(|unit| choice(&unit.id, unit.name.as_str())).collect()
}

fn numbers(config: &CompanyConfig) -> Vec<Choice> {
    let accounts = config.official_accounts.iter();
    let numbers = accounts.map(|account| choice(&account.phone_number, account.phone_number.to_string()));
    numbers.collect()
}

fn of_users(config: &CompanyConfig, a: &AdminWords, e: &EditWords) -> Vec<Spec> {
    let firms = config.external_companies.iter();
    let firms = firms.map(|firm| choice(&firm.id, firm.name.as_str())).collect();
    let roles = vec![
        choice(&Role::User, a.role_user),
        choice(&Role::Admin, a.role_admin),
        choice(&Role::Auditor, a.role_auditor),
    ];
    vec![
        Spec::new("username", a.username, Kind::Line)
            .hint(e.username_hint)
            .code(),
        Spec::new("name", a.name, Kind::Line),
        Spec::new("title", e.job_title, Kind::Optional).hint(e.job_title_hint),
        Spec::new("email", e.email, Kind::Optional).code(),
        Spec::new("org_unit", a.org_unit, Kind::One(units(config), None)),
        Spec::new("extension", a.extension, Kind::Optional)
            .hint(e.extension_hint)
            .code(),
        Spec::new("external_companies", a.external_companies, Kind::Many(firms)).hint(e.firms_hint),
        Spec::new("roles", a.roles, Kind::Many(roles)),
    ]
}

fn of_units(config: &CompanyConfig, a: &AdminWords, e: &EditWords) -> Vec<Spec> {
    let above = Kind::One(units(config), Some(e.at_the_top));
    vec![
        Spec::new("id", e.id, Kind::Line).hint(e.id_hint).code(),
        Spec::new("name", a.name, Kind::Line),
        Spec::new("parent", e.unit_above, above),
    ]
}

fn of_firms(a: &AdminWords, e: &EditWords) -> Vec<Spec> {
    vec![
        Spec::new("id", e.id, Kind::Line).hint(e.id_hint).code(),
        Spec::new("name", a.name, Kind::Line),
    ]
}

fn of_pools(config: &CompanyConfig, a: &AdminWords, e: &EditWords) -> Vec<Spec> {
    vec![
        Spec::new("id", e.id, Kind::Line).hint(e.id_hint).code(),
        Spec::new("org_units", e.pool_units, Kind::Many(units(config))),
        Spec::new("primary", a.primary, Kind::One(numbers(config), None)).hint(e.pool_primary_hint),
        Spec::new("secondaries", e.pool_secondaries, Kind::Many(numbers(config)))
            .hint(e.pool_secondaries_hint),
        Spec::new("draining", a.draining, Kind::Many(numbers(config))).hint(e.pool_draining_hint),
        Spec::new("default_country", a.default_region, Kind::Optional)
            .hint(e.default_region_hint)
            .code(),
        Spec::new("fallback_upward", a.fallback_upward, Kind::Switch),
        Spec::new("geography_mapping", a.geography, Kind::Pairs).hint(e.geography_hint),
    ]
}

fn of_accounts(a: &AdminWords, e: &EditWords) -> Vec<Spec> {
    vec![
        Spec::new("phone_number", a.number, Kind::Line)
            .hint(e.phone_hint)
            .code(),
        Spec::new("phone_number_id", e.phone_number_id, Kind::Line).code(),
        Spec::new("waba_id", e.waba_id, Kind::Line).code(),
    ]
}
