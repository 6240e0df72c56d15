//! The queue of what came in.

pub(crate) mod health;
mod store;

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, RunQueryDsl, SqliteConnection,
    sql_types::{BigInt, Binary, Text},
};
use onboarding_core::{
    CompanyId, IngestHealth, LeaseToken, StatusReport, Timestamp,
    audit::buried_entry,
    in_turns,
    ports::{AccountOwner, Inbox, InboxItem, InboxLease, NewDelivery, StatusEffect, StoreError},
};

use crate::{
    SqliteStore, audit, company,
    error::{Error, Place},
    key::Key,
    prepared::Prepared,
    schema::{inbox, official_accounts},
    status,
};

/// Companies with something to do.
const WITH_OPEN_ROWS: &str = "
    SELECT company_id FROM companies
    WHERE EXISTS (SELECT 1 FROM inbox WHERE inbox.company_id = companies.company_id AND finished_at IS NULL)";

/// Rows of a company that are due, the first unfinished of a lane in which nobody is at work, in order of arrival.
const DUE: &str = "
    SELECT company_id, inbox_id, arrival, place FROM inbox AS due
    WHERE company_id = ?3 AND finished_at IS NULL AND due_at <= ?1
      AND NOT EXISTS (
        SELECT 1 FROM inbox AS other
        WHERE other.company_id = due.company_id AND other.lane = due.lane AND other.finished_at IS NULL
          AND (other.leased_until > ?1 OR (other.arrival, other.place) < (due.arrival, due.place)))
    ORDER BY arrival, place LIMIT ?2";

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = Text)]
    company_id: String,
    #[diesel(sql_type = Binary)]
    inbox_id: Key,
    #[diesel(sql_type = BigInt)]
    arrival: i64,
    #[diesel(sql_type = BigInt)]
    place: i64,
}

#[async_trait]
impl Inbox for SqliteStore {
    async fn owners(
        &self,
        phone_number_ids: &[String],
    ) -> Result<BTreeMap<String, AccountOwner>, StoreError> {
        let ids = phone_number_ids.to_vec();
        self.read("look up the accounts", move |connection| {
            let rows: Vec<(String, String, Key)> = official_accounts::table
                .filter(official_accounts::phone_number_id.eq_any(ids))
                .filter(official_accounts::removed_at.is_null())
                .select((
                    official_accounts::phone_number_id,
                    official_accounts::company_id,
                    official_accounts::account_id,
                ))
                .load(connection)?;
            let owner = |(id, company, account): (String, String, Key)| {
                let place = Place {
                    table: "official_accounts",
                    row: &account,
                };
                let company = place.read("company_id", CompanyId::parse(&company))?;
                Ok((
                    id,
                    AccountOwner {
                        company,
                        account: account.into(),
                    },
                ))
            };
            rows.into_iter().map(owner).collect()
        })
        .await
    }

    async fn owner_of_waba(&self, waba_id: &str) -> Result<Option<CompanyId>, StoreError> {
        let waba = waba_id.to_owned();
        self.read("look up the WhatsApp Business Account", move |connection| {
            let company: Option<String> = official_accounts::table
                .filter(official_accounts::waba_id.eq(&waba))
                .filter(official_accounts::removed_at.is_null())
                .order(official_accounts::company_id)
                .select(official_accounts::company_id)
                .first(connection)
                .optional()?;
            let place = Place {
                table: "official_accounts",
                row: &waba,
            };
            Ok(company
                .map(|id| place.read("company_id", CompanyId::parse(&id)))
                .transpose()?)
        })
        .await
    }

    async fn store(&self, delivery: NewDelivery) -> Result<usize, StoreError> {
        self.write("store the delivery", move |connection| {
            store::store(connection, &delivery)
        })
        .await
    }

    async fn ingest_seen(&self, now: Timestamp, interrupted: bool) -> Result<IngestHealth, StoreError> {
        self.write("note that ingest works", move |connection| {
            health::seen(connection, now, interrupted)
        })
        .await
    }

    async fn lease(
        &self,
        now: Timestamp,
        lease_for: Duration,
        tokens: Vec<LeaseToken>,
    ) -> Result<Vec<InboxItem>, StoreError> {
        self.write("lease inbound events", move |connection| {
            let due = due(connection, now, tokens.len())?;
            let lease = |(due, token)| lease(connection, &due, token, now + lease_for);
            due.into_iter().zip(tokens).map(lease).collect()
        })
        .await
    }

    async fn finish(&self, item: &InboxItem, note: &str, now: Timestamp) -> Result<(), StoreError> {
        let (company, lease, note) = (item.company.clone(), item.lease.clone(), note.to_owned());
        self.write("finish the inbound event", move |connection| {
            close(connection, &company, &lease, Some(&note), now)?;
            Ok(())
        })
        .await
    }

