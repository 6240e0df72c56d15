//! Profiles of clients, who they are assigned to, and prospects.

use onboarding_core::{
    ClientIdentityId, ClientProfile, ClientProfileId, Decision, NewProspect, Outcome, ProspectId, UserId,
    WaId, WaitingProspect, WaitsFor, config::ConfigChange,
};
use onboarding_testkit::{number, phone, profile};

use crate::{
    bench::{Bench, HARD_TEXT, PRIMARY_PLACE, decision, ignored},
    list::list_cases,
};

list_cases!(($) profiles => profiles_contract:
    profiles_are_found_by_identity_and_by_phone,
    a_profile_of_the_flow_is_read_back_unchanged,
    an_assignment_is_kept_once,
    a_waiting_prospect_is_found_by_its_client,
);

const HK: &str = "85291234567";

async fn profile_ids(
    bench: &Bench,
    identity: Option<ClientIdentityId>,
    phone: Option<&str>,
) -> Vec<ClientProfileId> {
    let key = phone.map(|digits| WaId::from_whatsapp(digits).unwrap().match_key());
    let profiles = bench
        .store
        .profiles_of(&bench.company, identity, key)
        .await
        .unwrap();
    let mut ids: Vec<_> = profiles.iter().map(|profile| profile.id).collect();
    ids.sort_unstable();
    ids
}

async fn profiles_are_found_by_identity_and_by_phone(bench: &Bench) {
    let client = bench.client(phone("5541987654321")).await;
    let another = bench.client(phone("85290000000")).await;
    let room = bench.opens("#dom123456", client, 0).await;
    bench.opens("#dom123456", another, 0).await;
    let put = |key: &str, phone_number: &str| ConfigChange::PutClientProfile {
        new_id: bench.mint(ClientProfileId::from_uuid),
        profile: profile(key, "sg", phone_number),
    };
    let mut without_phone = profile("c-0", "sg", "+85290000000");
    without_phone.phone_number = None;
    let new_id = bench.mint(ClientProfileId::from_uuid);
    let without_phone = ConfigChange::PutClientProfile {
        new_id,
        profile: without_phone,
    };
    let changes = vec![
        put("c-1", "+554187654321"),
        put("c-2", "+5541987654321"),
        put("c-3", "+85290000001"),
        without_phone,
    ];
    let mut expected: Vec<_> = changes[..2]
        .iter()
        .map(|change| match change {
            ConfigChange::PutClientProfile { new_id, .. } => *new_id,
            _ => unreachable!("only profiles are put"),
        })
        .collect();
    bench.apply(changes).await;
    assert_eq!(
        profile_ids(bench, None, Some("5541987654321")).await,
        expected,
        "both forms of the phone"
    );
    assert_eq!(profile_ids(bench, Some(client), None).await, [room.profile]);
    expected.push(room.profile);
    expected.sort_unstable();
    assert_eq!(
        profile_ids(bench, Some(client), Some("5541987654321")).await,
        expected
    );
    assert!(
        profile_ids(bench, None, None).await.is_empty(),
        "no phone is not a phone that others lack too"
    );
    let other = bench.with_another_company().await;
    assert!(
        profile_ids(&other, Some(client), Some("5541987654321"))
            .await
            .is_empty()
    );
}

async fn a_profile_of_the_flow_is_read_back_unchanged(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let dom = bench.user("#dom123456").await.id;
    let (new_profile, _) = bench.room(
        dom,
        client,
        bench.account(0).await,
        bench.account(PRIMARY_PLACE).await,
    );
    let new_profile = onboarding_core::NewProfile {
        name: "王小明 \u{202b}عميل\u{202c} 🙂".to_owned(),
        phone_number: Some(number("+85291234567")),
        ..new_profile
    };
    let expected = ClientProfile {
        id: new_profile.id,
        key: None,
        name: new_profile.name.clone(),
        named_by_company: false,
        phone_number: new_profile.phone_number.clone(),
        phone_recorded_at: bench.now(),
        identity: Some(client),
        org_unit: new_profile.org_unit.clone(),
        external_company: None,
        assigned_to: Vec::new(),
        last_active_at: None,
        merged_into: None,
    };
    let decision = Decision {
        new_profile: Some(new_profile),
        ..ignored()
    };
    bench.decided(bench.account(0).await, decision).await;
    let profiles = bench
        .store
        .profiles_of(&bench.company, Some(client), None)
        .await
        .unwrap();
    assert_eq!(profiles, [expected]);
    let (config, _) = bench.config().await;
    assert!(
        config.client_profiles.is_empty(),
        "profiles of the flow have no key"
    );
}

async fn an_assignment_is_kept_once(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let kate = bench.user("#kate").await.id;
    let assign = |user: UserId| Decision {
        assignment: Some((room.profile, user)),
        ..ignored()
    };
    bench.decided(bench.account(0).await, assign(kate)).await;
    let profiles = bench
        .store
        .profiles_of(&bench.company, Some(client), None)
        .await
        .unwrap();
    let mut assigned = profiles[0].assigned_to.clone();
    assigned.sort_unstable();
    let mut expected = [room.user, kate];
    expected.sort_unstable();
    assert_eq!((profiles.len(), assigned.as_slice()), (1, expected.as_slice()));
}

async fn a_waiting_prospect_is_found_by_its_client(bench: &Bench) {
    let (client, another) = (
        bench.client(phone(HK)).await,
        bench.client(phone("85290000000")).await,
    );
    let dom = bench.user("#dom123456").await.id;
    let id = bench.mint(ProspectId::from_uuid);
    let primary = bench.account(PRIMARY_PLACE).await;
    let prospect = NewProspect {
        id,
        user: dom,
        identity: client,
        primary,
        text: HARD_TEXT.to_owned(),
        waits_for: WaitsFor::Promotion,
    };
    let decision = Decision {
        new_prospect: Some(prospect),
        ..decision(Outcome::ProspectReceived {
            user: dom,
            prospect: id,
        })
    };
    bench.decided(primary, decision).await;
    let expected = WaitingProspect {
        id,
        user: dom,
        waits_for: WaitsFor::Promotion,
    };
    let waiting = async |company, client| bench.store.waiting_prospects(company, client).await.unwrap();
    assert_eq!(waiting(&bench.company, client).await, [expected]);
    assert_eq!(waiting(&bench.company, another).await, []);
    let other = bench.with_another_company().await;
    assert_eq!(waiting(&other.company, client).await, []);
}
