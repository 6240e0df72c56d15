//! Changes of the configuration.

use onboarding_core::{
    CompanyId, Extension, ExtensionKey, Timestamp,
    audit::{Actor, Origin},
    config::{CompanyConfig, ConfigChange, plan},
    ports::{ApplyOutcome, CompanyAdministration, CompanyDirectory, ExtensionLookup, Inbox},
};
use onboarding_sqlite::SqliteStore;
use onboarding_testkit::{
    ACME, PRIMARY, SECONDARIES, SG_PRIMARY, SG_SECONDARY, SeededEntropy, acme, acme_id, all_changes, create,
    number, profile, with_pool_in_sg,
};

use crate::fresh;

const SYSTEM: Origin = Origin {
    actor: Actor::System,
    address: None,
};

async fn config(store: &SqliteStore) -> (CompanyConfig, u64) {
    store
        .config(&acme_id())
        .await
        .expect("the store answers")
        .expect("the company is there")
}

/// Leads the company to the wished configuration, as `apply` of a manifest does.
async fn lead_to(store: &SqliteStore, wished: &CompanyConfig) -> ApplyOutcome {
    let (current, revision) = config(store).await;
    let mut draw = SeededEntropy::new(revision).draw();
    let changes = plan(Some(&current), wished, Timestamp::EPOCH, &mut draw);
    let changes = changes.into_iter().map(|planned| planned.change).collect();
    store
        .apply(
            &acme_id(),
            Some(revision),
            changes,
            &SYSTEM,
            Timestamp::from_micros(7),
        )
        .await
        .expect("the store answers")
}

fn with_profiles() -> CompanyConfig {
    let mut config = with_pool_in_sg(acme());
    let mut known = profile("c-1", "hk", "+85291234567");
    known.assigned_to = vec!["kate".to_owned(), "dom".to_owned()];
    known.external_company = Some(config.external_companies[0].id.clone());
    config.client_profiles.push(known);
    config.pools[0].draining = vec![number(SECONDARIES[1])];
    config
}

#[tokio::test]
async fn what_was_applied_is_read_back_and_applying_it_again_changes_nothing() {
    let (_folder, store) = fresh();
    let wished = with_profiles();
    create(&store, &acme_id(), &wished, &mut SeededEntropy::default().draw()).await;
    assert_eq!(config(&store).await, (wished.clone(), 1));
    let ids = store
        .company(&acme_id())
        .await
        .expect("an answer")
        .expect("a company")
        .accounts
        .clone();

    let again = all_changes(&wished, &mut SeededEntropy::new(1).draw());
    let applied = store
        .apply(&acme_id(), Some(1), again, &SYSTEM, Timestamp::EPOCH)
        .await
        .expect("an answer");
    assert_eq!(applied, ApplyOutcome::Applied(2));
    assert_eq!(config(&store).await, (wished, 2));
    let company = store
        .company(&acme_id())
        .await
        .expect("an answer")
        .expect("a company");
    assert_eq!(
        (company.revision, &company.accounts),
        (2, &ids),
        "the accounts keep their ids"
    );
}

#[tokio::test]
async fn the_order_of_changes_does_not_matter() {
    let (_folder, store) = fresh();
    let wished = with_profiles();
    let mut changes = all_changes(&wished, &mut SeededEntropy::default().draw());
    changes.reverse();
    let applied = store
        .apply(&acme_id(), None, changes, &SYSTEM, Timestamp::EPOCH)
        .await
        .expect("an answer");
    assert_eq!(applied, ApplyOutcome::Applied(1));
    assert_eq!(config(&store).await.0, wished);
}

#[tokio::test]
async fn extensions_numbers_and_pools_change_hands_in_one_apply() {
    let (_folder, store) = fresh();
    create(
        &store,
        &acme_id(),
        &with_profiles(),
        &mut SeededEntropy::default().draw(),
    )
    .await;
    let mut wished = with_profiles();
    let [dom, kate] = [0, 1];
    let (of_dom, of_kate) = (
        wished.users[dom].extension.clone(),
        wished.users[kate].extension.clone(),
    );
    (wished.users[dom].extension, wished.users[kate].extension) = (of_kate, of_dom);
    wished.pools[0].primary = number(SG_PRIMARY);
    wished.pools[1].primary = number(PRIMARY);
    let id = wished.official_accounts[0].phone_number_id.clone();
    wished.official_accounts[0].phone_number_id = wished.official_accounts[1].phone_number_id.clone();
    wished.official_accounts[1].phone_number_id = id;
    assert_eq!(lead_to(&store, &wished).await, ApplyOutcome::Applied(2));
    assert_eq!(config(&store).await.0, wished);
}

