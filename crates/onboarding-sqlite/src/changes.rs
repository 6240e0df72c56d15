//! Whether anything changed that people look at: one row, each of its parts the end of an index.

use async_trait::async_trait;
use diesel::{
    QueryableByName, RunQueryDsl,
    sql_types::{BigInt, Text},
};
use onboarding_core::{
    CompanyId,
    ports::{ChangeMark, Changes, StoreError},
};

use crate::SqliteStore;

const MARK: &str = "
    SELECT
        coalesce((SELECT sequence FROM audit_heads WHERE company_id = ?1), 0) AS audit,
        coalesce((SELECT revision FROM companies WHERE company_id = ?1), 0) AS revision,
        coalesce((SELECT max(finished_at) FROM inbox WHERE company_id = ?1 AND finished_at IS NOT NULL), 0) AS finished,
        coalesce((SELECT max(settled_at) FROM outbox WHERE company_id = ?1 AND settled_at IS NOT NULL), 0) AS settled,
        coalesce((SELECT place FROM notices WHERE company_id = ?1 ORDER BY notice_id DESC LIMIT 1), 0) AS notice,
        coalesce((SELECT created + changed + unchanged + refused FROM imports
                  WHERE company_id = ?1 AND ended_at IS NULL), -1) AS import";

#[derive(QueryableByName)]
struct MarkRow {
    #[diesel(sql_type = BigInt)]
    audit: i64,
    #[diesel(sql_type = BigInt)]
    revision: i64,
    #[diesel(sql_type = BigInt)]
    finished: i64,
    #[diesel(sql_type = BigInt)]
    settled: i64,
    #[diesel(sql_type = BigInt)]
    notice: i64,
    #[diesel(sql_type = BigInt)]
    import: i64,
}

impl MarkRow {
    fn mark(self) -> ChangeMark {
        ChangeMark {
            audit: u64::try_from(self.audit).unwrap_or(0),
            others: vec![
                self.revision,
                self.finished,
                self.settled,
                self.notice,
                self.import,
            ],
        }
    }
}

#[async_trait]
impl Changes for SqliteStore {
    async fn change_mark(&self, company: &CompanyId) -> Result<ChangeMark, StoreError> {
        let company = company.clone();
        self.read("look whether something changed", move |connection| {
            let row: MarkRow = diesel::sql_query(MARK)
                .bind::<Text, _>(company.as_str())
                .get_result(connection)?;
            Ok(row.mark())
        })
        .await
    }
}
