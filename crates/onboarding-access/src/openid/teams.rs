//! Tokens with which a tab of Microsoft Teams calls (its single sign-on): bearer tokens, never a session.

use std::sync::Arc;

use onboarding_core::{
    Company, ExternalIdentity, ExternalSubject, TeamsSignIn, TenantId,
    access::{Person, Principal, SignIn, Who},
};
use openid_client::{Expected, Kind, Refusal, unproven_tenant};

use super::{OpenIdSignIn, Refused, Why, seconds};

/// What the token has to allow: the one thing that our application offers.
const SCOPE: &str = "access_as_user";

impl OpenIdSignIn {
    /// Who calls with this token: of the company that named the token's directory, known by directory and object id.
    ///
    /// No second factor is known of and no sign-in is fresh, so that nobody administers from a tab.
    pub async fn by_teams(&self, token: &str) -> Result<Principal, Refused> {
        let nobody = |why: Why| Refused { company: None, why };
        let tenant = unproven_tenant(token).and_then(|tenant| TenantId::parse(&tenant).ok());
        let tenant = tenant.ok_or_else(|| nobody(Refusal::Tenant.into()))?;
        let mut why = nobody(Why::NoTenant);
        for (company, teams) in self.companies_of(tenant).await.map_err(nobody)? {
            match self.of_company(&company, &teams, token).await {
                Ok(principal) => return Ok(principal),
                Err(refused) => why = Refused::of(&company.id, refused),
            }
        }
        Err(why)
    }

    async fn companies_of(&self, tenant: TenantId) -> Result<Vec<(Arc<Company>, TeamsSignIn)>, Why> {
        let mut found = Vec::new();
        for id in self.ports.store.company_ids().await? {
            let Some(company) = self.ports.store.company(&id).await? else {
                continue;
            };
            let teams = company.settings.sign_in.teams.clone();
            if let Some(teams) = teams.filter(|teams| teams.tenant == tenant) {
                found.push((company, teams));
            }
        }
        Ok(found)
    }

    async fn of_company(
        &self,
        company: &Company,
        teams: &TeamsSignIn,
        token: &str,
    ) -> Result<Principal, Why> {
        let issuer = teams.tenant.issuer(&self.authority).map_err(|_| Why::NoTenant)?;
        let tenant = teams.tenant.to_string();
        let expected = Expected {
            issuer: issuer.as_str(),
            audience: &teams.audience,
            kind: Kind::Entra {
                tenant: &tenant,
                scope: SCOPE,
            },
        };
        let now = seconds(self.ports.clock.now());
        let claims = self.client.verify(token, &expected, now).await?;
        let name = claims
            .object_id()
            .and_then(|name| ExternalSubject::parse(name).ok());
        let identity = ExternalIdentity {
            issuer,
            subject: name.ok_or(Why::Nameless)?,
        };
        let user = self.ports.store.user_known_as(&company.id, &identity).await?;
        let user = user.filter(|user| user.active).ok_or(Why::Unknown)?;
        Ok(Principal {
            company: company.id.clone(),
            who: Who::Person(Person {
                user: user.id,
                username: user.username,
                name: user.name,
                roles: user.roles,
                active: user.active,
                sign_in: SignIn {
                    second_factor: false,
                    fresh: false,
                },
            }),
        })
    }
}

impl From<Refusal> for Why {
    fn from(refusal: Refusal) -> Self {
        Self::Token(refusal)
    }
}
