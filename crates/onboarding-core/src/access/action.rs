//! The actions of the product and who may take them: the table of rights.

use super::{Principal, Who};
use crate::{Role, access::TokenScope, named::named_enum};

named_enum! {
    /// What an endpoint lets happen.
    Action {
        /// See who one is oneself, and one's own profile and QR codes.
        SeeSelf = "self.see",
        /// End one's own sessions and change one's own means of signing in.
        ManageSelf = "self.manage",
        /// See users, extensions, units, accounts, pools, features and texts.
        SeeConfig = "config.see",
        /// Change them.
        ChangeConfig = "config.change",
        /// Say where secrets are.
        SetSecrets = "secrets.set",
        /// See rooms, client profiles, prospects and onboardings.
        SeeRooms = "rooms.see",
        /// Close rooms, promote prospects, change client profiles.
        ChangeRooms = "rooms.change",
        /// Read what was written in rooms.
        ReadMessages = "messages.read",
        /// Write to clients.
        SendMessages = "messages.send",
        /// See what was given up.
        SeeDeadLetters = "dead_letters.see",
        /// Try it again.
        ReplayDeadLetters = "dead_letters.replay",
        /// Read the audit trail.
        ReadAudit = "audit.read",
        /// Create, see and revoke API tokens.
        ManageTokens = "tokens.manage",
        /// End the sessions of others and change how they sign in.
        ManageAccess = "access.manage",
    }
}

/// How far a right reaches within the company of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// What is the caller's own or assigned to them.
    Own,
    /// Everything of the company.
    Company,
}

/// Why a caller may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// No role or scope of the caller gives it.
    #[error("no role or scope of yours allows this")]
    NotAllowed,
    /// The account was deactivated.
    #[error("your account is not active")]
    NotActive,
    /// Admins act only after they proved a second factor.
    #[error("administration needs a second factor; set one up and sign in with it")]
    NoSecondFactor,
    /// The sign-in is too long ago for this.
    #[error("this needs a sign-in of the last minutes; sign in again")]
    NotFresh,
}

impl Action {
    /// What a role gives, as long as its holder is active.
    pub const fn reach_of(self, role: Role) -> Option<Reach> {
        use Reach::{Company, Own};
        match (self, role) {
            (Self::SeeSelf | Self::ManageSelf, _)
            | (Self::SeeRooms | Self::ChangeRooms | Self::ReadMessages | Self::SendMessages, Role::User) => {
                Some(Own)
            }
            (
                Self::SeeConfig
                | Self::ChangeConfig
                | Self::SetSecrets
                | Self::SeeRooms
                | Self::ChangeRooms
                | Self::SeeDeadLetters
                | Self::ReplayDeadLetters
                | Self::ReadAudit
                | Self::ManageTokens
                | Self::ManageAccess,
                Role::Admin,
            )
            | (
                Self::SeeConfig
                | Self::SeeRooms
                | Self::ReadMessages
                | Self::SeeDeadLetters
                | Self::ReadAudit,
                Role::Auditor,
            ) => Some(Company),
            _ => None,
        }
    }

    /// The scopes any of which lets a service do it; empty for what is for people only.
    pub const fn scopes(self) -> &'static [TokenScope] {
        match self {
            Self::SeeConfig => &[TokenScope::ConfigRead, TokenScope::ConfigWrite],
            Self::ChangeConfig => &[TokenScope::ConfigWrite],
            Self::SeeRooms => &[TokenScope::RoomsRead, TokenScope::RoomsWrite],
            Self::ChangeRooms => &[TokenScope::RoomsWrite],
            Self::ReadMessages => &[TokenScope::MessagesRead],
            Self::SeeSelf
            | Self::ManageSelf
            | Self::SendMessages
            | Self::SeeDeadLetters
            | Self::ReplayDeadLetters
            | Self::ReadAudit
            | Self::SetSecrets
            | Self::ManageTokens
            | Self::ManageAccess => &[],
        }
    }

    /// Whether it needs a sign-in of the last minutes (ASVS 7.5.1): it hands out or takes away access, or says which
    /// secrets are used.
    pub const fn needs_fresh_sign_in(self) -> bool {
        matches!(self, Self::SetSecrets | Self::ManageTokens | Self::ManageAccess)
    }
}

impl Principal {
    /// Whether the caller may take the action, and how far; refused unless something gives it.
    ///
    /// ```
    /// use onboarding_core::{CompanyId, UserId, Role};
    /// use onboarding_core::access::{Action, Denial, Person, Principal, Reach, SignIn, Who};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let kate = Principal {
    ///     company: CompanyId::parse("acme")?,
    ///     who: Who::Person(Person {
    ///         user: UserId::from_uuid(uuid::Uuid::nil()),
    ///         username: "kate".into(),
    ///         name: "Kate".into(),
    ///         roles: vec![Role::User],
    ///         active: true,
    ///         sign_in: SignIn { second_factor: false, fresh: true },
    ///     }),
    /// };
    /// assert_eq!(kate.may(Action::SeeRooms), Ok(Reach::Own));
    /// assert_eq!(kate.may(Action::ChangeConfig), Err(Denial::NotAllowed));
    /// # Ok(()) }
    /// ```
    pub fn may(&self, action: Action) -> Result<Reach, Denial> {
        match &self.who {
            Who::Service(service) => {
                let given = action == Action::SeeSelf
                    || action.scopes().iter().any(|scope| service.scopes.contains(scope));
                match (given, action) {
                    (false, _) => Err(Denial::NotAllowed),
                    (true, Action::SeeSelf) => Ok(Reach::Own),
                    (true, _) => Ok(Reach::Company),
                }
            }
            Who::Person(person) => {
                if !person.active {
                    return Err(Denial::NotActive);
                }
                // An admin without a second factor is left with what their other roles give.
                let given = |role: &Role| action.reach_of(*role).map(|reach| (reach, *role));
                let proven = |(reach, role): &(Reach, Role)| {
                    *role != Role::Admin || *reach == Reach::Own || person.sign_in.second_factor
                };
                let all: Vec<_> = person.roles.iter().filter_map(given).collect();
                let best = all
                    .iter()
                    .filter(|one| proven(one))
                    .map(|(reach, _)| *reach)
                    .max();
                let reach = match (best, all.is_empty()) {
                    (Some(reach), _) => reach,
                    (None, true) => return Err(Denial::NotAllowed),
                    (None, false) => return Err(Denial::NoSecondFactor),
                };
                if action.needs_fresh_sign_in() && !person.sign_in.fresh {
                    return Err(Denial::NotFresh);
                }
                Ok(reach)
            }
        }
    }
}
