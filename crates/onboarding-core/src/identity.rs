//! Who a client is, over time: aliases come, go and turn out to be one person's.
//!
//! WhatsApp shows one person under a phone, a business-scoped id, or both, and tells of changes late or never. What
//! follows from that is decided here, before the message itself: one change at a time, each stored whole with the
//! sentence that tells why ([`crate::ports::ClientReconciliation`]). The rules are in `docs/domain.md`, “Clients”.

mod reconcile;
mod settle;
mod update;

pub use reconcile::reconcile;
pub use settle::{DisputeVerdict, settle};
pub use update::{IdentityUpdate, reconcile_update};

use crate::{
    Actor, AliasKind, ChatRoomId, ClientAliases, ClientIdentityId, CloseReason, DisputeId, IdentityEventId,
    KnownIdentity, OfficialAccountId, RoomEnd, Timestamp, UserId,
    audit::{self, AuditAction, AuditSubject, AuditValue, NewAuditEntry, Origin, SubjectKind},
    named::named_enum,
};

/// What must happen to the company's record of its clients before a message can be decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentityStep {
    /// It is clear; look again when it is stored.
    Change(Box<Reconciliation>),
    /// It is not clear: a person decides. Meanwhile each client keeps what they have.
    Dispute(NewDispute),
}

named_enum! {
    /// What happened to a client's record.
    IdentityEventKind {
        /// The client has another phone or id now.
        Rekeyed = "rekeyed",
        /// The client's phone is another person's now.
        Displaced = "displaced",
        /// Two records were one person's.
        Merged = "merged",
    }
}

/// An identity as it was when a change of it was thought of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentityRevision {
    /// The identity.
    pub id: ClientIdentityId,
    /// Counts up with every change of its aliases, and when the client opts out or in.
    pub revision: u64,
}

/// Which live rooms end with a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndedRooms {
    /// None: the client keeps them.
    None,
    /// All that the identity has.
    All,
    /// These.
    These(Vec<ChatRoomId>),
}

/// One change of the company's record of its clients; stored whole or not at all.
///
/// What is to be sent to the identity and is not settled yet goes to [`crate::Recipient::of`] its aliases from now on; where
/// nothing is left by which they are reached, it is withdrawn: the old alias is another person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// Of the line in the history.
    pub id: IdentityEventId,
    /// What happens.
    pub kind: IdentityEventKind,
    /// The client, as they were looked at.
    pub identity: IdentityRevision,
    /// All that is known of them from now on.
    pub aliases: ClientAliases,
    /// Keys that lead to them from now on.
    pub claims: Vec<(AliasKind, String)>,
    /// Keys that lead to them no longer. It is remembered whose they were until when.
    pub releases: Vec<(AliasKind, String)>,
    /// The phone is theirs only since then; `None` leaves what was known.
    pub phone_since: Option<Timestamp>,
    /// The record that goes up in this one with everything that hangs on it.
    pub absorbs: Option<IdentityRevision>,
    /// The rooms that end.
    pub ends: EndedRooms,
    /// Since when the client wants no more messages, from now on; a client who said so under one of two aliases said it.
    pub opted_out_at: Option<Timestamp>,
    /// The dispute that is settled with it; one that is settled already makes the change stale.
    pub settles: Option<(DisputeId, DisputeVerdict)>,
    /// Why, for a person who reads the history. Holds numbers and ids.
    pub finding: String,
    /// Who does it: the flow, or the person who settles a question.
    pub by: Origin,
}

impl Reconciliation {
    /// How those rooms end that end with it.
    pub fn room_end(&self) -> RoomEnd {
        let by = match self.by.actor {
            audit::Actor::Flow | audit::Actor::System => Actor::Service,
            _ => Actor::Operator,
        };
        let opted_out = self.absorbs.is_some() && self.opted_out_at.is_some();
        RoomEnd {
            by,
            reason: if opted_out {
                CloseReason::OptedOut
            } else {
                CloseReason::IdentityChanged
            },
            note: None,
        }
    }

    /// What changes, by ids. The aliases and the finding stay in the history, under the id of the event.
    pub fn audit_entry(&self, now: Timestamp) -> NewAuditEntry {
        let rooms = match &self.ends {
            EndedRooms::None => AuditValue::Null,
            EndedRooms::All => "all".into(),
            EndedRooms::These(these) => AuditValue::set(these),
        };
        let after = AuditValue::object([
            ("event", AuditValue::shown(self.id)),
            ("kind", self.kind.as_str().into()),
            (
                "absorbed",
                AuditValue::shown_or_null(self.absorbs.map(|absorbed| absorbed.id)),
            ),
            ("ended_rooms", rooms),
            (
                "question",
                AuditValue::shown_or_null(self.settles.map(|(id, _)| id)),
            ),
            (
                "verdict",
                AuditValue::shown_or_null(self.settles.map(|(_, verdict)| verdict)),
            ),
        ]);
        let subject = AuditSubject::new(SubjectKind::ClientIdentity, self.identity.id);
        NewAuditEntry::new(&self.by, AuditAction::Change, &subject, now).after(&after)
    }
}

