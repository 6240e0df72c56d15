//! Rooms as decisions open and change them.

use onboarding_core::{ChatRoom, ChatRoomId, Decision, Outcome, RoomState, RoomUpdate, ports::CommitOutcome};
use onboarding_testkit::phone;

use crate::{
    bench::{Bench, HARD_TEXT, PRIMARY_PLACE, decision, known, room_with},
    list::list_cases,
};

list_cases!(($) rooms => rooms_contract:
    a_reminder_changes_the_time_and_not_the_state,
    an_answer_activates_the_room,
    what_the_client_writes_is_kept_in_the_room,
    a_stored_room_is_read_back_unchanged,
);

const HK: &str = "85291234567";

async fn a_reminder_changes_the_time_and_not_the_state(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let dom = bench.user("#dom123456").await.id;
    let [primary, secondary] = [bench.account(PRIMARY_PLACE).await, bench.account(0).await];
    let (profile, room) = bench.room(dom, client, secondary, primary);
    let room = ChatRoom {
        state: RoomState::Invited,
        ..room
    };
    bench.decided(primary, room_with(profile, room.clone())).await;
    let another = bench.opens("#kate", client, 1).await;
    let at = bench.after_seconds(90);
    let update = RoomUpdate::Reminded { room: room.id, at };
    let reminded = Outcome::Reminded {
        user: dom,
        room: room.id,
    };
    bench
        .decided(
            primary,
            Decision {
                room_update: Some(update),
                ..decision(reminded)
            },
        )
        .await;
    let expected = ChatRoom {
        last_reminded_at: Some(at),
        ..room
    };
    assert_eq!(
        bench.store.live_room(&bench.company, dom, client).await.unwrap(),
        Some(expected)
    );
    let on_other = bench
        .store
        .live_room_on(&bench.company, another.account, client)
        .await
        .unwrap();
    assert_eq!(on_other, Some(another), "only this room");
}

async fn an_answer_activates_the_room(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let [primary, secondary] = [bench.account(PRIMARY_PLACE).await, bench.account(0).await];
    let (profile, room) = bench.room(bench.user("#dom123456").await.id, client, secondary, primary);
    let room = ChatRoom {
        state: RoomState::Invited,
        ..room
    };
    bench.decided(primary, room_with(profile, room.clone())).await;
    let decision = Decision {
        room_update: Some(RoomUpdate::Activated { room: room.id }),
        kept_in_room: Some(room.id),
        ..decision(Outcome::RoomMessage {
            user: room.user,
            room: room.id,
        })
    };
    bench.decided(secondary, decision).await;
    let expected = ChatRoom {
        state: RoomState::Active,
        ..room
    };
    let live = bench
        .store
        .live_room_on(&bench.company, secondary, client)
        .await
        .unwrap();
    assert_eq!(live, Some(expected));
}

async fn what_the_client_writes_is_kept_in_the_room(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let (room, another) = (
        bench.opens("#dom123456", client, 0).await,
        bench.opens("#kate", client, 1).await,
    );
    let decision = Decision {
        identity: Some(known(client, phone(HK))),
        kept_in_room: Some(room.id),
        ..decision(Outcome::RoomMessage {
            user: room.user,
            room: room.id,
        })
    };
    let item = bench.arrived(room.account).await;
    let mut commit = bench.deciding(&item, decision).await;
    commit.request.message.texts = vec![HARD_TEXT.to_owned(), "b".to_owned()];
    let sent_at = bench.now();
    bench.after_seconds(5);
    commit.decided_at = bench.now();
    assert_eq!(bench.commits(commit).await, CommitOutcome::Committed);
    let lines = async |room: ChatRoomId| bench.store.room_record(&bench.company, room).await.unwrap();
    let kept = lines(room.id).await;
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].at, kept[0].from_client), (sent_at, true));
    assert_eq!(kept[0].text, format!("{HARD_TEXT}\nb"));
    assert!(lines(another.id).await.is_empty());
    let wrote_at = bench
        .store
        .client_last_wrote_at(&bench.company, room.account, client)
        .await
        .unwrap();
    assert_eq!(
        wrote_at,
        Some(sent_at),
        "a message in a room opens the window too"
    );
}

async fn a_stored_room_is_read_back_unchanged(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let dom = bench.user("#dom123456").await.id;
    let [primary, secondary] = [bench.account(PRIMARY_PLACE).await, bench.account(0).await];
    let (profile, room) = bench.room(dom, client, secondary, primary);
    let at = bench.after_seconds(1);
    let room = ChatRoom {
        state: RoomState::Closed,
        closed_at: Some(at),
        last_reminded_at: Some(at),
        ..room
    };
    bench.decided(primary, room_with(profile, room.clone())).await;
    assert_eq!(
        bench.store.latest_rooms(&bench.company, 10).await.unwrap(),
        [room]
    );
}
