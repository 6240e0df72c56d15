//! What an admin sets for the whole company, as columns: small things that nobody searches for are JSON.

mod sign_in;

use std::{collections::BTreeMap, time::Duration};

use diesel::{
    deserialize::Queryable, expression::Selectable, prelude::Insertable, query_builder::AsChangeset,
    sqlite::Sqlite,
};
use onboarding_core::{
    ApprovedText, CompanySettings, CountryCode, Features, GuessLimit, InvitationButton, InvitationKind,
    Language, Limits, Logo, OptOutWordList, OptOutWords, ProfileChoice, ProfileField, QrText, RoomActivation,
    SecretRef, Template, TemplatePurpose, TextKey, TextTemplate, Texts, WhatsAppSecrets,
};
use serde::{Deserialize, Serialize};

use crate::{
    error::{BadRow, Error, Place},
    schema::companies,
};

/// The settings in the columns of `companies`.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = companies, treat_none_as_null = true, check_for_backend(Sqlite))]
pub(crate) struct SettingsRow {
    name: String,
    country: String,
    default_language: String,
    languages: String,
    app_secret: String,
    verify_token: String,
    access_token: String,
    features: String,
    limits: String,
    templates: String,
    qr_text: String,
    qr_logo: Option<String>,
    texts: String,
    opt_out: String,
    sign_in: String,
}

#[derive(Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the switches of `Features`, as they are stored"
)]
struct FeaturesJson {
    auto_promotion: bool,
    unique_phone_number: bool,
    profile_choice: String,
    room_activation: String,
    invitation: String,
    link_fallback: bool,
    pair_reuse_after_days: Option<u32>,
    waiting_list: bool,
    mandatory_profile_fields: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct LimitsJson {
    auto_replies_per_hour: u32,
    wrong_extensions: u32,
    within_ms: u64,
    lock_ms: u64,
    prospects_expire_after_ms: Option<u64>,
    waiting_expires_after_ms: u64,
    link_expires_after_ms: u64,
}

#[derive(Serialize, Deserialize)]
struct TemplateJson {
    name: String,
    language: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    body: Vec<String>,
    buttons: Vec<String>,
}

type TemplatesJson = BTreeMap<String, TemplateJson>;
/// Language, then key.
type TextsJson = BTreeMap<String, BTreeMap<String, String>>;

/// The words of one language.
#[derive(Serialize, Deserialize)]
struct OptOutJson {
    stop: Vec<String>,
    start: Vec<String>,
}

impl SettingsRow {
    pub(crate) fn of(settings: &CompanySettings) -> Result<Self, Error> {
        let languages: Vec<_> = settings.languages.iter().map(Language::as_str).collect();
        Ok(Self {
            name: settings.name.clone(),
            country: settings.country.as_str().to_owned(),
            default_language: settings.default_language.as_str().to_owned(),
            languages: serde_json::to_string(&languages)?,
            app_secret: settings.whatsapp.app_secret.to_string(),
            verify_token: settings.whatsapp.verify_token.to_string(),
            access_token: settings.whatsapp.access_token.to_string(),
            features: serde_json::to_string(&features_json(&settings.features))?,
            limits: serde_json::to_string(&limits_json(&settings.limits))?,
            templates: serde_json::to_string(&templates_json(settings))?,
            qr_text: settings.qr_text.template().source().to_owned(),
            qr_logo: settings.qr_logo.as_ref().map(|logo| logo.digest().to_owned()),
            texts: serde_json::to_string(&texts_json(&settings.texts))?,
            opt_out: serde_json::to_string(&opt_out_json(&settings.opt_out))?,
            sign_in: serde_json::to_string(&sign_in::json(&settings.sign_in))?,
        })
    }

