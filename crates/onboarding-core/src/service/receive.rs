//! Receive: lease a queued element, load the facts, decide, commit.

use std::{sync::Arc, time::Duration};

use super::{
    follow_up_failed_invitation, fresh_tokens,
    limits::{CountedLately, count_limits},
};
use crate::{
    AskedNumber, ClientAliases, ClientFacts, Company, CompanyId, Draw, Facts, Holder, InboundEvent,
    InboundMessage, KnownIdentity, LeaseToken, OnboardingId, OptOutChange, Outcome, PlatformFact,
    PlatformNotice, Request, SendRefusal, Situation, Standing, StatusReport, Timestamp, User, WaId, asked_in,
    decide, effect_of_notice, find_holder, find_tokens, locked_until,
    ports::{
        ChatRoomCheck, ClientIdentification, ClientProfileSelection, ClientReconciliation, Clock, Commit,
        CommitOutcome, CompanyDirectory, DecisionCommit, Entropy, ExtensionLookup, InboundDecoder, Inbox,
        InboxItem, Observation, ObserveOutcome, OnboardingStore, Outbox, PlatformRecord, RoomLife, RoomsOf,
        SecondaryNumberAllocation, StatusEffect, StoreError,
    },
};

/// How often an element is tried that ends in errors, before it is given up and shown to people.
const MAX_ATTEMPTS: u32 = 5;

/// How often an element is tried whose workers never come to an end. More often, because a process that dies takes along
/// whatever it is at work on: of all these, one at the most is to blame.
const MAX_LEASES: u32 = 12;

/// How often a decision is made again after a conflict before the element goes back to the queue.
const MAX_DECISIONS: u32 = 5;

/// How long a worker may take over one element before another may have it.
const LEASE: Duration = Duration::from_secs(30);

/// What the receive service needs.
#[derive(Clone)]
pub struct ReceivePorts {
    /// Companies.
    pub companies: Arc<dyn CompanyDirectory>,
    /// What is remembered of clients.
    pub clients: Arc<dyn ClientIdentification>,
    /// Changes it.
    pub reconciliation: Arc<dyn ClientReconciliation>,
    /// Step 2.
    pub extension_lookup: Arc<dyn ExtensionLookup>,
    /// Step 3.
    pub chat_room_check: Arc<dyn ChatRoomCheck>,
    /// Step 4.
    pub client_profile_selection: Arc<dyn ClientProfileSelection>,
    /// Step 5.
    pub secondary_number_allocation: Arc<dyn SecondaryNumberAllocation>,
    /// The rooms of a client who wants no more messages.
    pub rooms: Arc<dyn RoomLife>,
    /// Stores decisions.
    pub decision_commit: Arc<dyn DecisionCommit>,
    /// What WhatsApp told of our side.
    pub platform: Arc<dyn PlatformRecord>,
    /// What came in.
    pub inbox: Arc<dyn Inbox>,
    /// What goes out; for invitations that a status reports as failed.
    pub outbox: Arc<dyn Outbox>,
    /// Reads queued elements.
    pub decoder: Arc<dyn InboundDecoder>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
}

impl ReceivePorts {
    /// All ports of one store.
    pub fn on_store(
        store: &Arc<dyn OnboardingStore>,
        decoder: Arc<dyn InboundDecoder>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            companies: store.clone(),
            clients: store.clone(),
            reconciliation: store.clone(),
            extension_lookup: store.clone(),
            chat_room_check: store.clone(),
            client_profile_selection: store.clone(),
            secondary_number_allocation: store.clone(),
            rooms: store.clone(),
            decision_commit: store.clone(),
            platform: store.clone(),
            inbox: store.clone(),
            outbox: store.clone(),
            decoder,
            clock,
            entropy,
        }
    }
}

/// What became of a queued element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Processed {
    /// A client's message was decided on.
    Decided(Outcome),
    /// WhatsApp told that a client changed; the record follows.
    Reconciled,
    /// It was decided on before, or another worker has it now.
    AlreadyHandled,
    /// Recorded; it asks for nothing.
    Noted,
    /// A notice of WhatsApp told this that was news.
    Noticed(Vec<PlatformFact>),
    /// A status moved one of our messages.
    Status(StatusEffect),
    /// Others were faster time and again; it is tried later.
    Contended,
    /// Given up, with the reason that people see.
    Buried(String),
}

