//! The entries of a change of configuration.

use std::collections::BTreeMap;

use super::{AuditAction, AuditSubject, AuditValue, NewAuditEntry, Origin, SubjectKind};
use crate::{
    CompanyId, CompanySettings, ExternalCompany, Features, GuessLimit, IdentityProvider, Limits, OrgUnit,
    SignInSettings, TeamsSignIn, Template, Timestamp, WhatsAppSecrets,
    config::{
        ClientProfileConfig, CompanyConfig, ConfigChange, OfficialAccountConfig, PoolConfig, UserConfig,
    },
};

/// An entry for each thing of a company that is different in `after`; `before` is `None` for a company that is new.
///
/// What is new is told whole, and so is what is gone. Of what changed only the members that differ are told. Of a
/// client profile the name and the number are not copied, only whether they are there and whether they changed.
pub fn config_entries(
    by: &Origin,
    company: &CompanyId,
    before: Option<&CompanyConfig>,
    after: &CompanyConfig,
    now: Timestamp,
) -> Vec<NewAuditEntry> {
    let mut old = before.map(|config| things(company, config)).unwrap_or_default();
    let mut entries = Vec::new();
    for (key, thing) in things(company, after) {
        entries.extend(entry(by, &key, old.remove(&key), Some(thing), now));
    }
    for (key, thing) in old {
        entries.extend(entry(by, &key, Some(thing), None, now));
    }
    let profiles = |config: &CompanyConfig| -> BTreeMap<String, ClientProfileConfig> {
        let profiles = config.client_profiles.iter();
        profiles.map(|one| (one.key.clone(), one.clone())).collect()
    };
    let mut old = before.map(profiles).unwrap_or_default();
    for (key, profile) in profiles(after) {
        let (before, after) = client_profile(old.remove(&key).as_ref(), &profile);
        entries.extend(entry(
            by,
            &(SubjectKind::ClientProfile, key),
            before,
            Some(after),
            now,
        ));
    }
    for (key, profile) in old {
        let (_, gone) = client_profile(None, &profile);
        entries.extend(entry(
            by,
            &(SubjectKind::ClientProfile, key),
            Some(gone),
            None,
            now,
        ));
    }
    entries
}

/// The entries of what changes say that no configuration shows: who goes on with a leaver's clients, and which number is
/// given up.
pub fn changes_beyond_config(by: &Origin, changes: &[ConfigChange], now: Timestamp) -> Vec<NewAuditEntry> {
    let change = |kind, id: String, member, value: AuditValue| {
        NewAuditEntry::new(by, AuditAction::Change, &AuditSubject::new(kind, id), now)
            .after(&AuditValue::object([(member, value)]))
    };
    let entry = |one: &ConfigChange| match one {
        ConfigChange::RetireOfficialAccount {
            phone_number,
            retired,
        } => {
            let kind = SubjectKind::OfficialAccount;
            Some(change(
                kind,
                phone_number.to_string(),
                "retired",
                (*retired).into(),
            ))
        }
        ConfigChange::DeactivateUser {
            username,
            successor: Some(successor),
        } => {
            let value = successor.as_str().into();
            Some(change(SubjectKind::User, username.clone(), "successor", value))
        }
        _ => None,
    };
    changes.iter().filter_map(entry).collect()
}

/// Nothing, if nothing differs.
fn entry(
    by: &Origin,
    (kind, id): &(SubjectKind, String),
    before: Option<AuditValue>,
    after: Option<AuditValue>,
    now: Timestamp,
) -> Option<NewAuditEntry> {
    let about = |action| NewAuditEntry::new(by, action, &AuditSubject::new(*kind, id), now);
    match (before, after) {
        (None, None) => None,
        (None, Some(after)) => Some(about(AuditAction::Create).after(&after)),
        (Some(before), None) => Some(about(AuditAction::Remove).before(&before)),
        (Some(before), Some(after)) => {
            if before == after {
                return None;
            }
            let (before, after) = AuditValue::difference(before, after);
            Some(about(AuditAction::Change).before(&before).after(&after))
        }
    }
}

/// Everything but client profiles, by kind and id.
fn things(company: &CompanyId, config: &CompanyConfig) -> BTreeMap<(SubjectKind, String), AuditValue> {
    let CompanyConfig {
        settings,
        org_units,
        external_companies,
        users,
        // What becomes of their rooms is told with the changes: see `changes_beyond_config`.
        leavers: _,
        client_profiles: _,
        official_accounts,
        pools,
    } = config;
    let company = (
        (SubjectKind::Company, company.to_string()),
        company_settings(settings),
    );
    let units = org_units.iter().map(org_unit);
    let firms = external_companies.iter().map(external_company);
    let accounts = official_accounts.iter().map(official_account);
    std::iter::once(company)
        .chain(units)
        .chain(firms)
        .chain(users.iter().map(user))
        .chain(accounts)
        .chain(pools.iter().map(pool))
        .collect()
}

