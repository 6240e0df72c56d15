//! The audit, past the store.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use onboarding_contract::{Harness, tampering::Backdoor};
use onboarding_core::ports::OnboardingStore;
use onboarding_sqlite::SqliteStore;
use onboarding_testkit::{SeededEntropy, acme, acme_id, create};
use tempfile::TempDir;

use crate::{connection, execute, file_in, fresh};

struct OnAFile {
    store: Arc<SqliteStore>,
    // Dropped after the store, which has its files in it.
    folder: TempDir,
}

impl Harness for OnAFile {
    async fn start() -> Self {
        let (folder, store) = fresh();
        Self {
            store: Arc::new(store),
            folder,
        }
    }

    fn store(&self) -> Arc<dyn OnboardingStore> {
        self.store.clone()
    }
}

impl Backdoor for OnAFile {
    async fn execute(&self, sql: &str) {
        let free =
            "DROP TRIGGER IF EXISTS audit_is_never_changed; DROP TRIGGER IF EXISTS audit_is_never_deleted;";
        execute(&file_in(&self.folder), &format!("BEGIN; {free} {sql}; COMMIT"));
    }

    fn bytes(hex: &str) -> String {
        format!("x'{hex}'")
    }
}

onboarding_contract::tampering_contract!(OnAFile);

#[tokio::test]
async fn the_file_refuses_to_change_what_is_in_the_audit() {
    let (folder, store) = fresh();
    create(&store, &acme_id(), &acme(), &mut SeededEntropy::default().draw()).await;
    let mut connection = connection(&file_in(&folder));
    for refused in [
        "UPDATE audit_events SET actor_kind = 'person'",
        "DELETE FROM audit_events",
        "INSERT OR REPLACE INTO audit_events SELECT * FROM audit_events WHERE sequence = 1",
    ] {
        let error = connection.batch_execute(refused).expect_err(refused);
        assert_eq!(error.to_string(), "the audit is append-only", "{refused}");
    }
}
