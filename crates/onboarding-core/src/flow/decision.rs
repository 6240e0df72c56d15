//! What a decision says.

use crate::{
    AliasKind, ChatRoom, ChatRoomId, ClientAliases, ClientIdentityId, ClientProfileId, Closing,
    ExternalCompanyId, NewNotice, NewOutbound, OfficialAccountId, OptOutChange, OrgUnitId, PhoneNumber,
    ProspectChange, ProspectId, Timestamp, Trace, UserId, WaitsFor, named::named_enum,
};

/// What a request came to, and everything that changes with it. Stored whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What it came to.
    pub outcome: Outcome,
    /// Why.
    pub trace: Trace,
    /// The client's record; `None` when nothing is to be remembered of the sender.
    pub identity: Option<IdentityChange>,
    /// A profile to create.
    pub new_profile: Option<NewProfile>,
    /// The profile to assign to a user.
    pub assignment: Option<(ClientProfileId, UserId)>,
    /// A room to open.
    pub new_room: Option<ChatRoom>,
    /// A room to change.
    pub room_update: Option<RoomUpdate>,
    /// The room in whose record the client's message is kept.
    pub kept_in_room: Option<ChatRoomId>,
    /// A contact that waits for its user, or for a number.
    pub new_prospect: Option<NewProspect>,
    /// What becomes of a contact that waited.
    pub prospect: Option<ProspectChange>,
    /// Rooms to close, after the client's message is kept.
    pub closings: Vec<Closing>,
    /// Whether the client wants messages, where they say so.
    pub opt_out: Option<OptOutChange>,
    /// What the people of the company are told.
    pub notices: Vec<NewNotice>,
    /// Messages to send, in order.
    pub messages: Vec<NewOutbound>,
    /// Whether an answer was held back because of the limit on automatic replies.
    pub suppressed: bool,
}

/// What becomes of the client's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityChange {
    /// The identity.
    pub id: ClientIdentityId,
    /// Whether it is new.
    pub is_new: bool,
    /// The revision that was looked at; of a new one, zero.
    pub revision: u64,
    /// All that is known of the client now.
    pub aliases: ClientAliases,
    /// Alias keys to claim. An alias belongs to one identity: a claim that loses is a conflict.
    pub claims: Vec<(AliasKind, String)>,
    /// The phone is theirs only since then; `None` leaves what was known.
    pub phone_since: Option<Timestamp>,
    /// The profile that is this client's from now on, where it was found by its phone alone.
    pub profile: Option<ClientProfileId>,
}

/// A client profile that the flow creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProfile {
    /// Its id.
    pub id: ClientProfileId,
    /// The client's name, cleaned; the phone where there is none.
    pub name: String,
    /// The phone, where it is known and of international shape.
    pub phone_number: Option<PhoneNumber>,
    /// The client.
    pub identity: ClientIdentityId,
    /// The user's unit.
    pub org_unit: OrgUnitId,
    /// Never set by the flow: the outside firm is unknown.
    pub external_company: Option<ExternalCompanyId>,
}

/// A contact that waits for a user to promote it, or for a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProspect {
    /// Its id.
    pub id: ProspectId,
    /// For whom.
    pub user: UserId,
    /// Who.
    pub identity: ClientIdentityId,
    /// The primary that the client wrote to.
    pub primary: OfficialAccountId,
    /// What the client wrote.
    pub text: String,
    /// What it waits for.
    pub waits_for: WaitsFor,
}

/// A change of an existing room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomUpdate {
    /// The client was reminded of it. The state stays (INV-12).
    Reminded {
        /// The room.
        room: ChatRoomId,
        /// When.
        at: Timestamp,
    },
    /// The client got the link to it once more. Only where they did not use it yet.
    LinkSentAgain {
        /// The room.
        room: ChatRoomId,
        /// When.
        at: Timestamp,
        /// Until when it waits to be used.
        until: Timestamp,
    },
    /// The client answered.
    Activated {
        /// The room.
        room: ChatRoomId,
    },
}

impl RoomUpdate {
    /// The room.
    pub fn room(&self) -> ChatRoomId {
        match self {
            Self::Reminded { room, .. } | Self::LinkSentAgain { room, .. } | Self::Activated { room } => {
                *room
            }
        }
    }
}

named_enum! {
    /// Why a message is recorded and not answered.
    IgnoreReason {
        /// A reaction, an edit, a system note, or something that WhatsApp could not show.
        WantsNoAnswer = "wants_no_answer",
        /// Written in a group.
        Group = "group",
        /// Nothing says who wrote.
        UnidentifiedSender = "unidentified_sender",
        /// Older than the 24-hour window: an answer now would surprise.
        TooOld = "too_old",
        /// The account serves no pool.
        NoPool = "no_pool",
    }
}

