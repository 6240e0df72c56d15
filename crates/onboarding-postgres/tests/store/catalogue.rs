//! Rules that every table keeps, read from the server's own books.

use tokio_postgres::Client;

use crate::database::Database;

/// Runs a query whose rows each name something that is wrong.
async fn assert_none(client: &Client, what: &str, query: &str) {
    let rows = client.query(query, &[]).await.expect("an answer");
    let found: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert!(found.is_empty(), "{what}: {found:?}");
}

/// The tables of ours.
const TABLES: &str = "pg_class AS t JOIN pg_namespace AS n ON n.oid = t.relnamespace AND n.nspname = 'public'
    WHERE t.relkind IN ('r', 'p') AND t.relname <> '__diesel_schema_migrations'";

#[tokio::test(flavor = "multi_thread")]
async fn every_table_has_row_level_security_that_binds_its_owner_too() {
    let database = Database::migrated().await;
    let client = database.client().await;
    let count = client
        .query_one(&format!("SELECT count(*) FROM {TABLES}"), &[])
        .await
        .expect("an answer");
    assert!(count.get::<_, i64>(0) > 20, "the query looks at our tables");
    let query = format!(
        "SELECT t.relname::text FROM {TABLES} AND NOT (t.relrowsecurity AND t.relforcerowsecurity
            AND EXISTS (SELECT FROM pg_policy WHERE polrelid = t.oid AND polcmd = '*' AND polpermissive))"
    );
    assert_none(&client, "without row-level security", &query).await;
    let query = format!(
        "SELECT t.relname::text FROM {TABLES}
            AND NOT has_table_privilege('onboarding_app', t.oid, 'SELECT, INSERT, UPDATE, DELETE')"
    );
    assert_none(&client, "which the service may not use", &query).await;
    let query =
        format!("SELECT t.relname::text FROM {TABLES} AND pg_get_userbyid(t.relowner) = 'onboarding_app'");
    assert_none(&client, "owned by whom the policies should bind", &query).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_has_a_key_and_every_unique_index_begins_with_the_company() {
    let database = Database::migrated().await;
    let client = database.client().await;
    let query = format!(
        "SELECT t.relname::text FROM {TABLES}
            AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = t.oid AND indisprimary)"
    );
    assert_none(&client, "without a primary key", &query).await;
    let query = format!(
        "SELECT i.indexrelid::regclass::text FROM pg_index AS i
            WHERE i.indisunique AND i.indrelid IN (SELECT t.oid FROM {TABLES})
              AND pg_get_indexdef(i.indexrelid, 1, true) <> 'company_id'"
    );
    assert_none(&client, "unique over all companies", &query).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_foreign_key_carries_the_company() {
    let database = Database::migrated().await;
    let client = database.client().await;
    let first = |table: &str, columns: &str| {
        format!("(SELECT attname FROM pg_attribute WHERE attrelid = {table} AND attnum = {columns}[1])")
    };
    let query = format!(
        "SELECT conrelid::regclass || ' ' || conname FROM pg_constraint AS c WHERE contype = 'f'
            AND conrelid IN (SELECT t.oid FROM {TABLES})
            AND ({} <> 'company_id' OR {} <> 'company_id')",
        first("c.conrelid", "c.conkey"),
        first("c.confrelid", "c.confkey"),
    );
    assert_none(&client, "foreign keys into other companies", &query).await;
}

/// A bound value where the predicate has a literal makes the server scan the table.
#[tokio::test(flavor = "multi_thread")]
async fn partial_indexes_ask_for_null_or_a_boolean_only() {
    let database = Database::migrated().await;
    let client = database.client().await;
    let query = format!(
        "SELECT indexrelid::regclass || ' ' || predicate
            FROM (SELECT indexrelid, pg_get_expr(indpred, indrelid) AS predicate FROM pg_index
                WHERE indpred IS NOT NULL AND indrelid IN (SELECT t.oid FROM {TABLES})) AS partial
            WHERE predicate ~ '[=<>'']'"
    );
    assert_none(&client, "predicates that a bound value misses", &query).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_compare_by_their_bytes_whatever_the_language_of_the_server() {
    let database = Database::migrated().await;
    let client = database.client().await;
    let query = format!(
        "SELECT a.attrelid::regclass || '.' || a.attname FROM pg_attribute AS a
            JOIN pg_index AS i ON i.indrelid = a.attrelid AND i.indisunique AND a.attnum = ANY (i.indkey)
            JOIN pg_collation AS c ON c.oid = a.attcollation
            WHERE a.attrelid IN (SELECT t.oid FROM {TABLES}) AND c.collname <> 'C'"
    );
    assert_none(&client, "columns of keys in the order of a language", &query).await;
}
