//! The one place where HTTP clients are made.

use std::sync::Once;
use std::time::Duration;

use reqwest::redirect::Policy;

/// Time limits and the name we go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpLimits {
    /// To have a connection, TLS included.
    pub connect: Duration,
    /// For a whole call: connecting, sending, and reading the answer.
    pub total: Duration,
    /// `User-Agent`.
    pub user_agent: String,
}

impl Default for HttpLimits {
    /// 10 s to connect, 30 s in all.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            total: Duration::from_secs(30),
            user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// No HTTP client could be made: the user agent is no header value, or the system's root certificates are unusable.
#[derive(Debug, thiserror::Error)]
#[error("http client cannot be built")]
pub struct HttpClientError(#[source] reqwest::Error);

/// A client for [`super::GraphClient`]: rustls with ring, the system's root certificates, the given time limits, and no
/// redirects, because a redirect would carry the token to another host. Proxies of the environment are honoured.
pub fn http_client(limits: &HttpLimits) -> Result<reqwest::Client, HttpClientError> {
    install_crypto();
    reqwest::Client::builder()
        .connect_timeout(limits.connect)
        .timeout(limits.total)
        .redirect(Policy::none())
        .user_agent(&limits.user_agent)
        .build()
        .map_err(HttpClientError)
}

/// rustls wants one process-wide provider. Failing means that the application chose one before us, which is fine.
fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _chosen_already = rustls::crypto::ring::default_provider().install_default();
    });
}
