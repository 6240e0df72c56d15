//! Who may call: tokens, sessions, and the answers that repeated requests get again.

use async_trait::async_trait;
use uuid::Uuid;

use super::StoreError;
use crate::{
    CompanyId, Timestamp, User, UserId,
    access::{ApiToken, ApiTokenId, LocalAccount, SecretHash, Session, SetUpLink, Tries},
    audit::{NewAuditEntry, Origin},
};

/// API tokens. Only the hash of a secret is ever stored.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait ApiTokens: Send + Sync {
    /// Keeps a new token, with its entry in the audit.
    async fn create_token(&self, token: ApiToken, by: &Origin) -> Result<(), StoreError>;

    /// The token with this id, of whatever company, revoked and expired ones too: the caller judges. What is
    /// revoked is seen by the next call on every replica.
    async fn token(&self, id: ApiTokenId) -> Result<Option<ApiToken>, StoreError>;

    /// The company's tokens, revoked and expired ones too, newest first, at most `limit`; those that stand behind
    /// the token `after` if one is given.
    async fn tokens(
        &self,
        company: &CompanyId,
        after: Option<ApiTokenId>,
        limit: u32,
    ) -> Result<Vec<ApiToken>, StoreError>;

    /// Takes the company's token back, and gives it as it is then. `None`: the company has no such token. The first
    /// time of revocation stays, and only that is an entry in the audit.
    async fn revoke_token(
        &self,
        company: &CompanyId,
        id: ApiTokenId,
        by: &Origin,
        now: Timestamp,
    ) -> Result<Option<ApiToken>, StoreError>;

    /// Writes down that the token was used.
    async fn token_used(&self, company: &CompanyId, id: ApiTokenId, now: Timestamp)
    -> Result<(), StoreError>;
}

/// Sessions of people. Only the hash of the browser's secret is ever stored.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Keeps a new session with its entry in the audit, and forgets those of the company that began before
    /// `forget_before`.
    async fn open_session(
        &self,
        session: Session,
        told: NewAuditEntry,
        forget_before: Timestamp,
    ) -> Result<(), StoreError>;

    /// The session with this key, of whatever company, with its user as they are now. Whether it still holds, the
    /// caller judges; one that was ended is not there.
    async fn session(&self, key: SecretHash) -> Result<Option<(Session, User)>, StoreError>;

    /// Writes down that the session was used.
    async fn session_used(
        &self,
        company: &CompanyId,
        key: SecretHash,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Ends it. The next call with it is refused on every replica. The entry goes into the audit if there was one to
    /// end.
    async fn end_session(
        &self,
        company: &CompanyId,
        key: SecretHash,
        told: NewAuditEntry,
    ) -> Result<(), StoreError>;

    /// Ends all of a user and tells how many. The entry goes into the audit if there was one to end.
    async fn end_sessions_of(
        &self,
        company: &CompanyId,
        user: UserId,
        told: NewAuditEntry,
    ) -> Result<u64, StoreError>;
}

/// Passwords and second factors of people, and the links that set them up.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait LocalAccounts: Send + Sync {
    /// Keeps a link with its entry in the audit. Earlier links of the user open nothing any more; those of the company
    /// that ended before `now` are forgotten.
    async fn keep_link(&self, link: SetUpLink, told: NewAuditEntry, now: Timestamp)
    -> Result<(), StoreError>;

    /// The link with this key, of whatever company, with its user as they are now. Whether it still holds, the caller
    /// judges; one that was used is not there.
    async fn link(&self, key: SecretHash) -> Result<Option<(SetUpLink, User)>, StoreError>;

    /// Uses the link up: the account is as given from now on, all sessions of the user end, and the entry goes into the
    /// audit. `false`, and nothing changed, if the link is not there: it was used, or another took its place.
    async fn set_up_account(
        &self,
        link: SecretHash,
        account: LocalAccount,
        told: NewAuditEntry,
    ) -> Result<bool, StoreError>;

    /// How the user signs in, if that was set up.
    async fn local_account(
        &self,
        company: &CompanyId,
        user: UserId,
    ) -> Result<Option<LocalAccount>, StoreError>;

    /// Writes down what was tried, if it stands as it was `seen`; `false` if somebody else tried in between. The entry
    /// goes into the audit.
    async fn note_try(
        &self,
        company: &CompanyId,
        user: UserId,
        seen: Tries,
        now: Tries,
        told: Option<NewAuditEntry>,
    ) -> Result<bool, StoreError>;
}

/// What was answered to requests that carried a key, so that a repeated one changes nothing.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait IdempotencyKeys: Send + Sync {
    /// Takes the key for a request, unless it is taken. Forgets what has expired.
    async fn reserve_key(&self, reservation: KeyReservation) -> Result<ReserveOutcome, StoreError>;

    /// Keeps the answer of the request that took the key, and nothing if another has taken it over.
    async fn keep_answer(&self, reservation: &KeyReservation, answer: KeptAnswer) -> Result<(), StoreError>;

    /// Gives the key back: the request changed nothing.
    async fn release_key(&self, reservation: &KeyReservation) -> Result<(), StoreError>;
}

/// A request with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyReservation {
    /// The company.
    pub company: CompanyId,
    /// Who asks, as [`Principal::key`](crate::access::Principal::key) says: keys of two callers never meet.
    pub caller: String,
    /// Of the key.
    pub key: SecretHash,
    /// Tells this request from another with the same key.
    pub id: Uuid,
    /// Of method, path and body.
    pub fingerprint: SecretHash,
    /// Now.
    pub now: Timestamp,
    /// Until when a request without an answer is taken to be under way; later the key is free.
    pub busy_until: Timestamp,
    /// Until when the answer is kept.
    pub expires_at: Timestamp,
}

/// What became of taking a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReserveOutcome {
    /// It is taken by this request now.
    Reserved,
    /// The same request is under way.
    Busy,
    /// Another request has it.
    OtherRequest,
    /// The same request was answered so.
    Answered(KeptAnswer),
}

/// An answer, sealed by whoever keeps it: the store cannot read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The request that got it.
    pub id: Uuid,
    /// Sealed.
    pub sealed: Vec<u8>,
}
