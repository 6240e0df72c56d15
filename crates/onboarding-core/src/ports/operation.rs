//! What operators look at and mend.

use async_trait::async_trait;
use uuid::Uuid;

use super::StoreError;
use crate::{CompanyId, DeliveryId, Timestamp, audit::Origin, named::named_enum};

named_enum! {
    /// Which queue gave it up.
    DeadLetterKind {
        /// An inbound element.
        Inbound = "inbound",
        /// A message to a client.
        Outbound = "outbound",
    }
}

/// Something that was given up and waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The id of the inbox or outbox row.
    pub id: Uuid,
    /// Whose it is.
    pub company: CompanyId,
    /// Which queue.
    pub kind: DeadLetterKind,
    /// When it arrived, by [`NewInboxRow::arrival`](super::NewInboxRow::arrival), or was queued.
    pub since: Timestamp,
    /// Why it was given up: the reason it was buried with, or the refusal as it prints itself; no personal data.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
}

/// What became of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayOutcome {
    /// It is due in its queue, its attempts counted anew and its failure forgotten. A message stands behind all
    /// others, as if queued now; an inbound element keeps its place by arrival, because what came later may rest
    /// on it.
    Replayed,
    /// No dead letter has this id.
    NotFound,
    /// It would do harm or nothing, for this reason.
    Refused(&'static str),
}

impl ReplayOutcome {
    /// The refusal of a message whose room is over, with what mends it.
    pub const ROOM_IS_OVER: Self =
        Self::Refused("its room is over; the client gets a new one by writing the extension again");
}

/// Dead letters: what was given up, and how it is tried again.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// The latest dead letters of the installation, or of one company, newest first by `since`.
    async fn dead_letters(
        &self,
        company: Option<CompanyId>,
        limit: u32,
    ) -> Result<Vec<DeadLetter>, StoreError>;

    /// Puts one back into its queue. A message is refused when its room is over: the client would get an
    /// invitation to a room that is not there, or one of a user they were never told of. A replay is in the audit,
    /// as done by `by`.
    async fn replay(&self, id: Uuid, by: &Origin, now: Timestamp) -> Result<ReplayOutcome, StoreError>;
}

/// An element of a webhook that was put aside: it could not be read, or is not of a company here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutAside {
    /// The delivery that it came in, whose bytes are kept whole.
    pub delivery: DeliveryId,
    /// Which of the delivery's elements that were put aside, counted from 0.
    pub place: u32,
    /// When the delivery arrived.
    pub received_at: Timestamp,
    /// How long the element is.
    pub bytes: u64,
    /// Why, with what mends it where somebody here can; no personal data.
    pub reason: String,
}

/// The quarantine: nothing of it is lost, and nothing of it is acted on.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait Quarantine: Send + Sync {
    /// The latest elements that were put aside, newest first by arrival, those of one delivery in their order.
    async fn put_aside(&self, limit: u32) -> Result<Vec<PutAside>, StoreError>;
}

/// Something in the data that must never be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The invariant, as reliability.md names it: `INV-1`.
    pub invariant: &'static str,
    /// Whose data.
    pub company: CompanyId,
    /// What breaks it: kinds and ids, no personal data.
    pub subject: String,
}

/// Checks the invariants on the data, whatever the code believes.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait Verification: Send + Sync {
    /// Every violation of what data can show, at most 1,000 an invariant:
    ///
    /// - INV-1: two live rooms of one (user, profile) or (user, client).
    /// - INV-2: two live rooms of one (client, number).
    /// - INV-3: a room whose user, profile, number or client is another company's or missing.
    /// - INV-5: an inbound element that is done without a decision, a note or a reason; an unfinished one that was
    ///   leased more than thirteen times, which are twelve tries and the one that gives it up.
    /// - INV-6: a message that was accepted more often than once and once for each unknown attempt, or thrice,
    ///   since it was last replayed; or twice without a reason written down.
    /// - INV-7: two unsettled invitations of one (client, user).
    /// - INV-8: two decisions on one inbound element.
    /// - INV-9: an onboarded decision without its room, its invitation or link; a room without its decision.
    /// - INV-13: a number whose count of live rooms is not how many it has.
    /// - INV-14: a message that was attempted before the one that it comes after was settled, unless that one was
    ///   replayed.
    /// - INV-16: a message whose progress is behind one of its statuses since it was last replayed.
    /// - INV-26: two active users of one company with one extension key or one skeleton.
    /// - INV-31: a (client, number) pair that served two users, failed rooms apart, unless the company allows it. Rooms of
    ///   a record that went up in another count for that record.
    /// - INV-32: a client's line in the record of a room on another number or of another client.
    /// - INV-33: a room or a prospect that ended without telling by whom, or tells so and did not end.
    /// - INV-34: a client who wants no more messages with a live room or a queued invitation.
    /// - INV-35: a client who waits twice for one user.
    /// - INV-36: a client without the aliases that they are known by, or with two phones.
    /// - INV-37: something that hangs on a client whose record went up in another's.
    /// - INV-38: a live room for a profile that is another client's.
    async fn violations(&self) -> Result<Vec<Violation>, StoreError>;
}
