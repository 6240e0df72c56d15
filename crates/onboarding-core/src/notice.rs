//! Notices: what the service tells the people of the company, kept until they saw it.

use crate::{NoticeId, Timestamp, UserId, named::named_enum};

/// Whom a notice is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// One user.
    User(UserId),
    /// Every admin of the company.
    Admins,
}

named_enum! {
    /// What a notice is about.
    NoticeKind {
        /// A client could not be connected.
        ClientTurnedAway = "client_turned_away",
        /// A client asked another unit's primary for a user whom it does not serve.
        AskedElsewhere = "asked_elsewhere",
        /// A contact waits.
        ProspectWaits = "prospect_waits",
        /// A contact waited too long.
        ProspectExpired = "prospect_expired",
        /// A room was closed by somebody else than its user.
        RoomClosed = "room_closed",
        /// A room came to the user from another.
        RoomReceived = "room_received",
        /// A room has another number.
        RoomMoved = "room_moved",
        /// A room that should have another number or user could not get it.
        RoomStuck = "room_stuck",
        /// A client wants no more messages, or wants them again.
        ClientOptedOut = "client_opted_out",
        /// A client could not be invited, or did not come by the link.
        InvitationFailed = "invitation_failed",
        /// A client declined.
        InvitationDeclined = "invitation_declined",
        /// The numbers of a pool are nearly used up for somebody.
        PoolFillsUp = "pool_fills_up",
    }
}

/// A notice to write. While one of the same audience, kind and subject is unseen, a further one changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotice {
    /// Its id.
    pub id: NoticeId,
    /// For whom.
    pub audience: Audience,
    /// What it is about.
    pub kind: NoticeKind,
    /// What it is about in particular, such as a room's id; tells notices of one kind apart.
    pub subject: String,
    /// What it says, in a sentence. Names and numbers stand in it: it belongs to the record, not to logs.
    pub text: String,
}

/// A notice as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What was written.
    pub notice: NewNotice,
    /// When.
    pub at: Timestamp,
    /// When somebody said that they saw it.
    pub seen_at: Option<Timestamp>,
}
