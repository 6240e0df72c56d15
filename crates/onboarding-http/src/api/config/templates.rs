//! `/api/v1/templates`: the templates that Meta approved.

use onboarding_core::{CompanySettings, Template};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::document::{Document, document};
use crate::api::written as json;

document! {
    TemplatesForm at "/api/v1/templates", tagged "templates", change ChangeConfig;
    show "The approved templates by purpose.", replace "Replace the approved templates."
}

/// The approved templates.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "templates": {
    "invitation": { "name": "client_invitation", "language": "en", "body": ["{user_name}", "{company_name}"],
        "buttons": ["accept", "decline"] }
} }))]
pub(super) struct TemplatesForm {
    /// By purpose: `invitation`, `room_reminder`, `user_info`, `room_moved`, `room_handed_over`.
    #[schema(value_type = BTreeMap<String, TemplateForm>)]
    templates: json::Map<json::TemplatePurpose, TemplateForm>,
}

/// A template that Meta approved.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TemplateForm {
    /// At Meta.
    name: String,
    /// Its code at Meta, such as `en` or `en_US`; there is no fallback.
    language: String,
    /// What clients read, as Meta approved it, with `{{1}}` where the first parameter stands. With it, the record of a
    /// chat has the words that were sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<json::ApprovedText>,
    /// The parameters of the body by position.
    #[serde(default)]
    body: Vec<json::TextTemplate>,
    /// What its quick-reply buttons say, in their order at Meta: `accept`, `decline`; only of the invitation.
    #[serde(default)]
    buttons: Vec<json::InvitationButton>,
}

impl Document for TemplatesForm {
    const PLACE: &'static str = "templates";
    const FIELD: &'static str = "/templates";

    fn shown(settings: &CompanySettings) -> Self {
        let form = |template: &Template| TemplateForm {
            name: template.name.clone(),
            language: template.language.clone(),
            text: template.text.clone().map(json::ApprovedText),
            body: template.body.iter().cloned().map(json::TextTemplate).collect(),
            buttons: template
                .buttons
                .iter()
                .copied()
                .map(json::InvitationButton)
                .collect(),
        };
        let all = settings.templates.iter();
        let all = all.map(|(purpose, template)| (json::TemplatePurpose(*purpose), form(template)));
        Self {
            templates: json::Map(all.collect()),
        }
    }

    fn write(self, settings: &mut CompanySettings) {
        let template = |form: TemplateForm| Template {
            name: form.name,
            language: form.language,
            text: form.text.map(|text| text.0),
            body: form.body.into_iter().map(|text| text.0).collect(),
            buttons: form.buttons.into_iter().map(|button| button.0).collect(),
        };
        let all = self.templates.0.into_iter();
        settings.templates = all.map(|(purpose, form)| (purpose.0, template(form))).collect();
    }
}
