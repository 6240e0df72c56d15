//! Profiles as people list, merge, separate and complete them.

use std::time::Duration;

use onboarding_core::{
    ClientProfile, ClientProfileId, Decision, ExternalCompanyId, Outcome, ProfileChange, ProfileCompletion,
    ProfileObstacle,
    audit::{AuditFilter, Origin},
    config::ConfigChange,
    ports::{ApplyOutcome, CommitOutcome, Conflict, ProfileOutcome},
};
use onboarding_testkit::{PRIMARY, TestService, acme, bsuid, number, phone, profile};

use crate::{
    bench::{Bench, PRIMARY_PLACE, decision},
    list::list_cases,
};

list_cases!(($) profile_changes => profile_changes_contract:
    profiles_are_listed_in_the_order_of_their_ids,
    a_merged_profile_leads_to_the_other_and_keeps_its_rooms,
    a_separated_profile_stands_for_itself_again,
    what_cannot_be_merged_stays_as_it_is,
    what_is_missing_is_filled_in,
    a_profile_of_the_manifest_is_completed_there,
    one_phone_may_be_asked_to_have_one_profile,
    each_change_is_in_the_audit_and_a_refusal_is_not,
    another_company_changes_nothing,
    two_decisions_on_one_client_never_make_two_profiles,
    a_client_of_a_merged_profile_is_onboarded_with_the_one_that_stands_for_it,
    a_profile_that_the_record_needs_stays_and_any_other_may_go,
);

const HK: &str = "85291234567";

async fn changes(bench: &Bench, profile: ClientProfileId, change: ProfileChange) -> ProfileOutcome {
    bench
        .store
        .change_profile(
            &bench.company,
            profile,
            change,
            &Origin::operator("ann"),
            bench.now(),
        )
        .await
        .unwrap()
}

async fn changed(bench: &Bench, profile: ClientProfileId, change: ProfileChange) {
    assert_eq!(changes(bench, profile, change).await, ProfileOutcome::Changed);
}

async fn found(bench: &Bench, id: ClientProfileId) -> ClientProfile {
    let found = bench.store.profile(&bench.company, id).await.unwrap();
    found.expect("the profile is there")
}

/// A profile that the manifest keeps under the key.
async fn kept(bench: &Bench, key: &str, phone_number: &str) -> ClientProfileId {
    kept_in("sg", bench, key, phone_number).await
}

async fn kept_in(unit: &str, bench: &Bench, key: &str, phone_number: &str) -> ClientProfileId {
    let put = ConfigChange::PutClientProfile {
        new_id: bench.mint(ClientProfileId::from_uuid),
        profile: profile(key, unit, phone_number),
    };
    bench.apply(vec![put]).await;
    let all = bench.store.profiles(&bench.company, None, 99).await.unwrap();
    let mut with_key = all.into_iter().filter(|one| one.key.as_deref() == Some(key));
    with_key.next().expect("it was put").id
}

fn refused(obstacle: ProfileObstacle) -> ProfileOutcome {
    ProfileOutcome::Refused(obstacle)
}

async fn profiles_are_listed_in_the_order_of_their_ids(bench: &Bench) {
    for (place, digits) in [HK, "85290000000", "85290000001"].into_iter().enumerate() {
        let client = bench.client(phone(digits)).await;
        bench.opens("#dom123456", client, place % 3).await;
        bench.after_seconds(1);
    }
    let list = async |after, limit| bench.store.profiles(&bench.company, after, limit).await.unwrap();
    let all = list(None, 99).await;
    assert!(all.len() >= 3 && all.is_sorted_by_key(|one| one.id));
    assert_eq!(list(None, 2).await, all[..2]);
    assert_eq!(list(Some(all[0].id), 99).await, all[1..]);
    assert_eq!(found(bench, all[1].id).await, all[1]);
}

