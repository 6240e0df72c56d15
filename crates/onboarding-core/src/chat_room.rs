//! Chat rooms: the 1:1 conversation of one user and one client profile on one secondary account.

use crate::{
    Actor, ChatRoomId, ClientIdentityId, ClientProfileId, OfficialAccountId, Timestamp, UserId,
    named::named_enum,
};

named_enum! {
    /// Where a room stands. Live means [`RoomState::Invited`] or [`RoomState::Active`] (INV-2).
    RoomState {
        /// Waits for the client to answer on the secondary.
        Invited = "invited",
        /// Carries the conversation.
        Active = "active",
        /// Over.
        Closed = "closed",
        /// The invitation could not be delivered, or the link was not used; its number is free again.
        Failed = "failed",
    }
}

impl RoomState {
    /// Whether the room holds its number for the client.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Invited | Self::Active)
    }
}

/// A room as the flow sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatRoom {
    /// Its id.
    pub id: ChatRoomId,
    /// The user, fixed for the life of the room: what the client writes reaches this user or nobody (INV-32).
    pub user: UserId,
    /// The profile it was opened for.
    pub profile: ClientProfileId,
    /// The client.
    pub identity: ClientIdentityId,
    /// The secondary that carries it.
    pub account: OfficialAccountId,
    /// The primary through which the client came; what goes wrong with the room is told there.
    pub primary: OfficialAccountId,
    /// Where it stands.
    pub state: RoomState,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it ended.
    pub closed_at: Option<Timestamp>,
    /// When the client was last reminded of it.
    pub last_reminded_at: Option<Timestamp>,
    /// The client got a link to the number instead of an invitation, and has until then to use it; `None` once they did.
    pub link_until: Option<Timestamp>,
}

impl ChatRoom {
    /// Whether its client got a link to the number and did not come by it yet.
    pub fn waits_for_link(&self) -> bool {
        self.state == RoomState::Invited && self.link_until.is_some()
    }
}

named_enum! {
    /// Why a room was closed.
    CloseReason {
        /// The conversation is over: its user or an admin ended it.
        Ended = "ended",
        /// Its user left the company.
        UserLeft = "user_left",
        /// Another user goes on with the client.
        HandedOver = "handed_over",
        /// Its number is out of use; the conversation goes on on another.
        NumberRetired = "number_retired",
        /// The client wants no more messages.
        OptedOut = "opted_out",
        /// Who the client is was put right: their number is another person's, or two records were one client's.
        IdentityChanged = "identity_changed",
        /// The client declined the invitation.
        Declined = "declined",
        /// The client did not use the link to its number. Ends only a room that still waits for that.
        LinkUnused = "link_unused",
    }
}

impl CloseReason {
    /// The live rooms that it may end; any other is spared, because something has happened meanwhile.
    pub fn ends(self) -> &'static [RoomState] {
        match self {
            Self::LinkUnused => &[RoomState::Invited],
            _ => &[RoomState::Invited, RoomState::Active],
        }
    }

    /// The state that it leaves a room in. Where the client never came, no thread is on their phone: the room failed
    /// and reserves nothing (INV-31).
    pub fn leaves(self) -> RoomState {
        match self {
            Self::LinkUnused => RoomState::Failed,
            _ => RoomState::Closed,
        }
    }
}

/// How a room came to its end, other than by an invitation that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomEnd {
    /// Who ended it.
    pub by: Actor,
    /// Why.
    pub reason: CloseReason,
    /// What they said about it, for the record.
    pub note: Option<String>,
}

/// A room to close. Its messages that are still in the queue go with it; they are withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// The room.
    pub room: ChatRoomId,
    /// How it ends.
    pub end: RoomEnd,
}
