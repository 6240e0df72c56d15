//! Rooms and those who stand in them, as acts look at them.

use std::time::Duration;

use onboarding_core::{
    ChatRoom, ChatRoomId, Client, ClientIdentityId, ClientProfileId, CountryCode, OfficialAccountId,
    RoomState, UserId, config::ConfigChange, ports::RoomsOf,
};
use onboarding_testkit::{SECONDARIES, bsuid, number, phone};

use crate::{
    bench::{Bench, PRIMARY_PLACE, closing},
    list::list_cases,
};

list_cases!(($) life => life_contract:
    users_are_found_by_id_and_by_name_active_or_not,
    a_successor_is_named_with_the_leaving_and_forgotten_with_the_return,
    a_client_and_a_profile_are_found_by_id,
    a_room_tells_how_it_ended,
    rooms_are_told_by_whose_they_are_newest_first,
    a_number_out_of_use_tells_its_rooms,
    a_retired_number_is_retired_until_it_is_taken_up_again,
    what_a_client_used_up_is_told_number_by_number,
    a_number_is_taken_since_the_first_room_that_still_takes_it,
);

const HK: &str = "85291234567";

async fn users_are_found_by_id_and_by_name_active_or_not(bench: &Bench) {
    let kate = bench.user("#kate").await;
    let other = bench.with_another_company().await;
    for _ in 0..2 {
        let by_id = bench.store.user(&bench.company, kate.id).await.unwrap().unwrap();
        let by_name = bench
            .store
            .user_named(&bench.company, "kate")
            .await
            .unwrap()
            .unwrap();
        assert_eq!((by_id.id, &by_id.username), (kate.id, &kate.username));
        assert_eq!(by_id, by_name);
        assert_eq!(other.store.user(&other.company, kate.id).await.unwrap(), None);
        leaves(bench, "kate", None).await;
    }
    let gone = bench.store.user(&bench.company, kate.id).await.unwrap().unwrap();
    assert!(!gone.active);
    let nobody = bench.mint(UserId::from_uuid);
    assert_eq!(bench.store.user(&bench.company, nobody).await.unwrap(), None);
    assert_eq!(
        bench.store.user_named(&bench.company, "nobody").await.unwrap(),
        None
    );
}

async fn leaves(bench: &Bench, username: &str, successor: Option<&str>) {
    let change = ConfigChange::DeactivateUser {
        username: username.to_owned(),
        successor: successor.map(str::to_owned),
    };
    bench.apply(vec![change]).await;
}

async fn a_successor_is_named_with_the_leaving_and_forgotten_with_the_return(bench: &Bench) {
    let (kate, dom) = (bench.user("#kate").await.id, bench.user("#dom123456").await.id);
    let (config, _) = bench.config().await;
    let successor = async || bench.store.successor_of(&bench.company, kate).await.unwrap();
    assert_eq!(successor().await, None);
    leaves(bench, "kate", Some("dom")).await;
    assert_eq!(successor().await, Some(dom));
    bench.apply(bench.changes_to(&config)).await;
    assert_eq!(successor().await, None, "who is back has none");
    leaves(bench, "kate", None).await;
    assert_eq!(successor().await, None);
}

async fn a_client_and_a_profile_are_found_by_id(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#kate", client, 0).await;
    let expected = Client {
        aliases: phone(HK),
        revision: 0,
        phone_since: None,
        opted_out_at: None,
    };
    assert_eq!(
        bench.store.client(&bench.company, client).await.unwrap(),
        Some(expected)
    );
    let profile = bench
        .store
        .profile(&bench.company, room.profile)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((profile.id, profile.assigned_to), (room.profile, vec![room.user]));
    let nobody = bench.mint(ClientIdentityId::from_uuid);
    assert_eq!(bench.store.client(&bench.company, nobody).await.unwrap(), None);
    let nothing = bench.mint(ClientProfileId::from_uuid);
    assert_eq!(bench.store.profile(&bench.company, nothing).await.unwrap(), None);
    let other = bench.with_another_company().await;
    assert_eq!(other.store.client(&other.company, client).await.unwrap(), None);
    assert_eq!(
        other.store.profile(&other.company, room.profile).await.unwrap(),
        None
    );
}

