//! What a decision can run into (INV-1, INV-2, INV-8, INV-9).

use onboarding_core::{
    ChatRoom, ChatRoomId, ClientIdentityId, Decision, IdentityChange, InvitationFailure, NewProspect,
    Outcome, ProspectId, RoomState, RoomUpdate, WaitsFor,
    config::ConfigChange,
    ports::{Backlog, Commit, CommitOutcome, Conflict},
};
use onboarding_testkit::{acme, bsuid, phone};

use crate::{
    bench::{Bench, PRIMARY_PLACE, decision, ignored, known, new_identity, room_with},
    list::list_cases,
};

list_cases!(($) conflicts => conflicts_contract:
    a_stale_revision_conflicts,
    an_alias_of_another_client_conflicts,
    an_alias_claimed_again_by_its_holder_does_not,
    a_second_live_room_of_user_and_client_conflicts,
    a_second_live_room_of_user_and_profile_conflicts,
    a_second_live_room_of_the_client_on_the_number_conflicts,
    rooms_that_share_less_than_that_do_not_conflict,
    a_room_that_is_over_is_in_nobodys_way,
    a_change_of_a_room_that_is_over_conflicts,
    words_for_a_room_that_is_over_conflict,
    a_second_waiting_prospect_conflicts,
    nothing_is_stored_on_a_conflict,
    after_a_conflict_the_message_is_still_ours,
);

const HK: &str = "85291234567";

async fn conflicts(bench: &Bench, decision: Decision, expected: Conflict) {
    let outcome = bench.decides(bench.account(PRIMARY_PLACE).await, decision).await;
    assert_eq!(outcome, CommitOutcome::Conflict(expected));
}

/// A decision that opens a room of the user with this extension on the account at this place.
async fn opening(bench: &Bench, extension: &str, client: ClientIdentityId, place: usize) -> Decision {
    let user = bench.user(extension).await.id;
    let primary = bench.account(PRIMARY_PLACE).await;
    let (profile, room) = bench.room(user, client, bench.account(place).await, primary);
    room_with(profile, room)
}

async fn a_stale_revision_conflicts(bench: &Bench) {
    let item = bench.arrived(bench.account(0).await).await;
    let commit = bench.deciding(&item, ignored()).await;
    bench
        .apply(vec![ConfigChange::PutOrgUnit(acme().org_units[0].clone())])
        .await;
    let outcome = bench.commits(commit.clone()).await;
    assert_eq!(outcome, CommitOutcome::Conflict(Conflict::CompanyChanged));
    let ahead = Commit {
        expected_revision: commit.expected_revision + 2,
        ..commit
    };
    assert_eq!(
        bench.commits(ahead).await,
        CommitOutcome::Conflict(Conflict::CompanyChanged)
    );
}

async fn an_alias_of_another_client_conflicts(bench: &Bench) {
    let holder = bench.client(bsuid("HK.1")).await;
    let other = bench.client(phone(HK)).await;
    let claim = IdentityChange {
        claims: bsuid("HK.1").keys(),
        ..known(other, phone(HK))
    };
    conflicts(
        bench,
        Decision {
            identity: Some(claim),
            ..ignored()
        },
        Conflict::AliasTaken,
    )
    .await;
    let newcomer = new_identity(bench.mint(ClientIdentityId::from_uuid), phone(HK));
    conflicts(
        bench,
        Decision {
            identity: Some(newcomer),
            ..ignored()
        },
        Conflict::AliasTaken,
    )
    .await;
    assert_eq!(bench.identities(&bsuid("HK.1").keys()).await, [holder]);
    assert_eq!(bench.identities(&phone(HK).keys()).await, [other]);
}

async fn an_alias_claimed_again_by_its_holder_does_not(bench: &Bench) {
    let holder = bench.client(phone(HK)).await;
    let claim = IdentityChange {
        claims: phone(HK).keys(),
        ..known(holder, phone(HK))
    };
    bench
        .decided(
            bench.account(0).await,
            Decision {
                identity: Some(claim),
                ..ignored()
            },
        )
        .await;
}