#[tokio::test]
async fn who_leaves_gives_the_extension_free_and_may_come_back() {
    let (_folder, store) = fresh();
    create(&store, &acme_id(), &acme(), &mut SeededEntropy::default().draw()).await;
    let key = [ExtensionKey::from_store("kate".to_owned())];
    let first = store.users_with(&acme_id(), &key).await.expect("an answer");

    let mut without_kate = acme();
    without_kate.users.retain(|user| user.username != "kate");
    lead_to(&store, &without_kate).await;
    let left = store.users_with(&acme_id(), &key).await.expect("an answer");
    assert_eq!(
        (left[0].id, left[0].active),
        (first[0].id, false),
        "the trace can tell that she left"
    );

    let mut heir = without_kate.clone();
    heir.users[2].extension = Some(Extension::parse("#kate").expect("an extension"));
    assert_eq!(lead_to(&store, &heir).await, ApplyOutcome::Applied(3));
    let found = store.users_with(&acme_id(), &key).await.expect("an answer");
    assert_eq!(
        (found.len(), found[0].username.as_str(), found[0].active),
        (1, "michael", true)
    );

    assert_eq!(lead_to(&store, &acme()).await, ApplyOutcome::Applied(4));
    let back = store.users_with(&acme_id(), &key).await.expect("an answer");
    assert_eq!((back.len(), back[0].id, back[0].active), (1, first[0].id, true));
}

#[tokio::test]
async fn what_is_removed_is_gone_and_comes_back_with_its_id() {
    let (_folder, store) = fresh();
    create(
        &store,
        &acme_id(),
        &with_profiles(),
        &mut SeededEntropy::default().draw(),
    )
    .await;
    let before = store
        .company(&acme_id())
        .await
        .expect("an answer")
        .expect("a company");
    let mut less = acme();
    less.client_profiles = with_profiles().client_profiles;
    less.pools[0].draining = vec![number(SECONDARIES[1])];
    assert_eq!(lead_to(&store, &less).await, ApplyOutcome::Applied(2));
    assert_eq!(config(&store).await.0, less);
    let id = format!("id-{}", number(SG_SECONDARY).digits());
    assert!(
        store.owners(&[id]).await.expect("an answer").is_empty(),
        "it is nobody's number now"
    );
    lead_to(&store, &with_profiles()).await;
    let after = store
        .company(&acme_id())
        .await
        .expect("an answer")
        .expect("a company");
    assert_eq!((&after.accounts, &after.pools), (&before.accounts, &before.pools));
}

#[tokio::test]
async fn a_number_of_another_company_is_taken_until_it_is_out_of_use() {
    let (_folder, store) = fresh();
    create(&store, &acme_id(), &acme(), &mut SeededEntropy::default().draw()).await;
    let other = CompanyId::parse("other").expect("a slug");
    let apply = || {
        let changes = all_changes(&acme(), &mut SeededEntropy::new(1).draw());
        store.apply(&other, None, changes, &SYSTEM, Timestamp::EPOCH)
    };
    let ApplyOutcome::Taken(why) = apply().await.expect("an answer") else {
        panic!("not refused")
    };
    assert!(!why.contains(ACME), "{why}");
    assert_eq!(
        store.company_ids().await.expect("companies"),
        [acme_id()],
        "nothing changed"
    );

    let mut gone = acme();
    gone.official_accounts.clear();
    gone.pools.clear();
    lead_to(&store, &gone).await;
    assert_eq!(apply().await.expect("an answer"), ApplyOutcome::Applied(1));
}

#[tokio::test]
async fn an_apply_that_fails_or_comes_late_changes_nothing() {
    let (_folder, store) = fresh();
    create(&store, &acme_id(), &acme(), &mut SeededEntropy::default().draw()).await;
    let changes = || {
        vec![ConfigChange::DeactivateUser {
            username: "dom".to_owned(),
            successor: None,
        }]
    };
    for expected in [None, Some(0), Some(2)] {
        let applied = store
            .apply(&acme_id(), expected, changes(), &SYSTEM, Timestamp::EPOCH)
            .await
            .expect("an answer");
        assert_eq!(applied, ApplyOutcome::Stale);
    }
    let half = [
        changes(),
        vec![ConfigChange::DeactivateUser {
            username: "nobody".to_owned(),
            successor: None,
        }],
    ]
    .concat();
    assert!(
        store
            .apply(&acme_id(), Some(1), half, &SYSTEM, Timestamp::EPOCH)
            .await
            .is_err()
    );
    assert_eq!(config(&store).await, (acme(), 1));
}
