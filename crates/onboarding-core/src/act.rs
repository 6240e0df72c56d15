//! Acts: decisions that answer no message of a client.
//!
//! Somebody closes a room, a user leaves, a number is retired, a prospect is promoted, a time has come. Each is decided by
//! a pure function of [`crate::lifecycle`] and stored like a decision of the flow: whole or not at all, with its trace.

use crate::{
    Actor, ChatRoom, ClientIdentityId, ClientProfileId, Closing, NewNotice, NewOutbound, NewProfile,
    ProspectChange, Trace, UserId, named::named_enum,
};

named_enum! {
    /// What was done.
    ActKind {
        /// A room was closed.
        RoomClosed = "room_closed",
        /// A room was closed and another user goes on.
        RoomHandedOver = "room_handed_over",
        /// A room was closed and goes on on another number.
        RoomMoved = "room_moved",
        /// A prospect was promoted.
        ProspectPromoted = "prospect_promoted",
        /// A prospect was rejected.
        ProspectRejected = "prospect_rejected",
        /// A prospect waited too long.
        ProspectExpired = "prospect_expired",
        /// A number became free for a client on the waiting list.
        NumberFound = "number_found",
        /// A client did not use the link to a number; it is free again.
        LinkExpired = "link_expired",
    }
}

/// What was decided, and everything that changes with it. Stored whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// What was done.
    pub kind: ActKind,
    /// By whom.
    pub by: Actor,
    /// The user whom it concerns.
    pub user: UserId,
    /// The client whom it concerns.
    pub identity: ClientIdentityId,
    /// Why.
    pub trace: Trace,
    /// The room to close, before anything is opened.
    pub closing: Option<Closing>,
    /// A profile to create.
    pub new_profile: Option<NewProfile>,
    /// The profile, found by phone and nobody's so far, that is the client's from now on.
    pub binds: Option<ClientProfileId>,
    /// The profile to assign to a user.
    pub assignment: Option<(ClientProfileId, UserId)>,
    /// A room to open.
    pub new_room: Option<ChatRoom>,
    /// What becomes of a prospect.
    pub prospect: Option<ProspectChange>,
    /// Messages to send, in order. The company begins the talk here, so a client who opted out gets none: then the
    /// act conflicts.
    pub messages: Vec<NewOutbound>,
    /// What the people of the company are told.
    pub notices: Vec<NewNotice>,
}

impl Act {
    /// One that changes nothing yet.
    pub(crate) fn new(kind: ActKind, by: Actor, user: UserId, identity: ClientIdentityId) -> Self {
        Self {
            kind,
            by,
            user,
            identity,
            trace: Trace::default(),
            closing: None,
            new_profile: None,
            binds: None,
            assignment: None,
            new_room: None,
            prospect: None,
            messages: Vec::new(),
            notices: Vec::new(),
        }
    }
}
