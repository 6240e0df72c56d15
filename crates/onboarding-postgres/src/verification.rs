//! Checks the invariants on the data by queries of their own.

mod queries;

use async_trait::async_trait;
use diesel::{
    QueryableByName,
    sql_types::{Nullable, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection as _};
use onboarding_core::{
    CompanyId,
    ports::{StoreError, Verification, Violation},
};

use self::queries::QUERIES;
use crate::{
    PostgresStore,
    error::{Error, Place},
    key::Key,
    transaction::{Scope, transaction},
};

/// A violation; the two ids stand for the two `{}` of the subject.
#[derive(QueryableByName)]
struct ViolationRow {
    #[diesel(sql_type = Text)]
    company_id: String,
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = Uuid)]
    one: Key,
    #[diesel(sql_type = Nullable<Uuid>)]
    other: Option<Key>,
}

#[async_trait]
impl Verification for PostgresStore {
    async fn violations(&self) -> Result<Vec<Violation>, StoreError> {
        let mut attempts = self.read("verify the data", Scope::Installation);
        transaction!(attempts, |connection| all(connection))
    }
}

async fn all(connection: &mut AsyncPgConnection) -> Result<Vec<Violation>, Error> {
    // It reads everything, which may take longer than what anybody waits for.
    connection
        .batch_execute("SET LOCAL statement_timeout = '10min'")
        .await?;
    let mut violations = Vec::new();
    for (invariant, query) in QUERIES {
        violations.extend(look(connection, invariant, query).await?);
    }
    Ok(violations)
}

async fn look(
    connection: &mut AsyncPgConnection,
    invariant: &'static str,
    query: &str,
) -> Result<Vec<Violation>, Error> {
    let rows: Vec<ViolationRow> = diesel::sql_query(format!("{query} LIMIT 1000"))
        .load(connection)
        .await?;
    let violation = |row: ViolationRow| {
        let place = Place {
            table: "companies",
            row: &row.company_id,
        };
        let company = place.read("company_id", CompanyId::parse(&row.company_id))?;
        let mut subject = row.subject.replacen("{}", &row.one.to_string(), 1);
        if let Some(other) = row.other {
            subject = subject.replacen("{}", &other.to_string(), 1);
        }
        Ok(Violation {
            invariant,
            company,
            subject,
        })
    };
    rows.into_iter().map(violation).collect()
}
