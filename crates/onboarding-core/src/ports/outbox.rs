//! The queue of what goes out.

use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;
use crate::{
    CompanyId, InvitationContext, InvitationFailure, LeaseToken, OutboxId, OutboxItem, ProviderMessageId,
    SendLimits, SendRefusal, Timestamp,
};

/// A leased message with the right to settle it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedMessage {
    /// The right.
    pub token: LeaseToken,
    /// The message.
    pub item: OutboxItem,
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// WhatsApp took it.
    Accepted(ProviderMessageId),
    /// It surely did not go out; try again.
    RetryAt {
        /// When.
        due: Timestamp,
        /// Whether the attempt counts against the number of tries.
        counts: bool,
        /// Why.
        reason: String,
    },
    /// It surely did not go out, because its account cannot send. It does not count as tried, and nothing of the
    /// account is leased until then: the rate of the number is spent until `until`, less the time of its burst.
    AccountPaused {
        /// Until when.
        until: Timestamp,
        /// Why.
        reason: String,
    },
    /// It may have gone out: wait for a status that tells, until then.
    Unknown {
        /// Until when.
        until: Timestamp,
        /// Why it is not known.
        reason: String,
    },
    /// Given up.
    Failed(SendRefusal),
}

/// What became of a settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettleOutcome {
    /// Stored.
    Settled,
    /// The lease is no longer ours, or a status settled the message meanwhile; nothing changed.
    LeaseLost,
}

/// The queue of what goes out.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Leases messages for one attempt each and writes the attempt down, so that a crash from now on leaves it
    /// unknown rather than forgotten. At most one a (account, client), in the order in which they were
    /// queued; a message with `after` waits until that one is settled. Messages whose lease ran out, because a
    /// process died, become unknown until `now + unknown_for` first. `tokens` has one fresh token per message
    /// that may be leased. Companies have turns ([`in_turns`](crate::in_turns)).
    ///
    /// A message in doubt is due when its wait is over, and goes then as [`IngestHealth::lets_go`](crate::IngestHealth::lets_go)
    /// and [`SendAgain::why`](crate::SendAgain::why) say, with what [`Inbox::ingest_seen`](super::Inbox::ingest_seen) noted and the first arrival among the
    /// unfinished inbox rows of its company. Why it goes is written down with the attempt.
    ///
    /// Of an account whose [`Breaker`](crate::Breaker) is open nothing goes but one probe at a time, as [`Breaker::lets_pass`](crate::Breaker::lets_pass) says.
    /// The store keeps the breakers, with what a [`Settlement`] says of WhatsApp.
    ///
    /// In the same transaction each leased message takes one from the rate of its number (company, account) and
    /// one from the rate of the pair (company, account, identity) by [`Rate::take`](crate::Rate::take), whose states
    /// the store keeps: the limits hold across replicas and restarts. Where one of the two is spent, nothing is
    /// taken and no attempt counted; the message keeps its place in its lane and is due again when both allow,
    /// and messages elsewhere do not wait for it.
    async fn lease(
        &self,
        now: Timestamp,
        lease_for: Duration,
        unknown_for: Duration,
        limits: SendLimits,
        tokens: Vec<LeaseToken>,
    ) -> Result<Vec<LeasedMessage>, StoreError>;

    /// Stores what the attempt came to; changes nothing without the lease.
    async fn settle(
        &self,
        message: &LeasedMessage,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<SettleOutcome, StoreError>;

    /// The room that a failed invitation, or the link in its place, belongs to, with who stands in it; `None` when the
    /// message is neither or its room is gone.
    async fn invitation_context(
        &self,
        company: &CompanyId,
        invitation: OutboxId,
    ) -> Result<Option<InvitationContext>, StoreError>;

    /// Invitations, and links in their place, that failed and whose rooms still wait for them and hold no word of the
    /// client: what a crash left undone between the two. Newest first.
    async fn failed_invitations(
        &self,
        limit: u32,
    ) -> Result<Vec<(CompanyId, OutboxId, SendRefusal)>, StoreError>;

    /// Makes the room `failed` and queues the notice, with its [`InvitationFailure::audit_entry`], unless the room is
    /// over already, the client wrote in it meanwhile, or it waits for a link as the decision did not know it.
    async fn fail_room(
        &self,
        company: &CompanyId,
        failure: InvitationFailure,
        now: Timestamp,
    ) -> Result<(), StoreError>;
}
