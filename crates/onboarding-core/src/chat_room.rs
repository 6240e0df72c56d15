//! Chat rooms: the 1:1 conversation of one user and one client profile on one secondary account.

use crate::{
    ChatRoomId, ClientIdentityId, ClientProfileId, OfficialAccountId, Timestamp, UserId, named::named_enum,
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