/// What a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Recorded, not answered.
    Ignored(IgnoreReason),
    /// Automatic reply: no extension in the text.
    NoExtension,
    /// Nobody has the extension.
    ExtensionNotFound,
    /// The user exists but is not served by the primary that the client wrote to. The client is told the same
    /// as for an extension that nobody has.
    OtherUnit {
        /// The user whom the client asked for.
        user: UserId,
    },
    /// Too many wrong extensions, or numbers that are not the client's; nothing was looked up.
    GuessingLocked,
    /// The client asked about the number of a room of theirs.
    NumberOfRoom {
        /// The room's user.
        user: UserId,
        /// The room.
        room: ChatRoomId,
    },
    /// The client asked about a number of ours where they have no room.
    NumberOurs,
    /// The client asked about a number that is not ours.
    NumberNotOurs,
    /// Reminded in an existing room.
    Reminded {
        /// The room's user.
        user: UserId,
        /// The room.
        room: ChatRoomId,
    },
    /// The room was reminded a moment ago.
    ReminderThrottled {
        /// The room's user.
        user: UserId,
        /// The room.
        room: ChatRoomId,
    },
    /// A room was opened.
    Onboarded {
        /// The user.
        user: UserId,
        /// The room.
        room: ChatRoomId,
        /// The profile.
        profile: ClientProfileId,
        /// The secondary.
        account: OfficialAccountId,
    },
    /// The contact waits for its user.
    ProspectReceived {
        /// The user.
        user: UserId,
        /// The prospect.
        prospect: ProspectId,
    },
    /// The company wants one profile a phone, has one, and the user must not see it. The client is told the
    /// same as for an extension that nobody has.
    ProfileHidden {
        /// The user whom the client asked for.
        user: UserId,
    },
    /// No secondary number is free for this client.
    NoSecondaryNumber {
        /// The user whom the client asked for.
        user: UserId,
    },
    /// The portfolio's messaging limit is reached.
    MessagingLimitReached {
        /// The user whom the client asked for.
        user: UserId,
    },
    /// The accounts that could serve are not healthy.
    AccountUnhealthy {
        /// The user whom the client asked for.
        user: UserId,
    },
    /// The client's message belongs to this room.
    RoomMessage {
        /// The room's user.
        user: UserId,
        /// The room.
        room: ChatRoomId,
    },
    /// The client declined the invitation to this room, which is over.
    Declined {
        /// The room's user.
        user: UserId,
        /// The room.
        room: ChatRoomId,
    },
    /// The client wrote to a secondary where no room is live.
    RoomClosed,
    /// The client wants no more messages.
    OptedOut,
    /// The client wants messages again.
    OptedIn,
    /// The client wants no more messages and wrote all the same.
    StillOptedOut,
}

impl Outcome {
    /// The name in stores and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ignored(_) => "ignored",
            Self::NoExtension => "no_extension",
            Self::ExtensionNotFound => "extension_not_found",
            Self::OtherUnit { .. } => "other_unit",
            Self::GuessingLocked => "guessing_locked",
            Self::NumberOfRoom { .. } => "number_of_room",
            Self::NumberOurs => "number_ours",
            Self::NumberNotOurs => "number_not_ours",
            Self::Reminded { .. } => "reminded",
            Self::ReminderThrottled { .. } => "reminder_throttled",
            Self::Onboarded { .. } => "onboarded",
            Self::ProspectReceived { .. } => "prospect_received",
            Self::ProfileHidden { .. } => "profile_hidden",
            Self::NoSecondaryNumber { .. } => "no_secondary_number",
            Self::MessagingLimitReached { .. } => "messaging_limit_reached",
            Self::AccountUnhealthy { .. } => "account_unhealthy",
            Self::RoomMessage { .. } => "room_message",
            Self::Declined { .. } => "declined",
            Self::RoomClosed => "room_closed",
            Self::OptedOut => "opted_out",
            Self::OptedIn => "opted_in",
            Self::StillOptedOut => "still_opted_out",
        }
    }

    /// Whether the client tried an extension that leads nowhere, or asked about a number where they have no room; counted
    /// against guessing.
    pub fn is_wrong_extension(self) -> bool {
        matches!(
            self,
            Self::ExtensionNotFound
                | Self::OtherUnit { .. }
                | Self::ProfileHidden { .. }
                | Self::NumberOurs
                | Self::NumberNotOurs
        )
    }

    /// The user whom it concerns.
    pub fn user(self) -> Option<UserId> {
        match self {
            Self::OtherUnit { user }
            | Self::Reminded { user, .. }
            | Self::ReminderThrottled { user, .. }
            | Self::Onboarded { user, .. }
            | Self::ProspectReceived { user, .. }
            | Self::ProfileHidden { user }
            | Self::NoSecondaryNumber { user }
            | Self::MessagingLimitReached { user }
            | Self::AccountUnhealthy { user }
            | Self::RoomMessage { user, .. }
            | Self::NumberOfRoom { user, .. }
            | Self::Declined { user, .. } => Some(user),
            Self::Ignored(_)
            | Self::NoExtension
            | Self::ExtensionNotFound
            | Self::GuessingLocked
            | Self::NumberOurs
            | Self::NumberNotOurs
            | Self::RoomClosed
            | Self::OptedOut
            | Self::OptedIn
            | Self::StillOptedOut => None,
        }
    }

    /// The room that it concerns.
    pub fn room(self) -> Option<ChatRoomId> {
        match self {
            Self::Reminded { room, .. }
            | Self::ReminderThrottled { room, .. }
            | Self::Onboarded { room, .. }
            | Self::RoomMessage { room, .. }
            | Self::NumberOfRoom { room, .. }
            | Self::Declined { room, .. } => Some(room),
            _ => None,
        }
    }
}
