//! How the people of a company sign in, as one column.

use onboarding_core::{
    IdentityProvider, Issuer, SecretRef, SignInSettings, SubjectClaim, TeamsSignIn, TenantId,
};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct SignInJson {
    provider: Option<ProviderJson>,
    local_accounts: bool,
    teams: Option<TeamsJson>,
}

#[derive(Serialize, Deserialize)]
struct ProviderJson {
    issuer: String,
    client_id: String,
    client_secret: String,
    subject_claim: String,
    second_factor: bool,
}

#[derive(Serialize, Deserialize)]
struct TeamsJson {
    tenant: String,
    audience: String,
}

pub(super) fn json(settings: &SignInSettings) -> SignInJson {
    let provider = |provider: &IdentityProvider| ProviderJson {
        issuer: provider.issuer.to_string(),
        client_id: provider.client_id.clone(),
        client_secret: provider.client_secret.to_string(),
        subject_claim: provider.subject_claim.to_string(),
        second_factor: provider.second_factor,
    };
    let teams = |teams: &TeamsSignIn| TeamsJson {
        tenant: teams.tenant.to_string(),
        audience: teams.audience.clone(),
    };
    SignInJson {
        provider: settings.provider.as_ref().map(provider),
        local_accounts: settings.local_accounts,
        teams: settings.teams.as_ref().map(teams),
    }
}

pub(super) fn read(json: &str) -> Option<SignInSettings> {
    let json: SignInJson = serde_json::from_str(json).ok()?;
    let provider = |json: ProviderJson| {
        Some(IdentityProvider {
            issuer: Issuer::parse(&json.issuer).ok()?,
            client_id: json.client_id,
            client_secret: SecretRef::parse(&json.client_secret).ok()?,
            subject_claim: SubjectClaim::from_name(&json.subject_claim)?,
            second_factor: json.second_factor,
        })
    };
    let teams = |json: TeamsJson| {
        Some(TeamsSignIn {
            tenant: TenantId::parse(&json.tenant).ok()?,
            audience: json.audience,
        })
    };
    // What is there has to be readable: `Some(None)` would forget it.
    let provider = match json.provider {
        Some(json) => Some(provider(json)?),
        None => None,
    };
    let teams = match json.teams {
        Some(json) => Some(teams(json)?),
        None => None,
    };
    Some(SignInSettings {
        provider,
        local_accounts: json.local_accounts,
        teams,
    })
}
