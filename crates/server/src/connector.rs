//! Sets a company up at WhatsApp with the secrets that it has.

use std::sync::Arc;

use async_trait::async_trait;
use onboarding_core::{
    CompanyId, SecretRef, WhatsAppSecrets,
    ports::{CompanyDirectory, SetUp, SetUpReport, SetUpWish},
};
use onboarding_whatsapp::{AppSecrets, Connection, SecretReferences, connect};
use secrecy::SecretString;
use whatsapp_graph::client::{AccessToken, GraphClient};

use crate::secrets::resolve;

pub(crate) struct Connector {
    pub(crate) companies: Arc<dyn CompanyDirectory>,
    pub(crate) graph: GraphClient,
    /// Where webhooks go; `None` while nobody said at which address Meta reaches us.
    pub(crate) callback: Option<String>,
}

impl Connector {
    async fn try_to(&self, company: &CompanyId, wish: &SetUpWish) -> Result<SetUpReport, String> {
        let callback = self
            .callback
            .as_deref()
            .ok_or("ONBOARDING_PUBLIC_URL: set it to the address at which Meta reaches this service, and start it again")?;
        let found = self.companies.company(company).await;
        let found = found.map_err(|error| format!("the company cannot be read: {error}"))?;
        let references = &found.ok_or("there is no such company")?.settings.whatsapp;
        let connection = Connection {
            graph: &self.graph,
            secrets: &secrets(company, references)?,
            references: &SecretReferences {
                access_token: references.access_token.to_string(),
                app_secret: references.app_secret.to_string(),
                verify_token: references.verify_token.to_string(),
            },
            callback,
        };
        Ok(connect(&connection, wish).await)
    }
}

#[async_trait]
impl SetUp for Connector {
    async fn set_up(&self, company: &CompanyId, wish: &SetUpWish) -> SetUpReport {
        self.try_to(company, wish)
            .await
            .unwrap_or_else(|why| SetUpReport {
                steps: Vec::new(),
                outcome: Err(why),
            })
    }
}

fn secrets(company: &CompanyId, references: &WhatsAppSecrets) -> Result<AppSecrets, String> {
    let read = |key, reference: &SecretRef| -> Result<SecretString, String> {
        resolve(company, key, reference).map_err(|error| error.to_string())
    };
    Ok(AppSecrets {
        access_token: AccessToken::new(read("access_token", &references.access_token)?),
        app_secret: read("app_secret", &references.app_secret)?,
        verify_token: read("verify_token", &references.verify_token)?,
    })
}