/// Decides on what came in.
pub struct ReceiveService {
    pub(super) ports: ReceivePorts,
    counted: CountedLately,
}

impl ReceiveService {
    /// On these ports.
    pub fn new(ports: ReceivePorts) -> Self {
        Self {
            ports,
            counted: CountedLately::default(),
        }
    }

    /// Leases up to `limit` elements, at most one a client and account.
    pub async fn lease(&self, limit: usize) -> Result<Vec<InboxItem>, StoreError> {
        let now = self.ports.clock.now();
        let mut draw = Draw::from_seed(self.ports.entropy.seed());
        let tokens: Vec<LeaseToken> = fresh_tokens(limit, now, &mut draw);
        self.ports.inbox.lease(now, LEASE, tokens).await
    }

    /// Handles one leased element to its end. After an error the element is due again soon, or given up when
    /// it was tried too often; nothing is half done.
    pub async fn process(&self, item: InboxItem) -> Result<Processed, StoreError> {
        crate::crash_point!("work.leased");
        let now = self.ports.clock.now();
        match self.handle(&item, now).await {
            Ok(processed) => Ok(processed),
            Err(error) if item.attempts >= MAX_ATTEMPTS => {
                let reason = format!("tried too often: {error}");
                self.bury(&item, &reason, now).await
            }
            Err(error) => {
                let pause = Duration::from_millis(250) * 4_u32.saturating_pow(item.attempts.min(6));
                // Should this fail too, the lease runs out and the element is due again all the same.
                let _ = self.ports.inbox.retry_at(&item, now + pause).await;
                Err(error)
            }
        }
    }

    async fn handle(&self, item: &InboxItem, now: Timestamp) -> Result<Processed, StoreError> {
        if item.attempts > MAX_LEASES {
            return self.bury(item, "tried too often without an end", now).await;
        }
        let mut draw = Draw::from_seed(self.ports.entropy.seed());
        crate::crash_point!("work.before_decode");
        match self.ports.decoder.decode(&item.payload) {
            Err(error) => self.bury(item, &error.to_string(), now).await,
            Ok(InboundEvent::Other(kind)) => {
                self.ports
                    .inbox
                    .finish(item, &format!("not acted on: {kind}"), now)
                    .await?;
                Ok(Processed::Noted)
            }
            Ok(InboundEvent::Notice(notice)) => self.on_notice(item, &notice, now).await,
            Ok(InboundEvent::IdentityUpdate(update)) => {
                self.on_identity_update(item, &update, now, &mut draw).await
            }
            Ok(InboundEvent::Status(report)) => self.on_status(item, &report, now, &mut draw).await,
            Ok(InboundEvent::Message(message)) => self.on_message(item, message, now, &mut draw).await,
        }
    }

    pub(super) async fn bury(
        &self,
        item: &InboxItem,
        reason: &str,
        now: Timestamp,
    ) -> Result<Processed, StoreError> {
        self.ports.inbox.bury(item, reason, now).await?;
        Ok(Processed::Buried(reason.to_owned()))
    }

    async fn on_status(
        &self,
        item: &InboxItem,
        report: &StatusReport,
        now: Timestamp,
        draw: &mut Draw,
    ) -> Result<Processed, StoreError> {
        crate::crash_point!("status.before");
        let effect = self.ports.inbox.apply_status(item, report, now).await?;
        crate::crash_point!("status.after");
        if let StatusEffect::InvitationFailed(invitation) = effect {
            let unnamed = || SendRefusal {
                code: 0,
                reason: "WhatsApp gave no reason".to_owned(),
            };
            let refusal = report.error.clone().unwrap_or_else(unnamed);
            let outbox = &self.ports.outbox;
            follow_up_failed_invitation(outbox, &item.company, invitation, &refusal, now, draw).await?;
        }
        Ok(Processed::Status(effect))
    }

