//! Asks Graph about accounts.

use std::sync::Arc;

use async_trait::async_trait;
use onboarding_core::{
    AccountReport, CompanyId, HealthEntity, NumberReport, SendRefusal, TemplateReport, Timestamp,
    TokenReport,
    ports::{InspectError, PlatformInspector},
};
use whatsapp_graph::client::{AccessToken, GraphClient, PhoneNumber, ReadError, Template};

use crate::{AccessTokens, error::refusal};

/// Reads numbers, accounts, templates and tokens through the Graph API.
pub struct GraphInspector {
    graph: GraphClient,
    tokens: Arc<dyn AccessTokens>,
}

impl GraphInspector {
    /// With this client and these tokens.
    pub fn new(graph: GraphClient, tokens: Arc<dyn AccessTokens>) -> Self {
        Self { graph, tokens }
    }

    fn token_of(&self, company: &CompanyId) -> Result<AccessToken, InspectError> {
        self.tokens.access_token(company).ok_or_else(|| {
            let reason = "the access token of the company cannot be read".to_owned();
            InspectError::Refused(SendRefusal { code: 190, reason })
        })
    }
}

#[async_trait]
impl PlatformInspector for GraphInspector {
    async fn token(&self, company: &CompanyId) -> Result<TokenReport, InspectError> {
        let token = self.token_of(company)?;
        let info = self.graph.debug_token(&token).await.map_err(inspect_error)?;
        Ok(TokenReport {
            app: info.app_id,
            is_valid: info.is_valid,
            expires_at: info.expires_at.map(Timestamp::from_unix_seconds),
            scopes: info.scopes,
        })
    }

    async fn number(&self, company: &CompanyId, phone_number_id: &str) -> Result<NumberReport, InspectError> {
        let token = self.token_of(company)?;
        let number = self.graph.phone_number(&token, phone_number_id).await;
        Ok(number_report(number.map_err(inspect_error)?))
    }

    async fn account(&self, company: &CompanyId, waba_id: &str) -> Result<AccountReport, InspectError> {
        let token = self.token_of(company)?;
        let apps = self
            .graph
            .subscribed_apps(&token, waba_id)
            .await
            .map_err(inspect_error)?;
        Ok(AccountReport {
            subscribed_apps: apps.into_iter().map(|app| app.id).collect(),
        })
    }

    async fn template(
        &self,
        company: &CompanyId,
        waba_id: &str,
        name: &str,
    ) -> Result<Vec<TemplateReport>, InspectError> {
        let token = self.token_of(company)?;
        let found = self.graph.message_template(&token, waba_id, name).await;
        let report = |one: Template| TemplateReport {
            language: one.language.unwrap_or_default(),
            status: one.status,
            category: one.category,
            parameters: one.body_parameters,
            text: one.body_text,
            buttons: one.quick_replies,
        };
        Ok(found.map_err(inspect_error)?.into_iter().map(report).collect())
    }
}

fn number_report(number: PhoneNumber) -> NumberReport {
    let business = HealthEntity {
        kind: "BUSINESS".to_owned(),
        id: number.portfolio_id,
        troubles: Vec::new(),
    };
    let troubles = number.problems.into_iter().map(|problem| HealthEntity {
        kind: problem.entity_type,
        id: None,
        troubles: vec![(problem.description, problem.solution)],
    });
    NumberReport {
        digits: number
            .display_phone_number
            .map(|shown| shown.chars().filter(char::is_ascii_digit).collect()),
        status: number.status,
        quality: number.quality_rating,
        name_status: number.name_status,
        can_send: number.can_send_message,
        entities: std::iter::once(business).chain(troubles).collect(),
        messaging_limit: number.messaging_limit,
        callback: number.callback,
    }
}

fn inspect_error(error: ReadError) -> InspectError {
    match error {
        ReadError::Refused { error, class, .. } => match class {
            // Graph is busy, or we asked too often: it says nothing of the account.
            whatsapp_graph::ErrorClass::Retry { .. } => InspectError::Unanswered(error),
            _ => InspectError::Refused(refusal(&error)),
        },
        other => InspectError::Unanswered(Box::new(other)),
    }
}
