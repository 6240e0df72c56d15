//! The queue of what came in.

pub(crate) mod health;
mod lease;
mod owner;
mod store;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::deadpool::Pool};
use onboarding_core::{
    CompanyId, IngestHealth, LeaseToken, StatusReport, Timestamp,
    audit::buried_entry,
    ports::{AccountOwner, Inbox, InboxItem, InboxLease, NewDelivery, StatusEffect, StoreError},
};

use crate::{
    PostgresStore, Queue, audit,
    error::Error,
    key::Key,
    prepared::Prepared,
    schema::inbox,
    status,
    text::clean,
    together::{Together, Work},
    transaction::{Access, Attempts, Scope, transaction},
};

const OWNERS: &str = "look up the accounts";
const STORE: &str = "store the delivery";

/// Deliveries that one transaction stores at the most, and numbers of so many that one looks up.
const GROUP: usize = 32;

/// Groups under way at a time: one is prepared while another is written.
const GROUPS: usize = 2;

/// Whose the numbers of some deliveries are.
pub(crate) type OwnersTogether = Together<Vec<String>, BTreeMap<String, AccountOwner>>;

/// Stores deliveries; how many of its rows are new.
pub(crate) type DeliveriesTogether = Together<Arc<NewDelivery>, usize>;

pub(crate) fn owners_together(pool: &Pool<AsyncPgConnection>) -> OwnersTogether {
    let pool = pool.clone();
    let work: Work<Vec<String>, BTreeMap<String, AccountOwner>> = Arc::new(move |asked| {
        let pool = pool.clone();
        Box::pin(async move {
            let mut numbers = asked.concat();
            numbers.sort_unstable();
            numbers.dedup();
            let mut attempts = Attempts::new(&pool, OWNERS, Access::Read, Scope::Installation);
            let found = transaction!(attempts, |connection| owner::of_numbers(connection, &numbers))?;
            let of = |numbers: Vec<String>| {
                let owned = |number: String| Some((number.clone(), found.get(&number)?.clone()));
                numbers.into_iter().filter_map(owned).collect()
            };
            Ok(asked.into_iter().map(of).collect())
        })
    });
    Together::start(GROUPS, GROUP, &work)
}

pub(crate) fn deliveries_together(pool: &Pool<AsyncPgConnection>, database_time: bool) -> DeliveriesTogether {
    let pool = pool.clone();
    let work: Work<Arc<NewDelivery>, usize> = Arc::new(move |deliveries| {
        let pool = pool.clone();
        Box::pin(async move {
            let mut attempts = Attempts::new(&pool, STORE, Access::Write, Scope::Installation);
            transaction!(attempts, |connection| store::store(
                connection,
                &deliveries,
                database_time
            ))
        })
    });
    Together::start(GROUPS, GROUP, &work)
}

#[async_trait]
impl Inbox for PostgresStore {
    async fn owners(
        &self,
        phone_number_ids: &[String],
    ) -> Result<BTreeMap<String, AccountOwner>, StoreError> {
        self.owners_together()
            .ask(OWNERS, phone_number_ids.to_vec())
            .await
    }

    async fn owner_of_waba(&self, waba_id: &str) -> Result<Option<CompanyId>, StoreError> {
        let mut attempts = self.ingest("look up the WhatsApp Business Account", Access::Read);
        transaction!(attempts, |connection| owner::of_waba(connection, waba_id))
    }

    async fn store(&self, delivery: NewDelivery) -> Result<usize, StoreError> {
        let stored = self.deliveries_together().ask(STORE, Arc::new(delivery)).await;
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
        let mut attempts = self
            .write("lease inbound events", Scope::Installation)
            .planned_each_time();
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
/// A finished row has no token, so that is all to ask for: asked for open rows too, a server without statistics finds the
/// row by reading all that are open.
pub(crate) async fn close(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    lease: &InboxLease,
    note: Option<&str>,
    now: Timestamp,
) -> Result<bool, Error> {
    let close = diesel::update(inbox::table.find((company.as_str(), Key::from(lease.id))))
        .filter(inbox::lease_token.eq(Key::from(lease.token)))
        .set((
            inbox::finished_at.eq(now.as_micros()),
            inbox::note.eq(note.map(clean)),
            inbox::lease_token.eq(None::<Key>),
            inbox::leased_until.eq(None::<i64>),
        ));
    let closed = Prepared(close).execute(connection).await?;
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
        .set((
            inbox::due_at.eq(due.as_micros()),
            inbox::lease_token.eq(None::<Key>),
            inbox::leased_until.eq(None::<i64>),
        ))
        .execute(connection)
        .await?;
    Ok(())
}
