//! The queue of what goes out.

mod accept;
mod breaker;
mod lease;
mod message;
mod rate;
mod settle;

use std::time::Duration;

use async_trait::async_trait;
use diesel::ExpressionMethods;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    CompanyId, InvitationContext, InvitationFailure, LeaseToken, NewOutbound, OutboxId, OutboxState,
    SendLimits, SendRefusal, Timestamp,
    ports::{LeasedMessage, Outbox, SettleOutcome, Settlement, StoreError},
};

use self::accept::Taken;
pub(crate) use self::{
    accept::{AcceptedTogether, accepted_together},
    message::shown,
};
use crate::{
    PostgresStore, Queue,
    error::Error,
    invitation,
    schema::outbox,
    time::{self, Turn, onboarding_due},
    transaction::{Scope, transaction},
};

const SETTLE: &str = "settle the message";

#[async_trait]
impl Outbox for PostgresStore {
    async fn lease(
        &self,
        now: Timestamp,
        lease_for: Duration,
        unknown_for: Duration,
        limits: SendLimits,
        tokens: Vec<LeaseToken>,
    ) -> Result<Vec<LeasedMessage>, StoreError> {
        let mut attempts = self
            .write("lease messages to send", Scope::Installation)
            .planned_each_time();
        let database_time = self.database_time();
        transaction!(attempts, |connection| lease(
            connection,
            now,
            lease_for,
            unknown_for,
            limits,
            &tokens,
            database_time
        ))
    }

    async fn settle(
        &self,
        message: &LeasedMessage,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<SettleOutcome, StoreError> {
        if let (Settlement::Accepted(provider_id), false) = (&settlement, message.item.troubled) {
            let taken = Taken::new(message, provider_id, now);
            return self.accepted_together().ask(SETTLE, taken).await;
        }
        let mut attempts = self.write(SETTLE, Scope::Company(&message.item.company));
        let database_time = self.database_time();
        transaction!(attempts, |connection| settle::settle(
            connection,
            message,
            &settlement,
            now,
            database_time
        ))
    }

    async fn invitation_context(
        &self,
        company: &CompanyId,
        invitation: OutboxId,
    ) -> Result<Option<InvitationContext>, StoreError> {
        let mut attempts = self.read("load the room of the invitation", Scope::Company(company));
        transaction!(attempts, |connection| invitation::context(
            connection,
            self.companies(),
            company,
            invitation
        ))
    }

    async fn failed_invitations(
        &self,
        limit: u32,
    ) -> Result<Vec<(CompanyId, OutboxId, SendRefusal)>, StoreError> {
        let mut attempts = self.read("look for failed invitations", Scope::Installation);
        transaction!(attempts, |connection| invitation::failed(connection, limit))
    }

    async fn fail_room(
        &self,
        company: &CompanyId,
        failure: InvitationFailure,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut attempts = self.write("mark the room as failed", Scope::Company(company));
        let database_time = self.database_time();
        let done = transaction!(attempts, |connection| invitation::fail_room(
            connection,
            company,
            &failure,
            now,
            database_time
        ));
        if done.is_ok() && failure.notice.is_some() {
            self.put_into(Queue::Outbox);
        }
        done
    }
}

async fn lease(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
    lease_for: Duration,
    unknown_for: Duration,
    limits: SendLimits,
    tokens: &[LeaseToken],
    database_time: bool,
) -> Result<Vec<LeasedMessage>, Error> {
    let now = time::turn_to_lease(connection, Turn::Outbox, now, database_time).await?;
    lease::give_up_on_the_lost(connection, now, now + unknown_for).await?;
    lease::lease(connection, now, now + lease_for, limits, tokens).await
}

/// Queues a message behind all others.
pub(crate) async fn queue(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    message: &NewOutbound,
    now: Timestamp,
    database_time: bool,
) -> Result<(), Error> {
    diesel::insert_into(outbox::table)
        .values((
            outbox::company_id.eq(company.as_str()),
            message::MessageRow::of(message)?,
            outbox::queued_at.eq(now.as_micros()),
            outbox::due_at.eq(onboarding_due(now.as_micros(), database_time)),
            outbox::state.eq(OutboxState::Pending.as_str()),
        ))
        .execute(connection)
        .await?;
    Ok(())
}
