//! API tokens: how other services show who they are.

use std::{fmt, time::Duration};

use super::{Principal, Service, USE_NOTED_EVERY, Who};
use crate::{CompanyId, Timestamp, named::named_enum};

pub use crate::id::ApiTokenId;

/// No token lives longer.
pub const TOKEN_LASTS_AT_MOST: Duration = Duration::from_hours(24 * 365);

/// Characters of a token's name at the most.
pub const TOKEN_NAME_LENGTH: usize = 100;

named_enum! {
    /// What a token lets a service do.
    TokenScope {
        /// See the configuration.
        ConfigRead = "config:read",
        /// See and change it.
        ConfigWrite = "config:write",
        /// See rooms, client profiles, prospects and onboardings.
        RoomsRead = "rooms:read",
        /// See and change them.
        RoomsWrite = "rooms:write",
        /// Read what was written in rooms.
        MessagesRead = "messages:read",
    }
}

/// The SHA-256 of a secret of 256 random bits. All that is stored of it: such a secret cannot be guessed, so a fast
/// hash is the right one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// Wraps the hash.
    pub const fn from_bytes(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    /// The hash, for an adapter that stores it.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

/// An API token as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id, which the token shows.
    pub id: ApiTokenId,
    /// Whose data it opens.
    pub company: CompanyId,
    /// What the company calls the service that has it.
    pub name: String,
    /// Of its secret part.
    pub hash: SecretHash,
    /// What it may do; in the order of [`TokenScope::ALL`].
    pub scopes: Vec<TokenScope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it: kind and id of the actor, as `person:kate`.
    pub created_by: String,
    /// From when on it is worth nothing.
    pub expires_at: Timestamp,
    /// When it was last used, give or take [`USE_NOTED_EVERY`].
    pub last_used_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

/// Why a token cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenMistake {
    /// The name.
    #[error("the name must have 1 to {TOKEN_NAME_LENGTH} characters and no control characters")]
    Name,
    /// The scopes.
    #[error(
        "at least one scope is needed; known are config:read, config:write, rooms:read, rooms:write, messages:read"
    )]
    NoScope,
    /// The end.
    #[error("the token must expire in the future, within 365 days")]
    Expiry,
}

/// What a token is asked to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenWish {
    name: String,
    scopes: Vec<TokenScope>,
    expires_at: Timestamp,
}

impl TokenWish {
    /// Judges the wish at this time. Scopes are sorted, each once.
    pub fn new(
        name: &str,
        mut scopes: Vec<TokenScope>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Self, TokenMistake> {
        let name = name.trim();
        let length = name.chars().count();
        if !(1..=TOKEN_NAME_LENGTH).contains(&length) || name.chars().any(char::is_control) {
            return Err(TokenMistake::Name);
        }
        scopes.sort();
        scopes.dedup();
        if scopes.is_empty() {
            return Err(TokenMistake::NoScope);
        }
        if expires_at <= now || expires_at > now + TOKEN_LASTS_AT_MOST {
            return Err(TokenMistake::Expiry);
        }
        Ok(Self {
            name: name.to_owned(),
            scopes,
            expires_at,
        })
    }

    /// The token that fulfils it.
    pub fn token(
        self,
        id: ApiTokenId,
        company: CompanyId,
        hash: SecretHash,
        created_by: String,
        now: Timestamp,
    ) -> ApiToken {
        ApiToken {
            id,
            company,
            name: self.name,
            hash,
            scopes: self.scopes,
            created_at: now,
            created_by,
            expires_at: self.expires_at,
            last_used_at: None,
            revoked_at: None,
        }
    }
}

impl ApiToken {
    /// Whether it is worth anything at this time.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// Who calls with it, if it holds.
    pub fn principal(&self, now: Timestamp) -> Option<Principal> {
        self.holds(now).then(|| Principal {
            company: self.company.clone(),
            who: Who::Service(Service {
                token: self.id,
                name: self.name.clone(),
                scopes: self.scopes.clone(),
            }),
        })
    }

    /// Whether this use is to be written down.
    pub fn use_is_news(&self, now: Timestamp) -> bool {
        self.last_used_at
            .is_none_or(|last| now.since(last) >= USE_NOTED_EVERY)
    }
}
