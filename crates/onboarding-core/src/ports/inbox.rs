//! The queue of what came in.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;

use super::StoreError;
use crate::{
    CompanyId, DeliveryId, InboundEvent, InboxId, IngestHealth, LeaseToken, OfficialAccountId, StatusReport,
    Timestamp,
};

/// One webhook delivery, split and sorted, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The bytes as they came.
    pub raw: Vec<u8>,
    /// What goes into the queue.
    pub rows: Vec<NewInboxRow>,
    /// What could not be read or belongs to nobody here: kept for people to look at.
    pub quarantined: Vec<Quarantined>,
}

/// One element of a delivery for the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInboxRow {
    /// Its id.
    pub id: InboxId,
    /// Whose account it came to.
    pub company: CompanyId,
    /// The account; `None` for what concerns a whole WhatsApp Business Account.
    pub account: Option<OfficialAccountId>,
    /// Equal for deliveries of the same thing: stored once per (company, account, key), whatever its
    /// delivery.
    pub dedupe_key: String,
    /// Rows of one lane are decided one after the other, in order of arrival.
    pub lane: String,
    /// Order of arrival: microseconds of the delivery plus the place in it.
    pub arrival: i64,
    /// The element, in the form that the decoder reads.
    pub payload: Vec<u8>,
}

/// An element that nobody could be asked to decide on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// The bytes.
    pub payload: Vec<u8>,
    /// Why.
    pub reason: String,
}

/// Which accounts a Graph API number id belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountOwner {
    /// The company.
    pub company: CompanyId,
    /// The account.
    pub account: OfficialAccountId,
}

/// The right to finish a leased row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxLease {
    /// The row.
    pub id: InboxId,
    /// The right.
    pub token: LeaseToken,
}

/// A leased row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxItem {
    /// The right to finish it.
    pub lease: InboxLease,
    /// Whose it is.
    pub company: CompanyId,
    /// The account it came to.
    pub account: Option<OfficialAccountId>,
    /// The element, in the form that the decoder reads.
    pub payload: Vec<u8>,
    /// Leases so far, this one included.
    pub attempts: u32,
}

/// The queue of what came in.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Which of these Graph API number ids are ours. Unknown ones are missing from the answer.
    async fn owners(&self, phone_number_ids: &[String])
    -> Result<BTreeMap<String, AccountOwner>, StoreError>;

    /// Which company has this WhatsApp Business Account.
    async fn owner_of_waba(&self, waba_id: &str) -> Result<Option<CompanyId>, StoreError>;

    /// Stores the delivery with all its rows, durably, before it answers. Rows that are there already (same
    /// company, account and key) are left as they are. Gives the number of new rows.
    async fn store(&self, delivery: NewDelivery) -> Result<usize, StoreError>;

    /// Notes that ingest showed at `now` that it can store, by [`IngestHealth::seen`], which explains `interrupted`.
    /// [`Outbox::lease`](super::Outbox::lease) goes by it. Gives what is known now, over all replicas.
    async fn ingest_seen(&self, now: Timestamp, interrupted: bool) -> Result<IngestHealth, StoreError>;

    /// Leases as many rows that are due as there are `tokens`, one a lane at the most, and counts the attempt. A row whose
    /// lane has an earlier unfinished row waits. Companies have turns ([`in_turns`](crate::in_turns)): one with a
    /// backlog does not make another wait.
    async fn lease(
        &self,
        now: Timestamp,
        lease_for: Duration,
        tokens: Vec<LeaseToken>,
    ) -> Result<Vec<InboxItem>, StoreError>;

    /// Finishes a row that needs no decision, keeping `note` of what it was; changes nothing without the
    /// lease.
    async fn finish(&self, item: &InboxItem, note: &str, now: Timestamp) -> Result<(), StoreError>;

    /// Gives the row back, due again at `due`; changes nothing without the lease.
    async fn retry_at(&self, item: &InboxItem, due: Timestamp) -> Result<(), StoreError>;

    /// Gives the row up with a reason that people see, which is in the audit too; changes nothing without the lease.
    async fn bury(&self, item: &InboxItem, reason: &str, now: Timestamp) -> Result<(), StoreError>;

    /// Finishes a row with a status report: moves the message that it is about forward, if we know one, by our
    /// own id first and by WhatsApp's second (INV-16). Gives what it led to.
    async fn apply_status(
        &self,
        item: &InboxItem,
        report: &StatusReport,
        now: Timestamp,
    ) -> Result<StatusEffect, StoreError>;
}

/// What a status report changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusEffect {
    /// Nothing that calls for more: moved forward, or was known already.
    Recorded,
    /// No message of ours.
    UnknownMessage,
    /// An invitation failed for good; the message is settled, its room is not yet.
    InvitationFailed(crate::OutboxId),
}

/// Reads queued elements. Pure.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
pub trait InboundDecoder: Send + Sync {
    /// The event in an element that was split off a delivery.
    fn decode(&self, payload: &[u8]) -> Result<InboundEvent, DecodeError>;
}

/// An element that makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the element: {0}")]
pub struct DecodeError(pub String);
