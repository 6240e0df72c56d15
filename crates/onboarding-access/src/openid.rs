//! OpenID Connect: how people sign in whose company has an identity provider, and who Microsoft Teams says they are.
//!
//! A browser leaves with a state, a nonce and the challenge of a verifier (RFC 7636), and comes back with a code. All
//! three follow from a secret in a cookie of that browser and from the company's key, so that nothing is kept in between
//! and the answer may arrive at any replica; that it is good once, the store sees to. Users are known by issuer and
//! subject, as somebody with the right to do so has set it, never by e-mail.

mod pending;
mod refused;
mod teams;

use std::{net::IpAddr, sync::Arc, time::Duration};

use onboarding_core::{
    Company, CompanyId, Draw, ExternalIdentity, ExternalSubject, IdentityProvider, Issuer, SecretRef,
    SubjectClaim, User,
    audit::{Actor, Origin, provider_sign_in_refused_entry},
    ports::{Clock, Entropy, KeyReservation, OnboardingStore, ReserveOutcome, StoreError},
};
use openid_client::{
    Authorization, Claims, CodeExchange, Expected, HttpClientError, Kind, OpenIdClient, ProviderError,
    Rejected,
};
use secrecy::{ExposeSecret as _, SecretString};

use self::pending::Pending;
use crate::{local::Proven, secret::hash_of};

pub use refused::{ProviderRefusal, Refused, Why};

/// How long somebody may take at the provider.
pub const PENDING_LASTS: Duration = Duration::from_mins(10);

/// What we want to know: who it is. Names and addresses are the company's to say.
const SCOPE: &str = "openid";

/// Reads secrets where their references point.
pub trait SecretReader: Send + Sync {
    /// The secret; `None` if it is not there, which the reader has logged.
    fn read(&self, company: &CompanyId, reference: &SecretRef) -> Option<SecretString>;
}

/// What [`OpenIdSignIn`] works on.
pub struct OpenIdPorts {
    /// Companies, users, and what was used once.
    pub store: Arc<dyn OnboardingStore>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Secrets of the companies.
    pub secrets: Arc<dyn SecretReader>,
}

/// Signs people in whom somebody else knows.
pub struct OpenIdSignIn {
    ports: OpenIdPorts,
    client: OpenIdClient,
    authority: String,
}

/// A sign-in that is under way.
pub struct Begun {
    /// Where the browser goes.
    pub location: String,
    /// What it keeps meanwhile, for [`PENDING_LASTS`].
    pub cookie: SecretString,
}

/// With what a browser comes back from the provider.
#[derive(Default)]
pub struct Return<'a> {
    /// What the browser kept.
    pub cookie: Option<&'a str>,
    /// What it left with.
    pub state: Option<&'a str>,
    /// What becomes a token.
    pub code: Option<&'a str>,
    /// Why the provider let nobody in.
    pub error: Option<&'a str>,
    /// Who the provider says it is (RFC 9207).
    pub issuer: Option<&'a str>,
    /// Where the provider was told to send it.
    pub redirect_uri: &'a str,
    /// Where the browser is.
    pub address: Option<IpAddr>,
}

impl OpenIdSignIn {
    /// On these ports. `authority` is where Microsoft signs people in: `https://login.microsoftonline.com`.
    pub fn new(ports: OpenIdPorts, authority: impl Into<String>) -> Result<Self, HttpClientError> {
        Ok(Self {
            ports,
            client: OpenIdClient::new()?,
            authority: authority.into(),
        })
    }

    /// Who says who the people of the company are, and whether each can be relied on now.
    pub async fn look(&self, company: &Company) -> Vec<(Issuer, Result<(), Why>)> {
        let sign_in = &company.settings.sign_in;
        let provider = sign_in.provider.as_ref().map(|one| one.issuer.clone());
        let directory = sign_in.teams.as_ref();
        let directory = directory.and_then(|teams| teams.tenant.issuer(&self.authority).ok());
        let now = seconds(self.ports.clock.now());
        let mut seen = Vec::new();
        for issuer in provider.into_iter().chain(directory) {
            let looked = self.client.look(issuer.as_str(), now).await;
            seen.push((issuer, looked.map_err(Why::from)));
        }
        seen
    }

    /// Sends a browser to the provider of the company, which sends it back to `redirect_uri`.
    pub async fn begin(&self, company: &CompanyId, redirect_uri: &str) -> Result<Begun, Refused> {
        let refused = |why: Why| Refused::of(company, why);
        let known = self.ports.store.company(company).await;
        let known = known.map_err(|error| refused(error.into()))?;
        let known = known.ok_or_else(|| refused(Why::NoProvider))?;
        let provider = provider_of(&known).map_err(refused)?;
        let now = self.ports.clock.now();
        let issuer = provider.issuer.as_str();
        let metadata = self.client.metadata(issuer, seconds(now)).await;
        let metadata = metadata.map_err(|error| refused(error.into()))?;
        let pending = Pending::begun(company, now, Draw::from_seed(self.ports.entropy.seed()).secret());
        let marks = pending.marks(&known.button_key);
        let location = metadata.authorization_url(&Authorization {
            client_id: &provider.client_id,
            redirect_uri,
            scope: SCOPE,
            state: &marks.state,
            nonce: &marks.nonce,
            challenge: &marks.challenge(),
        });
        Ok(Begun {
            location,
            cookie: pending.cookie(),
        })
    }

