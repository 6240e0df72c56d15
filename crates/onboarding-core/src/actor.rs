//! Who did something that no client's message asked for.

use std::fmt;

use uuid::Uuid;

use crate::{ApiTokenId, UserId};

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// A user of the company, or an admin, signed in as themselves.
    User(UserId),
    /// Another service, by its API token.
    Token(ApiTokenId),
    /// Somebody at the command line of the service.
    Operator,
    /// The client, by what they wrote.
    Client,
    /// The service, because a time had come.
    Service,
}

impl Actor {
    /// The one that prints itself as `text`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "operator" => Some(Self::Operator),
            "client" => Some(Self::Client),
            "service" => Some(Self::Service),
            _ => {
                let (kind, id) = text.split_once(' ')?;
                let id = Uuid::try_parse(id).ok()?;
                match kind {
                    "user" => Some(Self::User(UserId::from_uuid(id))),
                    "token" => Some(Self::Token(ApiTokenId::from_uuid(id))),
                    _ => None,
                }
            }
        }
    }
}

/// As stores keep it and [`Actor::parse`] reads it.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user {id}"),
            Self::Token(id) => write!(f, "token {id}"),
            Self::Operator => f.write_str("operator"),
            Self::Client => f.write_str("client"),
            Self::Service => f.write_str("service"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_prints_is_read_back() {
        let user = Actor::User(UserId::from_uuid(Uuid::from_u128(7)));
        let token = Actor::Token(ApiTokenId::from_uuid(Uuid::from_u128(8)));
        for actor in [user, token, Actor::Operator, Actor::Client, Actor::Service] {
            assert_eq!(Actor::parse(&actor.to_string()), Some(actor));
        }
        for wrong in [
            "",
            "user",
            "user x",
            "token x",
            "admin",
            "admin 00000000-0000-0000-0000-000000000007",
        ] {
            assert_eq!(Actor::parse(wrong), None, "{wrong:?}");
        }
    }
}
