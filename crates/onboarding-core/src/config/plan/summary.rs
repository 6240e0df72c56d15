//! What differs between the present and the wished state of each part.

use std::collections::{BTreeMap, BTreeSet};

use super::difference::Difference;
use crate::{
    CompanySettings, ExternalCompany, Features, GuessLimit, Language, Limits, OrgUnit, SignInSettings,
    TemplatePurpose, TextKey, TextTemplate, Texts, WhatsAppSecrets,
    config::{ClientProfileConfig, OfficialAccountConfig, PoolConfig, UserConfig},
};

// What is wished is taken apart whole in each function: a new setting that is not compared here does not compile.

pub(super) fn settings(before: &CompanySettings, after: &CompanySettings) -> Difference {
    let CompanySettings {
        name,
        country,
        default_language,
        languages,
        whatsapp,
        features,
        limits,
        templates,
        qr_text,
        qr_logo,
        texts,
        opt_out,
        sign_in,
    } = after;
    let WhatsAppSecrets {
        app_secret,
        verify_token,
        access_token,
    } = whatsapp;
    let tags = |list: &Vec<Language>| list.iter().map(Language::as_str).collect::<Vec<_>>().join(" ");
    let mut difference = Difference::default()
        .value("name", &before.name, name)
        .value("country", &before.country, country)
        .value("default language", &before.default_language, default_language)
        .shown("languages", &before.languages, languages, tags)
        .value("app secret", &before.whatsapp.app_secret, app_secret)
        .value("verify token", &before.whatsapp.verify_token, verify_token)
        .value("access token", &before.whatsapp.access_token, access_token);
    difference = compare_features(difference, &before.features, features);
    difference = compare_limits(difference, &before.limits, limits);
    for purpose in TemplatePurpose::ALL {
        let what = format!("template {purpose}");
        difference = difference.unshown(&what, &before.templates.get(purpose), &templates.get(purpose));
    }
    difference = difference.value(
        "QR text",
        &before.qr_text.template().source(),
        &qr_text.template().source(),
    );
    difference = difference.unshown("QR logo", &before.qr_logo, qr_logo);
    difference = difference.unshown("opt-out words", &before.opt_out, opt_out);
    difference = compare_sign_in(difference, &before.sign_in, sign_in);
    compare_texts(difference, &before.texts, texts)
}

fn compare_features(difference: Difference, before: &Features, after: &Features) -> Difference {
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
    } = after;
    let days = |days: &Option<u32>| days.unwrap_or(0).to_string();
    difference
        .value("auto_promotion", &before.auto_promotion, auto_promotion)
        .value(
            "unique_phone_number",
            &before.unique_phone_number,
            unique_phone_number,
        )
        .value("profile_choice", &before.profile_choice, profile_choice)
        .value("room_activation", &before.room_activation, room_activation)
        .value("invitation", &before.invitation, invitation)
        .value("link_fallback", &before.link_fallback, link_fallback)
        .shown(
            "pair_reuse_after_days",
            &before.pair_reuse_after_days,
            pair_reuse_after_days,
            days,
        )
        .value("waiting_list", &before.waiting_list, waiting_list)
        .shown(
            "mandatory_profile_fields",
            &before.mandatory_profile_fields,
            mandatory_profile_fields,
            |fields| {
                let names: Vec<_> = fields.iter().map(|field| field.as_str()).collect();
                if names.is_empty() {
                    "–".to_owned()
                } else {
                    names.join(", ")
                }
            },
        )
}

fn compare_limits(difference: Difference, before: &Limits, after: &Limits) -> Difference {
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
    } = after;
    let wrong = before.wrong_extensions;
    difference
        .value(
            "auto_replies_per_hour",
            &before.auto_replies_per_hour,
            auto_replies_per_hour,
        )
        .value("wrong extensions: attempts", &wrong.attempts, attempts)
        .shown("wrong extensions: within", &wrong.within, within, |span| {
            format!("{span:?}")
        })
        .shown("wrong extensions: lock", &wrong.lock, lock, |span| {
            format!("{span:?}")
        })
        .shown(
            "prospects_expire_after_days",
            &before.prospects_expire_after,
            prospects_expire_after,
            |span| (span.unwrap_or_default().as_secs() / 86_400).to_string(),
        )
        .shown(
            "waiting_expires_after_hours",
            &before.waiting_expires_after,
            waiting_expires_after,
            |span| (span.as_secs() / 3600).to_string(),
        )
        .shown(
            "link_expires_after_hours",
            &before.link_expires_after,
            link_expires_after,
            |span| (span.as_secs() / 3600).to_string(),
        )
}

