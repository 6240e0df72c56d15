//! `/api/v1/company`: its name, country and languages.

use onboarding_core::CompanySettings;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::document::{Document, document};
use crate::api::written as json;

document! {
    CompanyForm at "/api/v1/company", tagged "company", change ChangeConfig;
    show "Name, country and languages of the company.", replace "Replace name, country and languages."
}

/// The company.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Acme Wealth",
    "country": "HK",
    "default_language": "en",
    "languages": ["en", "zh-HK"]
}))]
pub(super) struct CompanyForm {
    /// As clients read it.
    name: String,
    /// Used where a client's country is unknown.
    country: json::CountryCode,
    /// Of clients whose country says nothing; one of `languages`.
    default_language: json::Language,
    /// The languages that clients are answered in.
    languages: Vec<json::Language>,
}

impl Document for CompanyForm {
    const PLACE: &'static str = "company";

    fn shown(settings: &CompanySettings) -> Self {
        Self {
            name: settings.name.clone(),
            country: json::CountryCode(settings.country),
            default_language: json::Language(settings.default_language.clone()),
            languages: settings.languages.iter().cloned().map(json::Language).collect(),
        }
    }

    fn write(self, settings: &mut CompanySettings) {
        settings.name = self.name;
        settings.country = self.country.0;
        settings.default_language = self.default_language.0;
        settings.languages = self.languages.into_iter().map(|language| language.0).collect();
    }
}