type Thing = ((SubjectKind, String), AuditValue);

// Everything is taken apart whole in each function: a new setting that is not recorded does not compile.

fn company_settings(settings: &CompanySettings) -> AuditValue {
    let CompanySettings {
        name,
        country,
        default_language,
        languages,
        whatsapp:
            WhatsAppSecrets {
                app_secret,
                verify_token,
                access_token,
            },
        features,
        limits,
        templates,
        qr_text,
        qr_logo,
        texts,
        opt_out,
        sign_in,
    } = settings;
    let languages = languages.iter().map(AuditValue::shown).collect();
    let templates = templates
        .iter()
        .map(|(purpose, one)| (purpose.as_str(), template(one)));
    let texts = texts
        .iter()
        .map(|(language, key, text)| (format!("{language}.{key}"), AuditValue::from(text.source())));
    let opt_out = opt_out.iter().map(|(language, list)| {
        let words = AuditValue::object([
            ("stop", AuditValue::set(&list.stop)),
            ("start", AuditValue::set(&list.start)),
        ]);
        (language.to_string(), words)
    });
    AuditValue::object([
        ("name", name.as_str().into()),
        ("country", AuditValue::shown(country)),
        ("default_language", AuditValue::shown(default_language)),
        ("languages", AuditValue::List(languages)),
        ("app_secret", AuditValue::shown(app_secret)),
        ("verify_token", AuditValue::shown(verify_token)),
        ("access_token", AuditValue::shown(access_token)),
        ("features", company_features(features)),
        ("limits", company_limits(limits)),
        ("templates", AuditValue::object(templates)),
        ("qr_text", qr_text.template().source().into()),
        (
            "qr_logo",
            qr_logo
                .as_ref()
                .map_or(AuditValue::Null, |logo| logo.digest().into()),
        ),
        ("texts", AuditValue::Object(texts.collect())),
        ("opt_out", AuditValue::Object(opt_out.collect())),
        ("sign_in", company_sign_in(sign_in)),
    ])
}

fn company_sign_in(settings: &SignInSettings) -> AuditValue {
    let SignInSettings {
        provider,
        local_accounts,
        teams,
    } = settings;
    let provider = provider.as_ref().map_or(AuditValue::Null, |provider| {
        let IdentityProvider {
            issuer,
            client_id,
            client_secret,
            subject_claim,
            second_factor,
        } = provider;
        AuditValue::object([
            ("issuer", issuer.as_str().into()),
            ("client_id", client_id.as_str().into()),
            ("client_secret", AuditValue::shown(client_secret)),
            ("subject_claim", subject_claim.as_str().into()),
            ("second_factor", (*second_factor).into()),
        ])
    });
    let teams = teams.as_ref().map_or(AuditValue::Null, |teams| {
        let TeamsSignIn { tenant, audience } = teams;
        AuditValue::object([
            ("tenant", AuditValue::shown(tenant)),
            ("audience", audience.as_str().into()),
        ])
    });
    AuditValue::object([
        ("provider", provider),
        ("local_accounts", (*local_accounts).into()),
        ("teams", teams),
    ])
}

fn company_features(features: &Features) -> AuditValue {
    let Features {
        auto_promotion,
        unique_phone_number,
        profile_choice,
        room_activation,
        invitation,
        link_fallback,
        pair_reuse_after_days,
        waiting_list,
        mandatory_profile_fields,
    } = features;
    AuditValue::object([
        ("auto_promotion", (*auto_promotion).into()),
        ("unique_phone_number", (*unique_phone_number).into()),
        ("profile_choice", profile_choice.as_str().into()),
        ("room_activation", room_activation.as_str().into()),
        ("invitation", invitation.as_str().into()),
        ("link_fallback", (*link_fallback).into()),
        ("pair_reuse_after_days", (*pair_reuse_after_days).into()),
        ("waiting_list", (*waiting_list).into()),
        (
            "mandatory_profile_fields",
            AuditValue::set(mandatory_profile_fields),
        ),
    ])
}

fn company_limits(limits: &Limits) -> AuditValue {
    let Limits {
        auto_replies_per_hour,
        wrong_extensions: GuessLimit {
            attempts,
            within,
            lock,
        },
        prospects_expire_after,
        waiting_expires_after,
        link_expires_after,
    } = limits;
    let seconds = |span: &std::time::Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    AuditValue::object([
        ("auto_replies_per_hour", (*auto_replies_per_hour).into()),
        ("wrong_extensions_attempts", (*attempts).into()),
        ("wrong_extensions_within_seconds", seconds(within).into()),
        ("wrong_extensions_lock_seconds", seconds(lock).into()),
        (
            "prospects_expire_after_seconds",
            prospects_expire_after
                .as_ref()
                .map_or(AuditValue::Null, |span| seconds(span).into()),
        ),
        (
            "waiting_expires_after_seconds",
            seconds(waiting_expires_after).into(),
        ),
        ("link_expires_after_seconds", seconds(link_expires_after).into()),
    ])
}

