//! The queue of what goes out.

mod breaker;
mod lease;
mod message;
mod rate;
mod settle;

use std::time::Duration;

use async_trait::async_trait;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SqliteConnection, dsl::max};
use onboarding_core::{
    CompanyId, InvitationContext, InvitationFailure, LeaseToken, NewOutbound, OutboxId, OutboxState,
    SendLimits, SendRefusal, Timestamp,
    ports::{LeasedMessage, Outbox, SettleOutcome, Settlement, StoreError},
};

pub(crate) use self::message::shown;
use crate::{SqliteStore, error::Error, invitation, schema::outbox};

#[async_trait]
impl Outbox for SqliteStore {
    async fn lease(
        &self,
        now: Timestamp,
        lease_for: Duration,
        unknown_for: Duration,
        limits: SendLimits,
        tokens: Vec<LeaseToken>,
    ) -> Result<Vec<LeasedMessage>, StoreError> {
        self.write("lease messages to send", move |connection| {
            lease::give_up_on_the_lost(connection, now, now + unknown_for)?;
            lease::lease(connection, now, now + lease_for, limits, tokens)
        })
        .await
    }

    async fn settle(
        &self,
        message: &LeasedMessage,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<SettleOutcome, StoreError> {
        let message = message.clone();
        self.write("settle the message", move |connection| {
            settle::settle(connection, &message, &settlement, now)
        })
        .await
    }

    async fn invitation_context(
        &self,
        company: &CompanyId,
        invitation: OutboxId,
    ) -> Result<Option<InvitationContext>, StoreError> {
        let (company, cache) = (company.clone(), self.companies());
        self.read("load the room of the invitation", move |connection| {
            invitation::context(connection, &cache, &company, invitation)
        })
        .await
    }

    async fn failed_invitations(
        &self,
        limit: u32,
    ) -> Result<Vec<(CompanyId, OutboxId, SendRefusal)>, StoreError> {
        self.read("look for failed invitations", move |connection| {
            invitation::failed(connection, limit)
        })
        .await
    }

    async fn fail_room(
        &self,
        company: &CompanyId,
        failure: InvitationFailure,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let company = company.clone();
        self.write("mark the room as failed", move |connection| {
            invitation::fail_room(connection, &company, &failure, now)
        })
        .await
    }
}

/// Queues a message behind all others.
pub(crate) fn queue(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    message: &NewOutbound,
    now: Timestamp,
) -> Result<(), Error> {
    let last: Option<i64> = outbox::table.select(max(outbox::place)).first(connection)?;
    diesel::insert_into(outbox::table)
        .values((
            outbox::company_id.eq(company.as_str()),
            outbox::place.eq(last.unwrap_or(0) + 1),
            message::MessageRow::of(message)?,
            outbox::queued_at.eq(now.as_micros()),
            outbox::due_at.eq(now.as_micros()),
            outbox::state.eq(OutboxState::Pending.as_str()),
        ))
        .execute(connection)?;
    Ok(())
}