    /// Who it is that came back. A refusal of a sign-in that was under way is told in the audit of its company.
    pub async fn finish(&self, back: &Return<'_>) -> Result<(CompanyId, Proven), Refused> {
        let company = match self.recognise(back).await {
            Ok(recognised) => recognised,
            Err(why) => return Err(Refused { company: None, why }),
        };
        let (company, pending) = company;
        match self.prove(&company, &pending, back).await {
            Ok(proven) => Ok((company.id.clone(), proven)),
            Err(why) => {
                let by = Origin::new(Actor::Anonymous, back.address);
                let told = provider_sign_in_refused_entry(&by, &why.to_string(), self.ports.clock.now());
                let recorded = self.ports.store.record_audit(&company.id, vec![told]).await;
                let why = recorded.map_or_else(Why::from, |()| why);
                Err(Refused::of(&company.id, why))
            }
        }
    }

    /// The sign-in that this browser has under way, if the answer belongs to it.
    async fn recognise(&self, back: &Return<'_>) -> Result<(Arc<Company>, Pending), Why> {
        let pending = back.cookie.and_then(Pending::read).ok_or(Why::NoPending)?;
        let company = self.ports.store.company(&pending.company).await?;
        let company = company.ok_or(Why::NoPending)?;
        let state = back.state.unwrap_or_default();
        if pending.marks(&company.button_key).is_state(state) {
            Ok((company, pending))
        } else {
            Err(Why::State)
        }
    }

    async fn prove(&self, company: &Company, pending: &Pending, back: &Return<'_>) -> Result<Proven, Why> {
        let marks = pending.marks(&company.button_key);
        let now = self.ports.clock.now();
        if now >= pending.begun_at + PENDING_LASTS {
            return Err(Why::TooOld);
        }
        self.use_up(&company.id, &marks.state).await?;
        let provider = provider_of(company)?;
        let issuer = provider.issuer.as_str();
        let metadata = self.client.metadata(issuer, seconds(now)).await?;
        if !metadata.answered(issuer, back.issuer) {
            return Err(Why::AnotherProvider);
        }
        if let Some(error) = back.error {
            return Err(Why::Denied(ProviderRefusal::named(error)));
        }
        let code = back.code.filter(|code| !code.is_empty()).ok_or(Why::NoCode)?;
        let secret = self.ports.secrets.read(&company.id, &provider.client_secret);
        let exchange = CodeExchange {
            client_id: &provider.client_id,
            client_secret: &secret.ok_or(Why::NoSecret)?,
            redirect_uri: back.redirect_uri,
            code,
            verifier: &marks.verifier,
        };
        let token = self.client.exchange(issuer, &exchange, seconds(now)).await?;
        let expected = Expected {
            issuer,
            audience: &provider.client_id,
            kind: Kind::Id { nonce: &marks.nonce },
        };
        let claims = self
            .client
            .verify(token.expose_secret(), &expected, seconds(now))
            .await?;
        let user = self.user(company, provider, &claims).await?;
        Ok(Proven {
            user,
            second_factor: provider.second_factor || claims.has_second_factor(),
        })
    }

    /// A state is good for one answer, on whichever replica.
    async fn use_up(&self, company: &CompanyId, state: &str) -> Result<(), Why> {
        let now = self.ports.clock.now();
        let until = now + PENDING_LASTS;
        let reservation = KeyReservation {
            company: company.clone(),
            caller: "sign-in".to_owned(),
            key: hash_of(&[b"state of a sign-in", state.as_bytes()]),
            id: Draw::from_seed(self.ports.entropy.seed()).uuid(now),
            fingerprint: hash_of(&[b"state of a sign-in"]),
            now,
            busy_until: until,
            expires_at: until,
        };
        match self.ports.store.reserve_key(reservation).await? {
            ReserveOutcome::Reserved => Ok(()),
            _ => Err(Why::Reused),
        }
    }

    async fn user(
        &self,
        company: &Company,
        provider: &IdentityProvider,
        claims: &Claims,
    ) -> Result<User, Why> {
        let name = match provider.subject_claim {
            SubjectClaim::Sub => claims.subject(),
            SubjectClaim::Oid => claims.object_id(),
        };
        let subject = name
            .and_then(|name| ExternalSubject::parse(name).ok())
            .ok_or(Why::Nameless)?;
        let identity = ExternalIdentity {
            issuer: provider.issuer.clone(),
            subject,
        };
        let user = self.ports.store.user_known_as(&company.id, &identity).await?;
        user.filter(|user| user.active).ok_or(Why::Unknown)
    }
}

fn provider_of(company: &Company) -> Result<&IdentityProvider, Why> {
    company.settings.sign_in.provider.as_ref().ok_or(Why::NoProvider)
}

/// As tokens write times.
fn seconds(at: onboarding_core::Timestamp) -> i64 {
    at.as_micros() / 1_000_000
}

impl From<StoreError> for Why {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<ProviderError> for Why {
    fn from(error: ProviderError) -> Self {
        Self::Provider(error)
    }
}

impl From<Rejected> for Why {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::Token(refusal) => Self::Token(refusal),
            Rejected::Provider(error) => Self::Provider(error),
        }
    }
}