async fn a_second_live_room_of_user_and_client_conflicts(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#dom123456", client, 0).await;
    conflicts(
        bench,
        opening(bench, "#dom123456", client, 1).await,
        Conflict::RoomExists,
    )
    .await;
    // On the same number it is both; the first check wins.
    conflicts(
        bench,
        opening(bench, "#dom123456", client, 0).await,
        Conflict::RoomExists,
    )
    .await;
    assert_eq!(bench.store.latest_rooms(&bench.company, 9).await.unwrap(), [room]);
}

async fn a_second_live_room_of_user_and_profile_conflicts(bench: &Bench) {
    let (client, another) = (
        bench.client(phone(HK)).await,
        bench.client(phone("85290000000")).await,
    );
    let room = bench.opens("#dom123456", client, 0).await;
    let (_, second) = bench.room(room.user, another, bench.account(1).await, room.primary);
    let second = ChatRoom {
        profile: room.profile,
        ..second
    };
    let decision = Decision {
        new_room: Some(second),
        ..ignored()
    };
    conflicts(bench, decision, Conflict::RoomExists).await;
}

async fn a_second_live_room_of_the_client_on_the_number_conflicts(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    bench.opens("#dom123456", client, 0).await;
    conflicts(
        bench,
        opening(bench, "#kate", client, 0).await,
        Conflict::NumberTaken,
    )
    .await;
}

async fn rooms_that_share_less_than_that_do_not_conflict(bench: &Bench) {
    let (client, another) = (
        bench.client(phone(HK)).await,
        bench.client(phone("85290000000")).await,
    );
    let room = bench.opens("#dom123456", client, 0).await;
    bench.opens("#kate", client, 1).await;
    bench.opens("#dom123456", another, 0).await;
    // One profile may talk with several users.
    let michael = bench.user("#michael").await.id;
    let (_, shared) = bench.room(michael, client, bench.account(2).await, room.primary);
    let shared = ChatRoom {
        profile: room.profile,
        ..shared
    };
    bench
        .decided(
            room.primary,
            Decision {
                new_room: Some(shared),
                ..ignored()
            },
        )
        .await;
    assert_eq!(
        bench.store.latest_rooms(&bench.company, 9).await.unwrap().len(),
        4
    );
}

async fn a_room_that_is_over_is_in_nobodys_way(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let old = bench.opened_until("#dom123456", client, 0, bench.now()).await;
    let room = bench.opens("#dom123456", client, 0).await;
    assert_ne!(old.id, room.id);
    assert_eq!(
        bench
            .store
            .live_room(&bench.company, room.user, client)
            .await
            .unwrap(),
        Some(room)
    );
    // And what is over when it is stored meets no live one.
    let dom = bench.user("#dom123456").await.id;
    let primary = bench.account(PRIMARY_PLACE).await;
    let (profile, over) = bench.room(dom, client, bench.account(0).await, primary);
    let over = ChatRoom {
        state: RoomState::Closed,
        closed_at: Some(bench.now()),
        ..over
    };
    bench.decided(primary, room_with(profile, over)).await;
}

async fn a_change_of_a_room_that_is_over_conflicts(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let closed = bench.opened_until("#dom123456", client, 0, bench.now()).await.id;
    bench.after_seconds(1);
    let failed = bench.opens("#kate", client, 1).await;
    let failure = InvitationFailure {
        room: failed.clone(),
        reason: "undeliverable".to_owned(),
        notice: None,
        link_until: None,
        notices: Vec::new(),
    };
    bench
        .store
        .fail_room(&bench.company, failure, bench.now())
        .await
        .unwrap();
    let unknown = bench.mint(ChatRoomId::from_uuid);
    for room in [closed, failed.id, unknown] {
        let reminded = RoomUpdate::Reminded {
            room,
            at: bench.now(),
        };
        for update in [RoomUpdate::Activated { room }, reminded] {
            let decision = Decision {
                room_update: Some(update),
                ..ignored()
            };
            conflicts(bench, decision, Conflict::RoomChanged).await;
        }
    }
    let states: Vec<_> = bench
        .store
        .latest_rooms(&bench.company, 9)
        .await
        .unwrap()
        .iter()
        .map(|room| room.state)
        .collect();
    assert_eq!(states, [RoomState::Failed, RoomState::Closed]);
}