    async fn retry_at(&self, item: &InboxItem, due: Timestamp) -> Result<(), StoreError> {
        let (company, lease) = (item.company.clone(), item.lease.clone());
        self.write("put the inbound event back", move |connection| {
            diesel::update(inbox::table.find((company.as_str(), Key::from(lease.id))))
                .filter(inbox::lease_token.eq(Key::from(lease.token)))
                .filter(inbox::finished_at.is_null())
                .set((
                    inbox::due_at.eq(due.as_micros()),
                    inbox::lease_token.eq(None::<Key>),
                    inbox::leased_until.eq(None::<i64>),
                ))
                .execute(connection)?;
            Ok(())
        })
        .await
    }

    async fn bury(&self, item: &InboxItem, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        let (company, lease, reason) = (item.company.clone(), item.lease.clone(), reason.to_owned());
        self.write("give the inbound event up", move |connection| {
            if close(connection, &company, &lease, Some(&reason), now)? {
                diesel::update(inbox::table.find((company.as_str(), Key::from(lease.id))))
                    .set(inbox::buried.eq(true))
                    .execute(connection)?;
                audit::append(connection, &company, &[buried_entry(lease.id, &reason, now)])?;
            }
            Ok(())
        })
        .await
    }

    async fn apply_status(
        &self,
        item: &InboxItem,
        report: &StatusReport,
        now: Timestamp,
    ) -> Result<StatusEffect, StoreError> {
        let (company, lease, report) = (item.company.clone(), item.lease.clone(), report.clone());
        self.write("record the status", move |connection| {
            status::apply(connection, &company, &lease, &report, now)
        })
        .await
    }
}

/// What may be leased, of each company at most `limit` rows, in turns.
fn due(connection: &mut SqliteConnection, now: Timestamp, limit: usize) -> Result<Vec<Due>, Error> {
    let mut due: Vec<Due> = Vec::new();
    for company in company::named_by(connection, WITH_OPEN_ROWS)? {
        let due_of = diesel::sql_query(DUE)
            .bind::<BigInt, _>(now.as_micros())
            .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
            .bind::<Text, _>(company);
        due.extend(Prepared(due_of).load::<Due>(connection)?);
    }
    due.sort_by_key(|row| (row.arrival, row.place));
    Ok(in_turns(due, |row| row.company_id.clone()))
}

fn lease(
    connection: &mut SqliteConnection,
    due: &Due,
    token: LeaseToken,
    until: Timestamp,
) -> Result<InboxItem, Error> {
    let lease = diesel::update(inbox::table.find((&due.company_id, due.inbox_id)))
        .set((
            inbox::lease_token.eq(Key::from(token)),
            inbox::leased_until.eq(until.as_micros()),
            inbox::attempts.eq(inbox::attempts + 1),
        ))
        .returning((inbox::account_id, inbox::payload, inbox::attempts));
    let (account, payload, attempts): (Key, Vec<u8>, i64) = Prepared(lease).get_result(connection)?;
    let place = Place {
        table: "inbox",
        row: &due.inbox_id,
    };
    Ok(InboxItem {
        lease: InboxLease {
            id: due.inbox_id.into(),
            token,
        },
        company: place.read("company_id", CompanyId::parse(&due.company_id))?,
        account: (account != Key::NONE).then(|| account.into()),
        payload,
        attempts: place.read("attempts", u32::try_from(attempts))?,
    })
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

/// Looks whether the lease holds.
pub(crate) fn standing(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    lease: &InboxLease,
) -> Result<Standing, Error> {
    let row: Option<(Option<i64>, Option<Key>)> = inbox::table
        .find((company.as_str(), Key::from(lease.id)))
        .select((inbox::finished_at, inbox::lease_token))
        .first(connection)
        .optional()?;
    Ok(match row {
        Some((Some(_), _)) => Standing::Finished,
        Some((None, Some(token))) if token == Key::from(lease.token) => Standing::Ours,
        _ => Standing::NotOurs,
    })
}

/// Finishes a leased row with a note of how, unless a decision tells; `false`, and nothing changed, without the lease.
pub(crate) fn close(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    lease: &InboxLease,
    note: Option<&str>,
    now: Timestamp,
) -> Result<bool, Error> {
    let close = diesel::update(inbox::table.find((company.as_str(), Key::from(lease.id))))
        .filter(inbox::lease_token.eq(Key::from(lease.token)))
        .filter(inbox::finished_at.is_null())
        .set((
            inbox::finished_at.eq(now.as_micros()),
            inbox::note.eq(note),
            inbox::lease_token.eq(None::<Key>),
            inbox::leased_until.eq(None::<i64>),
        ));
    let closed = Prepared(close).execute(connection)?;
    Ok(closed == 1)
}
