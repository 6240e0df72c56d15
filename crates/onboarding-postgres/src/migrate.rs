//! Brings the schema up to what this binary knows.

use std::error::Error as StdError;

use diesel::{
    QueryableByName, RunQueryDsl as _,
    migration::{Migration, MigrationSource},
    pg::Pg,
    sql_types::{Bool, Text},
};
use diesel_async::{AsyncPgConnection, async_connection_wrapper::AsyncConnectionWrapper};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::open::OpenError;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// The lock of the whole database under which replicas that start together migrate one after the other. Any number
/// that nobody else uses will do.
const LOCK: &str = "SELECT pg_advisory_lock(7306357456325079140)";
const UNLOCK: &str = "SELECT pg_advisory_unlock(7306357456325079140)";

/// What to do with migrations that are pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migrations {
    /// Apply them.
    Apply,
    /// Refuse to open the database.
    Refuse,
}

/// The connection as the synchronous harness takes it.
type Connection = AsyncConnectionWrapper<AsyncPgConnection>;

#[derive(QueryableByName)]
struct Exists {
    #[diesel(sql_type = Bool)]
    exists: bool,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Applies what is pending and gives the versions, oldest first. Refuses a schema with steps that this binary does not
/// know: a newer binary wrote it, and what it means by it nobody here can tell.
///
/// On a thread of its own, because Diesel's harness blocks.
pub(crate) async fn bring_up_to_date(
    connection: AsyncPgConnection,
    migrations: Migrations,
) -> Result<Vec<String>, OpenError> {
    let work = move || {
        let mut connection = Connection::from(connection);
        diesel::sql_query(LOCK).execute(&mut connection).map_err(failed)?;
        let done = under_lock(&mut connection, migrations);
        diesel::sql_query(UNLOCK)
            .execute(&mut connection)
            .map_err(failed)?;
        done
    };
    tokio::task::spawn_blocking(work).await.map_err(failed)?
}

fn under_lock(connection: &mut Connection, migrations: Migrations) -> Result<Vec<String>, OpenError> {
    let mut known = MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(OpenError::Migration)?;
    known.sort_by_key(|one| one.name().version().to_string());
    let applied = applied(connection)?;
    let is_known = |version: &&String| known.iter().any(|one| version_of(one.as_ref()) == **version);
    if let Some(newer) = applied.iter().find(|version| !is_known(version)) {
        return Err(OpenError::Newer {
            version: newer.clone(),
        });
    }
    known.retain(|one| !applied.contains(&version_of(one.as_ref())));
    if migrations == Migrations::Refuse && !known.is_empty() {
        return Err(OpenError::Pending { count: known.len() });
    }
    onboarding_core::crash_point!("migrate.before");
    let mut done = Vec::with_capacity(known.len());
    for migration in &known {
        // Makes Diesel's table of versions, should there be none.
        connection.applied_migrations().map_err(OpenError::Migration)?;
        connection
            .run_migration(migration.as_ref())
            .map_err(OpenError::Migration)?;
        onboarding_core::crash_point!("migrate.between");
        done.push(version_of(migration.as_ref()));
    }
    onboarding_core::crash_point!("migrate.after");
    Ok(done)
}

/// The versions that were applied. Reads only, so that a login without the right to create can look.
fn applied(connection: &mut Connection) -> Result<Vec<String>, OpenError> {
    let table = "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS exists";
    let table: Exists = diesel::sql_query(table).get_result(connection).map_err(failed)?;
    if !table.exists {
        return Ok(Vec::new());
    }
    let query = diesel::sql_query("SELECT version::text FROM __diesel_schema_migrations ORDER BY version");
    let rows: Vec<Version> = query.load(connection).map_err(failed)?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}

fn version_of(migration: &dyn Migration<Pg>) -> String {
    migration.name().version().to_string()
}

fn failed(error: impl Into<Box<dyn StdError + Send + Sync>>) -> OpenError {
    OpenError::Migration(error.into())
}
