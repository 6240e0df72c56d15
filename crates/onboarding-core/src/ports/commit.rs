//! The one way in which a decision changes anything.

use async_trait::async_trait;

use super::{InboxLease, StoreError};
use crate::{ChatRoom, CompanyId, Decision, MessageKind, OnboardingId, Request, Timestamp};

/// A decision with what it answers and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The company.
    pub company: CompanyId,
    /// The revision of the company that the decision rests on.
    pub expected_revision: u64,
    /// The queued message that it answers; done with this commit.
    pub cause: InboxLease,
    /// What the client wrote, and where.
    pub request: Request,
    /// The id of the record of this decision.
    pub onboarding: OnboardingId,
    /// When it was made.
    pub decided_at: Timestamp,
    /// The decision.
    pub decision: Decision,
}

impl Commit {
    /// When the 24-hour window that the message opens begins, by WhatsApp's clock, which is never ahead of ours. `None` where
    /// it opens none: a reaction, an edit or a note of WhatsApp is no message of the client (Meta: customer service
    /// windows, where a reaction is left open).
    pub fn window_from(&self) -> Option<Timestamp> {
        let message = &self.request.message;
        match message.kind {
            MessageKind::Content(_) => Some(message.sent_at.min(self.decided_at)),
            MessageKind::Silent(_) => None,
        }
    }
}

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitOutcome {
    /// Everything is stored.
    Committed,
    /// The message was decided on before, or given up; nothing changed. Outranks every other outcome.
    AlreadyDecided,
    /// The lease on the message is no longer ours; nothing changed.
    LeaseLost,
    /// Something that the decision rests on is no longer so; nothing changed. Load the facts and decide again.
    Conflict(Conflict),
}

/// What a decision ran into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// An admin changed the company meanwhile.
    CompanyChanged,
    /// The client's record changed: other aliases, a profile that became another's, or it went up in another record.
    ClientChanged,
    /// An alias is another identity's.
    AliasTaken,
    /// The user and the client, or the user and the profile, have a live room now (INV-1).
    RoomExists,
    /// The client has a live room on that number now (INV-2).
    NumberTaken,
    /// The room to change, or in whose record the words were to be kept, is over (INV-32).
    RoomChanged,
    /// The contact waits for the user already.
    ProspectExists,
    /// The contact does not wait any more.
    ProspectChanged,
    /// The client wants no more messages.
    OptedOut,
}

/// Stores decisions.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait DecisionCommit: Send + Sync {
    /// Stores the decision in one transaction: identity and aliases, profile, assignment, room, room record,
    /// prospects, closed rooms with their withdrawn messages, notices, outbox rows, the 24-hour window ([`Commit::window_from`]), the record of
    /// the attempt with its trace, its [`Commit::audit_entry`], and “this message is done”. All of it or nothing.
    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError>;
}

/// One recorded decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnboardingRecord {
    /// Its id.
    pub id: OnboardingId,
    /// When it was made.
    pub decided_at: Timestamp,
    /// When the client sent the message, by WhatsApp's clock.
    pub sent_at: Timestamp,
    /// The account that the client wrote to.
    pub account: crate::OfficialAccountId,
    /// The client; `None` where nothing was remembered.
    pub identity: Option<crate::ClientIdentityId>,
    /// What the client wrote, joined by line breaks.
    pub text: String,
    /// [`crate::Outcome::name`].
    pub outcome: String,
    /// The user whom it concerns.
    pub user: Option<crate::UserId>,
    /// The room whom it concerns.
    pub room: Option<crate::ChatRoomId>,
    /// Whether an answer was held back.
    pub suppressed: bool,
    /// Why.
    pub trace: crate::Trace,
}

/// One line of the record of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomRecordLine {
    /// When it was written ([`written_by`]) or queued.
    pub at: Timestamp,
    /// Whether the client wrote it.
    pub from_client: bool,
    /// What it says.
    pub text: String,
    /// For our own: how far it got, as [`crate::OutboxState`] or [`crate::DeliveryProgress`].
    pub state: String,
}

/// The moment at which a client's line stands in a record: the latest at which it can have been written.
///
/// WhatsApp says only the second in which a client sent it ([`Timestamp`]s of its messages end in `000000`), and our own
/// lines have their microsecond. Taken by its beginning, an answer would stand before what it answers; it was sent within
/// that second, and before it arrived.
pub fn written_by(sent_at: Timestamp, arrived_at: Timestamp) -> Timestamp {
    let end = Timestamp::from_micros(sent_at.as_micros().saturating_add(999_999));
    arrived_at.clamp(sent_at, end)
}

/// Reads the record.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait Record: Send + Sync {
    /// The latest decisions, newest first.
    async fn latest_onboardings(
        &self,
        company: &CompanyId,
        limit: u32,
    ) -> Result<Vec<OnboardingRecord>, StoreError>;

    /// The latest rooms, newest first.
    async fn latest_rooms(&self, company: &CompanyId, limit: u32) -> Result<Vec<ChatRoom>, StoreError>;

    /// What was written in a room, oldest first.
    async fn room_record(
        &self,
        company: &CompanyId,
        room: crate::ChatRoomId,
    ) -> Result<Vec<RoomRecordLine>, StoreError>;

    /// How many rows wait, by queue: for metrics and readiness. Also proves that the store answers.
    async fn backlog(&self) -> Result<Backlog, StoreError>;
}

/// How much waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Inbound events not yet decided.
    pub inbox: u64,
    /// Messages not yet settled.
    pub outbox: u64,
    /// Inbound events and messages that were given up.
    pub dead_letters: u64,
    /// Webhook elements that could not be read.
    pub quarantined: u64,
}
