//! The audit: entries in a chain for each company.

use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper, pg::Pg,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    CompanyId, Timestamp,
    audit::{AuditEntry, AuditFilter, AuditHash, AuditHead, NewAuditEntry, chain_prefix},
    ports::{AuditLog, StoreError},
};

use crate::{
    PostgresStore,
    error::{BadRow, Error, Place},
    schema::{audit_events, audit_heads},
    transaction::{Scope, transaction},
};

#[expect(clippy::too_many_arguments, reason = "one for each column")]
mod appending {
    use diesel::{
        define_sql_function,
        sql_types::{BigInt, Binary, Nullable, Text},
    };

    define_sql_function! {
        /// Moves the head on and puts the entry there. A function, because a query of Diesel's own is prepared once for
        /// a connection and one that is given as a text every time.
        fn onboarding_append_audit(
            company: Text,
            prefix: Binary,
            canonical: Binary,
            at: BigInt,
            actor_kind: Text,
            actor_id: Nullable<Text>,
            address: Nullable<Text>,
            action: Text,
            subject_kind: Text,
            subject_id: Text,
            before: Nullable<Text>,
            after: Nullable<Text>,
        ) -> BigInt;
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_events, check_for_backend(Pg))]
struct EventRow {
    sequence: i64,
    hash: Vec<u8>,
    at: i64,
    actor_kind: String,
    actor_id: Option<String>,
    address: Option<String>,
    action: String,
    subject_kind: String,
    subject_id: String,
    before_value: Option<String>,
    after_value: Option<String>,
}

impl EventRow {
    fn entry(self) -> Result<AuditEntry, BadRow> {
        let place = Place {
            table: "audit_events",
            row: &self.sequence,
        };
        Ok(AuditEntry {
            sequence: place.read("sequence", u64::try_from(self.sequence))?,
            hash: place.read("hash", hash(&self.hash))?,
            content: NewAuditEntry {
                at: Timestamp::from_micros(self.at),
                actor_kind: self.actor_kind,
                actor_id: self.actor_id,
                address: self.address,
                action: self.action,
                subject_kind: self.subject_kind,
                subject_id: self.subject_id,
                before: self.before_value,
                after: self.after_value,
            },
        })
    }
}

fn hash(bytes: &[u8]) -> Option<AuditHash> {
    bytes.try_into().ok().map(AuditHash::from_bytes)
}

#[async_trait]
impl AuditLog for PostgresStore {
    async fn record_audit(&self, company: &CompanyId, entries: Vec<NewAuditEntry>) -> Result<(), StoreError> {
        let mut attempts = self.write("write the audit", Scope::Company(company));
        let entries = &entries;
        transaction!(attempts, |connection| append(connection, company, entries))
    }

    async fn audit_entries(
        &self,
        company: &CompanyId,
        filter: &AuditFilter,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let mut attempts = self.read("read the audit", Scope::Company(company));
        transaction!(attempts, |connection| page(
            connection, company, filter, after, limit
        ))
    }

    async fn audit_head(&self, company: &CompanyId) -> Result<Option<AuditHead>, StoreError> {
        let mut attempts = self.read("read the end of the audit", Scope::Company(company));
        transaction!(attempts, |connection| head(connection, company))
    }
}

/// Appends the entries to the company's chain, in their order. The last thing that a transaction does: what it does
/// afterwards makes every other change of the company wait, and what it then waits for may wait for it.
pub(crate) async fn append(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    entries: &[NewAuditEntry],
) -> Result<(), Error> {
    let prefix = chain_prefix(company);
    for entry in entries {
        let appended = appending::onboarding_append_audit(
            company.as_str(),
            &prefix,
            entry.canonical_bytes(),
            entry.at.as_micros(),
            &entry.actor_kind,
            &entry.actor_id,
            &entry.address,
            &entry.action,
            &entry.subject_kind,
            &entry.subject_id,
            &entry.before,
            &entry.after,
        );
        let _place: i64 = diesel::select(appended).get_result(connection).await?;
    }
    Ok(())
}

async fn head(connection: &mut AsyncPgConnection, company: &CompanyId) -> Result<Option<AuditHead>, Error> {
    let row: Option<(i64, Vec<u8>)> = audit_heads::table
        .find(company.as_str())
        .select((audit_heads::sequence, audit_heads::hash))
        .first(connection)
        .await
        .optional()?;
    let read = |(sequence, bytes): (i64, Vec<u8>)| {
        let place = Place {
            table: "audit_heads",
            row: company,
        };
        Ok(AuditHead {
            sequence: place.read("sequence", u64::try_from(sequence))?,
            hash: place.read("hash", hash(&bytes))?,
        })
    };
    row.map(read).transpose()
}

async fn page(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    filter: &AuditFilter,
    after: u64,
    limit: u32,
) -> Result<Vec<AuditEntry>, Error> {
    let mut query = audit_events::table
        .filter(audit_events::company_id.eq(company.as_str()))
        .filter(audit_events::sequence.gt(i64::try_from(after).unwrap_or(i64::MAX)))
        .order(audit_events::sequence)
        .limit(limit.into())
        .select(EventRow::as_select())
        .into_boxed();
    let AuditFilter {
        actor_kind,
        actor_id,
        action,
        subject_kind,
        subject_id,
        from,
        until,
    } = filter;
    if let Some(kind) = actor_kind {
        query = query.filter(audit_events::actor_kind.eq(kind));
    }
    if let Some(id) = actor_id {
        query = query.filter(audit_events::actor_id.eq(id));
    }
    if let Some(action) = action {
        query = query.filter(audit_events::action.eq(action));
    }
    if let Some(kind) = subject_kind {
        query = query.filter(audit_events::subject_kind.eq(kind));
    }
    if let Some(id) = subject_id {
        query = query.filter(audit_events::subject_id.eq(id));
    }
    if let Some(from) = from {
        query = query.filter(audit_events::at.ge(from.as_micros()));
    }
    if let Some(until) = until {
        query = query.filter(audit_events::at.lt(until.as_micros()));
    }
    let rows: Vec<EventRow> = query.load(connection).await?;
    Ok(rows.into_iter().map(EventRow::entry).collect::<Result<_, _>>()?)
}
