//! Deliver: lease a queued message, send it once, settle what came of it.

use std::{sync::Arc, time::Duration};

use super::{
    follow_up_failed_invitation, fresh_tokens,
    settlement::{UNKNOWN_WAIT, given_up_before, out_of_use, settlement_of, withheld},
};
use crate::{
    Draw, OutboxItem, SendLimits, SentAgain,
    ports::{
        Clock, Entropy, LeasedMessage, Messenger, OnboardingStore, Outbox, SettleOutcome, Settlement,
        StoreError,
    },
};

/// Longer than the longest call of the messenger, so that nobody else sends while it is under way.
const LEASE: Duration = Duration::from_secs(90);

/// What the deliver service needs.
#[derive(Clone)]
pub struct DeliverPorts {
    /// What goes out.
    pub outbox: Arc<dyn Outbox>,
    /// The way out.
    pub messenger: Arc<dyn Messenger>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// How fast WhatsApp takes messages.
    pub limits: SendLimits,
}

impl DeliverPorts {
    /// All ports of one store, with WhatsApp's usual limits.
    pub fn on_store(
        store: &Arc<dyn OnboardingStore>,
        messenger: Arc<dyn Messenger>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            outbox: store.clone(),
            messenger,
            clock,
            entropy,
            limits: SendLimits::default(),
        }
    }
}

/// What became of a leased message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// The attempt came to this.
    Settled(Settlement),
    /// Somebody else settled it meanwhile.
    LeaseLost,
}

/// Sends what is queued.
pub struct DeliverService {
    ports: DeliverPorts,
}

impl DeliverService {
    /// On these ports.
    pub fn new(ports: DeliverPorts) -> Self {
        Self { ports }
    }

    /// Leases up to `limit` messages, at most one a client and account. Every one of them must be given to
    /// [`DeliverService::deliver`]: a lease counts as an attempt whose outcome is unknown.
    pub async fn lease(&self, limit: usize) -> Result<Vec<LeasedMessage>, StoreError> {
        let now = self.ports.clock.now();
        let mut draw = Draw::from_seed(self.ports.entropy.seed());
        let tokens = fresh_tokens(limit, now, &mut draw);
        let limits = self.ports.limits;
        self.ports
            .outbox
            .lease(now, LEASE, UNKNOWN_WAIT, limits, tokens)
            .await
    }

    /// Sends one leased message and settles it. After an error the message is unknown until its lease and
    /// the wait for a status are over; it is never sent again before.
    pub async fn deliver(&self, message: LeasedMessage) -> Result<Delivered, StoreError> {
        crate::crash_point!("send.leased");
        let mut draw = Draw::from_seed(self.ports.entropy.seed());
        let settlement = self.attempt(&message.item, &mut draw).await;
        crate::crash_point!("send.before_settle");
        let now = self.ports.clock.now();
        let outcome = self
            .ports
            .outbox
            .settle(&message, settlement.clone(), now)
            .await?;
        crate::crash_point!("send.after_settle");
        if outcome == SettleOutcome::LeaseLost {
            return Ok(Delivered::LeaseLost);
        }
        let item = &message.item;
        if let Settlement::Failed(refusal) = &settlement
            && item.message.purpose.brings_the_client()
        {
            let outbox = &self.ports.outbox;
            follow_up_failed_invitation(outbox, &item.company, item.message.id, refusal, now, &mut draw)
                .await?;
        }
        Ok(Delivered::Settled(settlement))
    }

    /// Follows up failed invitations whose rooms still live, which only a crash leaves behind. Idempotent;
    /// called from time to time.
    pub async fn repair(&self) -> Result<(), StoreError> {
        let now = self.ports.clock.now();
        let mut draw = Draw::from_seed(self.ports.entropy.seed());
        for (company, invitation, refusal) in self.ports.outbox.failed_invitations(100).await? {
            let outbox = &self.ports.outbox;
            follow_up_failed_invitation(outbox, &company, invitation, &refusal, now, &mut draw).await?;
        }
        Ok(())
    }

    /// Why the message is about to be sent although it may have gone out before; `None` when it is the first time, or when
    /// it is given up instead.
    pub fn sends_again(message: &LeasedMessage) -> Option<SentAgain> {
        let gives_up = given_up_before(&message.item).is_some();
        message.item.again.filter(|_| !gives_up)
    }

    async fn attempt(&self, item: &OutboxItem, draw: &mut Draw) -> Settlement {
        if let Some(refusal) = given_up_before(item) {
            return Settlement::Failed(refusal);
        }
        let Some(account) = &item.sender else {
            return Settlement::Failed(out_of_use());
        };
        if let Some(refusal) = withheld(item, self.ports.clock.now()) {
            return Settlement::Failed(refusal);
        }
        let result = self
            .ports
            .messenger
            .send(&item.company, account, &item.message)
            .await;
        settlement_of(result, item, self.ports.clock.now(), draw)
    }
}
