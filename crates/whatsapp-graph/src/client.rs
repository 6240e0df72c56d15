//! Calls to Graph: sending messages, and the few reads that tell whether an account is set up.
//!
//! Graph knows no idempotency key, so whether a message went out can be unknowable. [`SendError`] says which of three
//! things happened and never guesses: not sent, refused, or unknown.

mod answer;
mod check;
mod connect;
mod http;
mod outcome;
mod request;

use std::fmt;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};

use crate::error::ApiErrorBody;
use answer::{Answer, read_answer};

pub use check::{HealthProblem, PhoneNumber, ReadError, SubscribedApp, Template, TokenInfo, count_variables};
pub use connect::AppSubscription;
pub use http::{HttpClientError, HttpLimits, http_client};
pub use outcome::{Accepted, SendError, UnknownOutcome};
pub use request::{Body, Recipient, SendRequest};

/// A token that may act for an account. Never printed, and wiped from memory when dropped.
#[derive(Clone)]
pub struct AccessToken(SecretString);

impl AccessToken {
    /// Wraps the token as Meta shows it, without `Bearer`.
    pub fn new(token: impl Into<SecretString>) -> Self {
        Self(token.into())
    }

    /// The token of an app itself, from its secret (Meta: access tokens, app tokens).
    pub fn of_app(app_id: &str, app_secret: &SecretString) -> Self {
        Self::new(format!("{app_id}|{}", app_secret.expose_secret()))
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(redacted)")
    }
}

/// The base address of a [`GraphClient`] cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("base address is not an http or https address")]
pub struct InvalidBaseUrl;

/// Calls one Graph server at one version. Cheap to clone; holds no token.
#[derive(Debug, Clone)]
pub struct GraphClient {
    base: Url,
    http: reqwest::Client,
}

impl GraphClient {
    /// `base_url` is `https://graph.facebook.com`, or a simulator; `version` is `v26.0` or the like (Meta: graph-api
    /// changelog, versions). Make `http` with [`http_client`]: one that follows redirects would hand on the token.
    pub fn new(base_url: &str, version: &str, http: reqwest::Client) -> Result<Self, InvalidBaseUrl> {
        let mut base = Url::parse(base_url).map_err(|_| InvalidBaseUrl)?;
        if !matches!(base.scheme(), "http" | "https") || !base.has_host() {
            return Err(InvalidBaseUrl);
        }
        base.path_segments_mut()
            .map_err(|()| InvalidBaseUrl)?
            .pop_if_empty()
            .push(version);
        Ok(Self { base, http })
    }

    /// Sends one message from a number. `Ok` means accepted, neither delivered nor that the person exists: statuses
    /// tell. Never repeats anything by itself.
    pub async fn send(
        &self,
        token: &AccessToken,
        phone_number_id: &str,
        request: &SendRequest,
    ) -> Result<Accepted, SendError> {
        let answer = self.post(token, phone_number_id, &request.to_json()).await?;
        Accepted::read(&answer.body).ok_or(SendError::Unknown(UnknownOutcome::NoMessageId(answer.status)))
    }

    /// Marks an inbound message of the last 30 days, and all before it, as read. Repeating it does no harm.
    pub async fn mark_as_read(
        &self,
        token: &AccessToken,
        phone_number_id: &str,
        message_id: &str,
    ) -> Result<(), SendError> {
        let answer = self
            .post(token, phone_number_id, &request::read_json(message_id))
            .await?;
        if outcome::is_success(&answer.body) {
            Ok(())
        } else {
            Err(SendError::Unknown(UnknownOutcome::Unreadable(answer.status)))
        }
    }

    /// Posts to `/{phone_number_id}/messages`; `Ok` only with a 2xx status.
    async fn post(
        &self,
        token: &AccessToken,
        phone_number_id: &str,
        json: &serde_json::Value,
    ) -> Result<Answer, SendError> {
        let request = self
            .http
            .post(self.url(&[phone_number_id, "messages"]))
            .bearer_auth(token.0.expose_secret())
            .json(json)
            .build()
            .map_err(|error| SendError::NotSent(error.without_url()))?;
        let response = self
            .http
            .execute(request)
            .await
            .map_err(SendError::from_transport)?;
        let retry_after = retry_after(response.headers());
        let answer = read_answer(response).await?;
        if answer.is_success() {
            return Ok(answer);
        }
        match answer.error() {
            Some(error) => Err(SendError::refused(error, answer.status, retry_after)),
            None => Err(SendError::Unknown(UnknownOutcome::Unreadable(answer.status))),
        }
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            // Escapes what would leave the segment, so an id cannot turn into another path.
            segments.extend(path);
        }
        url
    }
}

/// `Retry-After` in seconds, a day at most; Meta does not document it, proxies send it. A date is ignored: there is no
/// clock here.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(24 * 60 * 60)))
}

impl Answer {
    /// The Graph error in an answer that reports one.
    fn error(&self) -> Option<ApiErrorBody> {
        let text = crate::json::repair(&self.body);
        let body = crate::json::Object::parse(&text)?;
        ApiErrorBody::from_object(&body.object("error")?)
    }
}