async fn a_merged_profile_leads_to_the_other_and_keeps_its_rooms(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let into = kept(bench, "c-1", "+85290000000").await;
    changed(bench, room.profile, ProfileChange::Merge { into }).await;
    changed(bench, room.profile, ProfileChange::Merge { into }).await;
    let profiles = bench
        .store
        .profiles_of(&bench.company, Some(client), None)
        .await
        .unwrap();
    let [merged] = profiles.as_slice() else {
        panic!("one is found: {profiles:?}");
    };
    assert_eq!(merged.id, room.profile);
    let current = merged.current();
    assert_eq!((current.id, current.key.as_deref()), (into, Some("c-1")));
    assert_eq!(current.assigned_to, [room.user], "whom it was assigned to");
    let live = bench
        .store
        .live_room(&bench.company, room.user, client)
        .await
        .unwrap();
    assert_eq!(live, Some(room));
}

async fn a_separated_profile_stands_for_itself_again(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let before = found(bench, room.profile).await;
    let into = kept(bench, "c-1", HK_WITH_PLUS).await;
    let other = found(bench, into).await;
    changed(bench, room.profile, ProfileChange::Merge { into }).await;
    changed(bench, room.profile, ProfileChange::Separate).await;
    assert_eq!(found(bench, room.profile).await, before);
    assert_eq!(found(bench, into).await, other);
    assert_eq!(
        changes(bench, room.profile, ProfileChange::Separate).await,
        refused(ProfileObstacle::NotMerged)
    );
}

const HK_WITH_PLUS: &str = "+85291234567";

async fn what_cannot_be_merged_stays_as_it_is(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let another = bench.client(bsuid("HK.1")).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let second = bench.opens("#dom123456", another, 1).await;
    let [first_kept, second_kept] = [
        kept(bench, "c-1", "+85290000000").await,
        kept(bench, "c-2", "+85290000001").await,
    ];
    let nobody = bench.mint(ClientProfileId::from_uuid);
    let merges = async |profile, into| changes(bench, profile, ProfileChange::Merge { into }).await;
    assert_eq!(
        merges(nobody, first_kept).await,
        refused(ProfileObstacle::Unknown)
    );
    assert_eq!(
        merges(first_kept, nobody).await,
        refused(ProfileObstacle::UnknownTarget)
    );
    assert_eq!(
        merges(first_kept, first_kept).await,
        refused(ProfileObstacle::Same)
    );
    assert_eq!(
        merges(room.profile, second.profile).await,
        refused(ProfileObstacle::TwoClients)
    );
    assert_eq!(merges(room.profile, first_kept).await, ProfileOutcome::Changed);
    assert_eq!(
        merges(first_kept, second_kept).await,
        refused(ProfileObstacle::HoldsOthers)
    );
    assert_eq!(
        merges(second_kept, room.profile).await,
        refused(ProfileObstacle::MergedAlready)
    );
    assert_eq!(
        merges(room.profile, second_kept).await,
        refused(ProfileObstacle::MergedAlready)
    );
    assert_eq!(found(bench, second_kept).await.merged_into, None);
}

async fn what_is_missing_is_filled_in(bench: &Bench) {
    let client = bench.client(bsuid("HK.1")).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let before = found(bench, room.profile).await;
    let at = bench.after_seconds(60);
    let told = ProfileCompletion {
        name: Some("王小明 GmbH & Co".to_owned()),
        phone_number: Some(number(HK_WITH_PLUS)),
        external_company: Some(ExternalCompanyId::parse("globex").unwrap()),
        ..ProfileCompletion::default()
    };
    changed(bench, room.profile, ProfileChange::Complete(told.clone())).await;
    let expected = ClientProfile {
        name: "王小明 GmbH & Co".to_owned(),
        named_by_company: true,
        phone_number: told.phone_number,
        phone_recorded_at: at,
        external_company: told.external_company,
        ..before
    };
    assert_eq!(found(bench, room.profile).await, expected);
    bench.after_seconds(60);
    let name_only = ProfileCompletion {
        name: Some("Ann".to_owned()),
        ..ProfileCompletion::default()
    };
    changed(bench, room.profile, ProfileChange::Complete(name_only)).await;
    let renamed = ClientProfile {
        name: "Ann".to_owned(),
        ..expected
    };
    assert_eq!(found(bench, room.profile).await, renamed, "the rest stays");
}

