//! Which fields each thing has.

use onboarding_core::{
    InvitationKind, ProfileChoice, ProfileField, Role, RoomActivation, config::CompanyConfig,
};
use onboarding_pages::{
    Tongue,
    admin::{AdminWords, Choice, EditWords, profile_field_words},
};

use super::fields::{Kind, Spec};
use crate::api::{Settings, Things};

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

fn choice(value: &impl ToString, label: impl Into<String>) -> Choice {
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

/// The fields of a set of settings; texts have a page of their own.
pub(in crate::pages::admin) fn settings_specs(settings: Settings, tongue: Tongue) -> Vec<Spec> {
    let (a, e) = (tongue.admin_words(), tongue.edit_words());
    match settings {
        Settings::Company => vec![
            Spec::new("name", e.company_name, Kind::Line),
            Spec::new("country", e.country, Kind::Line)
                .hint(e.country_hint)
                .code(),
            Spec::new("default_language", e.default_language, Kind::Line).code(),
            Spec::new("languages", e.languages, Kind::Lines).hint(e.languages_hint),
        ],
        Settings::Limits => [
            ("auto_replies_per_hour", e.l_replies),
            ("wrong_extensions/attempts", e.l_attempts),
            ("wrong_extensions/within_seconds", e.l_within),
            ("wrong_extensions/lock_minutes", e.l_lock),
            ("prospects_expire_after_days", e.l_prospects),
            ("waiting_expires_after_hours", e.l_waiting),
            ("link_expires_after_hours", e.l_link),
        ]
        .map(|(name, label)| Spec::new(name, label, Kind::Number))
        .to_vec(),
        Settings::Qr => vec![Spec::new("text", e.qr_text, Kind::Text).hint(e.qr_hint)],
        Settings::Features => of_features(a, e),
        Settings::Texts => Vec::new(),
    }
}

fn of_features(a: &AdminWords, e: &EditWords) -> Vec<Spec> {
    let switch = |name, label, hint| Spec::new(name, label, Kind::Switch).hint(hint);
    let choices = |all: Vec<Choice>| Kind::One(all, None);
    let fields = ProfileField::ALL.iter();
    let fields = fields.map(|field| choice(field, profile_field_words(*field, e)));
    vec![
        switch("auto_promotion", a.f_auto_promotion, a.f_auto_promotion_more),
        switch(
            "unique_phone_number",
            a.f_unique_phone_number,
            a.f_unique_phone_number_more,
        ),
        Spec::new(
            "profile_choice",
            a.f_profile_choice,
            choices(vec![
                choice(&ProfileChoice::Random, a.v_random),
                choice(&ProfileChoice::MostRecent, a.v_most_recent),
            ]),
        )
        .hint(a.f_profile_choice_more),
        Spec::new(
            "mandatory_profile_fields",
            e.f_mandatory,
            Kind::Many(fields.collect()),
        )
        .hint(e.f_mandatory_more),
        Spec::new(
            "room_activation",
            a.f_room_activation,
            choices(vec![
                choice(&RoomActivation::OnCreation, a.v_on_creation),
                choice(&RoomActivation::OnClientReply, a.v_on_client_reply),
            ]),
        )
        .hint(a.f_room_activation_more),
        Spec::new(
            "invitation",
            a.f_invitation,
            choices(vec![
                choice(&InvitationKind::Template, a.v_template),
                choice(&InvitationKind::Link, a.v_link),
            ]),
        )
        .hint(a.f_invitation_more),
        switch("link_fallback", a.f_link_fallback, a.f_link_fallback_more),
        Spec::new("pair_reuse_after_days", a.f_pair_reuse, Kind::Number).hint(e.reuse_hint),
        switch("waiting_list", a.f_waiting_list, a.f_waiting_list_more),
    ]
}
