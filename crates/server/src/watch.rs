//! Watches the companies' accounts: asks WhatsApp about them from time to time, raises the alarm, keeps the gauges.

use std::{sync::Arc, time::Duration};

use onboarding_core::{
    Company, Health, PlatformFact, TemplatePurpose, Timestamp,
    ports::{Clock, CompanyDirectory, StoreError},
    service::PlatformService,
};

use crate::environment::SystemClock;

/// How often WhatsApp is asked; its hourly budget of questions allows more, and webhooks tell most of it at once.
const POLL_EVERY: Duration = Duration::from_mins(10);

/// How often the gauges are set, so that they show what webhooks told and what expired.
const GAUGES_EVERY: Duration = Duration::from_secs(15);

/// Where webhooks must come, from the public address of the service.
pub(crate) fn callback_of(public_url: &str) -> String {
    format!("{}/webhooks/whatsapp", public_url.trim_end_matches('/'))
}

/// Watches until it is aborted.
pub(crate) async fn watch(
    companies: Arc<dyn CompanyDirectory>,
    service: PlatformService,
    callback: Option<String>,
) {
    let mut polls = tokio::time::interval(POLL_EVERY);
    let mut gauges = tokio::time::interval(GAUGES_EVERY);
    loop {
        let looked = tokio::select! {
            _ = polls.tick() => poll_all(companies.as_ref(), &service, callback.as_deref()).await,
            _ = gauges.tick() => Ok(()),
        };
        let looked = match looked {
            Ok(()) => set_gauges(companies.as_ref(), &service).await,
            Err(error) => Err(error),
        };
        if let Err(error) = looked {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "cannot look after the accounts; trying again later"
            );
        }
    }
}

async fn poll_all(
    companies: &dyn CompanyDirectory,
    service: &PlatformService,
    callback: Option<&str>,
) -> Result<(), StoreError> {
    for id in companies.company_ids().await? {
        for fact in service.poll(&id, callback).await? {
            alarm(id.as_str(), &fact);
        }
    }
    Ok(())
}

/// Says what is news of an account: an error where somebody must act.
pub(crate) fn alarm(company: &str, fact: &PlatformFact) {
    let (subject, key, name) = (fact.about.kind(), fact.about.key(), fact.name.as_str());
    let (state, reason) = (fact.health.as_str(), fact.reason.as_str());
    let remedy = fact.remedy.as_deref().unwrap_or_default();
    match (fact.health, reason.is_empty()) {
        (Health::Blocked | Health::Limited, _) => {
            metrics::counter!("onboarding_platform_alarms_total", "fact" => name).increment(1);
            tracing::error!(
                company,
                subject,
                key,
                name,
                state,
                reason,
                remedy,
                "WhatsApp: something needs attention"
            );
        }
        (_, false) => {
            tracing::warn!(
                company,
                subject,
                key,
                name,
                state,
                reason,
                remedy,
                "WhatsApp: a warning"
            );
        }
        (_, true) => tracing::info!(company, subject, key, name, state, "WhatsApp: all is well"),
    }
}

async fn set_gauges(companies: &dyn CompanyDirectory, service: &PlatformService) -> Result<(), StoreError> {
    let now = SystemClock.now();
    for id in companies.company_ids().await? {
        let Some(company) = companies.company(&id).await? else {
            continue;
        };
        states(&company, now);
        templates(&company, now);
        for (waba, limit, left) in service.messaging_left(&company).await? {
            let labels = [("company", id.to_string()), ("waba_id", waba)];
            metrics::gauge!("onboarding_messaging_limit", &labels).set(f64::from(limit));
            metrics::gauge!("onboarding_messaging_left", &labels).set(f64::from(left));
        }
    }
    Ok(())
}

fn states(company: &Company, now: Timestamp) {
    for account in &company.accounts {
        let present = company.health_of(account, now);
        for state in Health::ALL {
            let labels = [
                ("company", company.id.to_string()),
                ("phone_number_id", account.phone_number_id.clone()),
                ("state", state.to_string()),
            ];
            metrics::gauge!("onboarding_account_state", &labels).set(f64::from(u8::from(*state == present)));
        }
    }
}

fn templates(company: &Company, now: Timestamp) {
    for purpose in TemplatePurpose::ALL {
        if !company.settings.templates.contains_key(purpose) {
            continue;
        }
        for account in &company.accounts {
            let troubled = company.template_trouble(account, *purpose, now).is_some();
            let labels = [
                ("company", company.id.to_string()),
                ("waba_id", account.waba_id.clone()),
                ("purpose", purpose.to_string()),
            ];
            metrics::gauge!("onboarding_template_troubled", &labels).set(f64::from(u8::from(troubled)));
        }
    }
}
