//! Sessions of people in a browser.

use std::time::Duration;

use super::{Person, Principal, SecretHash, SignIn, Who};
use crate::{CompanyId, Role, Timestamp, User, UserId, named::named_enum};

/// After this time without a call a session is over.
pub const IDLE_FOR: Duration = Duration::from_mins(30);

/// The same for who may administer.
pub const ADMIN_IDLE_FOR: Duration = Duration::from_mins(15);

/// After this time a session is over whatever happens.
pub const SESSION_LASTS: Duration = Duration::from_hours(12);

/// How long a sign-in is recent enough for what hands out access.
pub const FRESH_FOR: Duration = Duration::from_mins(15);

/// How often it is written down that a session or token is used; so much earlier may it seem idle.
pub const USE_NOTED_EVERY: Duration = Duration::from_mins(1);

named_enum! {
    /// By which means somebody signed in.
    SignInMeans {
        /// A password kept here.
        Password = "password",
        /// An OpenID Connect provider.
        OpenIdConnect = "openid_connect",
        /// The demo's one click, which proves nothing.
        Demo = "demo",
    }
}

/// A person's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Of the secret that the browser holds.
    pub key: SecretHash,
    /// The company.
    pub company: CompanyId,
    /// The user.
    pub user: UserId,
    /// Their roles at sign-in: when they change, the session is over.
    pub roles: Vec<Role>,
    /// How they signed in.
    pub means: SignInMeans,
    /// Whether a second factor was shown.
    pub second_factor: bool,
    /// When they signed in.
    pub signed_in_at: Timestamp,
    /// When it was last used, give or take [`USE_NOTED_EVERY`].
    pub used_at: Timestamp,
}

impl Session {
    /// Whether it still holds for this user at this time.
    pub fn holds(&self, user: &User, now: Timestamp) -> bool {
        let same_roles = {
            let sorted = |roles: &[Role]| {
                let mut roles = roles.to_vec();
                roles.sort();
                roles
            };
            sorted(&self.roles) == sorted(&user.roles)
        };
        let idle_for = if user.roles.contains(&Role::Admin) {
            ADMIN_IDLE_FOR
        } else {
            IDLE_FOR
        };
        let idle_ends = self.used_at + idle_for;
        user.active && same_roles && now < idle_ends && now < self.signed_in_at + SESSION_LASTS
    }

    /// Who calls with it, if it still holds.
    pub fn principal(&self, user: User, now: Timestamp) -> Option<Principal> {
        self.holds(&user, now).then(|| Principal {
            company: self.company.clone(),
            who: Who::Person(Person {
                user: user.id,
                username: user.username,
                name: user.name,
                roles: user.roles,
                active: user.active,
                sign_in: SignIn {
                    second_factor: self.second_factor,
                    fresh: now.since(self.signed_in_at) < FRESH_FOR,
                },
            }),
        })
    }

    /// Whether this use is to be written down.
    pub fn use_is_news(&self, now: Timestamp) -> bool {
        now.since(self.used_at) >= USE_NOTED_EVERY
    }
}
