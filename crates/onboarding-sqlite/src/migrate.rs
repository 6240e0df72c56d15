//! Brings the schema up to what this binary knows.

use diesel::{SqliteConnection, migration::MigrationSource, sqlite::Sqlite};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::open::OpenError;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// What to do with migrations that are pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migrations {
    /// Apply them.
    Apply,
    /// Refuse to open the database.
    Refuse,
}

/// Applies what is pending and gives the versions, oldest first. Refuses a schema with steps that this binary does not
/// know: a newer binary wrote it, and what it means by it nobody here can tell.
pub(crate) fn bring_up_to_date(
    connection: &mut SqliteConnection,
    migrations: Migrations,
) -> Result<Vec<String>, OpenError> {
    let unreadable = |error| OpenError::Migration(error);
    let known = MigrationSource::<Sqlite>::migrations(&MIGRATIONS).map_err(unreadable)?;
    let applied = connection.applied_migrations().map_err(unreadable)?;
    let is_known = |version: &_| known.iter().any(|one| one.name().version() == *version);
    if let Some(newer) = applied.iter().find(|version| !is_known(version)) {
        return Err(OpenError::Newer {
            version: newer.to_string(),
        });
    }
    let pending = connection.pending_migrations(MIGRATIONS).map_err(unreadable)?;
    if migrations == Migrations::Refuse && !pending.is_empty() {
        return Err(OpenError::Pending { count: pending.len() });
    }
    onboarding_core::crash_point!("migrate.before");
    let mut done = Vec::with_capacity(pending.len());
    for migration in &pending {
        connection.run_migration(migration.as_ref()).map_err(unreadable)?;
        onboarding_core::crash_point!("migrate.between");
        done.push(migration.name().version().to_string());
    }
    onboarding_core::crash_point!("migrate.after");
    Ok(done)
}

#[cfg(test)]
mod tests;
