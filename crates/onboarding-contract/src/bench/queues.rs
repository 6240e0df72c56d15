//! The queues, in few words.

use std::time::Duration;

use onboarding_core::{
    DeliveryId, DeliveryProgress, InboxId, LeaseToken, OfficialAccountId, OutboxId, SendLimits, SendRefusal,
    StatusReport,
    ports::{
        Inbox, InboxItem, LeasedMessage, NewDelivery, NewInboxRow, Outbox, SettleOutcome, Settlement,
        StatusEffect,
    },
};
use onboarding_testkit::provider_id;

use super::Bench;

/// How long leases of cases hold.
pub(crate) const LEASE_SECONDS: u64 = 30;

/// How long messages of cases stay unknown.
pub(crate) const UNKNOWN_SECONDS: u64 = 60;

impl Bench {
    /// A row that arrives now, after everything before it.
    pub(crate) fn row(&self, account: OfficialAccountId, lane: &str, key: &str) -> NewInboxRow {
        NewInboxRow {
            id: self.mint(InboxId::from_uuid),
            company: self.company.clone(),
            account: Some(account),
            dedupe_key: key.to_owned(),
            lane: lane.to_owned(),
            arrival: self.now().as_micros(),
            payload: key.as_bytes().to_vec(),
        }
    }

    /// The same on the first account.
    pub(crate) async fn row_in(&self, lane: &str, key: &str) -> NewInboxRow {
        self.row(self.account(0).await, lane, key)
    }

    pub(crate) fn delivery(&self, rows: Vec<NewInboxRow>) -> NewDelivery {
        NewDelivery {
            id: self.mint(DeliveryId::from_uuid),
            received_at: self.now(),
            raw: b"{}".to_vec(),
            rows,
            quarantined: Vec::new(),
        }
    }

    /// Stores one delivery; gives the number of new rows.
    pub(crate) async fn stores(&self, rows: Vec<NewInboxRow>) -> usize {
        self.store.store(self.delivery(rows)).await.unwrap()
    }

    pub(crate) fn tokens(&self, count: usize) -> Vec<LeaseToken> {
        (0..count).map(|_| self.mint(LeaseToken::from_uuid)).collect()
    }

    /// Leases whatever is due.
    pub(crate) async fn leases(&self) -> Vec<InboxItem> {
        self.leases_at_most(100).await
    }

    pub(crate) async fn leases_at_most(&self, count: usize) -> Vec<InboxItem> {
        let lease = Duration::from_secs(LEASE_SECONDS);
        Inbox::lease(self.store.as_ref(), self.now(), lease, self.tokens(count))
            .await
            .unwrap()
    }

    /// Leases the one row that is due.
    pub(crate) async fn leases_one(&self) -> InboxItem {
        let mut items = self.leases().await;
        assert_eq!(items.len(), 1, "exactly one row is due");
        items.remove(0)
    }

    /// A new row in a lane of its own, stored and leased.
    pub(crate) async fn arrived(&self, account: OfficialAccountId) -> InboxItem {
        let lane = self.mint(InboxId::from_uuid).to_string();
        self.stores(vec![self.row(account, &lane, &lane)]).await;
        let items = self.leases().await;
        items
            .into_iter()
            .find(|item| item.payload == lane.as_bytes())
            .expect("the new row is due")
    }

    /// Leases the messages that are due.
    pub(crate) async fn sends(&self) -> Vec<LeasedMessage> {
        self.sends_at_most(100).await
    }

    pub(crate) async fn sends_at_most(&self, count: usize) -> Vec<LeasedMessage> {
        self.sends_within(SendLimits::default(), count).await
    }

    /// Leases at most that many messages as far as the limits let them go.
    pub(crate) async fn sends_within(&self, limits: SendLimits, count: usize) -> Vec<LeasedMessage> {
        let lease = Duration::from_secs(LEASE_SECONDS);
        let unknown = Duration::from_secs(UNKNOWN_SECONDS);
        Outbox::lease(
            self.store.as_ref(),
            self.now(),
            lease,
            unknown,
            limits,
            self.tokens(count),
        )
        .await
        .unwrap()
    }

    /// Leases the one message that is due.
    pub(crate) async fn sends_one(&self) -> LeasedMessage {
        let mut messages = self.sends().await;
        assert_eq!(messages.len(), 1, "exactly one message is due");
        messages.remove(0)
    }

    /// The ids of the messages that are due, leased.
    pub(crate) async fn sends_ids(&self) -> Vec<OutboxId> {
        self.sends()
            .await
            .into_iter()
            .map(|message| message.item.message.id)
            .collect()
    }

    pub(crate) async fn settles(&self, message: &LeasedMessage, settlement: Settlement) -> SettleOutcome {
        self.store.settle(message, settlement, self.now()).await.unwrap()
    }

    /// WhatsApp took the message; its id there is made of ours.
    pub(crate) async fn accepted(&self, message: &LeasedMessage) -> SettleOutcome {
        self.settles(
            message,
            Settlement::Accepted(provider_id(message.item.message.id)),
        )
        .await
    }

    /// It will never go out.
    pub(crate) async fn refused(&self, message: &LeasedMessage) -> SettleOutcome {
        self.settles(message, Settlement::Failed(refusal())).await
    }

    /// A status about our message arrives and is applied.
    pub(crate) async fn reported(&self, id: OutboxId, progress: DeliveryProgress) -> StatusEffect {
        self.reports(StatusReport {
            outbox_id: Some(id),
            ..self.report(id, Some(progress))
        })
        .await
    }

    /// A status that names the message by WhatsApp's id only, as [`Bench::accepted`] made it.
    pub(crate) fn report(&self, id: OutboxId, progress: Option<DeliveryProgress>) -> StatusReport {
        StatusReport {
            outbox_id: None,
            provider_id: provider_id(id),
            progress,
            at: self.now(),
            error: (progress == Some(DeliveryProgress::Failed)).then(refusal),
        }
    }

    /// The status arrives as a row and is applied.
    pub(crate) async fn reports(&self, report: StatusReport) -> StatusEffect {
        let item = self.arrived(self.account(0).await).await;
        self.store.apply_status(&item, &report, self.now()).await.unwrap()
    }
}

/// Why messages of cases fail.
pub(crate) fn refusal() -> SendRefusal {
    SendRefusal {
        code: 131_026,
        reason: "message undeliverable".to_owned(),
    }
}

/// What the items hold, as text: the keys of the rows that [`Bench::row`] made.
pub(crate) fn payloads(items: &[InboxItem]) -> Vec<String> {
    items
        .iter()
        .map(|item| String::from_utf8(item.payload.clone()).unwrap())
        .collect()
}
