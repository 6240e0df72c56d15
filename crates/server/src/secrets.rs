//! The secrets of the companies, read from where their manifests point.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use onboarding_access::openid::SecretReader;
use onboarding_core::{
    CompanyId, SecretRef,
    ports::{CompanyDirectory, StoreError},
};
use onboarding_http::webhook::WebhookSecrets;
use onboarding_whatsapp::AccessTokens;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;
use whatsapp_graph::{AppSecret, client::AccessToken};

/// How long a secret that was replaced still counts: whoever rotates it cannot change it here and at Meta in one moment.
const OVERLAP: Duration = Duration::from_hours(1);

/// All secrets by company. Read again from time to time, so that a rotated one needs no restart.
pub(crate) struct Secrets {
    companies: Arc<dyn CompanyDirectory>,
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    app_secrets: Arc<[(CompanyId, AppSecret)]>,
    present: Present,
    former: Vec<Former>,
    verify_tokens: Arc<[SecretString]>,
}

/// Which secret of a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    AppSecret,
    VerifyToken,
    AccessToken,
}

/// The secrets as they were read last.
type Present = BTreeMap<(CompanyId, Name), SecretString>;

/// A secret that was replaced and still counts for a while.
#[derive(Clone)]
struct Former {
    of: (CompanyId, Name),
    secret: SecretString,
    until: Instant,
}

/// The secrets that count beside the present ones, after a reading at `now`.
fn still_counting(before: &Known, present: &Present, now: Instant) -> Vec<Former> {
    let replaced = before.present.iter().filter(|(of, secret)| {
        let new = present.get(*of);
        new.is_some_and(|new| new.expose_secret() != secret.expose_secret())
    });
    let replaced = replaced.map(|(of, secret)| Former {
        of: of.clone(),
        secret: secret.clone(),
        until: now + OVERLAP,
    });
    let earlier = before.former.iter().cloned();
    earlier
        .chain(replaced)
        .filter(|former| former.until > now && present.contains_key(&former.of))
        .collect()
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

impl SecretError {
    /// Whose secret it is.
    pub(crate) fn company(&self) -> &CompanyId {
        match self {
            Self::NoVariable { company, .. } | Self::NoFile { company, .. } | Self::Empty { company, .. } => {
                company
            }
        }
    }
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
        let mut present = Present::new();
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
                    present.insert((id.clone(), Name::AppSecret), app_secret);
                    present.insert((id.clone(), Name::VerifyToken), verify_token);
                    present.insert((id, Name::AccessToken), access_token);
                    reading.complete += 1;
                }
                (app_secret, verify_token, access_token) => {
                    let errors = [app_secret.err(), verify_token.err(), access_token.err()];
                    reading.missing.extend(errors.into_iter().flatten());
                }
            }
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let former = still_counting(&known, &present, Instant::now());
        let named = |name: Name| {
            let now = present.iter();
            let before = former.iter().map(|one| (&one.of, &one.secret));
            now.chain(before)
                .filter(move |((_, own), _)| *own == name)
                .map(|((company, _), secret)| (company.clone(), secret.clone()))
        };
        let app_secrets = named(Name::AppSecret)
            .map(|(company, secret)| (company, AppSecret::new(secret)))
            .collect();
        let verify_tokens = named(Name::VerifyToken).map(|(_, token)| token).collect();
        *known = Known {
            app_secrets,
            present,
            former,
            verify_tokens,
        };
        Ok(reading)
    }
}

pub(crate) fn resolve(
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

impl SecretReader for Secrets {
    fn read(&self, company: &CompanyId, reference: &SecretRef) -> Option<SecretString> {
        let read = resolve(company, "client_secret", reference);
        read.inspect_err(|error| tracing::error!(%error, "a secret is missing"))
            .ok()
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
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let token = known.present.get(&(company.clone(), Name::AccessToken))?;
        Some(AccessToken::new(token.clone()))
    }

    fn former_token(&self, company: &CompanyId) -> Option<AccessToken> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let ours = |one: &&Former| one.of.0 == *company && one.of.1 == Name::AccessToken && now < one.until;
        let former = known.former.iter().rev().find(ours)?;
        Some(AccessToken::new(former.secret.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(words: &str) -> Present {
        [Name::AppSecret, Name::VerifyToken, Name::AccessToken]
            .map(|name| ((CompanyId::parse("acme").unwrap(), name), words.into()))
            .into()
    }

    fn after(before: &Known, present: Present, now: Instant) -> Known {
        Known {
            former: still_counting(before, &present, now),
            present,
            ..Known::default()
        }
    }

    fn counting(known: &Known) -> Vec<&str> {
        let counting: Vec<_> = known
            .former
            .iter()
            .map(|one| one.secret.expose_secret())
            .collect();
        assert_eq!(counting.len() % 3, 0, "each of the three alike");
        counting.into_iter().step_by(3).collect()
    }

    #[test]
    fn a_replaced_secret_counts_for_an_hour_and_no_longer() {
        let start = Instant::now();
        let known = after(&Known::default(), secrets("one"), start);
        assert!(counting(&known).is_empty());
        let known = after(&known, secrets("two"), start);
        assert_eq!(counting(&known), ["one"]);
        let later = start + OVERLAP - Duration::from_secs(1);
        let known = after(&known, secrets("two"), later);
        assert_eq!(counting(&known), ["one"], "reading it again prolongs nothing");
        assert!(counting(&after(&known, secrets("two"), start + OVERLAP)).is_empty());
    }

    #[test]
    fn without_a_present_secret_no_former_one_counts() {
        let start = Instant::now();
        let known = after(&Known::default(), secrets("one"), start);
        let known = after(&known, secrets("two"), start);
        assert!(counting(&after(&known, Present::new(), start)).is_empty());
    }
}