async fn a_room_tells_how_it_ended(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#kate", client, 0).await;
    let view = async || bench.store.room(&bench.company, room.id).await.unwrap().unwrap();
    assert_eq!((view().await.room, view().await.end), (room.clone(), None));
    let at = bench.after_seconds(9);
    bench.closes(&room, at).await;
    let ended = view().await;
    assert_eq!((ended.end, ended.failure), (Some(closing(&room).end), None));
    assert_eq!(
        (ended.room.state, ended.room.closed_at),
        (RoomState::Closed, Some(at))
    );
    let nothing = bench.mint(ChatRoomId::from_uuid);
    assert_eq!(bench.store.room(&bench.company, nothing).await.unwrap(), None);
    let other = bench.with_another_company().await;
    assert_eq!(other.store.room(&other.company, room.id).await.unwrap(), None);
}

async fn ids(bench: &Bench, which: RoomsOf) -> Vec<ChatRoomId> {
    let rooms = bench.store.rooms(&bench.company, which, 99).await.unwrap();
    rooms.into_iter().map(|view| view.room.id).collect()
}

async fn rooms_are_told_by_whose_they_are_newest_first(bench: &Bench) {
    let (jane, chan) = (
        bench.client(phone(HK)).await,
        bench.client(phone("85290000000")).await,
    );
    let mut rooms: Vec<ChatRoom> = Vec::new();
    for (extension, client, place) in [("#kate", jane, 0), ("#dom123456", jane, 1), ("#kate", chan, 0)] {
        bench.after_seconds(1);
        rooms.insert(0, bench.opens(extension, client, place).await);
    }
    let [of_chan, of_dom, of_jane] = [rooms[0].id, rooms[1].id, rooms[2].id];
    let kate = bench.user("#kate").await.id;
    assert_eq!(ids(bench, RoomsOf::Live).await, [of_chan, of_dom, of_jane]);
    assert_eq!(ids(bench, RoomsOf::User(kate)).await, [of_chan, of_jane]);
    assert_eq!(ids(bench, RoomsOf::Client(jane)).await, [of_dom, of_jane]);
    assert_eq!(
        ids(bench, RoomsOf::Account(rooms[0].account)).await,
        [of_chan, of_jane]
    );
    assert!(ids(bench, RoomsOf::Leavers).await.is_empty());
    assert!(ids(bench, RoomsOf::NumbersOutOfUse).await.is_empty());
    leaves(bench, "dom", None).await;
    assert_eq!(ids(bench, RoomsOf::Leavers).await, [of_dom]);
    bench.closes(&rooms[1], bench.now()).await;
    bench.closes(&rooms[0], bench.now()).await;
    for which in [
        RoomsOf::Live,
        RoomsOf::User(kate),
        RoomsOf::Client(jane),
        RoomsOf::Account(rooms[0].account),
    ] {
        assert_eq!(ids(bench, which).await, [of_jane], "{which:?}");
    }
    assert!(ids(bench, RoomsOf::Leavers).await.is_empty());
    assert_eq!(ids(bench, RoomsOf::Anybody).await, [of_chan, of_dom, of_jane]);
    assert_eq!(
        ids(bench, RoomsOf::AllOfUser(kate)).await,
        [of_chan, of_jane],
        "those that are over, too"
    );
    assert_eq!(
        bench
            .store
            .rooms(&bench.company, RoomsOf::Anybody, 2)
            .await
            .unwrap()
            .len(),
        2
    );
    let other = bench.with_another_company().await;
    assert!(ids(&other, RoomsOf::Anybody).await.is_empty());
}

async fn retire(bench: &Bench, phone_number: &str, retired: bool) {
    let change = ConfigChange::RetireOfficialAccount {
        phone_number: number(phone_number),
        retired,
    };
    bench.apply(vec![change]).await;
}