    /// What WhatsApp tells of our side: kept if it is news, and noted in any case.
    async fn on_notice(
        &self,
        item: &InboxItem,
        notice: &PlatformNotice,
        now: Timestamp,
    ) -> Result<Processed, StoreError> {
        for _ in 0..MAX_DECISIONS {
            let Some(company) = self.ports.companies.company(&item.company).await? else {
                return self.bury(item, "the company is gone", now).await;
            };
            let effect = effect_of_notice(&company, notice, now);
            let facts = company.platform.news(effect.facts);
            let observation = Observation {
                company: item.company.clone(),
                expected_revision: company.revision,
                cause: Some((item.lease.clone(), effect.note)),
                facts: facts.clone(),
                now,
            };
            match self.ports.platform.observe(observation).await? {
                ObserveOutcome::Kept => return Ok(Processed::Noticed(facts)),
                ObserveOutcome::LeaseLost => return Ok(Processed::AlreadyHandled),
                ObserveOutcome::Stale => {}
            }
        }
        let due = now + Duration::from_millis(50);
        self.ports.inbox.retry_at(item, due).await?;
        Ok(Processed::Contended)
    }

    async fn on_message(
        &self,
        item: &InboxItem,
        message: InboundMessage,
        now: Timestamp,
        draw: &mut Draw,
    ) -> Result<Processed, StoreError> {
        let Some(account) = item.account else {
            return self.bury(item, "a message without a number of ours", now).await;
        };
        let request = Request { account, message };
        for _ in 0..MAX_DECISIONS {
            let Some(facts) = self.load(&item.company, &request, now, draw).await? else {
                return self.bury(item, "the company is gone", now).await;
            };
            crate::crash_point!("work.before_decide");
            let decision = decide(&request, &facts, now, draw);
            crate::crash_point!("work.after_decide");
            let outcome = decision.outcome;
            let commit = Commit {
                company: item.company.clone(),
                expected_revision: facts.company.revision,
                cause: item.lease.clone(),
                request: request.clone(),
                onboarding: OnboardingId::from_uuid(draw.uuid(now)),
                decided_at: now,
                decision,
            };
            crate::crash_point!("work.before_commit");
            let committed = self.ports.decision_commit.commit(commit).await?;
            crate::crash_point!("work.after_commit");
            match committed {
                CommitOutcome::Committed => return Ok(Processed::Decided(outcome)),
                CommitOutcome::AlreadyDecided | CommitOutcome::LeaseLost => {
                    return Ok(Processed::AlreadyHandled);
                }
                CommitOutcome::Conflict(_) => {}
            }
        }
        self.ports
            .inbox
            .retry_at(item, now + Duration::from_millis(50))
            .await?;
        Ok(Processed::Contended)
    }

    async fn load(
        &self,
        company: &CompanyId,
        request: &Request,
        now: Timestamp,
        draw: &mut Draw,
    ) -> Result<Option<Facts>, StoreError> {
        let Some(company) = self.ports.companies.company(company).await? else {
            return Ok(None);
        };
        let mut client = self.client(&company, &request.message, now, draw).await?;
        let texts = &request.message.texts;
        let stops = texts
            .iter()
            .any(|text| company.settings.opt_out.read(text) == Some(OptOutChange::Out));
        if let Some(known) = client.identity.as_ref().filter(|_| stops) {
            let of_client = RoomsOf::Client(known.id);
            let rooms = self
                .ports
                .rooms
                .rooms(&company.id, of_client, u32::MAX >> 1)
                .await?;
            client.live_rooms = rooms.into_iter().map(|view| view.room).collect();
        }
        let situation = self.situation(&company, &client, request, now).await?;
        Ok(Some(Facts {
            company,
            client,
            situation,
        }))
    }

