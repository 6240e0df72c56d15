//! The templates of a manifest against those at WhatsApp, as far as WhatsApp can be asked from here.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use onboarding_core::{
    CompanyId, TemplatePurpose,
    config::CompanyConfig,
    facts_of_template,
    ports::{Clock, InspectError, PlatformInspector},
};
use onboarding_whatsapp::{AccessTokens, GraphInspector};
use whatsapp_graph::client::{AccessToken, GraphClient, HttpLimits, http_client};

use crate::{environment::SystemClock, secrets::resolve, settings::Settings, telemetry::one_line};

/// `apply` may run where there is no way to WhatsApp; it shall not wait for long to find out.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);

struct OneToken(AccessToken);

impl AccessTokens for OneToken {
    fn access_token(&self, _company: &CompanyId) -> Option<AccessToken> {
        Some(self.0.clone())
    }
}

/// A line for each template that is not as it should be, or one that they could not be checked.
pub(super) async fn check(settings: &Settings, id: &CompanyId, config: &CompanyConfig) -> Vec<String> {
    if config.settings.templates.is_empty() {
        return Vec::new();
    }
    let reference = &config.settings.whatsapp.access_token;
    let token = match resolve(id, "access_token", reference) {
        Ok(token) => AccessToken::new(token),
        Err(error) => return vec![format!("templates: not checked at WhatsApp: {error}")],
    };
    let limits = HttpLimits {
        connect: CONNECT_WITHIN,
        ..HttpLimits::default()
    };
    let graph = http_client(&limits)
        .ok()
        .and_then(|http| GraphClient::new(&settings.graph_url, &settings.graph_version, http).ok());
    let Some(graph) = graph else {
        return vec!["templates: not checked at WhatsApp: ONBOARDING_GRAPH_URL cannot be used".to_owned()];
    };
    let inspector = GraphInspector::new(graph, Arc::new(OneToken(token)));
    match look(&inspector, id, config).await {
        Ok(lines) => lines,
        Err(error) => vec![format!(
            "templates: not checked at WhatsApp: {}",
            one_line(&error)
        )],
    }
}

async fn look(
    inspector: &GraphInspector,
    id: &CompanyId,
    config: &CompanyConfig,
) -> Result<Vec<String>, InspectError> {
    let now = SystemClock.now();
    let wabas: BTreeSet<_> = config
        .official_accounts
        .iter()
        .map(|account| &account.waba_id)
        .collect();
    let mut lines = Vec::new();
    for waba in wabas {
        for (purpose, template) in &config.settings.templates {
            let purpose: &TemplatePurpose = purpose;
            let reports = inspector.template(id, waba, &template.name).await?;
            let facts = facts_of_template(waba, template, &reports, None, now);
            let wrong = facts.into_iter().filter(|fact| !fact.reason.is_empty());
            lines.extend(wrong.map(|fact| {
                let remedy = fact.remedy.unwrap_or_default();
                format!(
                    "warning: template {purpose} “{}” on {waba} {}. {remedy}",
                    template.name, fact.reason
                )
            }));
        }
    }
    Ok(lines)
}