async fn a_number_out_of_use_tells_its_rooms(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let mut rooms = Vec::new();
    for (extension, place) in [("#kate", 0), ("#dom123456", 1), ("#michael", 2)] {
        let room = bench.opens(extension, client, place).await;
        let accounts = bench.company().await;
        let number = &accounts.account(room.account).unwrap().phone_number;
        rooms.push((number.clone(), room.id));
    }
    let room_on = |wanted: &str| rooms.iter().find(|(on, _)| *on == number(wanted)).unwrap().1;
    let [retired, dropped, unpooled] = SECONDARIES.map(room_on);
    retire(bench, SECONDARIES[0], true).await;
    assert_eq!(ids(bench, RoomsOf::NumbersOutOfUse).await, [retired]);
    let (mut config, _) = bench.config().await;
    let pool = &mut config.pools[0];
    pool.secondaries.retain(|one| *one == number(SECONDARIES[0]));
    bench.apply(vec![ConfigChange::PutPool(pool.clone())]).await;
    bench
        .apply(vec![ConfigChange::RemoveOfficialAccount(number(SECONDARIES[1]))])
        .await;
    let mut found = ids(bench, RoomsOf::NumbersOutOfUse).await;
    let mut expected = [retired, dropped, unpooled];
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

async fn a_retired_number_is_retired_until_it_is_taken_up_again(bench: &Bench) {
    let is_retired = async |bench: &Bench| -> Vec<OfficialAccountId> {
        let accounts = bench.company().await.accounts.clone();
        let retired = accounts.into_iter().filter(|account| account.retired);
        retired.map(|account| account.id).collect()
    };
    let other = bench.with_another_company().await;
    assert!(is_retired(bench).await.is_empty());
    retire(bench, SECONDARIES[1], true).await;
    let id = bench.account_with(SECONDARIES[1]).await;
    assert_eq!(is_retired(bench).await, [id]);
    let (config, _) = bench.config().await;
    bench.apply(bench.changes_to(&config)).await;
    assert_eq!(is_retired(bench).await, [id], "a manifest leaves it as it is");
    assert!(is_retired(&other).await.is_empty());
    retire(bench, SECONDARIES[1], false).await;
    assert!(is_retired(bench).await.is_empty());
}

async fn what_a_client_used_up_is_told_number_by_number(bench: &Bench) {
    let jane = bench.client(phone(HK)).await;
    let ana = bench.client(bsuid("BR.99")).await;
    let accounts = [bench.account(0).await, bench.account(1).await];
    let primary = bench.account(PRIMARY_PLACE).await;
    let live = bench.opens("#kate", jane, 0).await;
    let closed = bench.opens("#dom123456", jane, 1).await;
    bench.closes(&closed, bench.now()).await;
    bench.opens("#michael", jane, 2).await;
    bench.opens("#kate", ana, 0).await;
    let now = bench.after_seconds(100);
    let loads = async |reserved_for: Option<u64>| {
        let span = reserved_for.map(Duration::from_secs);
        let loads = bench
            .store
            .client_loads(&bench.company, &accounts, span, now)
            .await
            .unwrap();
        let load = |one: &onboarding_core::ports::ClientLoad| {
            let mut taken = one.taken.clone();
            taken.sort_unstable();
            (one.identity, one.country, taken)
        };
        let mut loads: Vec<_> = loads.iter().map(load).collect();
        loads.sort();
        loads
    };
    let country = |code: &str| CountryCode::parse(code).ok();
    let mut both = vec![live.account, closed.account];
    both.sort_unstable();
    let of_ana = (ana, country("BR"), vec![live.account]);
    let mut ever = vec![(jane, country("HK"), both), of_ana.clone()];
    let mut recent = vec![(jane, country("HK"), vec![live.account]), of_ana];
    ever.sort();
    recent.sort();
    assert_eq!(
        loads(None).await,
        ever,
        "a number that was used is used up for ever"
    );
    assert_eq!(loads(Some(101)).await, ever);
    assert_eq!(loads(Some(99)).await, recent);
    let none = bench
        .store
        .client_loads(&bench.company, &[primary], None, now)
        .await
        .unwrap();
    assert!(none.is_empty());
}

async fn a_number_is_taken_since_the_first_room_that_still_takes_it(bench: &Bench) {
    let jane = bench.client(phone(HK)).await;
    let accounts = [bench.account(0).await, bench.account(1).await];
    let first = bench.opens("#kate", jane, 0).await;
    let opened = bench.now();
    let closed = bench.after_seconds(100);
    bench.closes(&first, closed).await;
    let again = bench.after_seconds(100);
    bench.opens("#kate", jane, 0).await;
    let other = bench.after_seconds(100);
    bench.opens("#michael", jane, 1).await;
    let since = async |reserved_for: Option<u64>| {
        let span = reserved_for.map(Duration::from_secs);
        let loads = bench
            .store
            .client_loads(&bench.company, &accounts, span, other)
            .await;
        let load = loads.unwrap().remove(0);
        assert_eq!(load.taken.len(), load.since.len());
        accounts.map(|account| {
            let place = load.taken.iter().position(|taken| *taken == account).unwrap();
            load.since[place]
        })
    };
    assert_eq!(since(None).await, [opened, other]);
    assert_eq!(
        since(Some(150)).await,
        [again, other],
        "the first room takes it no more"
    );
}
