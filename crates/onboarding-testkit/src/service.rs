//! The whole service in a test.

use std::sync::Arc;

use onboarding_core::{
    ClientAliases, CompanyId, DeliveryProgress, IdentityUpdate, InboundEvent, InboundMessage, PlatformNotice,
    Recipient, SendRefusal, StatusReport, Timestamp, WaId,
    config::CompanyConfig,
    ports::{Clock, OnboardingStore, StoreError},
    service::{
        ActPorts, ActService, DeliverPorts, DeliverService, DisputeService, IncomingDelivery,
        IncomingElement, IngestReport, IngestService, Processed, ReceivePorts, ReceiveService, UpkeepService,
    },
};

use crate::{
    LiteralDecoder, ManualClock, MemoryStore, RecordingMessenger, SeededEntropy, SentMessage, acme, acme_id,
    configure, phone, text_from,
};

/// How many rows are leased at once.
const BATCH: usize = 16;

/// Ingest, receive and deliver on one store, with time, chance and WhatsApp in the test's hands.
///
/// Nothing happens by itself: a client writes, [`TestService::pump`] does what is due, the clock moves when the
/// test moves it.
pub struct TestService {
    /// The store.
    pub store: Arc<dyn OnboardingStore>,
    /// The time.
    pub clock: ManualClock,
    /// What went out.
    pub messenger: Arc<RecordingMessenger>,
    /// The payloads of what came in.
    pub decoder: Arc<LiteralDecoder>,
    /// Stores deliveries.
    pub ingest: IngestService,
    /// Decides.
    pub receive: ReceiveService,
    /// Sends.
    pub deliver: DeliverService,
    /// Does what people want done with rooms and prospects.
    pub acts: ActService,
    /// Does what follows from changes and from time.
    pub upkeep: UpkeepService,
    company: CompanyId,
}

impl TestService {
    /// The company [`acme`] in memory.
    pub async fn start() -> Self {
        Self::with(acme()).await
    }

    /// A company of one's own making in memory; its id is that of [`acme`].
    pub async fn with(config: CompanyConfig) -> Self {
        Self::on(Arc::new(MemoryStore::new()), config).await
    }

    /// On any store, in which the company [`acme_id`] is created, or configured if it is there.
    pub async fn on(store: Arc<dyn OnboardingStore>, config: CompanyConfig) -> Self {
        let entropy = SeededEntropy::new(0xAC3E);
        configure(store.as_ref(), &acme_id(), &config, &mut entropy.draw()).await;
        let clock = ManualClock::default();
        let messenger = Arc::new(RecordingMessenger::default());
        let decoder = Arc::new(LiteralDecoder::default());
        let (time, chance) = (Arc::new(clock.clone()), Arc::new(entropy));
        let receive = ReceivePorts::on_store(&store, decoder.clone(), time.clone(), chance.clone());
        let deliver = DeliverPorts::on_store(&store, messenger.clone(), time.clone(), chance.clone());
        let acts = ActPorts::on_store(&store, time.clone(), chance.clone());
        Self {
            ingest: IngestService::new(store.clone(), time, chance),
            receive: ReceiveService::new(receive),
            deliver: DeliverService::new(deliver),
            acts: ActService::new(acts.clone()),
            upkeep: UpkeepService::new(acts, store.clone()),
            company: acme_id(),
            store,
            clock,
            messenger,
            decoder,
        }
    }