    async fn situation(
        &self,
        company: &Arc<Company>,
        client: &ClientFacts,
        request: &Request,
        now: Timestamp,
    ) -> Result<Situation, StoreError> {
        let Some(pool) = company.pool_of(request.account) else {
            return Ok(Situation::NoPool);
        };
        if pool.primary != request.account {
            let room = match &client.identity {
                Some(known) => {
                    let check = &self.ports.chat_room_check;
                    check.live_room_on(&company.id, request.account, known.id).await?
                }
                None => None,
            };
            return Ok(Situation::Secondary { room });
        }
        let nobody = |asked| Situation::Primary {
            holder: None,
            inactive_holder: false,
            asked,
        };
        let tokens: Vec<_> = request
            .message
            .texts
            .iter()
            .flat_map(|text| find_tokens(text))
            .collect();
        let keys: Vec<_> = tokens
            .iter()
            .flat_map(|token| token.keys().iter().cloned())
            .collect();
        let limit = &company.settings.limits.wrong_extensions;
        let locked = locked_until(limit, &client.wrong_extensions, now).is_some();
        if tokens.is_empty() {
            return Ok(nobody(self.asked_number(company, client, request, locked).await?));
        }
        if keys.is_empty() || locked {
            return Ok(nobody(None));
        }
        let users = self.ports.extension_lookup.users_with(&company.id, &keys).await?;
        let Some(user) = find_holder(&tokens, &users) else {
            return Ok(Situation::Primary {
                holder: None,
                inactive_holder: !users.is_empty(),
                asked: None,
            });
        };
        let known = client.identity.as_ref();
        let standing = self
            .standing(company, user, known, &request.message.sender, now)
            .await?;
        let holder = Some(Box::new(Holder {
            user: user.clone(),
            standing,
        }));
        Ok(Situation::Primary {
            holder,
            inactive_holder: false,
            asked: None,
        })
    }

    /// The number that the client asks about; their own is no question. While guesses are locked nothing is looked up.
    async fn asked_number(
        &self,
        company: &Company,
        client: &ClientFacts,
        request: &Request,
        locked: bool,
    ) -> Result<Option<Box<AskedNumber>>, StoreError> {
        let message = &request.message;
        let Some(asked) = asked_in(company, &message.sender, &message.texts) else {
            return Ok(None);
        };
        let (Some(account), Some(known), false) = (asked.account, &client.identity, locked) else {
            return Ok(Some(Box::new(asked)));
        };
        let check = &self.ports.chat_room_check;
        let room = match check.live_room_on(&company.id, account, known.id).await? {
            Some(room) => {
                let user = self.ports.rooms.user(&company.id, room.user).await?;
                user.map(|user| (room, user))
            }
            None => None,
        };
        Ok(Some(Box::new(AskedNumber { room, ..asked })))
    }

    async fn standing(
        &self,
        company: &Company,
        user: &User,
        known: Option<&KnownIdentity>,
        sender: &ClientAliases,
        now: Timestamp,
    ) -> Result<Standing, StoreError> {
        let identity = known.map(|known| known.id);
        let check = &self.ports.chat_room_check;
        if let Some(identity) = identity
            && let Some(room) = check.live_room(&company.id, user.id, identity).await?
        {
            let client_last_wrote_at = check
                .client_last_wrote_at(&company.id, room.account, identity)
                .await?;
            return Ok(Standing::InRoom {
                room,
                client_last_wrote_at,
            });
        }
        let aliases = known.map_or_else(|| sender.clone(), |known| sender.over(&known.aliases));
        let selection = &self.ports.client_profile_selection;
        let phone = aliases.wa_id.as_ref().map(WaId::match_key);
        let profiles = selection.profiles_of(&company.id, identity, phone).await?;
        let waits = match identity {
            Some(identity) => selection.waiting_prospects(&company.id, identity).await?,
            None => Vec::new(),
        };
        let mut accounts: Vec<_> = company
            .pools_for(&user.org_unit)
            .iter()
            .flat_map(|pool| pool.secondaries.iter().copied())
            .collect();
        accounts.sort_unstable();
        accounts.dedup();
        let mut usage = self
            .ports
            .secondary_number_allocation
            .usage_of(&company.id, identity, &accounts)
            .await?;
        count_limits(
            self.ports.platform.as_ref(),
            &self.counted,
            company,
            &mut usage,
            now,
        )
        .await?;
        Ok(Standing::NoRoom {
            profiles,
            waits,
            usage,
        })
    }
}
