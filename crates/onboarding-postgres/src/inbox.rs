//! The queue of what came in.

pub(crate) mod health;
mod lease;
mod owner;
mod store;

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    CompanyId, IngestHealth, LeaseToken, StatusReport, Timestamp,
    audit::buried_entry,
    ports::{AccountOwner, Inbox, InboxItem, InboxLease, NewDelivery, StatusEffect, StoreError},
};

use crate::{
    PostgresStore, Queue, audit,
    error::Error,
    key::Key,
    schema::inbox,
    status,
    text::clean,
    transaction::{Access, Scope, transaction},
};

#[async_trait]
impl Inbox for PostgresStore {
    async fn owners(
        &self,
        phone_number_ids: &[String],
    ) -> Result<BTreeMap<String, AccountOwner>, StoreError> {
        let mut attempts = self.ingest("look up the accounts", Access::Read);
        transaction!(attempts, |connection| owner::of_numbers(
            connection,
            phone_number_ids
        ))
    }

    async fn owner_of_waba(&self, waba_id: &str) -> Result<Option<CompanyId>, StoreError> {
        let mut attempts = self.ingest("look up the WhatsApp Business Account", Access::Read);
        transaction!(attempts, |connection| owner::of_waba(connection, waba_id))
    }

    async fn store(&self, delivery: NewDelivery) -> Result<usize, StoreError> {
        let mut attempts = self.ingest("store the delivery", Access::Write);
        let (delivery, database_time) = (&delivery, self.database_time());
        let stored = transaction!(attempts, |connection| store::store(
            connection,
            delivery,
            database_time
        ));
        if stored.as_ref().is_ok_and(|rows| *rows > 0) {
            self.put_into(Queue::Inbox);
        }
        stored
    }

    async fn ingest_seen(&self, now: Timestamp, interrupted: bool) -> Result<IngestHealth, StoreError> {
        let mut attempts = self.ingest("note that ingest works", Access::Write);
        let database_time = self.database_time();
        transaction!(attempts, |connection| health::seen(
            connection,
            now,
            interrupted,
            database_time
        ))
    }

    async fn lease(
        &self,
        now: Timestamp,
        lease_for: Duration,
        tokens: Vec<LeaseToken>,
    ) -> Result<Vec<InboxItem>, StoreError> {
        let mut attempts = self.write("lease inbound events", Scope::Installation);
        let database_time = self.database_time();
        transaction!(attempts, |connection| lease::lease(
            connection,
            now,
            lease_for,
            &tokens,
            database_time
        ))
    }

    async fn finish(&self, item: &InboxItem, note: &str, now: Timestamp) -> Result<(), StoreError> {
        let mut attempts = self.write("finish the inbound event", Scope::Company(&item.company));
        let closed = transaction!(attempts, |connection| close(
            connection,
            &item.company,
            &item.lease,
            Some(note),
            now
        ));
        closed.map(|_| ())
    }

    async fn retry_at(&self, item: &InboxItem, due: Timestamp) -> Result<(), StoreError> {
        let mut attempts = self.write("put the inbound event back", Scope::Company(&item.company));
        transaction!(attempts, |connection| put_back(
            connection,
            &item.company,
            &item.lease,
            due
        ))
    }

    async fn bury(&self, item: &InboxItem, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        let mut attempts = self.write("give the inbound event up", Scope::Company(&item.company));
        transaction!(attempts, |connection| bury(
            connection,
            &item.company,
            &item.lease,
            reason,
            now
        ))
    }

    async fn apply_status(
        &self,
        item: &InboxItem,
        report: &StatusReport,
        now: Timestamp,
    ) -> Result<StatusEffect, StoreError> {
        let mut attempts = self.write("record the status", Scope::Company(&item.company));
        transaction!(attempts, |connection| status::apply(
            connection,
            &item.company,
            &item.lease,
            report,
            now
        ))
    }
}

/// How a leased row stands to the one who leased it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The lease holds.
    Ours,
    /// Somebody finished the row, or gave it up.
    Finished,
    /// It is leased by somebody else or by nobody, or not there.
    NotOurs,
}

/// Looks whether the lease holds, and holds it until the transaction ends; waits for one who holds it.
pub(crate) async fn standing(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    lease: &InboxLease,
) -> Result<Standing, Error> {
    let row: Option<(Option<i64>, Option<Key>)> = inbox::table
        .find((company.as_str(), Key::from(lease.id)))
        .select((inbox::finished_at, inbox::lease_token))
        .for_update()
        .first(connection)
        .await
        .optional()?;
    Ok(match row {
        Some((Some(_), _)) => Standing::Finished,
        Some((None, Some(token))) if token == Key::from(lease.token) => Standing::Ours,
        _ => Standing::NotOurs,
    })
}

/// Finishes a leased row with a note of how, unless a decision tells; `false`, and nothing changed, without the lease.
pub(crate) async fn close(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    lease: &InboxLease,
    note: Option<&str>,
    now: Timestamp,
) -> Result<bool, Error> {
    let closed = diesel::update(inbox::table.find((company.as_str(), Key::from(lease.id))))
        .filter(inbox::lease_token.eq(Key::from(lease.token)))
        .filter(inbox::finished_at.is_null())
        .set((
            inbox::finished_at.eq(now.as_micros()),
            inbox::note.eq(note.map(clean)),
            inbox::lease_token.eq(None::<Key>),
            inbox::leased_until.eq(None::<i64>),
        ))
        .execute(connection)
        .await?;
    Ok(closed == 1)
}

async fn bury(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    lease: &InboxLease,
    reason: &str,
    now: Timestamp,
) -> Result<(), Error> {
    if close(connection, company, lease, Some(reason), now).await? {
        diesel::update(inbox::table.find((company.as_str(), Key::from(lease.id))))
            .set(inbox::buried.eq(true))
            .execute(connection)
            .await?;
        audit::append(connection, company, &[buried_entry(lease.id, reason, now)]).await?;
    }
    Ok(())
}

async fn put_back(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    lease: &InboxLease,
    due: Timestamp,
) -> Result<(), Error> {
    diesel::update(inbox::table.find((company.as_str(), Key::from(lease.id))))
        .filter(inbox::lease_token.eq(Key::from(lease.token)))
        .filter(inbox::finished_at.is_null())
        .set((
            inbox::due_at.eq(due.as_micros()),
            inbox::lease_token.eq(None::<Key>),
            inbox::leased_until.eq(None::<i64>),
        ))
        .execute(connection)
        .await?;
    Ok(())
}
