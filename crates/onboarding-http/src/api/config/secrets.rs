//! `/api/v1/whatsapp-secrets`: where the secrets of the company's WhatsApp app are. Never the secrets.

use onboarding_core::{CompanySettings, WhatsAppSecrets, config::may_refer};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::document::{Document, document};
use crate::{
    api::{Answer, Api, Caller, written as json},
    problem::{FieldProblem, Problem},
};

/// Refuses references that are new and not for the caller's company.
pub(super) async fn refuse_foreign(
    api: &Api,
    caller: &Caller,
    before: &CompanySettings,
    wished: &CompanySettings,
) -> Answer<()> {
    let known = before.secrets();
    let mut new = wished.secrets();
    new.retain(|one| !known.contains(one));
    if new.is_empty() {
        return Ok(());
    }
    let own = &caller.principal.company;
    let mut others = Vec::new();
    for id in api.store.company_ids().await? {
        if id != *own
            && let Some(company) = api.store.company(&id).await?
        {
            let secrets = company.settings.secrets().into_iter();
            others.push((id, secrets.map(|(_, secret)| secret.clone()).collect()));
        }
    }
    let refused = new.into_iter().filter_map(|(path, wished)| {
        let refused = may_refer(own, wished, &others).err()?;
        Some(FieldProblem {
            field: field_of(path),
            detail: refused.to_string(),
        })
    });
    let fields: Vec<_> = refused.collect();
    if fields.is_empty() {
        Ok(())
    } else {
        Err(Problem::fields(fields))
    }
}

/// `whatsapp.app_secret` is the field `/app_secret` of its document.
fn field_of(path: &str) -> String {
    let within = path.split_once('.').map_or(path, |(_, within)| within);
    format!("/{}", within.replace('.', "/"))
}

document! {
    SecretsForm at "/api/v1/whatsapp-secrets", tagged "company", change SetSecrets;
    show "Where the secrets of the WhatsApp app are: references, never the secrets.",
    replace "Say where the secrets of the WhatsApp app are. A secret itself is refused."
}

/// References to the secrets of the WhatsApp app.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "app_secret": "env:ACME_APP_SECRET",
    "verify_token": "env:ACME_VERIFY_TOKEN",
    "access_token": "env:ACME_ACCESS_TOKEN"
}))]
pub(super) struct SecretsForm {
    /// Signs Meta's deliveries.
    app_secret: json::SecretRef,
    /// Answers Meta's handshake.
    verify_token: json::SecretRef,
    /// Authorises calls of the Graph API.
    access_token: json::SecretRef,
}

impl Document for SecretsForm {
    const PLACE: &'static str = "whatsapp";

    fn shown(settings: &CompanySettings) -> Self {
        let WhatsAppSecrets {
            app_secret,
            verify_token,
            access_token,
        } = settings.whatsapp.clone();
        Self {
            app_secret: json::SecretRef(app_secret),
            verify_token: json::SecretRef(verify_token),
            access_token: json::SecretRef(access_token),
        }
    }

    fn write(self, settings: &mut CompanySettings) {
        settings.whatsapp = WhatsAppSecrets {
            app_secret: self.app_secret.0,
            verify_token: self.verify_token.0,
            access_token: self.access_token.0,
        };
    }
}
