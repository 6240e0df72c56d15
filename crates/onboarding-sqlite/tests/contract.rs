//! What every store promises, on a file.

use std::sync::Arc;

use onboarding_contract::Harness;
use onboarding_core::ports::OnboardingStore;
use onboarding_sqlite::SqliteStore;
use tempfile::TempDir;

struct OnAFile {
    store: Arc<SqliteStore>,
    // Dropped after the store, which has its files in it.
    _folder: TempDir,
}

impl Harness for OnAFile {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::open(&folder.path().join("onboarding.sqlite")).expect("a store");
        Self {
            store: Arc::new(store),
            _folder: folder,
        }
    }

    fn store(&self) -> Arc<dyn OnboardingStore> {
        self.store.clone()
    }
}

onboarding_contract::store_contract!(OnAFile);
