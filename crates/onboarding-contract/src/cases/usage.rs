//! Which rooms there are, and how the numbers are used (INV-2, INV-31).

use onboarding_core::{
    AccountUsage, ClientIdentityId, ClientRoom, InvitationFailure, OfficialAccountId, RoomState,
};
use onboarding_testkit::phone;

use crate::{
    bench::{Bench, PRIMARY_PLACE},
    list::list_cases,
};

list_cases!(($) usage => usage_contract:
    an_account_without_rooms_is_unused,
    live_rooms_of_all_clients_count_and_history_is_this_clients,
    the_history_of_a_new_client_is_empty,
    a_closed_room_stays_in_the_history,
    a_failed_room_frees_its_number_and_stays_in_the_history,
    a_live_room_is_found_by_user_and_client,
    a_live_room_is_found_by_number_and_client,
    a_profile_was_active_when_its_room_was_written_in,
);

const HK: &str = "85291234567";

async fn usage_of(
    bench: &Bench,
    client: Option<ClientIdentityId>,
    account: OfficialAccountId,
) -> AccountUsage {
    let mut usage = bench
        .store
        .usage_of(&bench.company, client, &[account])
        .await
        .unwrap();
    assert_eq!(usage.len(), 1, "one answer an account");
    usage.remove(0)
}

async fn an_account_without_rooms_is_unused(bench: &Bench) {
    let accounts = [bench.account(0).await, bench.account(1).await];
    let client = bench.client(phone(HK)).await;
    bench.opens("#dom123456", client, 2).await;
    let mut usage = bench
        .store
        .usage_of(&bench.company, Some(client), &accounts)
        .await
        .unwrap();
    usage.sort_by_key(|one| one.account);
    let unused = |account| AccountUsage {
        account,
        live_rooms: 0,
        last_allocated_at: None,
        rooms_of_client: Vec::new(),
        limit_left: None,
    };
    let mut expected = accounts.map(unused);
    expected.sort_by_key(|one| one.account);
    assert_eq!(usage, expected);
}

async fn live_rooms_of_all_clients_count_and_history_is_this_clients(bench: &Bench) {
    let (client, another) = (
        bench.client(phone(HK)).await,
        bench.client(phone("85290000000")).await,
    );
    let ours = bench.opens("#dom123456", client, 0).await;
    bench.after_seconds(60);
    let theirs = bench.opens("#kate", another, 0).await;
    bench.opens("#michael", another, 1).await;
    let expected = AccountUsage {
        account: ours.account,
        live_rooms: 2,
        last_allocated_at: Some(theirs.created_at),
        rooms_of_client: vec![ClientRoom {
            user: ours.user,
            state: RoomState::Active,
            closed_at: None,
        }],
        limit_left: None,
    };
    assert_eq!(usage_of(bench, Some(client), ours.account).await, expected);
}

async fn the_history_of_a_new_client_is_empty(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let usage = usage_of(bench, None, room.account).await;
    assert_eq!((usage.live_rooms, usage.rooms_of_client), (1, Vec::new()));
    assert_eq!(usage.last_allocated_at, Some(room.created_at));
}

async fn a_closed_room_stays_in_the_history(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let closed_at = bench.after_seconds(5);
    let room = bench.opened_until("#dom123456", client, 0, closed_at).await;
    let expected = AccountUsage {
        account: room.account,
        live_rooms: 0,
        last_allocated_at: Some(room.created_at),
        rooms_of_client: vec![ClientRoom {
            user: room.user,
            state: RoomState::Closed,
            closed_at: Some(closed_at),
        }],
        limit_left: None,
    };
    assert_eq!(usage_of(bench, Some(client), room.account).await, expected);
    assert_eq!(
        bench
            .store
            .live_room(&bench.company, room.user, client)
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        bench
            .store
            .live_room_on(&bench.company, room.account, client)
            .await
            .unwrap(),
        None
    );
}

async fn a_failed_room_frees_its_number_and_stays_in_the_history(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let failed = bench.opens("#dom123456", client, 0).await;
    let failure = InvitationFailure {
        room: failed.clone(),
        reason: "undeliverable".to_owned(),
        notice: None,
        link_until: None,
        notices: Vec::new(),
    };
    let at = bench.after_seconds(60);
    bench.store.fail_room(&bench.company, failure, at).await.unwrap();
    let usage = usage_of(bench, Some(client), failed.account).await;
    assert_eq!(
        (usage.live_rooms, usage.last_allocated_at),
        (0, Some(failed.created_at))
    );
    let states: Vec<_> = usage
        .rooms_of_client
        .iter()
        .map(|room| (room.user, room.state))
        .collect();
    assert_eq!(states, [(failed.user, RoomState::Failed)]);
    // Somebody else may have the number, and the two may have another room.
    bench.opens("#kate", client, 0).await;
    bench.opens("#dom123456", client, 1).await;
    let usage = usage_of(bench, Some(client), failed.account).await;
    assert_eq!((usage.live_rooms, usage.rooms_of_client.len()), (1, 2));
}

async fn a_live_room_is_found_by_user_and_client(bench: &Bench) {
    let (client, another) = (
        bench.client(phone(HK)).await,
        bench.client(phone("85290000000")).await,
    );
    let room = bench.opens("#dom123456", client, 0).await;
    let kate = bench.user("#kate").await.id;
    let live = async |user, client| bench.store.live_room(&bench.company, user, client).await.unwrap();
    assert_eq!(live(room.user, client).await, Some(room.clone()));
    assert_eq!(
        (live(kate, client).await, live(room.user, another).await),
        (None, None)
    );
    let other = bench.with_another_company().await;
    assert_eq!(
        other
            .store
            .live_room(&other.company, room.user, client)
            .await
            .unwrap(),
        None
    );
}

async fn a_live_room_is_found_by_number_and_client(bench: &Bench) {
    let (client, another) = (
        bench.client(phone(HK)).await,
        bench.client(phone("85290000000")).await,
    );
    let room = bench.opens("#dom123456", client, 0).await;
    let elsewhere = bench.account(PRIMARY_PLACE).await;
    let live = async |account, client| {
        bench
            .store
            .live_room_on(&bench.company, account, client)
            .await
            .unwrap()
    };
    assert_eq!(live(room.account, client).await, Some(room.clone()));
    assert_eq!(
        (live(elsewhere, client).await, live(room.account, another).await),
        (None, None)
    );
    let other = bench.with_another_company().await;
    assert_eq!(
        other
            .store
            .live_room_on(&other.company, room.account, client)
            .await
            .unwrap(),
        None
    );
}

async fn a_profile_was_active_when_its_room_was_written_in(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let quiet = bench.opens("#dom123456", client, 0).await;
    bench.after_seconds(60);
    let lively = bench.opens("#kate", client, 1).await;
    bench.after_seconds(60);
    let message = bench.text_to(client, lively.account);
    bench
        .queues(vec![onboarding_core::NewOutbound {
            room: Some(lively.id),
            ..message
        }])
        .await;
    let profiles = bench
        .store
        .profiles_of(&bench.company, Some(client), None)
        .await
        .unwrap();
    let active_at = |id| {
        profiles
            .iter()
            .find(|profile| profile.id == id)
            .expect("theirs")
            .last_active_at
    };
    assert!(
        active_at(lively.profile) > active_at(quiet.profile),
        "{profiles:?}"
    );
}
