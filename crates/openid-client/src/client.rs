//! Asks providers.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError},
};

use reqwest::{Client, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::{
    claims::{Claims, Expected, Refusal},
    fetch::{self, FetchError, HttpClientError, http_client},
    keys::{KeySet, Keys},
    metadata::{self, Document, Metadata, MetadataError},
    token::Signed,
};

/// Seconds for which what a provider said is believed without asking again.
const FRESH: i64 = 3600;

/// Seconds for which it is believed while the provider does not answer.
const STALE: i64 = 24 * 3600;

/// Seconds between two questions for the same thing: who sends tokens with keys that nobody has makes us ask no more often.
const AGAIN_AFTER: i64 = 60;

/// Seconds after which a provider that did not say who it is may be asked again.
const FAILED_FOR: i64 = 10;

/// Providers that are remembered; they come from settings, so there are few.
const REMEMBERED: usize = 256;

/// Asks providers and remembers what they said. Cheap to share; one for the process.
pub struct OpenIdClient {
    http: Client,
    known: std::sync::Mutex<HashMap<String, Arc<Mutex<Known>>>>,
}

/// What is known of a provider. Whoever needs to ask does so while the others wait for the answer.
#[derive(Default)]
struct Known {
    metadata: Remembered<Metadata>,
    keys: Remembered<Keys>,
}

struct Remembered<T> {
    value: Option<(Arc<T>, i64)>,
    asked_at: Option<i64>,
}

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self {
            value: None,
            asked_at: None,
        }
    }
}

impl<T> Remembered<T> {
    /// What is known, unless it is older than so many seconds.
    fn within(&self, seconds: i64, now: i64) -> Option<Arc<T>> {
        let (value, at) = self.value.as_ref()?;
        (now.saturating_sub(*at) < seconds).then(|| value.clone())
    }

    /// Whether the provider may be asked again.
    fn may_ask(&self, after: i64, now: i64) -> bool {
        self.asked_at
            .is_none_or(|at| now.saturating_sub(at) >= after || now < at)
    }

    fn learn(&mut self, value: T, now: i64) -> Arc<T> {
        let value = Arc::new(value);
        self.value = Some((value.clone(), now));
        value
    }
}

/// Why a provider cannot be relied on now.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// It did not answer, or with something else.
    #[error("{what}: {why}")]
    NoAnswer {
        /// What was asked for.
        what: &'static str,
        /// What came.
        why: String,
    },
    /// What it says of itself is not believed.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// It publishes no key with which a signature that is taken could be checked.
    #[error("it has no key for a signature that is taken here")]
    NoKeys,
    /// It was asked a moment ago and did not answer.
    #[error("it did not answer a moment ago")]
    AskedJustNow,
}

/// Why a token is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Rejected {
    /// The token is to blame.
    #[error(transparent)]
    Token(#[from] Refusal),
    /// The keys are not known: then nothing is taken.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

/// With what a browser is sent to the provider.
#[derive(Debug, Clone, Copy)]
pub struct Authorization<'a> {
    /// The name under which it knows us.
    pub client_id: &'a str,
    /// Where it sends the browser back.
    pub redirect_uri: &'a str,
    /// What we want to know, `openid` among it.
    pub scope: &'a str,
    /// Comes back with the browser.
    pub state: &'a str,
    /// Comes back in the token.
    pub nonce: &'a str,
    /// SHA-256 of the verifier in base64 for URLs.
    pub challenge: &'a str,
}

