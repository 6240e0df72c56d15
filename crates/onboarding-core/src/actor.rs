//! Who did something that no client's message asked for.

use std::fmt;

use uuid::Uuid;

use crate::UserId;

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// A user of the company, or an admin, signed in as themselves.
    User(UserId),
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
                let id = Uuid::try_parse(text.strip_prefix("user ")?).ok()?;
                Some(Self::User(UserId::from_uuid(id)))
            }
        }
    }
}

/// As stores keep it and [`Actor::parse`] reads it.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user {id}"),
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
        for actor in [user, Actor::Operator, Actor::Client, Actor::Service] {
            assert_eq!(Actor::parse(&actor.to_string()), Some(actor));
        }
        for wrong in ["", "user", "user x", "admin"] {
            assert_eq!(Actor::parse(wrong), None, "{wrong:?}");
        }
    }
}
