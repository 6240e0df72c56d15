//! HTTP with bounds: on time, on size, on where it goes.

use std::{sync::Once, time::Duration};

use reqwest::{Client, RequestBuilder, Response, Url, redirect::Policy};
use serde::de::DeserializeOwned;

/// How long a provider may take to be reached, and to answer.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Bytes of an answer that are read. Keys of large providers are some tens of thousands.
const MOST: usize = 256 * 1024;

/// TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up HTTP")]
pub struct HttpClientError(#[source] reqwest::Error);

/// Why an answer cannot be used. It names no address beyond what the caller knows.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// Nobody answers, or not in time.
    #[error("it does not answer")]
    Unreachable(#[source] reqwest::Error),
    /// Another status than 200; a redirect is one too.
    #[error("it answers with status {0}")]
    Status(u16),
    /// More than is read.
    #[error("its answer is too large")]
    TooLarge,
    /// Not the JSON that was asked for.
    #[error("its answer cannot be read")]
    Unreadable,
}

pub(crate) fn http_client() -> Result<Client, HttpClientError> {
    static ONCE: Once = Once::new();
    // rustls wants one provider for the process. Failing means that the application chose one, which is fine.
    ONCE.call_once(|| {
        let _chosen_already = rustls::crypto::ring::default_provider().install_default();
    });
    Client::builder()
        .connect_timeout(CONNECT_WITHIN)
        .timeout(ANSWER_WITHIN)
        .redirect(Policy::none())
        .user_agent("onboarding")
        .build()
        .map_err(HttpClientError)
}

/// The answer with status 200, read as JSON.
pub(crate) async fn json<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, FetchError> {
    let broke = |error: reqwest::Error| FetchError::Unreachable(error.without_url());
    let answer = request
        .header("Accept", "application/json")
        .send()
        .await
        .map_err(broke)?;
    let status = answer.status().as_u16();
    if status != 200 {
        return Err(FetchError::Status(status));
    }
    let body = read(answer).await?;
    serde_json::from_slice(&body).map_err(|_| FetchError::Unreadable)
}

async fn read(mut answer: Response) -> Result<Vec<u8>, FetchError> {
    let broke = |error: reqwest::Error| FetchError::Unreachable(error.without_url());
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(broke)? {
        if body.len() + chunk.len() > MOST {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The address, if it is one by HTTPS, or one on this machine.
pub(crate) fn safe_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let here = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let safe = url.scheme() == "https" || (url.scheme() == "http" && here);
    (safe && bare && url.has_host()).then_some(url)
}

/// Whether the address is on this machine by plain HTTP.
pub(crate) fn is_plain(url: &Url) -> bool {
    url.scheme() == "http"
}
