//! What differs between the present and the wished state of each part.

use std::collections::BTreeSet;

use super::difference::Difference;
use crate::{
    CompanySettings, ExternalCompany, Features, Language, Limits, OrgUnit, TemplatePurpose, Texts,
    config::{ClientProfileConfig, OfficialAccountConfig, PoolConfig, UserConfig},
};

pub(super) fn settings(before: &CompanySettings, after: &CompanySettings) -> Difference {
    let languages = |list: &Vec<Language>| list.iter().map(Language::as_str).collect::<Vec<_>>().join(" ");
    let (secrets, new_secrets) = (&before.whatsapp, &after.whatsapp);
    let mut difference = Difference::default()
        .value("name", &before.name, &after.name)
        .value("country", &before.country, &after.country)
        .value(
            "default language",
            &before.default_language,
            &after.default_language,
        )
        .shown("languages", &before.languages, &after.languages, languages)
        .value("app secret", &secrets.app_secret, &new_secrets.app_secret)
        .value("verify token", &secrets.verify_token, &new_secrets.verify_token)
        .value("access token", &secrets.access_token, &new_secrets.access_token);
    difference = features(difference, &before.features, &after.features);
    difference = limits(difference, &before.limits, &after.limits);
    for purpose in TemplatePurpose::ALL {
        let what = format!("template {purpose}");
        difference = difference.unshown(
            &what,
            &before.templates.get(purpose),
            &after.templates.get(purpose),
        );
    }
    difference = difference.value(
        "QR text",
        &before.qr_text.template().source(),
        &after.qr_text.template().source(),
    );
    texts(difference, &before.texts, &after.texts)
}

fn features(difference: Difference, before: &Features, after: &Features) -> Difference {
    // Taken apart whole, so that a new switch cannot be forgotten here.
    let Features {
        auto_promotion,
        unique_phone_number,
        profile_choice,
        room_activation,
        invitation,
        pair_reuse_after_days,
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
        .shown(
            "pair_reuse_after_days",
            &before.pair_reuse_after_days,
            pair_reuse_after_days,
            days,
        )
}

fn limits(difference: Difference, before: &Limits, after: &Limits) -> Difference {
    let (wrong, new_wrong) = (before.wrong_extensions, after.wrong_extensions);
    difference
        .value(
            "auto_replies_per_hour",
            &before.auto_replies_per_hour,
            &after.auto_replies_per_hour,
        )
        .value("wrong extensions: attempts", &wrong.attempts, &new_wrong.attempts)
        .shown(
            "wrong extensions: within",
            &wrong.within,
            &new_wrong.within,
            |span| format!("{span:?}"),
        )
        .shown("wrong extensions: lock", &wrong.lock, &new_wrong.lock, |span| {
            format!("{span:?}")
        })
}

fn texts(mut difference: Difference, before: &Texts, after: &Texts) -> Difference {
    let find = |texts: &Texts, language: &Language, key| {
        texts
            .iter()
            .find(|(l, k, _)| *l == language && *k == key)
            .map(|(.., text)| text.clone())
    };
    let all: BTreeSet<_> = before
        .iter()
        .chain(after.iter())
        .map(|(language, key, _)| (language, key))
        .collect();
    for (language, key) in all {
        let what = format!("text {language}.{key}");
        difference = difference.unshown(&what, &find(before, language, key), &find(after, language, key));
    }
    difference
}

pub(super) fn org_unit(before: &OrgUnit, after: &OrgUnit) -> Difference {
    Difference::default()
        .value("name", &before.name, &after.name)
        .option("parent", before.parent.as_ref(), after.parent.as_ref())
}

pub(super) fn external_company(before: &ExternalCompany, after: &ExternalCompany) -> Difference {
    Difference::default().value("name", &before.name, &after.name)
}

pub(super) fn official_account(before: &OfficialAccountConfig, after: &OfficialAccountConfig) -> Difference {
    Difference::default()
        .value("phone_number_id", &before.phone_number_id, &after.phone_number_id)
        .value("waba_id", &before.waba_id, &after.waba_id)
}

pub(super) fn user(before: &UserConfig, after: &UserConfig) -> Difference {
    Difference::default()
        .value("name", &before.name, &after.name)
        .option("extension", before.extension.as_ref(), after.extension.as_ref())
        .option("title", before.title.as_ref(), after.title.as_ref())
        .option("email", before.email.as_ref(), after.email.as_ref())
        .value("org unit", &before.org_unit, &after.org_unit)
        .names(
            "external companies",
            &before.external_companies,
            &after.external_companies,
        )
        .names("roles", &before.roles, &after.roles)
}

pub(super) fn client_profile(before: &ClientProfileConfig, after: &ClientProfileConfig) -> Difference {
    Difference::default()
        .value("name", &before.name, &after.name)
        // A client's number is personal data; a plan may end up in a log.
        .unshown("phone number", &before.phone_number, &after.phone_number)
        .value("org unit", &before.org_unit, &after.org_unit)
        .option(
            "external company",
            before.external_company.as_ref(),
            after.external_company.as_ref(),
        )
        .names("assigned to", &before.assigned_to, &after.assigned_to)
}

pub(super) fn pool(before: &PoolConfig, after: &PoolConfig) -> Difference {
    Difference::default()
        .value("primary", &before.primary, &after.primary)
        .counts("secondaries", &before.secondaries, &after.secondaries)
        .counts("draining", &before.draining, &after.draining)
        .names("org units", &before.org_units, &after.org_units)
        .option(
            "default country",
            before.default_country.as_ref(),
            after.default_country.as_ref(),
        )
        .value("fallback upward", &before.fallback_upward, &after.fallback_upward)
        .unshown(
            "geography mapping",
            &before.geography_mapping,
            &after.geography_mapping,
        )
}
