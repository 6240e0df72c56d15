//! Why somebody whom a provider sent is not let in.

use onboarding_core::{CompanyId, ports::StoreError};
use openid_client::{ProviderError, Refusal};

/// A refusal. Its words name no token, no code and nobody.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct Refused {
    /// The company, where it is known whose sign-in it was.
    pub company: Option<CompanyId>,
    /// Why.
    #[source]
    pub why: Why,
}

impl Refused {
    pub(super) fn of(company: &CompanyId, why: Why) -> Self {
        Self {
            company: Some(company.clone()),
            why,
        }
    }
}

/// Why somebody is not let in.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// The company has no provider.
    #[error("the company has no identity provider")]
    NoProvider,
    /// No company takes people of this directory, or not for this audience.
    #[error("no company takes people of this tenant")]
    NoTenant,
    /// The browser did not begin here, or too long ago.
    #[error("this browser has no sign-in under way")]
    NoPending,
    /// The answer belongs to another browser's sign-in, or somebody made it up.
    #[error("the state is another")]
    State,
    /// It took too long.
    #[error("the sign-in took too long")]
    TooOld,
    /// The answer came before.
    #[error("the state was used before")]
    Reused,
    /// The answer says that it is another provider's.
    #[error("the answer is another provider's")]
    AnotherProvider,
    /// The provider let nobody in.
    #[error("the provider refused: {0}")]
    Denied(ProviderRefusal),
    /// The provider sent nothing.
    #[error("the provider sent no code")]
    NoCode,
    /// We cannot show that it is us.
    #[error("the client secret cannot be read")]
    NoSecret,
    /// The provider cannot be relied on now.
    #[error("the provider cannot be relied on: {0}")]
    Provider(ProviderError),
    /// The token is not what was asked for.
    #[error("the token is refused: {0}")]
    Token(Refusal),
    /// The token names nobody for good.
    #[error("the token names nobody")]
    Nameless,
    /// Nobody of the company is known under this name, or not any more.
    #[error("no active user is known under this name")]
    Unknown,
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

/// Why a provider says that it let nobody in (RFC 6749, 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.6). What else comes
/// could be anybody's text and is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ProviderRefusal(&'static str);

impl ProviderRefusal {
    const KNOWN: [&str; 12] = [
        "access_denied",
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "invalid_request",
        "invalid_scope",
        "login_required",
        "request_not_supported",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_response_type",
    ];

    pub(super) fn named(error: &str) -> Self {
        let known = Self::KNOWN.into_iter().find(|known| *known == error);
        Self(known.unwrap_or("an unknown error"))
    }

    /// Whether the person or the provider's rules said no, rather than that something broke.
    pub fn is_a_no(self) -> bool {
        self.0 == "access_denied"
    }
}
