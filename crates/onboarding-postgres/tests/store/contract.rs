//! What every store promises.

use std::sync::Arc;

use onboarding_contract::Harness;
use onboarding_core::ports::OnboardingStore;
use onboarding_postgres::PostgresStore;

use crate::database::Database;

struct OnAServer {
    store: Arc<PostgresStore>,
    // Dropped after the store, which has connections to it.
    _database: Database,
}

impl Harness for OnAServer {
    async fn start() -> Self {
        let database = Database::migrated().await;
        Self {
            store: Arc::new(database.store().await),
            _database: database,
        }
    }

    fn store(&self) -> Arc<dyn OnboardingStore> {
        self.store.clone()
    }
}

onboarding_contract::store_contract!(OnAServer);