fn template(template: &Template) -> AuditValue {
    let Template {
        name,
        language,
        text,
        body,
        buttons,
    } = template;
    let buttons = buttons.iter().map(|button| button.as_str().into()).collect();
    let body = body.iter().map(|text| text.source().into()).collect();
    let text = text.as_ref();
    AuditValue::object([
        ("name", name.as_str().into()),
        ("language", language.as_str().into()),
        ("text", text.map_or(AuditValue::Null, |text| text.source().into())),
        ("body", AuditValue::List(body)),
        ("buttons", AuditValue::List(buttons)),
    ])
}

fn org_unit(unit: &OrgUnit) -> Thing {
    let OrgUnit { id, name, parent } = unit;
    let value = AuditValue::object([
        ("name", name.as_str().into()),
        ("parent", AuditValue::shown_or_null(parent.as_ref())),
    ]);
    ((SubjectKind::OrgUnit, id.to_string()), value)
}

fn external_company(firm: &ExternalCompany) -> Thing {
    let ExternalCompany { id, name } = firm;
    let value = AuditValue::object([("name", name.as_str().into())]);
    ((SubjectKind::ExternalCompany, id.to_string()), value)
}

fn user(user: &UserConfig) -> Thing {
    let UserConfig {
        username,
        name,
        email,
        title,
        org_unit,
        extension,
        external_companies,
        roles,
        identities,
    } = user;
    let value = AuditValue::object([
        ("name", name.as_str().into()),
        ("email", email.clone().into()),
        ("title", title.clone().into()),
        ("org_unit", AuditValue::shown(org_unit)),
        ("extension", AuditValue::shown_or_null(extension.as_ref())),
        ("external_companies", AuditValue::set(external_companies)),
        ("roles", AuditValue::set(roles)),
        ("identities", AuditValue::set(identities)),
    ]);
    ((SubjectKind::User, username.clone()), value)
}

fn official_account(account: &OfficialAccountConfig) -> Thing {
    let OfficialAccountConfig {
        phone_number,
        phone_number_id,
        waba_id,
    } = account;
    let value = AuditValue::object([
        ("phone_number_id", phone_number_id.as_str().into()),
        ("waba_id", waba_id.as_str().into()),
    ]);
    ((SubjectKind::OfficialAccount, phone_number.to_string()), value)
}

fn pool(pool: &PoolConfig) -> Thing {
    let PoolConfig {
        id,
        org_units,
        primary,
        secondaries,
        draining,
        default_country,
        fallback_upward,
        geography_mapping,
    } = pool;
    let mapping = geography_mapping
        .iter()
        .map(|(from, to)| (from.as_str(), AuditValue::shown(to)));
    let value = AuditValue::object([
        ("org_units", AuditValue::set(org_units)),
        ("primary", AuditValue::shown(primary)),
        ("secondaries", AuditValue::set(secondaries)),
        ("draining", AuditValue::set(draining)),
        (
            "default_country",
            AuditValue::shown_or_null(default_country.as_ref()),
        ),
        ("fallback_upward", (*fallback_upward).into()),
        ("geography_mapping", AuditValue::object(mapping)),
    ]);
    ((SubjectKind::Pool, id.to_string()), value)
}

/// Before and after. What is personal is compared here, because it is not copied.
fn client_profile(
    before: Option<&ClientProfileConfig>,
    after: &ClientProfileConfig,
) -> (Option<AuditValue>, AuditValue) {
    let value = |profile: &ClientProfileConfig, name: &str, phone_number: Option<&str>| {
        let ClientProfileConfig {
            key: _,
            name: _,
            phone_number: _,
            org_unit,
            external_company,
            assigned_to,
        } = profile;
        AuditValue::object([
            ("name", name.into()),
            ("phone_number", phone_number.into()),
            ("org_unit", AuditValue::shown(org_unit)),
            (
                "external_company",
                AuditValue::shown_or_null(external_company.as_ref()),
            ),
            ("assigned_to", AuditValue::set(assigned_to)),
        ])
    };
    let number = |profile: &ClientProfileConfig| profile.phone_number.as_ref().map(|_| "set");
    let Some(before) = before else {
        return (None, value(after, "set", number(after)));
    };
    let new_name = if before.name == after.name {
        "set"
    } else {
        "changed"
    };
    let new_number = match number(after) {
        Some(_) if before.phone_number.is_some() && before.phone_number != after.phone_number => {
            Some("changed")
        }
        number => number,
    };
    (
        Some(value(before, "set", number(before))),
        value(after, new_name, new_number),
    )
}