    /// A client with this phone.
    pub fn client(&self, wa_id: &str) -> TestClient<'_> {
        self.client_known_as(phone(wa_id))
    }

    /// A client as WhatsApp shows them.
    pub fn client_known_as(&self, aliases: ClientAliases) -> TestClient<'_> {
        TestClient {
            service: self,
            aliases,
        }
    }

    /// A webhook with this message arrives for the account with the number `to`.
    pub async fn arrives(&self, to: &str, message: InboundMessage) -> IngestReport {
        let lane = message.sender.keys().first().map(|(_, key)| key.clone());
        let dedupe_key = format!("message {}", message.provider_id.as_str());
        self.accept(to, dedupe_key, lane, InboundEvent::Message(message))
            .await
    }

    /// A webhook of the account with the number `to` tells that a client changed their number or id.
    pub async fn changes(&self, to: &str, update: IdentityUpdate) -> IngestReport {
        let lane = update.previous.keys().first().map(|(_, key)| key.clone());
        let dedupe_key = format!("change {lane:?} {}", self.clock.now().as_micros());
        self.accept(to, dedupe_key, lane, InboundEvent::IdentityUpdate(update))
            .await
    }

    /// What a person decides, carried out.
    pub fn verdicts(&self) -> DisputeService {
        let entropy = Arc::new(SeededEntropy::new(0xD15));
        DisputeService::new(self.store.clone(), Arc::new(self.clock.clone()), entropy)
    }

    /// A webhook tells how far a message got.
    pub async fn status(&self, message: &SentMessage, progress: DeliveryProgress) -> IngestReport {
        self.reports(message, progress, None).await
    }

    /// A webhook tells that a message failed for good, with WhatsApp's code.
    pub async fn fails(&self, message: &SentMessage, code: i64) -> IngestReport {
        let error = SendRefusal {
            code,
            reason: "undeliverable".to_owned(),
        };
        self.reports(message, DeliveryProgress::Failed, Some(error)).await
    }

    async fn reports(
        &self,
        message: &SentMessage,
        progress: DeliveryProgress,
        error: Option<SendRefusal>,
    ) -> IngestReport {
        let fresh = || crate::provider_id(format!("late.{}", message.outbox_id));
        let provider_id = message.provider_id.clone().unwrap_or_else(fresh);
        let report = StatusReport {
            outbox_id: Some(message.outbox_id),
            provider_id: provider_id.clone(),
            progress: Some(progress),
            at: self.seconds(),
            error,
        };
        let lane = provider_id.as_str().to_owned();
        let dedupe_key = format!("status {lane} {progress}");
        self.accept(
            message.from.as_str(),
            dedupe_key,
            Some(lane),
            InboundEvent::Status(report),
        )
        .await
    }

    async fn accept(
        &self,
        to: &str,
        dedupe_key: String,
        lane: Option<String>,
        event: InboundEvent,
    ) -> IngestReport {
        let config = stored(self.store.config(&self.company).await)
            .expect("the company is there")
            .0;
        let account = config
            .official_accounts
            .into_iter()
            .find(|one| one.phone_number.as_str() == to);
        let account = account.unwrap_or_else(|| panic!("{to} is no account of the company"));
        let payload = self.decoder.encode(event);
        self.delivered(IncomingElement {
            waba_id: Some(account.waba_id),
            phone_number_id: Some(account.phone_number_id),
            dedupe_key,
            lane,
            payload,
        })
        .await
    }

    /// A webhook tells something of our side of the platform, for this WhatsApp Business Account.
    pub async fn notice(&self, waba_id: &str, notice: PlatformNotice) -> IngestReport {
        let at = notice.at.unwrap_or(Timestamp::EPOCH);
        let payload = self.decoder.encode(InboundEvent::Notice(Box::new(notice)));
        self.delivered(IncomingElement {
            waba_id: Some(waba_id.to_owned()),
            phone_number_id: None,
            dedupe_key: format!("notice {} {at}", String::from_utf8_lossy(&payload)),
            lane: None,
            payload,
        })
        .await
    }

    async fn delivered(&self, element: IncomingElement) -> IngestReport {
        let payload = element.payload.clone();
        let delivery = IncomingDelivery {
            raw: payload,
            verified_for: vec![self.company.clone()],
            elements: vec![element],
            broken: Vec::new(),
        };
        stored(self.ingest.accept(delivery).await)
    }

    /// Decides and sends until nothing is due at this time; gives what became of each element.
    pub async fn pump(&self) -> Vec<Processed> {
        let mut processed = Vec::new();
        for _ in 0..1_000 {
            let items = stored(self.receive.lease(BATCH).await);
            let messages = stored(self.deliver.lease(BATCH).await);
            if items.is_empty() && messages.is_empty() {
                return processed;
            }
            for item in items {
                processed.push(stored(self.receive.process(item).await));
            }
            for message in messages {
                stored(self.deliver.deliver(message).await);
            }
        }
        panic!("after 1,000 rounds there is still something due: somebody goes round in circles");
    }

    /// What the client with this phone received, in order.
    pub fn messages_to(&self, wa_id: &str) -> Vec<SentMessage> {
        let phone = WaId::from_whatsapp(wa_id).map(Recipient::Phone);
        self.messenger
            .sent()
            .into_iter()
            .filter(|message| Some(&message.to) == phone.as_ref())
            .collect()
    }

    /// The names of all outcomes so far, oldest first.
    pub async fn outcomes(&self) -> Vec<String> {
        let latest = stored(self.store.latest_onboardings(&self.company, u32::MAX >> 1).await);
        latest.into_iter().rev().map(|record| record.outcome).collect()
    }

    /// Fails if anything is still to be done, now or later.
    #[track_caller]
    pub fn assert_idle(&self) -> impl Future<Output = ()> + Send {
        let store = self.store.clone();
        let caller = std::panic::Location::caller();
        async move {
            let backlog = stored(store.backlog().await);
            assert_eq!(
                (backlog.inbox, backlog.outbox),
                (0, 0),
                "rows still wait at {caller}: {backlog:?}"
            );
        }
    }

    /// WhatsApp's clock shows whole seconds.
    fn seconds(&self) -> Timestamp {
        Timestamp::from_unix_seconds(self.clock.now().as_micros() / 1_000_000)
    }
}

/// Somebody who writes to the company.
pub struct TestClient<'a> {
    service: &'a TestService,
    aliases: ClientAliases,
}

impl TestClient<'_> {
    /// Writes a text to the number; gives the message, which may be delivered again.
    pub async fn sends(&self, to: &str, words: &str) -> InboundMessage {
        let message = text_from(self.aliases.clone(), words, self.service.seconds());
        self.service.arrives(to, message.clone()).await;
        message
    }
}

fn stored<T>(result: Result<T, StoreError>) -> T {
    result.expect("the store does what it is asked")
}
