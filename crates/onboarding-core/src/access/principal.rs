//! Callers, once it is known who they are.

use crate::{
    CompanyId, Role, UserId,
    access::{ApiTokenId, TokenScope},
    audit::Actor,
};

/// Somebody who calls, proven by a session, a bearer token of Microsoft Teams, or an API token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The company that they belong to; they see nothing of another.
    pub company: CompanyId,
    /// Who they are in it.
    pub who: Who,
}

/// A person or a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// An employee.
    Person(Person),
    /// Another service, by its API token.
    Service(Service),
}

/// An employee who signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The user.
    pub user: UserId,
    /// Their stable name within the company.
    pub username: String,
    /// As people read it.
    pub name: String,
    /// What they are; roles count only while `active`.
    pub roles: Vec<Role>,
    /// Whether the account is in use, as of this call.
    pub active: bool,
    /// How they proved who they are.
    pub sign_in: SignIn,
}

/// What is known of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignIn {
    /// A second factor was shown, here or to the identity provider whose word the company takes for it.
    pub second_factor: bool,
    /// It was within the last [`FRESH_FOR`](super::FRESH_FOR).
    pub fresh: bool,
}

/// A program with an API token that is neither expired nor revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its token.
    pub token: ApiTokenId,
    /// What the company calls it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<TokenScope>,
}

impl Principal {
    /// Names the caller within the company, for limits and records: `user:…` or `token:…`.
    pub fn key(&self) -> String {
        match &self.who {
            Who::Person(person) => format!("user:{}", person.user),
            Who::Service(service) => format!("token:{}", service.token),
        }
    }

    /// Who it is for the audit.
    pub fn actor(&self) -> Actor {
        match &self.who {
            Who::Person(person) => Actor::Person(person.username.clone()),
            Who::Service(service) => Actor::Token(service.token.to_string()),
        }
    }

    /// The user, if it is a person.
    pub fn user(&self) -> Option<UserId> {
        match &self.who {
            Who::Person(person) => Some(person.user),
            Who::Service(_) => None,
        }
    }
}
