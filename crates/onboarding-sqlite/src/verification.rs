//! Checks the invariants on the data by queries of their own.

mod queries;

use async_trait::async_trait;
use diesel::{
    QueryableByName, RunQueryDsl, SqliteConnection,
    sql_types::{Binary, Nullable, Text},
};
use onboarding_core::{
    CompanyId,
    ports::{StoreError, Verification, Violation},
};

use self::queries::QUERIES;
use crate::{
    SqliteStore,
    error::{Error, Place},
    key::Key,
};

/// A violation; the two ids stand for the two `{}` of the subject.
#[derive(QueryableByName)]
struct ViolationRow {
    #[diesel(sql_type = Text)]
    company_id: String,
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = Binary)]
    one: Key,
    #[diesel(sql_type = Nullable<Binary>)]
    other: Option<Key>,
}

#[async_trait]
impl Verification for SqliteStore {
    async fn violations(&self) -> Result<Vec<Violation>, StoreError> {
        self.read("verify the data", |connection| {
            let mut violations = Vec::new();
            for (invariant, query) in QUERIES {
                violations.extend(look(connection, invariant, query)?);
            }
            Ok(violations)
        })
        .await
    }
}

fn look(
    connection: &mut SqliteConnection,
    invariant: &'static str,
    query: &str,
) -> Result<Vec<Violation>, Error> {
    let rows: Vec<ViolationRow> = diesel::sql_query(format!("{query} LIMIT 1000")).load(connection)?;
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
