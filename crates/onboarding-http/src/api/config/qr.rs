//! `/api/v1/qr`: what QR codes type for the client.

use onboarding_core::CompanySettings;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::document::{Document, document};
use crate::api::written as json;

document! {
    QrForm at "/api/v1/qr", tagged "texts", change ChangeConfig;
    show "What QR codes type for the client.",
    replace "Set what QR codes type for the client. Codes that were printed before keep their text."
}

/// What QR codes type for the client.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "Hello, I would like to talk with {extension}" }))]
pub(super) struct QrForm {
    text: json::QrText,
}

impl Document for QrForm {
    const PLACE: &'static str = "qr";

    fn shown(settings: &CompanySettings) -> Self {
        Self {
            text: json::QrText(settings.qr_text.clone()),
        }
    }

    fn write(self, settings: &mut CompanySettings) {
        settings.qr_text = self.text.0;
    }
}
