//! What happens to rooms and prospects without a client's message: the rules, as pure functions.
//!
//! Each takes the facts and gives an [`Act`], or an [`Obstacle`] that tells why it cannot be. INV-31 holds throughout: a
//! room never changes its user or its number. Whoever goes on with the client gets a new room, on a number by the ladder.

mod closing;
mod handing_over;
mod link;
mod moving;
mod promotion;

use std::sync::Arc;

pub use closing::close_room;
pub use handing_over::{Successor, hand_over};
pub use link::expire_link;
pub use moving::move_room;
pub use promotion::{ProspectContext, end_prospect, promote};

use crate::{
    Act, Audience, CUSTOMER_SERVICE_WINDOW, ChatRoom, Client, ClientIdentityId, Company, Draw, Exhaustion,
    NewNotice, NoticeId, NoticeKind, OfficialAccountId, Timestamp, User, UserId,
    flow::messages::{About, Writer},
};

/// A room with everything that a decision about it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomContext {
    /// The company.
    pub company: Arc<Company>,
    /// The room.
    pub room: ChatRoom,
    /// Its user, active or not.
    pub user: User,
    /// Its client.
    pub client: Client,
    /// When the client last wrote to the primary of the room.
    pub wrote_to_primary: Option<Timestamp>,
    /// When the client last wrote to the secondary of the room.
    pub wrote_to_secondary: Option<Timestamp>,
}

/// Why something cannot be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// The room is closed, or the prospect does not wait any more.
    #[error("it is over already")]
    Over,
    /// The client asked for no more messages.
    #[error("the client wants no more messages")]
    OptedOut,
    /// A user who left gets no client.
    #[error("the user is not active")]
    UserLeft,
    /// It is theirs already.
    #[error("it is the user's already")]
    SameUser,
    /// The user must not see the client's profile.
    #[error("the client's profile belongs to an external company that is not assigned to the user")]
    ProfileHidden,
    /// The number of the room is in use; there is nothing to move.
    #[error("its number is in use")]
    InUse,
    /// Every way is shut.
    #[error(
        "nothing can bring the client to another number: the 24-hour window of the primary is shut and there is no \
         invitation template"
    )]
    Unreachable,
    /// The ladder found no number.
    #[error("{}", .0.reason())]
    NoNumber(Exhaustion),
}

/// Whether free text reaches the client from where they last wrote at `wrote_at`.
fn window_open(wrote_at: Option<Timestamp>, now: Timestamp) -> bool {
    wrote_at.is_some_and(|at| now.since(at) < CUSTOMER_SERVICE_WINDOW)
}

/// The primary for a room of this user: the one that the client knows, as long as it serves the user.
fn primary_for(company: &Company, user: &User, known: OfficialAccountId) -> OfficialAccountId {
    let serving = company.pools_for(&user.org_unit);
    let serves = serving.iter().any(|pool| pool.primary == known);
    if serves {
        known
    } else {
        serving.first().map_or(known, |pool| pool.primary)
    }
}

fn number(company: &Company, account: OfficialAccountId) -> String {
    company
        .account(account)
        .map_or_else(|| account.to_string(), |account| account.phone_number.to_string())
}

fn writer<'a>(
    company: &'a Company,
    client: &'a Client,
    identity: ClientIdentityId,
    now: Timestamp,
) -> Writer<'a> {
    Writer {
        company,
        client: &client.aliases,
        identity,
        now,
    }
}

impl RoomContext {
    fn about(&self) -> About<'_> {
        About {
            user: Some(&self.user),
            primary: Some(self.room.primary),
            secondary: Some(self.room.account),
            room: Some(self.room.id),
            ..About::default()
        }
    }

    fn subject(&self) -> String {
        format!("room {}", self.room.id)
    }
}

impl Act {
    fn notify(
        &mut self,
        user: UserId,
        kind: NoticeKind,
        (subject, text): (String, String),
        now: Timestamp,
        draw: &mut Draw,
    ) {
        self.notices.push(NewNotice {
            id: NoticeId::from_uuid(draw.uuid(now)),
            audience: Audience::User(user),
            kind,
            subject,
            text,
        });
    }
}
