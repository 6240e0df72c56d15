//! Turns what callers show into principals.

use std::{net::IpAddr, sync::Arc};

use onboarding_core::{
    CompanyId, Draw, Timestamp, User,
    access::{ApiToken, ApiTokenId, Principal, SESSION_LASTS, SecretHash, Session, SignInMeans, TokenWish},
    audit::{Actor, Origin, sign_in_entry, sign_out_entry},
    ports::{ApiTokens, Clock, Entropy, OnboardingStore, Sessions, StoreError},
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::secret::{as_text, hash_of, hash_shown, read_token, token_text};

/// What [`Access`] works on.
pub struct AccessPorts {
    /// API tokens.
    pub tokens: Arc<dyn ApiTokens>,
    /// Sessions.
    pub sessions: Arc<dyn Sessions>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
}

impl AccessPorts {
    /// All on one store.
    pub fn on_store(
        store: &Arc<dyn OnboardingStore>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            tokens: store.clone(),
            sessions: store.clone(),
            clock,
            entropy,
        }
    }
}

/// Knows callers by what they show.
///
/// Each call asks the store anew, so that what was revoked or ended is refused at once on every replica.
pub struct Access {
    ports: AccessPorts,
}

/// A secret that is told once and stored as its hash only.
pub struct ShownOnce<T> {
    /// What it belongs to.
    pub of: T,
    /// The secret.
    pub secret: SecretString,
}

/// A session that has just been opened, with what the browser is to show.
pub type OpenedSession = ShownOnce<Session>;

/// A caller with a session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who it is.
    pub principal: Principal,
    /// Their session.
    pub session: Session,
}

impl Access {
    /// On these ports.
    pub fn new(ports: AccessPorts) -> Self {
        Self { ports }
    }

    /// The caller who shows this API token, if it holds.
    pub async fn by_token(&self, text: &str) -> Result<Option<Principal>, StoreError> {
        let Some((id, hash)) = read_token(text) else {
            return Ok(None);
        };
        let now = self.now();
        let token = self.ports.tokens.token(id).await?;
        let Some(token) = token.filter(|token| same(token.hash, hash)) else {
            return Ok(None);
        };
        let principal = token.principal(now);
        if principal.is_some() && token.use_is_news(now) {
            self.ports.tokens.token_used(&token.company, id, now).await?;
        }
        Ok(principal)
    }

    /// The caller whose browser shows this session, if it holds.
    pub async fn by_session(&self, text: &str) -> Result<Option<SignedIn>, StoreError> {
        let Some(key) = hash_shown(text) else {
            return Ok(None);
        };
        let now = self.now();
        let Some((session, user)) = self.ports.sessions.session(key).await? else {
            return Ok(None);
        };
        let username = user.username.clone();
        let Some(principal) = session.principal(user, now) else {
            self.end_session(&session, &username, &Origin::system()).await?;
            return Ok(None);
        };
        if session.use_is_news(now) {
            self.ports
                .sessions
                .session_used(&session.company, key, now)
                .await?;
        }
        Ok(Some(SignedIn { principal, session }))
    }

    /// Makes a token. Its text is told here and never again.
    pub async fn create_token(
        &self,
        company: &CompanyId,
        wish: TokenWish,
        by: &Origin,
    ) -> Result<ShownOnce<ApiToken>, StoreError> {
        let (now, mut draw) = self.command();
        let id = ApiTokenId::from_uuid(draw.uuid(now));
        let secret = as_text(draw.secret());
        let hash = hash_of(&[secret.expose_secret().as_bytes()]);
        let token = wish.token(id, company.clone(), hash, shown(&by.actor), now);
        self.ports.tokens.create_token(token.clone(), by).await?;
        Ok(ShownOnce {
            of: token,
            secret: token_text(id, &secret),
        })
    }

    /// Opens a session for a user who has just proven who they are. Always a new one: a secret from before the
    /// sign-in opens nothing after it.
    pub async fn open_session(
        &self,
        company: &CompanyId,
        user: &User,
        means: SignInMeans,
        second_factor: bool,
        address: Option<IpAddr>,
    ) -> Result<OpenedSession, StoreError> {
        let (now, mut draw) = self.command();
        let secret = as_text(draw.secret());
        let session = Session {
            key: hash_of(&[secret.expose_secret().as_bytes()]),
            company: company.clone(),
            user: user.id,
            roles: user.roles.clone(),
            means,
            second_factor,
            signed_in_at: now,
            used_at: now,
        };
        let forget_before = now - SESSION_LASTS;
        let by = Origin::new(Actor::Person(user.username.clone()), address);
        let told = sign_in_entry(&by, &user.username, &session);
        self.ports
            .sessions
            .open_session(session.clone(), told, forget_before)
            .await?;
        Ok(ShownOnce { of: session, secret })
    }

    /// Ends a session of this user.
    pub async fn end_session(
        &self,
        session: &Session,
        username: &str,
        by: &Origin,
    ) -> Result<(), StoreError> {
        let told = sign_out_entry(by, username, self.now());
        let sessions = &self.ports.sessions;
        sessions.end_session(&session.company, session.key, told).await
    }

    /// Now, as commands see it.
    pub fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    fn command(&self) -> (Timestamp, Draw) {
        (self.now(), Draw::from_seed(self.ports.entropy.seed()))
    }
}

/// What pages of a session show in each request that changes something. Another site cannot read it, and nobody can
/// make it from what is stored.
pub fn csrf_token(session_text: &str) -> String {
    let hash = hash_of(&[b"csrf", session_text.as_bytes()]);
    as_text(*hash.as_bytes()).expose_secret().to_owned()
}

/// The actor in one word, for people: `person:kate`.
fn shown(actor: &Actor) -> String {
    let kind = actor.kind();
    actor
        .id()
        .map_or_else(|| kind.to_string(), |id| format!("{kind}:{id}"))
}

/// How long it takes does not tell how much is alike.
fn same(one: SecretHash, other: SecretHash) -> bool {
    let differences = one.as_bytes().iter().zip(other.as_bytes());
    differences.fold(0, |found, (a, b)| found | (a ^ b)) == 0
}
