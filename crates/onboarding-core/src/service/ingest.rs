//! Ingest: what arrived is written down before anybody answers.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::{
    CompanyId, DeliveryId, Draw, InboxId, IngestHealth, OfficialAccountId, Timestamp,
    ports::{Clock, Entropy, Inbox, NewDelivery, NewInboxRow, Quarantined, StoreError},
};

/// A genuine delivery, split into its elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingDelivery {
    /// The bytes as they came.
    pub raw: Vec<u8>,
    /// The companies whose secret signed it. An element of any other company is quarantined.
    pub verified_for: Vec<CompanyId>,
    /// Its messages, statuses and notices.
    pub elements: Vec<IncomingElement>,
    /// What could not be read.
    pub broken: Vec<Quarantined>,
}

/// One message, status or notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingElement {
    /// The WhatsApp Business Account.
    pub waba_id: Option<String>,
    /// The number; absent for what concerns a whole account.
    pub phone_number_id: Option<String>,
    /// Equal for repeated deliveries of the same thing.
    pub dedupe_key: String,
    /// Who wrote, or which message it is about.
    pub lane: Option<String>,
    /// The element, in the form that the decoder reads.
    pub payload: Vec<u8>,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IngestReport {
    /// Rows that are new.
    pub stored: usize,
    /// Rows that were there already.
    pub repeated: usize,
    /// Elements put aside for people to look at.
    pub quarantined: usize,
}

/// Stores deliveries.
pub struct IngestService {
    inbox: Arc<dyn Inbox>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// Whether ingest began, or something was not stored, since it was last seen to work.
    interrupted: AtomicBool,
}

impl IngestService {
    /// On these ports.
    pub fn new(inbox: Arc<dyn Inbox>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            inbox,
            clock,
            entropy,
            interrupted: AtomicBool::new(true),
        }
    }

    /// Shows that ingest can store, or finds that it cannot; called every few seconds as long as deliveries are taken.
    /// Without it, or after it failed, no message is sent again of which it is not known whether it went out.
    pub async fn show_health(&self) -> Result<IngestHealth, StoreError> {
        let interrupted = self.interrupted.swap(false, Ordering::AcqRel);
        let failing = Failing(&self.interrupted);
        let health = self.inbox.ingest_seen(self.clock.now(), interrupted).await;
        if health.is_ok() {
            failing.did_not();
        }
        health
    }

    /// Notes that a delivery was turned away unread: like one that could not be stored, it may bring statuses later.
    pub fn turned_away(&self) {
        self.interrupted.store(true, Ordering::Release);
    }

    /// Stores the delivery durably. Only then may the sender be told that it arrived: after an error it must
    /// not be, and WhatsApp sends it again.
    pub async fn accept(&self, delivery: IncomingDelivery) -> Result<IngestReport, StoreError> {
        let failing = Failing(&self.interrupted);
        let now = self.clock.now();
        let mut draw = Draw::from_seed(self.entropy.seed());
        let mut rows = Vec::with_capacity(delivery.elements.len());
        let mut quarantined = delivery.broken;
        let owners = self.owners(&delivery.elements).await?;
        for (place, element) in (0_i64..).zip(delivery.elements) {
            match owner_of(&element, &owners, &delivery.verified_for) {
                Ok((company, account)) => {
                    rows.push(row(
                        element,
                        company,
                        account,
                        now.as_micros() + place,
                        now,
                        &mut draw,
                    ));
                }
                Err(reason) => {
                    quarantined.push(Quarantined {
                        payload: element.payload,
                        reason: reason.to_owned(),
                    });
                }
            }
        }
        let (offered, aside) = (rows.len(), quarantined.len());
        let id = DeliveryId::from_uuid(draw.uuid(now));
        crate::crash_point!("ingest.before_store");
        let stored = self
            .inbox
            .store(NewDelivery {
                id,
                received_at: now,
                raw: delivery.raw,
                rows,
                quarantined,
            })
            .await?;
        failing.did_not();
        crate::crash_point!("ingest.after_store");
        Ok(IngestReport {
            stored,
            repeated: offered.saturating_sub(stored),
            quarantined: aside,
        })
    }

    async fn owners(&self, elements: &[IncomingElement]) -> Result<Owners, StoreError> {
        let mut numbers: Vec<_> = elements
            .iter()
            .filter_map(|e| e.phone_number_id.clone())
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        let by_number = if numbers.is_empty() {
            Vec::new()
        } else {
            self.inbox.owners(&numbers).await?.into_iter().collect()
        };
        let mut by_waba: Vec<(String, CompanyId)> = Vec::new();
        for waba in elements
            .iter()
            .filter(|e| e.phone_number_id.is_none())
            .filter_map(|e| e.waba_id.as_ref())
        {
            if by_waba.iter().all(|(known, _)| known != waba)
                && let Some(company) = self.inbox.owner_of_waba(waba).await?
            {
                by_waba.push((waba.clone(), company));
            }
        }
        let by_number = by_number
            .into_iter()
            .map(|(number, owner)| (number, owner.company, owner.account))
            .collect();
        Ok(Owners { by_number, by_waba })
    }
}

