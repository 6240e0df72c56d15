//! The audit, past the store, and what the service itself has no right to do.

use std::sync::Arc;

use onboarding_contract::{Harness, tampering::Backdoor};
use onboarding_core::ports::OnboardingStore;
use onboarding_postgres::PostgresStore;
use onboarding_testkit::{SeededEntropy, acme, acme_id, create};
use tokio_postgres::error::SqlState;

use crate::database::Database;

struct OnAServer {
    store: Arc<PostgresStore>,
    // Dropped after the store, which has connections to it.
    database: Database,
}

impl Harness for OnAServer {
    async fn start() -> Self {
        let database = Database::migrated().await;
        Self {
            store: Arc::new(database.store().await),
            database,
        }
    }

    fn store(&self) -> Arc<dyn OnboardingStore> {
        self.store.clone()
    }
}

impl Backdoor for OnAServer {
    async fn execute(&self, sql: &str) {
        let client = self.database.client().await;
        let free = "ALTER TABLE audit_events DISABLE TRIGGER USER";
        client
            .batch_execute(&format!("{free}; {sql}"))
            .await
            .expect("done");
    }

    fn bytes(hex: &str) -> String {
        format!("'\\x{hex}'")
    }
}

onboarding_contract::tampering_contract!(OnAServer);

const CHANGES: [&str; 3] = [
    "UPDATE audit_events SET actor_kind = 'person'",
    "DELETE FROM audit_events",
    "TRUNCATE audit_events",
];

async fn used() -> OnAServer {
    let used = OnAServer::start().await;
    create(
        used.store.as_ref(),
        &acme_id(),
        &acme(),
        &mut SeededEntropy::default().draw(),
    )
    .await;
    used
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_has_no_right_to_change_the_audit() {
    let used = used().await;
    let client = used.database.client().await;
    for change in CHANGES {
        let begin = "BEGIN; SET LOCAL ROLE onboarding_app; SET LOCAL onboarding.company = 'acme'";
        client.batch_execute(begin).await.expect("begun");
        let refused = client.batch_execute(change).await.expect_err(change);
        assert_eq!(
            refused.code(),
            Some(&SqlState::INSUFFICIENT_PRIVILEGE),
            "{change}"
        );
        client.batch_execute("ROLLBACK").await.expect("undone");
    }
    let forget = "SELECT has_table_privilege('onboarding_app', 'audit_heads', 'DELETE, TRUNCATE')";
    let may = client.query_one(forget, &[]).await.expect("an answer");
    assert!(!may.get::<_, bool>(0), "nor to take the end of the chain away");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_is_held_off_by_a_trigger() {
    let used = used().await;
    let client = used.database.client().await;
    for change in CHANGES {
        let refused = client.batch_execute(change).await.expect_err(change);
        let told = refused.as_db_error().expect("of the server").message();
        assert_eq!(told, "the audit is append-only", "{change}");
    }
}
