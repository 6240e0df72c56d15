//! Everything outside the service, from the first life to the last.

use std::time::Duration;

use anyhow::{Context, bail};
use whatsapp_graph::client::{HttpLimits, http_client};
use whatsapp_simulator::{DeliveryState, Faults, GraphErrorFault, RunningSimulator};

use super::{Order, Report, second::Second};
use crate::{
    database::Database,
    life::{Addresses, Death, Life, Setting},
    plan::{Dice, End, Moment},
    traffic::{Traffic, Wish},
    witness::{self, Witness},
};

/// How long a start, or anything else that must happen, may take on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// How long a life may go on without reaching the place of its death.
const LONGEST_LIFE: Duration = Duration::from_secs(6);

/// From one act of the clients to the next, at the most.
const PAUSE_MS: u64 = 60;

/// How late webhooks may be where statuses are to come after the service has sent again.
const LATE_MS: u64 = 25_000;

/// How long the service may live without its database, and after that with it again.
const WITHOUT_DATABASE_MS: u64 = 400;
const WITH_IT_AGAIN_MS: u64 = 1000;

/// How long is waited for an answer after which the database is to die.
const ANSWERED_WITHIN_MS: u32 = 500;

/// How long the service may take over what is left when nothing goes wrong any more.
const SILENCE: Duration = Duration::from_mins(3);

/// How often the silence is listened for.
const LISTEN_EVERY: Duration = Duration::from_millis(200);

/// What may be left to do at the beginning of a life. With more, deaths would follow each other so fast that little is
/// got done between them: that would be a test of overload.
const TOO_MUCH: u64 = 100;

/// How many webhooks may wait to be answered before clients write no more: those of a long outage, sent again twice a
/// second each, would be a test of overload too.
const MANY_WEBHOOKS: usize = 200;

/// What may be left after a breath, and how long it may take.
const LITTLE: u64 = 20;
const BREATH: Duration = Duration::from_secs(10);

/// Everything outside the service.
pub(super) struct World<'a> {
    pub(super) simulator: RunningSimulator,
    database: &'a Database,
    /// If there is to be one.
    second: Option<Second>,
    pub(super) traffic: Traffic,
    pub(super) witness: Witness,
    /// How each life ended.
    pub(super) deaths: Vec<Death>,
    dice: Dice,
    speed: u32,
    /// Our time when the simulator's clock was last moved, by that clock.
    real_ms: u64,
    http: reqwest::Client,
    /// What was left to do when it was last asked.
    backlog: u64,
}

