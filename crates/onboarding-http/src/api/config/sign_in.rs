//! `/api/v1/sign-in`: how the people of the company sign in.

use onboarding_core::{CompanySettings, IdentityProvider, SignInSettings, TeamsSignIn};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::document::{Document, document};
use crate::{
    api::{Answer, written as json},
    problem::Problem,
};

document! {
    SignInForm at "/api/v1/sign-in", tagged "company", change SetSecrets;
    show "How the people of the company sign in. Secrets are references, never the secrets.",
    replace "Say how the people of the company sign in."
}

/// How people sign in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "provider": {
        "issuer": "https://login.example.com",
        "client_id": "onboarding",
        "client_secret": "env:ACME_OIDC_SECRET",
        "subject_claim": "sub",
        "second_factor": true
    },
    "local_accounts": false,
    "teams": { "tenant": "72f988bf-86f1-41af-91ab-2d7cd011db47", "audience": "5a0b1c2d-0000-4000-8000-000000000001" }
}))]
pub(super) struct SignInForm {
    /// The OpenID Connect provider; without one people have passwords.
    provider: Option<ProviderForm>,
    /// Whether there are passwords beside the provider.
    #[serde(default)]
    local_accounts: bool,
    /// From where Microsoft Teams may send its people.
    teams: Option<TeamsForm>,
}

/// An OpenID Connect provider.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProviderForm {
    issuer: json::Issuer,
    /// The name under which it knows us.
    client_id: String,
    /// With which we show that it is us.
    client_secret: json::SecretRef,
    /// `sub` unless given.
    #[serde(default = "usual_claim")]
    subject_claim: json::SubjectClaim,
    /// Whether it asks everybody for a second factor.
    #[serde(default)]
    second_factor: bool,
}

/// Microsoft Teams.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TeamsForm {
    /// The company's directory.
    tenant: json::TenantId,
    /// The id of our application.
    audience: String,
}

fn usual_claim() -> json::SubjectClaim {
    json::SubjectClaim(onboarding_core::SubjectClaim::Sub)
}

impl Document for SignInForm {
    const PLACE: &'static str = "sign_in";

    fn shown(settings: &CompanySettings) -> Self {
        let SignInSettings {
            provider,
            local_accounts,
            teams,
        } = settings.sign_in.clone();
        let provider = provider.map(|one| ProviderForm {
            issuer: json::Issuer(one.issuer),
            client_id: one.client_id,
            client_secret: json::SecretRef(one.client_secret),
            subject_claim: json::SubjectClaim(one.subject_claim),
            second_factor: one.second_factor,
        });
        let teams = teams.map(|one| TeamsForm {
            tenant: json::TenantId(one.tenant),
            audience: one.audience,
        });
        Self {
            provider,
            local_accounts,
            teams,
        }
    }

    fn write(self, settings: &mut CompanySettings) {
        let provider = self.provider.map(|form| IdentityProvider {
            issuer: form.issuer.0,
            client_id: form.client_id,
            client_secret: form.client_secret.0,
            subject_claim: form.subject_claim.0,
            second_factor: form.second_factor,
        });
        let teams = self.teams.map(|form| TeamsSignIn {
            tenant: form.tenant.0,
            audience: form.audience,
        });
        settings.sign_in = SignInSettings {
            provider,
            local_accounts: self.local_accounts,
            teams,
        };
    }
}

/// A provider on this machine is for an operator to name: an admin of a company could have the service ask its neighbours.
pub(super) fn refuse_this_machine(before: &CompanySettings, wished: &CompanySettings) -> Answer<()> {
    let issuer = |settings: &CompanySettings| {
        let provider = settings.sign_in.provider.as_ref();
        provider.map(|provider| provider.issuer.clone())
    };
    let new = issuer(wished).filter(onboarding_core::Issuer::is_loopback);
    if new.is_some() && new != issuer(before) {
        let detail = "it is on this machine; name another, or let an operator apply a manifest that names it";
        return Err(Problem::field("/provider/issuer", detail));
    }
    Ok(())
}