/// Notes that something failed unless it is told otherwise: whoever waits may give up before the store answers.
struct Failing<'a>(&'a AtomicBool);

impl Failing<'_> {
    fn did_not(self) {
        std::mem::forget(self);
    }
}

impl Drop for Failing<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

struct Owners {
    by_number: Vec<(String, CompanyId, OfficialAccountId)>,
    by_waba: Vec<(String, CompanyId)>,
}

type Owner = (CompanyId, Option<OfficialAccountId>);

fn owner_of(
    element: &IncomingElement,
    owners: &Owners,
    verified_for: &[CompanyId],
) -> Result<Owner, &'static str> {
    let owner = match (&element.phone_number_id, &element.waba_id) {
        (Some(number), _) => {
            let found = owners.by_number.iter().find(|(known, ..)| known == number);
            found
                .map(|(_, company, account)| (company.clone(), Some(*account)))
                .ok_or("unknown phone_number_id")
        }
        (None, Some(waba)) => {
            let found = owners.by_waba.iter().find(|(known, _)| known == waba);
            found
                .map(|(_, company)| (company.clone(), None))
                .ok_or("unknown WhatsApp Business Account")
        }
        (None, None) => Err("names neither a number nor an account"),
    }?;
    if verified_for.contains(&owner.0) {
        Ok(owner)
    } else {
        Err("signed with the secret of another company's app")
    }
}

fn row(
    element: IncomingElement,
    company: CompanyId,
    account: Option<OfficialAccountId>,
    arrival: i64,
    now: Timestamp,
    draw: &mut Draw,
) -> NewInboxRow {
    let who = element.lane.as_ref().unwrap_or(&element.dedupe_key);
    let lane = account.map_or_else(|| who.clone(), |account| format!("{account}/{who}"));
    NewInboxRow {
        id: InboxId::from_uuid(draw.uuid(now)),
        company,
        account,
        dedupe_key: element.dedupe_key,
        lane,
        arrival,
        payload: element.payload,
    }
}

#[cfg(test)]
mod tests {
    use mockall::Sequence;

    use super::*;
    use crate::ports::{MockClock, MockEntropy, MockInbox};

    fn service(inbox: MockInbox) -> IngestService {
        let (mut clock, mut entropy) = (MockClock::new(), MockEntropy::new());
        clock.expect_now().return_const(Timestamp::EPOCH);
        entropy.expect_seed().return_const([7; 32]);
        IngestService::new(Arc::new(inbox), Arc::new(clock), Arc::new(entropy))
    }

    fn is_told(inbox: &mut MockInbox, order: &mut Sequence, interrupted: bool) {
        inbox
            .expect_ingest_seen()
            .withf(move |_, told| *told == interrupted)
            .once()
            .in_sequence(order)
            .returning(|now, interrupted| Ok(IngestHealth::seen(None, now, interrupted)));
    }

    fn delivery() -> IncomingDelivery {
        IncomingDelivery {
            raw: Vec::new(),
            verified_for: Vec::new(),
            elements: Vec::new(),
            broken: Vec::new(),
        }
    }

    #[tokio::test]
    async fn a_start_and_what_was_not_stored_count_as_interruptions() {
        let (mut inbox, mut order) = (MockInbox::new(), Sequence::new());
        for interrupted in [true, false, true, false] {
            is_told(&mut inbox, &mut order, interrupted);
        }
        inbox
            .expect_store()
            .returning(|_| Err(StoreError::new("store the delivery", "the disk is full")));
        let service = service(inbox);
        for _ in 0..2 {
            service.show_health().await.expect("noted");
        }
        service.accept(delivery()).await.expect_err("not stored");
        for _ in 0..2 {
            service.show_health().await.expect("noted");
        }
    }

    #[tokio::test]
    async fn what_was_turned_away_counts_as_an_interruption() {
        let (mut inbox, mut order) = (MockInbox::new(), Sequence::new());
        for interrupted in [true, true, false] {
            is_told(&mut inbox, &mut order, interrupted);
        }
        let service = service(inbox);
        service.show_health().await.expect("noted");
        service.turned_away();
        for _ in 0..2 {
            service.show_health().await.expect("noted");
        }
    }

    #[tokio::test]
    async fn a_sender_who_goes_away_before_the_answer_counts_as_an_interruption() {
        let (mut inbox, mut order) = (MockInbox::new(), Sequence::new());
        for interrupted in [true, true] {
            is_told(&mut inbox, &mut order, interrupted);
        }
        let service = service(inbox);
        service.show_health().await.expect("noted");
        drop(Failing(&service.interrupted));
        service.show_health().await.expect("noted");
    }

    #[tokio::test]
    async fn what_could_not_be_noted_is_told_the_next_time() {
        let (mut inbox, mut order) = (MockInbox::new(), Sequence::new());
        inbox
            .expect_ingest_seen()
            .once()
            .in_sequence(&mut order)
            .returning(|_, _| Err(StoreError::new("note", "no connection")));
        is_told(&mut inbox, &mut order, true);
        let service = service(inbox);
        service.show_health().await.expect_err("not noted");
        service.show_health().await.expect("noted");
    }
}