    pub(crate) fn settings(&self, place: Place<'_>) -> Result<CompanySettings, BadRow> {
        Ok(CompanySettings {
            name: self.name.clone(),
            country: place.read("country", CountryCode::parse(&self.country))?,
            default_language: place.read("default_language", Language::parse(&self.default_language))?,
            languages: place.read("languages", languages(&self.languages))?,
            whatsapp: WhatsAppSecrets {
                app_secret: place.read("app_secret", SecretRef::parse(&self.app_secret))?,
                verify_token: place.read("verify_token", SecretRef::parse(&self.verify_token))?,
                access_token: place.read("access_token", SecretRef::parse(&self.access_token))?,
            },
            features: place.read("features", features(&self.features))?,
            limits: place.read("limits", limits(&self.limits))?,
            templates: place.read("templates", templates(&self.templates))?,
            qr_text: place.read("qr_text", QrText::parse(&self.qr_text))?,
            qr_logo: match &self.qr_logo {
                Some(digest) => Some(place.read("qr_logo", Logo::stored(digest, None))?),
                None => None,
            },
            texts: place.read("texts", texts(&self.texts))?,
            opt_out: place.read("opt_out", opt_out(&self.opt_out))?,
            sign_in: place.read("sign_in", sign_in::read(&self.sign_in))?,
        })
    }
}

fn languages(json: &str) -> Option<Vec<Language>> {
    let tags: Vec<String> = serde_json::from_str(json).ok()?;
    tags.iter().map(|tag| Language::parse(tag).ok()).collect()
}

fn features_json(features: &Features) -> FeaturesJson {
    FeaturesJson {
        auto_promotion: features.auto_promotion,
        unique_phone_number: features.unique_phone_number,
        profile_choice: features.profile_choice.to_string(),
        room_activation: features.room_activation.to_string(),
        invitation: features.invitation.to_string(),
        link_fallback: features.link_fallback,
        pair_reuse_after_days: features.pair_reuse_after_days,
        waiting_list: features.waiting_list,
        mandatory_profile_fields: features
            .mandatory_profile_fields
            .iter()
            .map(ToString::to_string)
            .collect(),
    }
}

fn features(json: &str) -> Option<Features> {
    let json: FeaturesJson = serde_json::from_str(json).ok()?;
    Some(Features {
        auto_promotion: json.auto_promotion,
        unique_phone_number: json.unique_phone_number,
        profile_choice: ProfileChoice::from_name(&json.profile_choice)?,
        room_activation: RoomActivation::from_name(&json.room_activation)?,
        invitation: InvitationKind::from_name(&json.invitation)?,
        link_fallback: json.link_fallback,
        pair_reuse_after_days: json.pair_reuse_after_days,
        waiting_list: json.waiting_list,
        mandatory_profile_fields: json
            .mandatory_profile_fields
            .iter()
            .map(|field| ProfileField::from_name(field))
            .collect::<Option<_>>()?,
    })
}

fn limits_json(limits: &Limits) -> LimitsJson {
    let millis = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    LimitsJson {
        auto_replies_per_hour: limits.auto_replies_per_hour,
        wrong_extensions: limits.wrong_extensions.attempts,
        within_ms: millis(limits.wrong_extensions.within),
        lock_ms: millis(limits.wrong_extensions.lock),
        prospects_expire_after_ms: limits.prospects_expire_after.map(millis),
        waiting_expires_after_ms: millis(limits.waiting_expires_after),
        link_expires_after_ms: millis(limits.link_expires_after),
    }
}

fn limits(json: &str) -> Option<Limits> {
    let json: LimitsJson = serde_json::from_str(json).ok()?;
    let wrong_extensions = GuessLimit {
        attempts: json.wrong_extensions,
        within: Duration::from_millis(json.within_ms),
        lock: Duration::from_millis(json.lock_ms),
    };
    Some(Limits {
        auto_replies_per_hour: json.auto_replies_per_hour,
        wrong_extensions,
        prospects_expire_after: json.prospects_expire_after_ms.map(Duration::from_millis),
        waiting_expires_after: Duration::from_millis(json.waiting_expires_after_ms),
        link_expires_after: Duration::from_millis(json.link_expires_after_ms),
    })
}

fn opt_out_json(words: &OptOutWords) -> BTreeMap<String, OptOutJson> {
    let json = |list: &OptOutWordList| OptOutJson {
        stop: list.stop.clone(),
        start: list.start.clone(),
    };
    words
        .iter()
        .map(|(language, list)| (language.to_string(), json(list)))
        .collect()
}

fn opt_out(json: &str) -> Option<OptOutWords> {
    let json: BTreeMap<String, OptOutJson> = serde_json::from_str(json).ok()?;
    let mut words = OptOutWords::default();
    for (language, OptOutJson { stop, start }) in json {
        words.set(Language::parse(&language).ok()?, OptOutWordList { stop, start });
    }
    Some(words)
}

fn templates_json(settings: &CompanySettings) -> TemplatesJson {
    let json = |template: &Template| TemplateJson {
        name: template.name.clone(),
        language: template.language.clone(),
        text: template.text.as_ref().map(|text| text.source().to_owned()),
        body: template
            .body
            .iter()
            .map(|text| text.source().to_owned())
            .collect(),
        buttons: template.buttons.iter().map(ToString::to_string).collect(),
    };
    settings
        .templates
        .iter()
        .map(|(purpose, template)| (purpose.to_string(), json(template)))
        .collect()
}

fn templates(json: &str) -> Option<BTreeMap<TemplatePurpose, Template>> {
    let json: TemplatesJson = serde_json::from_str(json).ok()?;
    let template = |json: TemplateJson| {
        let body = json
            .body
            .iter()
            .map(|text| TextTemplate::parse(text).ok())
            .collect::<Option<_>>()?;
        let buttons = json
            .buttons
            .iter()
            .map(|button| InvitationButton::from_name(button))
            .collect::<Option<_>>()?;
        let text = match &json.text {
            Some(text) => Some(ApprovedText::parse(text).ok()?),
            None => None,
        };
        Some(Template {
            name: json.name,
            language: json.language,
            text,
            body,
            buttons,
        })
    };
    let entry = |(purpose, json): (String, _)| Some((TemplatePurpose::from_name(&purpose)?, template(json)?));
    json.into_iter().map(entry).collect()
}

fn texts_json(texts: &Texts) -> TextsJson {
    let mut json = TextsJson::new();
    for (language, key, text) in texts.iter() {
        json.entry(language.to_string())
            .or_default()
            .insert(key.to_string(), text.source().to_owned());
    }
    json
}

fn texts(json: &str) -> Option<Texts> {
    let json: TextsJson = serde_json::from_str(json).ok()?;
    let mut texts = Texts::default();
    for (language, of_language) in json {
        let language = Language::parse(&language).ok()?;
        for (key, text) in of_language {
            texts.set(
                language.clone(),
                TextKey::from_name(&key)?,
                TextTemplate::parse(&text).ok()?,
            );
        }
    }
    Some(texts)
}