fn compare_sign_in(difference: Difference, before: &SignInSettings, after: &SignInSettings) -> Difference {
    let SignInSettings {
        provider,
        local_accounts,
        teams,
    } = after;
    difference
        .shown("identity provider", &before.provider, provider, |one| {
            let named = one
                .as_ref()
                .map(|one| format!("{} as {}", one.issuer, one.client_id));
            named.unwrap_or_else(|| "–".to_owned())
        })
        .value("local accounts", &before.local_accounts, local_accounts)
        .shown("teams", &before.teams, teams, |one| {
            let named = one
                .as_ref()
                .map(|one| format!("{} for {}", one.tenant, one.audience));
            named.unwrap_or_else(|| "–".to_owned())
        })
}

fn compare_texts(mut difference: Difference, before: &Texts, after: &Texts) -> Difference {
    let by_place = |texts: &Texts| -> BTreeMap<(Language, TextKey), TextTemplate> {
        texts
            .iter()
            .map(|(language, key, text)| ((language.clone(), key), text.clone()))
            .collect()
    };
    let (before, after) = (by_place(before), by_place(after));
    let places: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for place in places {
        let what = format!("text {}.{}", place.0, place.1);
        difference = difference.unshown(&what, &before.get(place), &after.get(place));
    }
    difference
}

pub(super) fn org_unit(before: &OrgUnit, after: &OrgUnit) -> Difference {
    let OrgUnit { id: _, name, parent } = after;
    Difference::default().value("name", &before.name, name).option(
        "parent",
        before.parent.as_ref(),
        parent.as_ref(),
    )
}

pub(super) fn external_company(before: &ExternalCompany, after: &ExternalCompany) -> Difference {
    let ExternalCompany { id: _, name } = after;
    Difference::default().value("name", &before.name, name)
}

pub(super) fn official_account(before: &OfficialAccountConfig, after: &OfficialAccountConfig) -> Difference {
    let OfficialAccountConfig {
        phone_number: _,
        phone_number_id,
        waba_id,
    } = after;
    Difference::default()
        .value("phone_number_id", &before.phone_number_id, phone_number_id)
        .value("waba_id", &before.waba_id, waba_id)
}

pub(super) fn user(before: &UserConfig, after: &UserConfig) -> Difference {
    let UserConfig {
        username: _,
        name,
        email,
        title,
        org_unit,
        extension,
        external_companies,
        roles,
        identities,
    } = after;
    Difference::default()
        .value("name", &before.name, name)
        .option("extension", before.extension.as_ref(), extension.as_ref())
        .option("title", before.title.as_ref(), title.as_ref())
        .option("email", before.email.as_ref(), email.as_ref())
        .value("org unit", &before.org_unit, org_unit)
        .names(
            "external companies",
            &before.external_companies,
            external_companies,
        )
        .names("roles", &before.roles, roles)
        .names("identities", &before.identities, identities)
}

pub(super) fn client_profile(before: &ClientProfileConfig, after: &ClientProfileConfig) -> Difference {
    let ClientProfileConfig {
        key: _,
        name,
        phone_number,
        org_unit,
        external_company,
        assigned_to,
    } = after;
    Difference::default()
        .value("name", &before.name, name)
        // A client's number is personal data; a plan may end up in a log.
        .unshown("phone number", &before.phone_number, phone_number)
        .value("org unit", &before.org_unit, org_unit)
        .option(
            "external company",
            before.external_company.as_ref(),
            external_company.as_ref(),
        )
        .names("assigned to", &before.assigned_to, assigned_to)
}

pub(super) fn pool(before: &PoolConfig, after: &PoolConfig) -> Difference {
    let PoolConfig {
        id: _,
        org_units,
        primary,
        secondaries,
        draining,
        default_country,
        fallback_upward,
        geography_mapping,
    } = after;
    Difference::default()
        .value("primary", &before.primary, primary)
        .counts("secondaries", &before.secondaries, secondaries)
        .counts("draining", &before.draining, draining)
        .names("org units", &before.org_units, org_units)
        .option(
            "default country",
            before.default_country.as_ref(),
            default_country.as_ref(),
        )
        .value("fallback upward", &before.fallback_upward, fallback_upward)
        .unshown("geography mapping", &before.geography_mapping, geography_mapping)
}
