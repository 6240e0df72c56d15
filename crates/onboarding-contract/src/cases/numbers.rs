//! Which company and which pool a number belongs to.

use onboarding_core::{
    OfficialAccountId,
    config::{ConfigChange, PoolConfig},
    ports::ApplyOutcome,
};
use onboarding_testkit::{
    PRIMARY, SECONDARIES, SG_PRIMARY, SG_SECONDARY, acme, number, phone, with_pool_in_sg,
};

use crate::{
    bench::{Bench, PRIMARY_PLACE, initech, sorted},
    list::list_cases,
};

list_cases!(($) numbers => numbers_contract:
    two_pools_may_swap_numbers,
    a_number_of_another_company_is_taken,
    a_number_id_of_another_company_is_taken,
    a_number_out_of_use_is_free_for_another_company,
    an_account_out_of_use_comes_back_as_the_same_account,
    numbers_and_accounts_lead_to_their_owner,
    what_is_leased_names_its_sender_unless_that_went_out_of_use,
);

/// The changes that take the last secondary out of use.
fn without_the_last_secondary() -> Vec<ConfigChange> {
    let mut pool = acme().pools[0].clone();
    pool.secondaries.pop();
    vec![
        ConfigChange::PutPool(pool),
        ConfigChange::RemoveOfficialAccount(number(SECONDARIES[2])),
    ]
}

async fn two_pools_may_swap_numbers(bench: &Bench) {
    let mut wished = with_pool_in_sg(acme());
    bench.apply(bench.changes_to(&wished)).await;
    let [hk, sg] = wished.pools.as_mut_slice() else {
        panic!("two pools")
    };
    std::mem::swap(&mut hk.primary, &mut sg.primary);
    hk.secondaries = vec![number(SG_SECONDARY)];
    sg.secondaries = vec![number(SECONDARIES[2]), number(SECONDARIES[0])];
    let pools: Vec<PoolConfig> = wished.pools.clone();
    let outcome = bench
        .apply(pools.into_iter().map(ConfigChange::PutPool).collect())
        .await;
    assert!(matches!(outcome, ApplyOutcome::Applied(_)), "{outcome:?}");
    assert_eq!(bench.config().await.0, sorted(wished));
    let company = bench.company().await;
    let pool = company
        .pool_of(bench.account_with(SG_PRIMARY).await)
        .expect("it is in a pool");
    assert_eq!(pool.id.as_str(), "hk");
}

async fn a_number_of_another_company_is_taken(bench: &Bench) {
    let (before, revision) = bench.config().await;
    let other = bench.with_another_company().await;
    let mut account = initech().official_accounts[0].clone();
    "another-id".clone_into(&mut account.phone_number_id);
    let unit = onboarding_core::OrgUnit {
        name: "New name".to_owned(),
        ..acme().org_units[0].clone()
    };
    let changes = vec![
        ConfigChange::PutOrgUnit(unit),
        ConfigChange::PutOfficialAccount {
            new_id: bench.mint(OfficialAccountId::from_uuid),
            account,
        },
    ];
    assert!(matches!(bench.apply(changes).await, ApplyOutcome::Taken(_)));
    assert_eq!(bench.config().await, (before, revision), "nothing changed");
    assert_eq!(other.config().await.0, sorted(initech()));
}

async fn a_number_id_of_another_company_is_taken(bench: &Bench) {
    bench.with_another_company().await;
    let (before, revision) = bench.config().await;
    let mut account = initech().official_accounts[0].clone();
    account.phone_number = number("+85299999999");
    let new_id = bench.mint(OfficialAccountId::from_uuid);
    let outcome = bench
        .apply(vec![ConfigChange::PutOfficialAccount { new_id, account }])
        .await;
    assert!(matches!(outcome, ApplyOutcome::Taken(_)), "{outcome:?}");
    assert_eq!(bench.config().await, (before, revision));
}

async fn a_number_out_of_use_is_free_for_another_company(bench: &Bench) {
    let other = bench.with_another_company().await;
    let account = acme().official_accounts[2].clone();
    assert_eq!(account.phone_number, number(SECONDARIES[2]));
    bench.apply(without_the_last_secondary()).await;
    let new_id = bench.mint(OfficialAccountId::from_uuid);
    let number_id = account.phone_number_id.clone();
    let outcome = other
        .apply(vec![ConfigChange::PutOfficialAccount { new_id, account }])
        .await;
    assert!(matches!(outcome, ApplyOutcome::Applied(_)), "{outcome:?}");
    let owners = bench
        .store
        .owners(std::slice::from_ref(&number_id))
        .await
        .unwrap();
    let owner = &owners[&number_id];
    assert_eq!((&owner.company, owner.account), (&other.company, new_id));
}

async fn an_account_out_of_use_comes_back_as_the_same_account(bench: &Bench) {
    let id = bench.account_with(SECONDARIES[2]).await;
    bench.apply(without_the_last_secondary()).await;
    assert_eq!(bench.company().await.account(id), None);
    let number_id = acme().official_accounts[2].phone_number_id.clone();
    assert!(bench.store.owners(&[number_id]).await.unwrap().is_empty());
    bench.apply(bench.changes_to(&acme())).await;
    assert_eq!(bench.account_with(SECONDARIES[2]).await, id);
}

async fn numbers_and_accounts_lead_to_their_owner(bench: &Bench) {
    let other = bench.with_another_company().await;
    let id_of = |number: &str| format!("id-{}", number.trim_start_matches('+'));
    let theirs = other.company().await.accounts[0].clone();
    let asked = [
        id_of(PRIMARY),
        "id-unknown".to_owned(),
        theirs.phone_number_id.clone(),
    ];
    let owners = bench.store.owners(&asked).await.unwrap();
    assert_eq!(owners.len(), 2);
    let ours = &owners[&id_of(PRIMARY)];
    let primary = bench.account(PRIMARY_PLACE).await;
    assert_eq!((&ours.company, ours.account), (&bench.company, primary));
    let their_owner = &owners[&theirs.phone_number_id];
    assert_eq!(
        (&their_owner.company, their_owner.account),
        (&other.company, theirs.id)
    );

    let waba = async |id: &str| bench.store.owner_of_waba(id).await.unwrap();
    assert_eq!(waba("waba-acme").await, Some(bench.company.clone()));
    assert_eq!(waba("waba-initech").await, Some(other.company.clone()));
    assert_eq!(waba("waba-unknown").await, None);
}

async fn what_is_leased_names_its_sender_unless_that_went_out_of_use(bench: &Bench) {
    let account = bench.account_with(SECONDARIES[2]).await;
    let [here, there] = [
        bench.client(phone("85291234567")).await,
        bench.client(phone("85291234568")).await,
    ];
    bench.queues(vec![bench.text_to(here, account)]).await;
    let sender = bench.sends_one().await.item.sender;
    assert_eq!(sender.as_ref(), bench.company().await.account(account));
    assert_eq!(sender.expect("it is in use").phone_number, number(SECONDARIES[2]));
    bench.queues(vec![bench.text_to(there, account)]).await;
    bench.apply(without_the_last_secondary()).await;
    assert_eq!(bench.sends_one().await.item.sender, None);
}
