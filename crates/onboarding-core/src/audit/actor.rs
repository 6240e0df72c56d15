//! Who does something, and from where.

use std::net::IpAddr;

use crate::named::named_enum;

named_enum! {
    /// What kind of actor it is.
    ActorKind {
        /// A user of the company, signed in.
        Person = "person",
        /// Another service, by its API token.
        Token = "token",
        /// The onboarding flow, on a client's message.
        Flow = "flow",
        /// Somebody with a shell on the server, by a command.
        Operator = "operator",
        /// The service itself, by a rule of its own such as a retention period.
        System = "system",
        /// Nobody who is known: a sign-in that failed.
        Anonymous = "anonymous",
    }
}

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The user with this username; a username belongs to one user for ever.
    Person(String),
    /// The API token with this id, never the token itself.
    Token(String),
    /// The onboarding flow.
    Flow,
    /// The operating system's name for whoever ran the command, as far as it tells.
    Operator(String),
    /// The service itself.
    System,
    /// Nobody who is known.
    Anonymous,
}

impl Actor {
    /// The actor of this kind and id, as [`Actor::kind`] and [`Actor::id`] told them.
    pub fn from_parts(kind: ActorKind, id: Option<String>) -> Option<Self> {
        Some(match kind {
            ActorKind::Person => Self::Person(id?),
            ActorKind::Token => Self::Token(id?),
            ActorKind::Operator => Self::Operator(id?),
            ActorKind::Flow => Self::Flow,
            ActorKind::System => Self::System,
            ActorKind::Anonymous => Self::Anonymous,
        })
    }

    /// What kind of actor it is.
    pub fn kind(&self) -> ActorKind {
        match self {
            Self::Person(_) => ActorKind::Person,
            Self::Token(_) => ActorKind::Token,
            Self::Flow => ActorKind::Flow,
            Self::Operator(_) => ActorKind::Operator,
            Self::System => ActorKind::System,
            Self::Anonymous => ActorKind::Anonymous,
        }
    }

    /// Which one of its kind.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Person(id) | Self::Token(id) | Self::Operator(id) => Some(id),
            Self::Flow | Self::System | Self::Anonymous => None,
        }
    }
}

/// Who does something, and from where. Ports that change something take it as `by`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Who.
    pub actor: Actor,
    /// The network address that the request came from, where there is one.
    pub address: Option<IpAddr>,
}

impl Origin {
    /// Somebody, from an address.
    pub fn new(actor: Actor, address: Option<IpAddr>) -> Self {
        Self { actor, address }
    }

    /// The onboarding flow.
    pub fn flow() -> Self {
        Self::new(Actor::Flow, None)
    }

    /// The service itself.
    pub fn system() -> Self {
        Self::new(Actor::System, None)
    }

    /// A command that this login ran.
    pub fn operator(login: impl Into<String>) -> Self {
        Self::new(Actor::Operator(login.into()), None)
    }
}
