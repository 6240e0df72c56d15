//! `/api/v1/texts`: the company's own texts.

use onboarding_core::{CompanySettings, Texts};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::document::{Document, document};
use crate::api::written as json;

document! {
    TextsForm at "/api/v1/texts", tagged "texts", change ChangeConfig;
    show "The company's own texts; what is missing comes from ours.", replace "Replace the company's own texts."
}

/// Texts of one language.
type OfLanguage = json::Map<json::TextKey, json::TextTemplate>;

/// The company's own texts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "texts": { "en": { "room_closed": "This chat is closed. Call {primary_number}." } } }))]
pub(super) struct TextsForm {
    /// By language, then by what the text is for, such as `user_info`.
    #[schema(value_type = BTreeMap<String, BTreeMap<String, json::TextTemplate>>)]
    texts: json::Map<json::Language, OfLanguage>,
}

impl Document for TextsForm {
    const PLACE: &'static str = "texts";
    const FIELD: &'static str = "/texts";

    fn shown(settings: &CompanySettings) -> Self {
        let mut all: Vec<(json::Language, OfLanguage)> = Vec::new();
        for (language, key, text) in settings.texts.iter() {
            let language = json::Language(language.clone());
            let entry = (json::TextKey(key), json::TextTemplate(text.clone()));
            match all.last_mut().filter(|(last, _)| *last == language) {
                Some((_, texts)) => texts.0.push(entry),
                None => all.push((language, json::Map(vec![entry]))),
            }
        }
        Self {
            texts: json::Map(all),
        }
    }

    fn write(self, settings: &mut CompanySettings) {
        settings.texts = Texts::default();
        for (language, texts) in self.texts.0 {
            for (key, text) in texts.0 {
                settings.texts.set(language.0.clone(), key.0, text.0);
            }
        }
    }
}
