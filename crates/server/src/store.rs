//! Opening the database that the settings name.

use std::sync::Arc;

use onboarding_core::ports::OnboardingStore;
use onboarding_postgres::{PostgresOptions, PostgresStore, Queue};
use onboarding_sqlite::SqliteStore;
use tokio::sync::watch;

use crate::settings::Database;

/// A database that is open and of this version.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn OnboardingStore>,
    /// Tells what other replicas put into the queues; `None` where there can be no other.
    pub(crate) arrivals: Option<Arrivals>,
}

/// Each changes when something was put into its queue.
pub(crate) struct Arrivals {
    pub(crate) inbox: watch::Receiver<u64>,
    pub(crate) outbox: watch::Receiver<u64>,
}

/// Opens it and, if asked to, brings it to this version.
pub(crate) async fn open(database: &Database, migrate: bool) -> anyhow::Result<Opened> {
    match database {
        Database::Sqlite(path) => {
            use onboarding_sqlite::Migrations;
            let migrations = if migrate {
                Migrations::Apply
            } else {
                Migrations::Refuse
            };
            let store = Arc::new(SqliteStore::open_with(path, migrations)?);
            Ok(Opened {
                store,
                arrivals: None,
            })
        }
        Database::Postgres(url) => {
            use onboarding_postgres::Migrations;
            let migrations = if migrate {
                Migrations::Apply
            } else {
                Migrations::Refuse
            };
            let options = PostgresOptions {
                migrations,
                #[cfg(feature = "failpoints")]
                database_time: !crate::failpoints::lives_faster(),
                allow_unsafe_durability: onboarding_core::broken!("trust_unsafe_durability"),
                ..PostgresOptions::default()
            };
            let store = PostgresStore::connect(url.expose(), options).await?;
            let arrivals = Arrivals {
                inbox: store.on_work(Queue::Inbox),
                outbox: store.on_work(Queue::Outbox),
            };
            Ok(Opened {
                store: Arc::new(store),
                arrivals: Some(arrivals),
            })
        }
    }
}

/// Brings it to this version. Gives the steps that were needed.
pub(crate) async fn migrate(database: &Database) -> anyhow::Result<Vec<String>> {
    match database {
        Database::Sqlite(path) => Ok(SqliteStore::migrate(path)?),
        Database::Postgres(url) => Ok(PostgresStore::migrate(url.expose()).await?),
    }
}
