//! Invitations that fail.

use onboarding_core::{
    ChatRoom, ClientIdentityId, Decision, DeliveryProgress, InvitationFailure, NewOutbound, OutboxId,
    Outcome, Purpose, RoomState,
    ports::{Backlog, StatusEffect},
};
use onboarding_testkit::phone;

use crate::{
    bench::{Bench, PRIMARY_PLACE, decision, refusal, room_with},
    list::list_cases,
};

list_cases!(($) invitation => invitation_contract:
    a_status_that_fails_an_invitation_says_so,
    the_context_of_an_invitation_tells_who_stands_in_its_room,
    the_context_tells_whether_the_client_wrote,
    a_message_that_is_no_invitation_has_no_context,
    a_failed_room_is_over_and_its_notice_queued,
    a_room_fails_once,
    a_room_that_is_over_does_not_fail,
    a_room_in_which_the_client_wrote_does_not_fail,
    a_failed_invitation_waits_for_its_follow_up,
    a_failed_invitation_whose_client_wrote_needs_no_follow_up,
    the_latest_failed_invitations_are_told_first_and_no_more_than_wanted,
);

const HK: &str = "85291234567";

/// A new room whose invitation is queued.
async fn invited(
    bench: &Bench,
    client: ClientIdentityId,
    extension: &str,
    place: usize,
) -> (ChatRoom, OutboxId) {
    let user = bench.user(extension).await.id;
    let primary = bench.account(PRIMARY_PLACE).await;
    let (profile, room) = bench.room(user, client, bench.account(place).await, primary);
    let room = ChatRoom {
        state: RoomState::Invited,
        ..room
    };
    let invitation = NewOutbound {
        purpose: Purpose::Invitation,
        room: Some(room.id),
        ..bench.text_to(client, room.account)
    };
    let id = invitation.id;
    let decision = Decision {
        messages: vec![invitation],
        ..room_with(profile, room.clone())
    };
    bench.decided(primary, decision).await;
    (room, id)
}

/// The client writes in the room.
fn words_in(room: &ChatRoom) -> Decision {
    Decision {
        kept_in_room: Some(room.id),
        ..decision(Outcome::RoomMessage {
            user: room.user,
            room: room.id,
        })
    }
}

async fn one_invited(bench: &Bench) -> (ChatRoom, OutboxId) {
    let client = bench.client(phone(HK)).await;
    invited(bench, client, "#dom123456", 0).await
}

fn failure(bench: &Bench, room: &ChatRoom) -> (InvitationFailure, OutboxId) {
    let notice = bench.text_to(room.identity, room.primary);
    let id = notice.id;
    let reason = "the invitation was not delivered".to_owned();
    (
        InvitationFailure {
            room: room.clone(),
            reason,
            notice: Some(notice),
            link_until: None,
            notices: Vec::new(),
        },
        id,
    )
}

async fn a_status_that_fails_an_invitation_says_so(bench: &Bench) {
    let (room, id) = one_invited(bench).await;
    bench.accepted(&bench.sends_one().await).await;
    assert_eq!(
        bench.reported(id, DeliveryProgress::Sent).await,
        StatusEffect::Recorded
    );
    assert_eq!(
        bench.reported(id, DeliveryProgress::Failed).await,
        StatusEffect::InvitationFailed(id)
    );
    let live = bench
        .store
        .live_room(&bench.company, room.user, room.identity)
        .await
        .unwrap();
    assert_eq!(live, Some(room), "the room is not settled yet");
    assert_eq!(
        bench.reported(id, DeliveryProgress::Failed).await,
        StatusEffect::Recorded,
        "told once"
    );
}

async fn the_context_of_an_invitation_tells_who_stands_in_its_room(bench: &Bench) {
    let (room, id) = one_invited(bench).await;
    let another = bench.client(phone("85290000000")).await;
    invited(bench, another, "#kate", 0).await;
    let context = bench
        .store
        .invitation_context(&bench.company, id)
        .await
        .unwrap()
        .expect("an invitation");
    assert_eq!(context.company, bench.company().await);
    assert_eq!(
        (context.user, context.room),
        (bench.user("#dom123456").await, room)
    );
    assert_eq!((context.client, context.client_wrote), (phone(HK), false));
    let other = bench.with_another_company().await;
    assert_eq!(
        other.store.invitation_context(&other.company, id).await.unwrap(),
        None
    );
}

async fn the_context_tells_whether_the_client_wrote(bench: &Bench) {
    let (room, id) = one_invited(bench).await;
    let (another, other_id) = invited(bench, room.identity, "#kate", 1).await;
    bench.decided(room.account, words_in(&room)).await;
    let wrote = async |id| {
        bench
            .store
            .invitation_context(&bench.company, id)
            .await
            .unwrap()
            .expect("an invitation")
            .client_wrote
    };
    assert_eq!((wrote(id).await, wrote(other_id).await), (true, false));
    assert_ne!(room.id, another.id);
}

async fn a_message_that_is_no_invitation_has_no_context(bench: &Bench) {
    let (room, _) = one_invited(bench).await;
    let message = NewOutbound {
        room: Some(room.id),
        ..bench.text_to(room.identity, room.primary)
    };
    let id = message.id;
    bench.queues(vec![message]).await;
    let unknown = bench.mint(OutboxId::from_uuid);
    for id in [id, unknown] {
        assert_eq!(
            bench.store.invitation_context(&bench.company, id).await.unwrap(),
            None
        );
    }
}

