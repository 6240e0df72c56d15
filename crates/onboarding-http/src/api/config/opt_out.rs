//! `/api/v1/opt-out-words`: by which clients ask for no more messages, and for messages again.

use onboarding_core::{CompanySettings, OptOutWordList, OptOutWords};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::document::{Document, document};
use crate::api::written as json;

document! {
    OptOutForm at "/api/v1/opt-out-words", tagged "texts", change ChangeConfig;
    show "The company's own opt-out words; a language that is not here has ours.",
    replace "Replace the company's own opt-out words."
}

/// The company's own opt-out words.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "opt_out": { "en": { "stop": ["stop", "leave me alone"], "start": ["start"] } } }))]
pub(super) struct OptOutForm {
    /// By language.
    #[schema(value_type = BTreeMap<String, WordsForm>)]
    opt_out: json::Map<json::Language, WordsForm>,
}

/// The words of one language.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WordsForm {
    /// By which a client asks for no more messages.
    stop: Vec<String>,
    /// By which they reverse it.
    start: Vec<String>,
}

impl Document for OptOutForm {
    const PLACE: &'static str = "opt_out";
    const FIELD: &'static str = "/opt_out";

    fn shown(settings: &CompanySettings) -> Self {
        let form = |list: &OptOutWordList| WordsForm {
            stop: list.stop.clone(),
            start: list.start.clone(),
        };
        let all = settings.opt_out.iter();
        let all = all.map(|(language, list)| (json::Language(language.clone()), form(list)));
        Self {
            opt_out: json::Map(all.collect()),
        }
    }

    fn write(self, settings: &mut CompanySettings) {
        settings.opt_out = OptOutWords::default();
        for (language, WordsForm { stop, start }) in self.opt_out.0 {
            settings.opt_out.set(language.0, OptOutWordList { stop, start });
        }
    }
}