/// With what a code becomes a token.
#[derive(Debug, Clone, Copy)]
pub struct CodeExchange<'a> {
    /// The name under which it knows us.
    pub client_id: &'a str,
    /// With which we show that it is us.
    pub client_secret: &'a SecretString,
    /// Where it sent the browser back.
    pub redirect_uri: &'a str,
    /// What the browser brought.
    pub code: &'a str,
    /// With which we show that the code was meant for us.
    pub verifier: &'a str,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl OpenIdClient {
    /// Knows nobody yet.
    pub fn new() -> Result<Self, HttpClientError> {
        Ok(Self {
            http: http_client()?,
            known: std::sync::Mutex::default(),
        })
    }

    /// What the provider says of itself.
    pub async fn metadata(&self, issuer: &str, now: i64) -> Result<Arc<Metadata>, ProviderError> {
        let known = self.known(issuer);
        let mut known = known.lock().await;
        self.metadata_in(&mut known, issuer, now).await
    }

    /// Asks the provider who it is and for its keys, of which it needs one that can be used.
    pub async fn look(&self, issuer: &str, now: i64) -> Result<(), ProviderError> {
        let keys = self.keys(issuer, now, false).await?;
        if keys.is_empty() {
            return Err(ProviderError::NoKeys);
        }
        Ok(())
    }

    /// Takes a code to the provider, which gives the ID token; it is not judged yet.
    pub async fn exchange(
        &self,
        issuer: &str,
        exchange: &CodeExchange<'_>,
        now: i64,
    ) -> Result<SecretString, ProviderError> {
        let metadata = self.metadata(issuer, now).await?;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", exchange.code),
            ("redirect_uri", exchange.redirect_uri),
            ("code_verifier", exchange.verifier),
        ];
        let mut request = self.http.post(metadata.token.clone());
        if metadata.secret_in_form {
            form.push(("client_id", exchange.client_id));
            form.push(("client_secret", exchange.client_secret.expose_secret()));
        } else {
            // RFC 6749, 2.3.1: both are written as in a form before they go into the header.
            let name = encoded(exchange.client_id);
            let secret = encoded(exchange.client_secret.expose_secret());
            request = request.basic_auth(name, Some(secret));
        }
        let request = request
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(form_of(&form));
        let tokens: Tokens = fetch::json(request).await.map_err(no_answer("the token"))?;
        Ok(tokens.id_token.into())
    }

    /// What the token says, if the provider signed it and it says what is expected. Without keys nothing is taken.
    pub async fn verify(&self, token: &str, expected: &Expected<'_>, now: i64) -> Result<Claims, Rejected> {
        let signed = Signed::read(token)?;
        let keys = self.keys(expected.issuer, now, false).await?;
        let claims = match signed.claims(token, &keys) {
            // A new key, perhaps.
            Err(Refusal::Key) => {
                let keys = self.keys(expected.issuer, now, true).await?;
                signed.claims(token, &keys)
            }
            known => known,
        }?;
        expected.judge(&claims, now)?;
        Ok(claims)
    }

    /// The keys of the provider; asked for once more if some are `missing`, unless it was asked a moment ago.
    async fn keys(&self, issuer: &str, now: i64, missing: bool) -> Result<Arc<Keys>, ProviderError> {
        let known = self.known(issuer);
        let mut known = known.lock().await;
        let fresh = known
            .keys
            .within(FRESH, now)
            .filter(|_| !missing || !known.keys.may_ask(AGAIN_AFTER, now));
        if let Some(keys) = fresh {
            return Ok(keys);
        }
        let asked = self.ask_for_keys(&mut known, issuer, now).await;
        asked.or_else(|error| known.keys.within(STALE, now).ok_or(error))
    }

    async fn ask_for_keys(
        &self,
        known: &mut Known,
        issuer: &str,
        now: i64,
    ) -> Result<Arc<Keys>, ProviderError> {
        let metadata = self.metadata_in(known, issuer, now).await?;
        if !known.keys.may_ask(AGAIN_AFTER, now) {
            return Err(ProviderError::AskedJustNow);
        }
        known.keys.asked_at = Some(now);
        let request = self.http.get(metadata.keys.clone());
        let set: KeySet = fetch::json(request).await.map_err(no_answer("its keys"))?;
        Ok(known.keys.learn(set.usable(), now))
    }

    async fn metadata_in(
        &self,
        known: &mut Known,
        issuer: &str,
        now: i64,
    ) -> Result<Arc<Metadata>, ProviderError> {
        if let Some(metadata) = known.metadata.within(FRESH, now) {
            return Ok(metadata);
        }
        let asked = self.ask_for_metadata(known, issuer, now).await;
        asked.or_else(|error| known.metadata.within(STALE, now).ok_or(error))
    }

    async fn ask_for_metadata(
        &self,
        known: &mut Known,
        issuer: &str,
        now: i64,
    ) -> Result<Arc<Metadata>, ProviderError> {
        let address = metadata::address(issuer)?;
        if !known.metadata.may_ask(FAILED_FOR, now) {
            return Err(ProviderError::AskedJustNow);
        }
        known.metadata.asked_at = Some(now);
        let request = self.http.get(address);
        let document: Document = fetch::json(request)
            .await
            .map_err(no_answer("its discovery document"))?;
        Ok(known.metadata.learn(document.of(issuer)?, now))
    }

    fn known(&self, issuer: &str) -> Arc<Mutex<Known>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED && !known.contains_key(issuer) {
            known.clear();
        }
        known.entry(issuer.to_owned()).or_default().clone()
    }
}

impl Metadata {
    /// Where the browser is sent.
    pub fn authorization_url(&self, asked: &Authorization<'_>) -> String {
        let mut url: Url = self.authorization.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", asked.client_id)
            .append_pair("redirect_uri", asked.redirect_uri)
            .append_pair("scope", asked.scope)
            .append_pair("state", asked.state)
            .append_pair("nonce", asked.nonce)
            .append_pair("code_challenge", asked.challenge)
            .append_pair("code_challenge_method", "S256");
        url.into()
    }

    /// Whether the answer that a browser brings is the provider's, as far as it says so (RFC 9207).
    pub fn answered(&self, issuer: &str, named: Option<&str>) -> bool {
        match named {
            Some(named) => named == issuer,
            None => !self.names_itself,
        }
    }
}

fn no_answer(what: &'static str) -> impl Fn(FetchError) -> ProviderError {
    move |error| {
        let why = match &error {
            FetchError::Unreachable(source) => format!("{error} ({source})"),
            _ => error.to_string(),
        };
        ProviderError::NoAnswer { what, why }
    }
}

/// As `application/x-www-form-urlencoded` writes it.
fn encoded(text: &str) -> String {
    let pair = form_of(&[("", text)]);
    pair.trim_start_matches('=').to_owned()
}

fn form_of(fields: &[(&str, &str)]) -> String {
    // The library writes forms into addresses only.
    let mut url = Url::parse("http://localhost/").expect("a plain address");
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}