named_enum! {
    /// Why a person must say whether two records are one client's.
    DisputeReason {
        /// One message shows aliases of both, and each has a phone of its own.
        TwoPhones = "two_phones",
        /// One message shows aliases of both, and each has an id of its own.
        TwoIds = "two_ids",
        /// They are one person, but both have rooms with one user or on one number.
        RoomsClash = "rooms_clash",
        /// The client moved to a phone under which somebody wrote before.
        PhoneInUse = "phone_in_use",
    }
}

impl DisputeReason {
    /// For people.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::TwoPhones => "one message shows aliases of both, and each has a phone of its own",
            Self::TwoIds => "one message shows aliases of both, and each has a WhatsApp id of its own",
            Self::RoomsClash => {
                "they are one person, but both have or had rooms with one user or on one number"
            }
            Self::PhoneInUse => "the first moved to the phone under which the second wrote before",
        }
    }
}

/// A question for a person: are these two one client?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDispute {
    /// Its id.
    pub id: DisputeId,
    /// Who wrote, by the strongest of their aliases.
    pub identity: ClientIdentityId,
    /// To whom the alias in question belongs.
    pub other: ClientIdentityId,
    /// That alias.
    pub alias: (AliasKind, String),
    /// Why it is not clear.
    pub reason: DisputeReason,
}

/// An open question, with all that is known of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// The question.
    pub question: NewDispute,
    /// When it came up.
    pub noticed_at: Timestamp,
    /// Who wrote.
    pub identity: KnownIdentity,
    /// To whom the alias in question belongs.
    pub other: KnownIdentity,
}

/// One line in the history of the company's clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityEvent {
    /// Its id.
    pub id: IdentityEventId,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub kind: IdentityEventKind,
    /// The client.
    pub identity: ClientIdentityId,
    /// The record that went up in theirs.
    pub absorbed: Option<ClientIdentityId>,
    /// Why.
    pub finding: String,
}

/// A room of an identity, as far as it matters for whether two can be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRoom {
    /// The room.
    pub room: ChatRoomId,
    /// Its user.
    pub user: UserId,
    /// Its number.
    pub account: OfficialAccountId,
    /// Whether it goes on.
    pub live: bool,
}

/// Whether the two would have two live rooms with one user or on one number, or one number with two users.
fn rooms_clash(one: &KnownIdentity, other: &KnownIdentity) -> bool {
    let clash = |a: &IdentityRoom, b: &IdentityRoom| {
        let both_live = a.live && b.live && (a.user == b.user || a.account == b.account);
        both_live || (a.account == b.account && a.user != b.user)
    };
    one.rooms.iter().any(|a| other.rooms.iter().any(|b| clash(a, b)))
}

/// The live rooms of `other` that cannot go on beside those of `one`.
fn in_the_way(one: &KnownIdentity, other: &KnownIdentity) -> Vec<ChatRoomId> {
    let stands = |room: &&IdentityRoom| {
        let mut live = one.rooms.iter().filter(|kept| kept.live);
        room.live && live.any(|kept| kept.user == room.user || kept.account == room.account)
    };
    other.rooms.iter().filter(stands).map(|room| room.room).collect()
}

fn phone_key(aliases: &ClientAliases) -> Option<(AliasKind, String)> {
    aliases
        .wa_id
        .as_ref()
        .map(|phone| (AliasKind::Phone, phone.match_key()))
}

/// Whether both are known and differ.
fn differ<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}

/// Whether the ids say that these are two people. A parent id speaks for several businesses of one group, each of which
/// may know the person by an id of its own: where it agrees, they are one.
fn are_two_people(one: &ClientAliases, other: &ClientAliases) -> bool {
    if one.parent_bsuid.is_some() && one.parent_bsuid == other.parent_bsuid {
        return false;
    }
    differ(one.bsuid.as_ref(), other.bsuid.as_ref())
        || differ(one.parent_bsuid.as_ref(), other.parent_bsuid.as_ref())
}

fn revision_of(known: &KnownIdentity) -> IdentityRevision {
    IdentityRevision {
        id: known.id,
        revision: known.revision,
    }
}

fn shown(phone: Option<&crate::WaId>) -> String {
    phone.map_or_else(|| "no phone".to_owned(), |phone| format!("+{phone}"))
}