async fn a_profile_of_the_manifest_is_completed_there(bench: &Bench) {
    let profile = kept(bench, "c-1", HK_WITH_PLUS).await;
    let before = found(bench, profile).await;
    assert!(before.named_by_company);
    let told = ProfileCompletion {
        name: Some("Ann".to_owned()),
        ..ProfileCompletion::default()
    };
    let completes = async |told| changes(bench, profile, ProfileChange::Complete(told)).await;
    assert_eq!(completes(told).await, refused(ProfileObstacle::KeptByManifest));
    assert_eq!(found(bench, profile).await, before);
}

async fn one_phone_may_be_asked_to_have_one_profile(bench: &Bench) {
    let client = bench.client(bsuid("HK.1")).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let told = |one_profile_a_phone| {
        ProfileChange::Complete(ProfileCompletion {
            phone_number: Some(number("+5541987654321")),
            one_profile_a_phone,
            ..ProfileCompletion::default()
        })
    };
    let other = kept(bench, "c-1", "+554187654321").await;
    let completes = async |unique| changes(bench, room.profile, told(unique)).await;
    assert_eq!(completes(true).await, refused(ProfileObstacle::PhoneTaken));
    let third = kept(bench, "c-2", "+85290000001").await;
    changed(bench, other, ProfileChange::Merge { into: third }).await;
    assert_eq!(
        completes(true).await,
        ProfileOutcome::Changed,
        "that one stands for nothing"
    );
    changed(bench, other, ProfileChange::Separate).await;
    assert_eq!(completes(true).await, refused(ProfileObstacle::PhoneTaken));
    assert_eq!(completes(false).await, ProfileOutcome::Changed);
    let nothing = ProfileChange::Complete(ProfileCompletion::default());
    assert_eq!(
        changes(bench, room.profile, nothing).await,
        refused(ProfileObstacle::Nothing)
    );
}

async fn each_change_is_in_the_audit_and_a_refusal_is_not(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let into = kept(bench, "c-1", HK_WITH_PLUS).await;
    let told = ProfileChange::Complete(ProfileCompletion {
        name: Some("Ann Secret".to_owned()),
        ..ProfileCompletion::default()
    });
    changed(bench, room.profile, told).await;
    changed(bench, room.profile, ProfileChange::Merge { into }).await;
    changed(bench, room.profile, ProfileChange::Merge { into }).await;
    changed(bench, room.profile, ProfileChange::Separate).await;
    changes(bench, room.profile, ProfileChange::Separate).await;
    let of_profile = AuditFilter {
        subject_id: Some(room.profile.to_string()),
        ..AuditFilter::default()
    };
    let entries = bench
        .store
        .audit_entries(&bench.company, &of_profile, 0, 99)
        .await
        .unwrap();
    let shown: Vec<_> = entries
        .iter()
        .map(|entry| &entry.content)
        .map(|entry| {
            (
                entry.action.as_str(),
                entry.before.as_deref(),
                entry.after.as_deref(),
            )
        })
        .collect();
    let merged = format!("{{\"merged_into\":\"{into}\"}}");
    assert_eq!(
        shown,
        [
            ("change", Some("{}"), Some("{\"name\":\"set\"}")),
            ("change", Some("{}"), Some(merged.as_str())),
            ("change", Some(merged.as_str()), Some("{}")),
        ]
    );
}

async fn another_company_changes_nothing(bench: &Bench) {
    let elsewhere = bench.with_another_company().await;
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let into = kept(bench, "c-1", HK_WITH_PLUS).await;
    let foreign = changes(&elsewhere, room.profile, ProfileChange::Merge { into }).await;
    assert_eq!(foreign, refused(ProfileObstacle::Unknown));
    let theirs = kept(&elsewhere, "c-9", HK_WITH_PLUS).await;
    let across = changes(bench, room.profile, ProfileChange::Merge { into: theirs }).await;
    assert_eq!(across, refused(ProfileObstacle::UnknownTarget));
    let listed = elsewhere
        .store
        .profiles(&elsewhere.company, None, 99)
        .await
        .unwrap();
    assert!(listed.iter().all(|one| one.id != room.profile));
}