async fn waiting(bench: &Bench, client: ClientIdentityId) -> Decision {
    let user = bench.user("#dom123456").await.id;
    let id = bench.mint(ProspectId::from_uuid);
    let primary = bench.account(PRIMARY_PLACE).await;
    let prospect = NewProspect {
        id,
        user,
        identity: client,
        primary,
        text: "hello".to_owned(),
        waits_for: WaitsFor::Promotion,
    };
    Decision {
        new_prospect: Some(prospect),
        ..decision(Outcome::ProspectReceived { user, prospect: id })
    }
}

async fn words_for_a_room_that_is_over_conflict(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let closed = bench.opened_until("#dom123456", client, 0, bench.now()).await.id;
    for room in [closed, bench.mint(ChatRoomId::from_uuid)] {
        let decision = Decision {
            kept_in_room: Some(room),
            ..ignored()
        };
        conflicts(bench, decision, Conflict::RoomChanged).await;
    }
}

async fn a_second_waiting_prospect_conflicts(bench: &Bench) {
    let (client, another) = (
        bench.client(phone(HK)).await,
        bench.client(phone("85290000000")).await,
    );
    let primary = bench.account(PRIMARY_PLACE).await;
    bench.decided(primary, waiting(bench, client).await).await;
    conflicts(bench, waiting(bench, client).await, Conflict::ProspectExists).await;
    bench.decided(primary, waiting(bench, another).await).await;
}

async fn nothing_is_stored_on_a_conflict(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    bench
        .decided(bench.account(0).await, waiting(bench, client).await)
        .await;
    let before = (
        bench.latest().await,
        bench.store.latest_rooms(&bench.company, 9).await.unwrap(),
    );
    // The last check finds it, after everything else was in order.
    let change = IdentityChange {
        claims: bsuid("HK.1").keys(),
        ..known(
            client,
            onboarding_core::ClientAliases {
                profile_name: Some("New".to_owned()),
                ..phone(HK)
            },
        )
    };
    let sent_at = bench.after_seconds(60);
    let account = bench.account(1).await;
    let prospect = waiting(bench, client).await.new_prospect;
    let decision = Decision {
        identity: Some(change),
        messages: vec![bench.text_to(client, account)],
        new_prospect: prospect,
        ..opening(bench, "#dom123456", client, 1).await
    };
    let profile = decision.new_profile.as_ref().unwrap().id;
    let dom = bench.user("#dom123456").await.id;
    let item = bench.arrived(account).await;
    let commit = bench.deciding(&item, decision).await;
    assert_eq!(
        bench.commits(commit).await,
        CommitOutcome::Conflict(Conflict::ProspectExists)
    );

    let after = (
        bench.latest().await,
        bench.store.latest_rooms(&bench.company, 9).await.unwrap(),
    );
    assert_eq!(after, before);
    assert!(bench.identities(&bsuid("HK.1").keys()).await.is_empty());
    let facts = bench
        .store
        .identify(&bench.company, &phone(HK).keys(), sent_at, sent_at)
        .await
        .unwrap();
    assert_eq!(facts.identity.unwrap().aliases, phone(HK));
    let profiles = bench
        .store
        .profiles_of(&bench.company, Some(client), None)
        .await
        .unwrap();
    assert!(profiles.iter().all(|one| one.id != profile));
    assert_eq!(
        bench.store.live_room(&bench.company, dom, client).await.unwrap(),
        None
    );
    assert_eq!(
        bench
            .store
            .client_last_wrote_at(&bench.company, account, client)
            .await
            .unwrap(),
        None
    );
    let expected = Backlog {
        inbox: 1,
        ..Backlog::default()
    };
    assert_eq!(bench.store.backlog().await.unwrap(), expected);
}

async fn after_a_conflict_the_message_is_still_ours(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    bench.opens("#dom123456", client, 0).await;
    let item = bench.arrived(bench.account(PRIMARY_PLACE).await).await;
    let conflicting = bench
        .deciding(&item, opening(bench, "#dom123456", client, 1).await)
        .await;
    assert_eq!(
        bench.commits(conflicting).await,
        CommitOutcome::Conflict(Conflict::RoomExists)
    );
    assert!(bench.leases().await.is_empty(), "nobody else gets it meanwhile");
    assert_eq!(
        bench.commits(bench.deciding(&item, ignored()).await).await,
        CommitOutcome::Committed
    );
}
