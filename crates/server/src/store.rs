//! Opening the database that the settings name.

use std::sync::Arc;

use onboarding_core::ports::OnboardingStore;
use onboarding_sqlite::{Migrations, SqliteStore};

use crate::settings::Database;

/// Opens it and, if asked to, brings it to this version.
pub(crate) fn open(database: &Database, migrate: bool) -> anyhow::Result<Arc<dyn OnboardingStore>> {
    match database {
        Database::Sqlite(path) => {
            let migrations = if migrate {
                Migrations::Apply
            } else {
                Migrations::Refuse
            };
            Ok(Arc::new(SqliteStore::open_with(path, migrations)?))
        }
    }
}

/// Brings it to this version. Gives the steps that were needed.
pub(crate) fn migrate(database: &Database) -> anyhow::Result<Vec<String>> {
    match database {
        Database::Sqlite(path) => Ok(SqliteStore::migrate(path)?),
    }
}
