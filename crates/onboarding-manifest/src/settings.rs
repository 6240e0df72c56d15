//! `[company]`, `[whatsapp]`, `[features]` and `[limits]`.

use std::time::Duration;

use onboarding_core::{
    CompanyId, CompanySettings, CountryCode, Features, GuessLimit, InvitationKind, Language, Limits,
    ProfileChoice, ProfileField, RoomActivation, SecretRef, WhatsAppSecrets, config::bounds,
};

use crate::{
    messages,
    reader::{Item, Table},
    sign_in,
    stand_in::StandIn,
};

/// The company's id, all of its settings, and the file with its logo, from the whole document.
pub(crate) fn read(root: &mut Table<'_>) -> (CompanyId, CompanySettings, Option<String>) {
    let mut logo = None;
    let company = root.need("company").map(|item| item.table(company));
    let company = company.unwrap_or_else(Company::stand_in);
    let whatsapp = root.need("whatsapp").map(|item| item.table(whatsapp));
    let settings = CompanySettings {
        name: company.name,
        country: company.country,
        default_language: company.default_language,
        languages: company.languages,
        whatsapp: whatsapp.unwrap_or_else(|| WhatsAppSecrets {
            app_secret: SecretRef::stand_in(),
            verify_token: SecretRef::stand_in(),
            access_token: SecretRef::stand_in(),
        }),
        features: root
            .take("features")
            .map_or_else(Features::default, |item| item.table(features)),
        limits: root
            .take("limits")
            .map_or_else(Limits::default, |item| item.table(limits)),
        templates: root
            .take("templates")
            .map(|item| item.table(messages::templates))
            .unwrap_or_default(),
        qr_text: root
            .take("qr")
            .map(|item| {
                let (text, file) = item.table(messages::qr);
                logo = file;
                text
            })
            .unwrap_or_default(),
        // Whoever applies the manifest reads the file.
        qr_logo: None,
        texts: root
            .take("texts")
            .map(|item| item.table(messages::texts))
            .unwrap_or_default(),
        opt_out: root
            .take("opt_out")
            .map(|item| item.table(messages::opt_out))
            .unwrap_or_default(),
        sign_in: root
            .take("sign_in")
            .map(|item| item.table(sign_in::settings))
            .unwrap_or_default(),
    };
    (company.id, settings, logo)
}

struct Company {
    id: CompanyId,
    name: String,
    country: CountryCode,
    default_language: Language,
    languages: Vec<Language>,
}

impl StandIn for Company {
    fn stand_in() -> Self {
        let default_language = Language::stand_in();
        Self {
            id: CompanyId::stand_in(),
            name: String::stand_in(),
            country: CountryCode::stand_in(),
            languages: vec![default_language.clone()],
            default_language,
        }
    }
}

fn company(table: &mut Table<'_>) -> Company {
    let language = |item: &Item<'_>| item.parsed(Language::parse);
    let id = table.required("id", |item| item.parsed(CompanyId::parse));
    let name = table.required("name", Item::string);
    let country = table.required("country", |item| item.parsed(CountryCode::parse));
    let default_language = table.required("default_language", language);
    let languages = table
        .optional_list("languages", language)
        .unwrap_or_else(|| vec![default_language.clone()]);
    Company {
        id,
        name,
        country,
        default_language,
        languages,
    }
}

fn whatsapp(table: &mut Table<'_>) -> WhatsAppSecrets {
    let secret = |item: &Item<'_>| item.parsed(SecretRef::parse);
    WhatsAppSecrets {
        app_secret: table.required("app_secret", secret),
        verify_token: table.required("verify_token", secret),
        access_token: table.required("access_token", secret),
    }
}

fn features(table: &mut Table<'_>) -> Features {
    let default = Features::default();
    let days = |item: &Item<'_>| item.number(&bounds::PAIR_REUSE_AFTER_DAYS);
    Features {
        auto_promotion: table
            .optional("auto_promotion", Item::switch)
            .unwrap_or(default.auto_promotion),
        unique_phone_number: table
            .optional("unique_phone_number", Item::switch)
            .unwrap_or(default.unique_phone_number),
        profile_choice: table
            .optional("profile_choice", |item| item.choice(ProfileChoice::ALL))
            .unwrap_or(default.profile_choice),
        room_activation: table
            .optional("room_activation", |item| item.choice(RoomActivation::ALL))
            .unwrap_or(default.room_activation),
        // What cannot be read stands for a link, which does not ask for a template.
        invitation: table.take("invitation").map_or(default.invitation, |item| {
            item.choice(InvitationKind::ALL).unwrap_or(InvitationKind::Link)
        }),
        link_fallback: table
            .optional("link_fallback", Item::switch)
            .unwrap_or(default.link_fallback),
        pair_reuse_after_days: table
            .optional("pair_reuse_after_days", days)
            .filter(|days| *days > 0),
        waiting_list: table
            .optional("waiting_list", Item::switch)
            .unwrap_or(default.waiting_list),
        mandatory_profile_fields: table
            .optional_list("mandatory_profile_fields", |item| item.choice(ProfileField::ALL))
            .unwrap_or(default.mandatory_profile_fields),
    }
}

fn limits(table: &mut Table<'_>) -> Limits {
    let default = Limits::default();
    Limits {
        auto_replies_per_hour: table
            .optional("auto_replies_per_hour", |item| {
                item.number(&bounds::AUTO_REPLIES_PER_HOUR)
            })
            .unwrap_or(default.auto_replies_per_hour),
        wrong_extensions: table
            .take("wrong_extensions")
            .map_or(default.wrong_extensions, |item| {
                item.table(|table| wrong_extensions(table, default.wrong_extensions))
            }),
        prospects_expire_after: table
            .optional("prospects_expire_after_days", |item| {
                item.number(&bounds::PROSPECTS_EXPIRE_AFTER_DAYS)
            })
            .map_or(default.prospects_expire_after, |days| {
                (days > 0).then(|| Duration::from_hours(u64::from(days) * 24))
            }),
        waiting_expires_after: table
            .optional("waiting_expires_after_hours", |item| {
                item.number(&bounds::WAITING_EXPIRES_AFTER_HOURS)
            })
            .map_or(default.waiting_expires_after, |hours| {
                Duration::from_hours(hours.into())
            }),
        link_expires_after: table
            .optional("link_expires_after_hours", |item| {
                item.number(&bounds::LINK_EXPIRES_AFTER_HOURS)
            })
            .map_or(default.link_expires_after, |hours| {
                Duration::from_hours(hours.into())
            }),
    }
}

fn wrong_extensions(table: &mut Table<'_>, default: GuessLimit) -> GuessLimit {
    let attempts = table.optional("attempts", |item| item.number(&bounds::ATTEMPTS));
    let within = table.optional("within_seconds", |item| item.number(&bounds::WITHIN_SECONDS));
    let lock = table.optional("lock_minutes", |item| item.number(&bounds::LOCK_MINUTES));
    GuessLimit {
        attempts: attempts.unwrap_or(default.attempts),
        within: within.map_or(default.within, |seconds| Duration::from_secs(seconds.into())),
        lock: lock.map_or(default.lock, |minutes| Duration::from_mins(minutes.into())),
    }
}