impl<'a> World<'a> {
    pub(super) fn new(
        simulator: RunningSimulator,
        database: &'a Database,
        mut dice: Dice,
        order: &Order,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            database,
            second: (order.replicas > 1).then(Second::default),
            traffic: Traffic::new(simulator.simulator().clone(), dice.seed()),
            witness: Witness::default(),
            deaths: Vec::new(),
            dice,
            speed: order.speed,
            real_ms: simulator.now_ms(),
            http: http_client(&HttpLimits::default())?,
            backlog: 0,
            simulator,
        })
    }

    /// One life, from its start to its end.
    pub(super) async fn live(
        &mut self,
        setting: &Setting<'_>,
        end: &End,
        report: &mut Report,
    ) -> anyhow::Result<()> {
        // A paused template would be known before the decision, and nobody would be invited.
        let undeliverable = GraphErrorFault {
            code: 131_026,
            next: u32::MAX,
            templates_only: true,
        };
        // Some write while nobody is there.
        for _ in 0..2 {
            self.traffic.go_on()?;
        }
        let late = end.cuts_a_send() && self.dice.one_in(2);
        self.simulator.set_faults(Faults {
            duplicate_webhooks: 0.1,
            reorder_webhooks: 0.2,
            drop_webhooks: 0.05,
            delay_webhooks_ms: if late { LATE_MS } else { 20 },
            graph_5xx: 0.02,
            graph_timeout_after_acceptance: 0.01,
            graph_error: end.needs_failed_invitations().then_some(undeliverable),
            ..Faults::default()
        });
        self.database.revive();
        if let Some(second) = &mut self.second {
            second.rise(setting).await?;
        }
        let mut life = Life::start(setting.command(&["serve"], end.crash_at().as_deref()))?;
        let death = match life.listening(PATIENCE).await? {
            Some(addresses) => {
                self.point_webhook_to(&addresses);
                // A service that dies in this moment has told what it could.
                let left = self.left(&addresses).await.ok().flatten();
                self.backlog = left.unwrap_or(self.backlog);
                self.until_death(&mut life, end, report).await?
            }
            None => match life.ends_within(PATIENCE).await? {
                Some(death) => death,
                None => bail!("the service closed its log and lives:\n{}", life.log()),
            },
        };
        if let Death::Unexpected(how) = &death {
            bail!(
                "the service ended by itself ({how}) instead of {end:?}:\n{}",
                life.log()
            );
        }
        if let (Some(second), End::Outside { .. }) = (&mut self.second, end)
            && self.dice.one_in(2)
        {
            report.all_at_once += u32::from(second.kill().await?);
        }
        self.ended(&death);
        report.count(end, &death);
        Ok(())
    }

    async fn until_death(
        &mut self,
        life: &mut Life,
        end: &End,
        report: &mut Report,
    ) -> anyhow::Result<Death> {
        let left = match end {
            End::At { .. } => LONGEST_LIFE,
            End::Outside { after, .. } | End::Stopping { after, .. } => *after,
        };
        if let Some(death) = self.goes_on(life, left).await? {
            if end.takes_the_database_along() && matches!(death, Death::AtPlace) {
                self.database.kill();
            }
            return Ok(death);
        }
        if let End::Outside {
            database: Some(moment),
            ..
        } = end
            && let Some(death) = self.without_database(life, *moment, report).await?
        {
            return Ok(death);
        }
        if let End::Stopping { .. } = end {
            life.tell_to_stop().await?;
            if let Some(death) = life.ends_within(PATIENCE).await? {
                return Ok(death);
            }
        }
        life.kill().await
    }

    /// Kills the database under the service, and by chance brings it back while the service lives.
    async fn without_database(
        &mut self,
        life: &mut Life,
        moment: Moment,
        report: &mut Report,
    ) -> anyhow::Result<Option<Death>> {
        if moment == Moment::Answered {
            self.until_answered(life).await?;
        }
        self.database.kill();
        let left = self.dice.up_to(WITHOUT_DATABASE_MS);
        if let Some(death) = self.goes_on(life, left).await? {
            return Ok(Some(death));
        }
        if self.dice.one_in(2) {
            self.database.revive();
            let left = self.dice.up_to(WITH_IT_AGAIN_MS);
            if let Some(death) = self.goes_on(life, left).await? {
                return Ok(Some(death));
            }
            report.outlived += 1;
        }
        Ok(None)
    }

    /// Clients write, and this returns as soon as one more webhook was answered with 200, or none is in a while.
    async fn until_answered(&mut self, life: &mut Life) -> anyhow::Result<()> {
        let before = self.answered();
        self.traffic.go_on()?;
        for _ in 0..ANSWERED_WITHIN_MS {
            if life.ends_within(Duration::from_millis(1)).await?.is_some() || self.answered() != before {
                break;
            }
        }
        Ok(())
    }

    /// Clients write for so long, unless the service dies before. With many webhooks on their way they only wait.
    async fn goes_on(&mut self, life: &mut Life, mut left: Duration) -> anyhow::Result<Option<Death>> {
        while !left.is_zero() {
            let pause = self.dice.up_to(PAUSE_MS).max(Duration::from_millis(1)).min(left);
            left -= pause;
            if let Some(death) = life.ends_within(pause).await? {
                return Ok(Some(death));
            }
            if self.webhooks_to_send() < MANY_WEBHOOKS {
                self.traffic.go_on()?;
            }
        }
        Ok(None)
    }

    fn point_webhook_to(&self, addresses: &Addresses) {
        self.simulator
            .set_webhook(format!("{}/webhooks/whatsapp", addresses.public));
    }

    /// Finds out who was invited, and moves the simulator's clock to where the service's is.
    fn look_around(&mut self) {
        let passed = self.simulator.now_ms().saturating_sub(self.real_ms);
        let ahead = passed.saturating_mul(u64::from(self.speed.saturating_sub(1)));
        self.simulator.advance_clock(Duration::from_millis(ahead));
        self.real_ms = self.simulator.now_ms();
        let recent = self.traffic.people.len().saturating_sub(40);
        let mut invited = Vec::new();
        for (nth, person) in self.traffic.people.iter().enumerate().skip(recent) {
            if !matches!(person.wish, Wish::Reach { .. }) {
                continue;
            }
            let shown = witness::phone(&self.simulator, &person.id);
            let by = shown.iter().find(|shown| shown.said.name == "invitation");
            let failed = shown.iter().any(|shown| shown.said.name == "invitation_failed");
            if let (Some(invitation), false) = (by, failed) {
                invited.push((nth, invitation.from));
            }
        }
        self.traffic.invited = invited;
    }

    /// If too much is left to do: a life without faults in which nobody writes, and which is then killed all the same.
    pub(super) async fn breathe(&mut self, setting: &Setting<'_>, report: &mut Report) -> anyhow::Result<()> {
        if self.backlog <= TOO_MUCH {
            return Ok(());
        }
        let (mut life, addresses) = self.undisturbed(setting).await?;
        let mut waited = Duration::ZERO;
        while waited < BREATH && self.left(&addresses).await?.is_none_or(|left| left > LITTLE) {
            waited += self.listen(&mut life).await?;
        }
        self.backlog = 0;
        let death = life.kill().await?;
        self.ended(&death);
        report.breaths += 1;
        Ok(())
    }

    /// A last life without faults, until there is nothing left to do; then it is told to stop.
    pub(super) async fn fall_silent(
        &mut self,
        setting: &Setting<'_>,
        report: &mut Report,
    ) -> anyhow::Result<()> {
        if let Some(mut second) = self.second.take() {
            second.kill().await?;
            // What it did since the last death was cut here.
            self.ended(&Death::Killed);
        }
        let (mut life, addresses) = self.undisturbed(setting).await?;
        let mut quiet = 0;
        // Twice, because what the service sent last comes back as a status.
        while quiet < 2 {
            if report.silence > SILENCE {
                report.unsettled(&life.log());
                break;
            }
            report.silence += self.listen(&mut life).await?;
            self.witness.look(&self.simulator);
            let idle = self.left(&addresses).await? == Some(0) && self.webhooks_to_send() == 0;
            quiet = if idle { quiet + 1 } else { 0 };
        }
        life.tell_to_stop().await?;
        let death = life.ends_within(PATIENCE).await?;
        if death != Some(Death::Stopped) {
            bail!("told to stop, the service did not ({death:?}):\n{}", life.log());
        }
        self.ended(&Death::Stopped);
        let mut verification = Life::start(setting.command(&["verify"], None))?;
        if verification.ends_within(PATIENCE).await? != Some(Death::Stopped) {
            report.failed("the service's own `verify` finds that what it stored breaks its rules");
        }
        Ok(())
    }

    /// Starts a life in which nothing goes wrong.
    async fn undisturbed(&mut self, setting: &Setting<'_>) -> anyhow::Result<(Life, Addresses)> {
        self.simulator.set_faults(Faults::default());
        self.database.revive();
        let mut life = Life::start(setting.command(&["serve"], None))?;
        let addresses = life.listening(PATIENCE).await?;
        let addresses = addresses.with_context(|| format!("the service does not start:\n{}", life.log()))?;
        self.point_webhook_to(&addresses);
        Ok((life, addresses))
    }

    /// Lets a moment pass in which the service must not die.
    async fn listen(&self, life: &mut Life) -> anyhow::Result<Duration> {
        match life.ends_within(LISTEN_EVERY).await? {
            None => Ok(LISTEN_EVERY),
            Some(death) => bail!("the service ended by itself ({death:?}):\n{}", life.log()),
        }
    }

    /// What the service says is left to do; `None` when its store is too busy to be counted just now.
    async fn left(&self, addresses: &Addresses) -> anyhow::Result<Option<u64>> {
        let ready = format!("{}/readyz", addresses.operations);
        let answer = self.http.get(ready).send().await?;
        if answer.status() == reqwest::StatusCode::SERVICE_UNAVAILABLE {
            return Ok(None);
        }
        let backlog: serde_json::Value = answer.json().await?;
        let count = |queue: &str| {
            backlog[queue]
                .as_u64()
                .context("/readyz does not count its queues")
        };
        Ok(Some(count("inbox")? + count("outbox")?))
    }

    /// Webhooks that were answered with 200, as far as the ledger remembers.
    fn answered(&self) -> usize {
        self.webhooks(|state| state == DeliveryState::Delivered)
    }

    fn webhooks_to_send(&self) -> usize {
        self.webhooks(|state| state != DeliveryState::Delivered)
    }

    fn webhooks(&self, are: impl Fn(DeliveryState) -> bool) -> usize {
        self.simulator.with_ledger(|ledger| {
            let deliveries = ledger.deliveries.iter();
            deliveries.filter(|delivery| are(delivery.state)).count()
        })
    }

    /// The first replica is dead: from now on the second one, if it lives, is the service.
    fn ended(&mut self, death: &Death) {
        self.witness.life_ended(&self.simulator);
        self.deaths.push(death.clone());
        self.look_around();
        if let Some(addresses) = self.second.as_ref().and_then(Second::addresses) {
            self.point_webhook_to(addresses);
        }
    }
}
