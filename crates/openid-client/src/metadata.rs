//! What a provider says of itself (OpenID Connect Discovery 1.0).

use reqwest::Url;
use serde::Deserialize;

use crate::fetch::{is_plain, safe_url};

/// Where a provider is asked, after its document was found to be its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Where browsers are sent.
    pub(crate) authorization: Url,
    /// Where codes become tokens.
    pub(crate) token: Url,
    /// Where its keys are.
    pub(crate) keys: Url,
    /// Whether our secret goes into the form; into the header otherwise, which every provider has to take.
    pub(crate) secret_in_form: bool,
    /// Whether it says in each answer who it is (RFC 9207).
    pub(crate) names_itself: bool,
}

/// Why the document of a provider is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// The name that was asked for cannot be an issuer's.
    #[error("the issuer is no address by https, nor one on this machine")]
    Issuer,
    /// Mix-up: it is another's.
    #[error("the discovery document is another issuer's")]
    AnotherIssuer,
    /// Keys or codes would travel in the open.
    #[error("the discovery document names an address that is not safe")]
    Unsafe,
}

/// The document as it is sent.
#[derive(Debug, Deserialize)]
pub(crate) struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// Where the issuer's document is.
pub(crate) fn address(issuer: &str) -> Result<Url, MetadataError> {
    let text = format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    );
    safe_url(&text).ok_or(MetadataError::Issuer)
}

impl Document {
    /// What it says, if it is this issuer's.
    pub(crate) fn of(self, issuer: &str) -> Result<Metadata, MetadataError> {
        if self.issuer != issuer {
            return Err(MetadataError::AnotherIssuer);
        }
        // Only a provider on this machine may name addresses on this machine.
        let plain = safe_url(issuer).is_some_and(|url| is_plain(&url));
        let endpoint = |text: &str| {
            safe_url(text)
                .filter(|url| plain || !is_plain(url))
                .ok_or(MetadataError::Unsafe)
        };
        let methods = self.token_endpoint_auth_methods_supported;
        Ok(Metadata {
            authorization: endpoint(&self.authorization_endpoint)?,
            token: endpoint(&self.token_endpoint)?,
            keys: endpoint(&self.jwks_uri)?,
            secret_in_form: methods.is_some_and(|all| !all.iter().any(|one| one == "client_secret_basic")),
            names_itself: self.authorization_response_iss_parameter_supported,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(issuer: &str, keys: &str) -> Document {
        let at = |path: &str| format!("https://login.example.com/{path}");
        Document {
            issuer: issuer.to_owned(),
            authorization_endpoint: at("authorize"),
            token_endpoint: at("token"),
            jwks_uri: keys.to_owned(),
            token_endpoint_auth_methods_supported: None,
            authorization_response_iss_parameter_supported: false,
        }
    }

    #[test]
    fn a_document_is_its_issuers_to_the_letter() {
        let (ours, keys) = ("https://login.example.com", "https://keys.example.com/k");
        assert!(document(ours, keys).of(ours).is_ok());
        for other in [
            "https://login.example.com/",
            "https://LOGIN.example.com",
            "https://evil.example.com",
        ] {
            assert_eq!(document(other, keys).of(ours), Err(MetadataError::AnotherIssuer));
        }
    }

    #[test]
    fn keys_do_not_come_over_an_open_wire_nor_from_our_own_machine() {
        let ours = "https://login.example.com";
        for keys in [
            "http://keys.example.com/k",
            "http://127.0.0.1:9090/metrics",
            "https://u:p@keys.example.com/",
            "file:///etc/passwd",
            "keys",
        ] {
            assert_eq!(
                document(ours, keys).of(ours),
                Err(MetadataError::Unsafe),
                "{keys}"
            );
        }
        let here = "http://127.0.0.1:3000";
        assert!(document(here, "http://127.0.0.1:3000/k").of(here).is_ok());
        assert_eq!(address("ftp://x").unwrap_err(), MetadataError::Issuer);
    }
}
