//! What clients may write and PostgreSQL cannot keep as it is.

use std::sync::Arc;

use onboarding_core::{AliasKind, ClientAliases, Timestamp, ports::OnboardingStore};
use onboarding_testkit::{PRIMARY, TestService, acme, acme_id, phone};

use crate::database::Database;

#[tokio::test(flavor = "multi_thread")]
async fn a_client_with_nul_in_name_and_text_is_served() {
    let database = Database::migrated().await;
    let store: Arc<dyn OnboardingStore> = Arc::new(database.store().await);
    let service = TestService::on(store.clone(), acme()).await;
    let aliases = ClientAliases {
        profile_name: Some("Eve\0 \u{1F600}".to_owned()),
        username: Some("e\0ve".to_owned()),
        ..phone("85291234567")
    };
    service
        .client_known_as(aliases)
        .sends(PRIMARY, "#dom123456 \0 hi")
        .await;
    service.pump().await;
    service.assert_idle().await;
    assert_eq!(service.outcomes().await, ["onboarded"]);
    let record = store.latest_onboardings(&acme_id(), 1).await.expect("the record");
    assert_eq!(record[0].text, "#dom123456 \u{FFFD} hi");
    assert!(!format!("{:?}", record[0].trace).contains('\0'));

    let asked = [(AliasKind::Phone, "85291234567\0".to_owned())];
    let facts = store
        .identify(&acme_id(), &asked, Timestamp::EPOCH, Timestamp::EPOCH)
        .await;
    assert_eq!(facts.expect("an answer, and nobody").identity, None);
}