async fn a_failed_room_is_over_and_its_notice_queued(bench: &Bench) {
    let (room, _) = one_invited(bench).await;
    let (another, _) = invited(bench, room.identity, "#kate", 1).await;
    for message in bench.sends().await {
        bench.accepted(&message).await;
    }
    let (failure, notice) = failure(bench, &room);
    let at = bench.after_seconds(60);
    let message = failure.notice.clone();
    bench.store.fail_room(&bench.company, failure, at).await.unwrap();
    let live = async |room: &ChatRoom| {
        bench
            .store
            .live_room(&bench.company, room.user, room.identity)
            .await
            .unwrap()
    };
    assert_eq!(
        (live(&room).await, live(&another).await),
        (None, Some(another.clone()))
    );
    let rooms = bench.store.latest_rooms(&bench.company, 9).await.unwrap();
    let failed = rooms
        .iter()
        .find(|one| one.id == room.id)
        .expect("the history keeps it");
    assert_eq!((failed.state, failed.closed_at), (RoomState::Failed, Some(at)));
    let sent = bench.sends_one().await;
    assert_eq!((sent.item.message.id, Some(sent.item.message)), (notice, message));
    assert_eq!(sent.item.queued_at, at);
}

async fn a_room_fails_once(bench: &Bench) {
    let (room, _) = one_invited(bench).await;
    bench.accepted(&bench.sends_one().await).await;
    for _ in 0..3 {
        let (failure, _) = failure(bench, &room);
        bench.after_seconds(1);
        bench
            .store
            .fail_room(&bench.company, failure, bench.now())
            .await
            .unwrap();
    }
    assert_eq!(bench.store.backlog().await.unwrap().outbox, 1, "one notice");
}

async fn a_room_that_is_over_does_not_fail(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opened_until("#dom123456", client, 0, bench.now()).await;
    let (failure, _) = failure(bench, &room);
    bench
        .store
        .fail_room(&bench.company, failure, bench.after_seconds(1))
        .await
        .unwrap();
    assert_eq!(bench.store.latest_rooms(&bench.company, 9).await.unwrap(), [room]);
    assert_eq!(bench.store.backlog().await.unwrap(), Backlog::default());
}

async fn a_room_in_which_the_client_wrote_does_not_fail(bench: &Bench) {
    let (room, _) = one_invited(bench).await;
    let (failure, _) = failure(bench, &room);
    bench.decided(room.account, words_in(&room)).await;
    bench
        .store
        .fail_room(&bench.company, failure, bench.now())
        .await
        .unwrap();
    assert_eq!(bench.store.latest_rooms(&bench.company, 9).await.unwrap(), [room]);
}

async fn a_failed_invitation_waits_for_its_follow_up(bench: &Bench) {
    let left = async || bench.store.failed_invitations(10).await.unwrap();
    let (by_settlement, first) = one_invited(bench).await;
    let (by_status, second) = invited(bench, by_settlement.identity, "#kate", 1).await;
    let messages = bench.sends().await;
    assert!(left().await.is_empty());
    bench.refused(&messages[0]).await;
    bench.accepted(&messages[1]).await;
    assert_eq!(left().await, [(bench.company.clone(), first, refusal())]);
    bench.reported(second, DeliveryProgress::Failed).await;
    let expected = [second, first].map(|id| (bench.company.clone(), id, refusal()));
    assert_eq!(left().await, expected, "newest first");
    let (failure, _) = failure(bench, &by_settlement);
    bench
        .store
        .fail_room(&bench.company, failure, bench.now())
        .await
        .unwrap();
    assert_eq!(
        left().await,
        expected[..1],
        "a room that is over needs nothing more"
    );
    // What fails and is no invitation needs nothing either.
    let text = NewOutbound {
        room: Some(by_status.id),
        ..bench.text_to(by_status.identity, by_status.account)
    };
    bench.queues(vec![text]).await;
    for message in bench.sends().await {
        bench.refused(&message).await;
    }
    assert_eq!(left().await, expected[..1]);
}

async fn a_failed_invitation_whose_client_wrote_needs_no_follow_up(bench: &Bench) {
    let (room, _) = one_invited(bench).await;
    let (another, id) = invited(bench, room.identity, "#kate", 1).await;
    for message in bench.sends().await {
        bench.refused(&message).await;
    }
    bench.decided(room.account, words_in(&room)).await;
    let left = bench.store.failed_invitations(10).await.unwrap();
    assert_eq!(
        left,
        [(bench.company.clone(), id, refusal())],
        "only that of {}",
        another.id
    );
}

async fn the_latest_failed_invitations_are_told_first_and_no_more_than_wanted(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let mut newest_first = Vec::new();
    for (place, extension) in ["#dom123456", "#kate", "#michael"].into_iter().enumerate() {
        bench.after_seconds(60);
        newest_first.insert(0, invited(bench, client, extension, place).await.1);
    }
    for message in bench.sends().await {
        bench.refused(&message).await;
    }
    let told = async |limit| {
        let left = bench.store.failed_invitations(limit).await.unwrap();
        left.into_iter().map(|(_, id, _)| id).collect::<Vec<_>>()
    };
    assert_eq!(told(2).await, newest_first[..2]);
    assert_eq!(told(10).await, newest_first);
}
