//! The secrets of the companies, read from where their manifests point.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use onboarding_core::{
    CompanyId, SecretRef,
    ports::{CompanyDirectory, StoreError},
};
use onboarding_http::webhook::WebhookSecrets;
use onboarding_whatsapp::AccessTokens;
use secrecy::SecretString;
use whatsapp_graph::{AppSecret, client::AccessToken};

/// All secrets by company. Read again from time to time, so that a rotated one needs no restart.
pub(crate) struct Secrets {
    companies: Arc<dyn CompanyDirectory>,
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    app_secrets: Arc<[(CompanyId, AppSecret)]>,
    verify_tokens: Arc<[SecretString]>,
    access_tokens: BTreeMap<CompanyId, AccessToken>,
}

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    #[error("company {company}: {key}: the environment variable {name} is not set")]
    NoVariable {
        company: CompanyId,
        key: &'static str,
        name: String,
    },
    #[error("company {company}: {key}: the file {path} cannot be read: {source}")]
    NoFile {
        company: CompanyId,
        key: &'static str,
        path: String,
        source: std::io::Error,
    },
    #[error("company {company}: {key}: the secret is empty")]
    Empty { company: CompanyId, key: &'static str },
}

/// What reading all secrets came to.
pub(crate) struct Reading {
    /// How many companies have all of theirs.
    pub(crate) complete: usize,
    /// What is missing.
    pub(crate) missing: Vec<SecretError>,
}

impl Secrets {
    pub(crate) fn new(companies: Arc<dyn CompanyDirectory>) -> Self {
        Self {
            companies,
            known: RwLock::default(),
        }
    }

    /// Reads every secret of every company again. A company whose secret is missing keeps none: its webhooks are
    /// refused, and WhatsApp sends them again for seven days.
    pub(crate) async fn read(&self) -> Result<Reading, StoreError> {
        let (mut app_secrets, mut verify_tokens) = (Vec::new(), Vec::new());
        let mut access_tokens = BTreeMap::new();
        let mut reading = Reading {
            complete: 0,
            missing: Vec::new(),
        };
        onboarding_core::crash_point!("secrets.read");
        for id in self.companies.company_ids().await? {
            let Some(company) = self.companies.company(&id).await? else {
                continue;
            };
            let refs = &company.settings.whatsapp;
            let app_secret = resolve(&id, "app_secret", &refs.app_secret);
            let verify_token = resolve(&id, "verify_token", &refs.verify_token);
            let access_token = resolve(&id, "access_token", &refs.access_token);
            match (app_secret, verify_token, access_token) {
                (Ok(app_secret), Ok(verify_token), Ok(access_token)) => {
                    app_secrets.push((id.clone(), AppSecret::new(app_secret)));
                    verify_tokens.push(verify_token);
                    access_tokens.insert(id, AccessToken::new(access_token));
                    reading.complete += 1;
                }
                (app_secret, verify_token, access_token) => {
                    let errors = [app_secret.err(), verify_token.err(), access_token.err()];
                    reading.missing.extend(errors.into_iter().flatten());
                }
            }
        }
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Known {
            app_secrets: app_secrets.into(),
            verify_tokens: verify_tokens.into(),
            access_tokens,
        };
        Ok(reading)
    }
}

fn resolve(
    company: &CompanyId,
    key: &'static str,
    reference: &SecretRef,
) -> Result<SecretString, SecretError> {
    let company = || company.clone();
    let value = match reference {
        SecretRef::Env(name) => std::env::var(name).map_err(|_| SecretError::NoVariable {
            company: company(),
            key,
            name: name.clone(),
        })?,
        SecretRef::File(path) => std::fs::read_to_string(path).map_err(|source| SecretError::NoFile {
            company: company(),
            key,
            path: path.clone(),
            source,
        })?,
    };
    let value = value.trim();
    if value.is_empty() {
        Err(SecretError::Empty {
            company: company(),
            key,
        })
    } else {
        Ok(value.into())
    }
}

impl WebhookSecrets for Secrets {
    fn app_secrets(&self) -> Arc<[(CompanyId, AppSecret)]> {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .app_secrets
            .clone()
    }

    fn verify_tokens(&self) -> Arc<[SecretString]> {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .verify_tokens
            .clone()
    }
}

impl AccessTokens for Secrets {
    fn access_token(&self, company: &CompanyId) -> Option<AccessToken> {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .access_tokens
            .get(company)
            .cloned()
    }
}
