//! The audit: entries in a chain for each company.

use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, Selectable, SelectableHelper,
    SqliteConnection, sqlite::Sqlite,
};
use onboarding_core::{
    CompanyId, Timestamp,
    audit::{AuditEntry, AuditFilter, AuditHash, AuditHead, NewAuditEntry, chain_hash},
    ports::{AuditLog, StoreError},
};

use crate::{
    SqliteStore,
    error::{BadRow, Error, Place},
    schema::{audit_events, audit_heads},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_events, check_for_backend(Sqlite))]
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
impl AuditLog for SqliteStore {
    async fn record_audit(&self, company: &CompanyId, entries: Vec<NewAuditEntry>) -> Result<(), StoreError> {
        let company = company.clone();
        self.write("write the audit", move |connection| {
            append(connection, &company, &entries)
        })
        .await
    }

    async fn audit_entries(
        &self,
        company: &CompanyId,
        filter: &AuditFilter,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let (company, filter) = (company.clone(), filter.clone());
        self.read("read the audit", move |connection| {
            page(connection, &company, &filter, after, limit)
        })
        .await
    }

    async fn audit_head(&self, company: &CompanyId) -> Result<Option<AuditHead>, StoreError> {
        let company = company.clone();
        self.read("read the end of the audit", move |connection| {
            head(connection, &company)
        })
        .await
    }
}

/// Appends the entries to the company's chain, in their order. They are part of the job: if it is undone, so are they.
pub(crate) fn append(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    entries: &[NewAuditEntry],
) -> Result<(), Error> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut last = head(connection, company)?.unwrap_or(AuditHead {
        sequence: 0,
        hash: AuditHash::NONE,
    });
    for entry in entries {
        let sequence = last.sequence + 1;
        let hash = chain_hash(company, sequence, &last.hash, &entry.canonical_bytes());
        last = AuditHead { sequence, hash };
        insert(connection, company, last, entry)?;
    }
    let end = (
        audit_heads::sequence.eq(column(last.sequence)?),
        audit_heads::hash.eq(&last.hash.as_bytes()[..]),
    );
    diesel::insert_into(audit_heads::table)
        .values((audit_heads::company_id.eq(company.as_str()), end))
        .on_conflict(audit_heads::company_id)
        .do_update()
        .set(end)
        .execute(connection)?;
    Ok(())
}

fn insert(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    place: AuditHead,
    entry: &NewAuditEntry,
) -> Result<(), Error> {
    diesel::insert_into(audit_events::table)
        .values((
            audit_events::company_id.eq(company.as_str()),
            audit_events::sequence.eq(column(place.sequence)?),
            audit_events::hash.eq(&place.hash.as_bytes()[..]),
            audit_events::at.eq(entry.at.as_micros()),
            audit_events::actor_kind.eq(&entry.actor_kind),
            audit_events::actor_id.eq(&entry.actor_id),
            audit_events::address.eq(&entry.address),
            audit_events::action.eq(&entry.action),
            audit_events::subject_kind.eq(&entry.subject_kind),
            audit_events::subject_id.eq(&entry.subject_id),
            audit_events::before_value.eq(&entry.before),
            audit_events::after_value.eq(&entry.after),
        ))
        .execute(connection)?;
    Ok(())
}

fn column(sequence: u64) -> Result<i64, Error> {
    i64::try_from(sequence).map_err(|_| Error::Impossible("the audit is too long".to_owned()))
}

fn head(connection: &mut SqliteConnection, company: &CompanyId) -> Result<Option<AuditHead>, Error> {
    let row: Option<(i64, Vec<u8>)> = audit_heads::table
        .find(company.as_str())
        .select((audit_heads::sequence, audit_heads::hash))
        .first(connection)
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

fn page(
    connection: &mut SqliteConnection,
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
    let rows: Vec<EventRow> = query.load(connection)?;
    Ok(rows.into_iter().map(EventRow::entry).collect::<Result<_, _>>()?)
}