async fn two_decisions_on_one_client_never_make_two_profiles(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let looked_at = bench.as_known(client).await;
    let primary = bench.account(PRIMARY_PLACE).await;
    let opens = async |extension: &str, place: usize| {
        let user = bench.user(extension).await.id;
        let (new_profile, _) = bench.room(user, client, bench.account(place).await, primary);
        Decision {
            identity: Some(looked_at.clone()),
            new_profile: Some(new_profile),
            ..decision(Outcome::ExtensionNotFound)
        }
    };
    let [first, second] = [opens("#dom123456", 0).await, opens("#kate", 1).await];
    assert_eq!(bench.decides(primary, first).await, CommitOutcome::Committed);
    assert_eq!(
        bench.decides(primary, second).await,
        CommitOutcome::Conflict(Conflict::ClientChanged)
    );
}

async fn a_client_of_a_merged_profile_is_onboarded_with_the_one_that_stands_for_it(bench: &Bench) {
    let service = TestService::on(bench.store.clone(), acme()).await;
    let asks = async || {
        service.clock.advance(Duration::from_secs(90));
        let client = service.client_known_as(phone(HK));
        client.sends(PRIMARY, "#dom123456").await;
        service.pump().await;
        let rooms = bench.store.latest_rooms(&bench.company, 9).await.unwrap();
        (service.outcomes().await.pop(), rooms)
    };
    let with_their_phone = kept_in("hk-private", bench, "c-1", HK_WITH_PLUS).await;
    let into = kept_in("hk-private", bench, "c-2", "+85290000000").await;
    changed(bench, with_their_phone, ProfileChange::Merge { into }).await;
    let (outcome, rooms) = asks().await;
    assert_eq!(outcome.as_deref(), Some("onboarded"));
    assert_eq!((rooms.len(), rooms[0].profile), (1, into));
    let stands = found(bench, into).await;
    assert_eq!(stands.identity, Some(rooms[0].identity));
    assert_eq!(stands.assigned_to, [rooms[0].user]);

    changed(bench, with_their_phone, ProfileChange::Separate).await;
    let (outcome, rooms) = asks().await;
    assert_eq!(outcome.as_deref(), Some("reminded"));
    assert_eq!(
        (rooms.len(), rooms[0].profile),
        (1, into),
        "the room stays its own"
    );
    service.assert_idle().await;
    assert_eq!(bench.store.violations().await.unwrap(), []);
}

async fn a_profile_that_the_record_needs_stays_and_any_other_may_go(bench: &Bench) {
    let service = TestService::on(bench.store.clone(), acme()).await;
    let with_room = kept_in("hk-private", bench, "c-1", HK_WITH_PLUS).await;
    service
        .client_known_as(phone(HK))
        .sends(PRIMARY, "#dom123456")
        .await;
    service.pump().await;
    let stands_for = kept(bench, "c-2", "+85290000000").await;
    let went_up = kept(bench, "c-3", "+85290000001").await;
    changed(bench, went_up, ProfileChange::Merge { into: stands_for }).await;
    let unused = kept(bench, "c-4", "+85290000002").await;
    let remove = async |key: &str| {
        bench
            .apply(vec![ConfigChange::RemoveClientProfile(key.to_owned())])
            .await
    };
    for (key, id) in [("c-1", with_room), ("c-2", stands_for), ("c-3", went_up)] {
        let outcome = remove(key).await;
        assert!(
            matches!(&outcome, ApplyOutcome::InUse(why) if why.contains(key)),
            "{outcome:?}"
        );
        assert_eq!(found(bench, id).await.key.as_deref(), Some(key));
    }
    for _ in 0..2 {
        let outcome = remove("c-4").await;
        assert!(matches!(outcome, ApplyOutcome::Applied(_)), "{outcome:?}");
        assert_eq!(bench.store.profile(&bench.company, unused).await.unwrap(), None);
    }
    let of_profile = AuditFilter {
        subject_id: Some("c-4".to_owned()),
        ..AuditFilter::default()
    };
    let entries = bench
        .store
        .audit_entries(&bench.company, &of_profile, 0, 99)
        .await
        .unwrap();
    let actions: Vec<_> = entries
        .iter()
        .map(|entry| entry.content.action.as_str())
        .collect();
    assert_eq!(actions, ["create", "remove"]);
}
