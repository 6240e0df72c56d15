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
        /// The invitation could not be delivered; its number is free again.
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
