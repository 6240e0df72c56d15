//! Clients who get a link to the number instead of an invitation.

use std::time::Duration;

use onboarding_core::{
    Act, Audience, ChatRoom, CloseReason, Closing, DeliveryProgress, InvitationKind, RoomEnd, RoomState,
    config::CompanyConfig,
    ports::{ActOutcome, Clock, Conflict, RoomsOf},
};
use onboarding_testkit::{PRIMARY, SECONDARIES, SentMessage, TestService, acme, phone, provider_id, refused};

use crate::{
    bench::{Bench, PRIMARY_PLACE, act, closing, room_with},
    list::list_cases,
};

list_cases!(($) links => links_contract:
    a_refused_invitation_gives_way_to_the_link,
    an_invitation_that_fails_later_gives_way_to_the_link,
    the_clients_first_words_activate_the_room_however_they_are_edited,
    where_the_number_itself_is_out_of_order_there_is_no_link,
    outside_the_window_of_the_primary_there_is_no_link,
    without_the_fallback_the_user_and_the_admins_are_told,
    who_asks_again_gets_the_link_again,
    a_link_that_nobody_used_expires_and_frees_the_number,
    a_link_that_was_used_does_not_expire,
    a_room_that_came_alive_is_not_ended_for_its_link,
    links_are_found_when_their_time_is_over,
);

const HK: &str = "85291234567";

async fn with(bench: &Bench, change: impl FnOnce(&mut CompanyConfig)) -> TestService {
    let mut config = acme();
    config.settings.features.link_fallback = true;
    change(&mut config);
    TestService::on(bench.store.clone(), config).await
}

async fn room(bench: &Bench) -> ChatRoom {
    let mut rooms = bench.store.latest_rooms(&bench.company, 1).await.unwrap();
    rooms.remove(0)
}

fn is_link(message: &SentMessage) -> bool {
    message.from.as_str() == PRIMARY && message.words().contains("https://wa.me/")
}

/// The client asks for Dom, and WhatsApp refuses the invitation with this code.
async fn refused_with(service: &TestService, code: i64) {
    service.messenger.next(Ok(provider_id(format!("info {code}"))));
    service.messenger.next(Err(refused(code)));
    service.client(HK).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
}

async fn a_refused_invitation_gives_way_to_the_link(bench: &Bench) {
    let service = with(bench, |_| {}).await;
    // Paused, and a code that nobody documented, as that of a messaging limit.
    for code in [132_015, 131_999] {
        refused_with(&service, code).await;
        let sent = service.messages_to(HK);
        assert!(is_link(sent.last().unwrap()), "{code}: {sent:?}");
        let room = room(bench).await;
        assert_eq!(room.state, RoomState::Invited);
        assert!(room.waits_for_link());
        assert_eq!(bench.store.failed_invitations(9).await.unwrap(), []);
        service.deliver.repair().await.unwrap();
        assert_eq!(service.pump().await, [], "and nothing more comes of it");
        bench.closes(&room, service.clock.now()).await;
        service.clock.advance(Duration::from_mins(2));
    }
    service.assert_idle().await;
}

async fn an_invitation_that_fails_later_gives_way_to_the_link(bench: &Bench) {
    let service = with(bench, |_| {}).await;
    service.client(HK).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    assert_eq!(room(bench).await.state, RoomState::Active);
    let invitation = service.messages_to(HK).remove(1);
    service.status(&invitation, DeliveryProgress::Sent).await;
    // WhatsApp holds the template back from this person.
    service.fails(&invitation, 131_049).await;
    service.pump().await;
    let sent = service.messages_to(HK);
    assert!(sent.len() == 3 && is_link(&sent[2]), "{sent:?}");
    assert_eq!(room(bench).await.state, RoomState::Invited);
    service.client(HK).sends(SECONDARIES[0], "hello?").await;
    service.pump().await;
    assert_eq!(room(bench).await.state, RoomState::Active);
    service.assert_idle().await;
}

async fn the_clients_first_words_activate_the_room_however_they_are_edited(bench: &Bench) {
    let service = with(bench, |config| {
        config.settings.features.invitation = InvitationKind::Link;
    })
    .await;
    // Two users, two links: each first word activates the room of the number it was written to, whatever it says.
    for (extension, place) in [("#dom123456", 0), ("#kate", 1)] {
        service.client(HK).sends(PRIMARY, extension).await;
        service.pump().await;
        let link = service.messages_to(HK).pop().unwrap();
        assert!(
            link.words().contains(&SECONDARIES[place][1..]),
            "{}",
            link.words()
        );
        service.clock.advance(Duration::from_mins(2));
    }
    service
        .client(HK)
        .sends(SECONDARIES[1], "#dom123456 sent me")
        .await;
    service.pump().await;
    let rooms = bench.store.latest_rooms(&bench.company, 9).await.unwrap();
    let states: Vec<_> = rooms.iter().map(|room| room.state).collect();
    assert_eq!(
        states,
        [RoomState::Active, RoomState::Invited],
        "Kate's, newest first"
    );
    assert_eq!((rooms[0].link_until, rooms[1].waits_for_link()), (None, true));
    service.client(HK).sends(SECONDARIES[0], "good morning").await;
    service.pump().await;
    assert_eq!(service.outcomes().await[2..], ["room_message", "room_message"]);
    let live = bench.store.rooms(&bench.company, RoomsOf::Live, 9).await.unwrap();
    assert!(live.iter().all(|view| view.room.state == RoomState::Active));
    service.assert_idle().await;
}

async fn where_the_number_itself_is_out_of_order_there_is_no_link(bench: &Bench) {
    let service = with(bench, |_| {}).await;
    service.client(HK).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    let invitation = service.messages_to(HK).remove(1);
    // Nobody paid: what the client wrote there could not be answered.
    service.fails(&invitation, 131_042).await;
    service.pump().await;
    assert_eq!(room(bench).await.state, RoomState::Failed);
    assert!(!is_link(service.messages_to(HK).last().unwrap()));
    service.assert_idle().await;
}

async fn outside_the_window_of_the_primary_there_is_no_link(bench: &Bench) {
    let service = with(bench, |_| {}).await;
    service.client(HK).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    let invitation = service.messages_to(HK).remove(1);
    service.clock.advance(Duration::from_hours(25));
    service.fails(&invitation, 131_049).await;
    service.pump().await;
    assert_eq!(room(bench).await.state, RoomState::Failed);
    assert!(service.messages_to(HK).iter().all(|message| !is_link(message)));
}

async fn without_the_fallback_the_user_and_the_admins_are_told(bench: &Bench) {
    let service = with(bench, |config| config.settings.features.link_fallback = false).await;
    refused_with(&service, 132_015).await;
    let room = room(bench).await;
    assert_eq!(room.state, RoomState::Failed);
    for audience in [Audience::User(room.user), Audience::Admins] {
        let notices = bench
            .store
            .notices(&bench.company, audience.into(), 9)
            .await
            .unwrap();
        let texts: Vec<_> = notices.iter().map(|one| one.notice.text.as_str()).collect();
        assert!(texts.len() == 1 && texts[0].contains("132015"), "{texts:?}");
    }
    service.assert_idle().await;
}

async fn who_asks_again_gets_the_link_again(bench: &Bench) {
    let service = with(bench, |config| {
        config.settings.features.invitation = InvitationKind::Link;
    })
    .await;
    let mut until = Vec::new();
    for _ in 0..2 {
        service.client(HK).sends(PRIMARY, "#dom123456").await;
        service.pump().await;
        until.push(room(bench).await.link_until.unwrap());
        service.clock.advance(Duration::from_mins(10));
    }
    let sent = service.messages_to(HK);
    assert!(sent.len() == 2 && sent.iter().all(is_link), "{sent:?}");
    assert_eq!(service.outcomes().await, ["onboarded", "reminded"]);
    assert_eq!(until[1].since(until[0]), Duration::from_mins(10), "and more time");
    service.assert_idle().await;
}

async fn a_link_that_nobody_used_expires_and_frees_the_number(bench: &Bench) {
    let service = with(bench, |config| {
        config.settings.features.invitation = InvitationKind::Link;
        config.pools[0].secondaries.truncate(1);
    })
    .await;
    let asks = async |extension| {
        service.client(HK).sends(PRIMARY, extension).await;
        service.pump().await;
        service.outcomes().await.pop().unwrap()
    };
    assert_eq!(asks("#dom123456").await, "onboarded");
    let first = room(bench).await;
    service
        .clock
        .advance(Duration::from_hours(72) - Duration::from_secs(1));
    let upkept = service.upkeep.look_after(&bench.company).await.unwrap();
    assert_eq!(upkept.links_expired, 0);
    assert_eq!(asks("#kate").await, "no_secondary_number");
    service.clock.advance(Duration::from_secs(1));
    let upkept = service.upkeep.look_after(&bench.company).await.unwrap();
    assert_eq!(upkept.links_expired, 1);
    assert_eq!(room(bench).await.state, RoomState::Failed);
    let told = bench
        .store
        .notices(&bench.company, Audience::User(first.user).into(), 9);
    assert!(
        told.await.unwrap()[0]
            .notice
            .text
            .contains("did not use the link")
    );
    assert_eq!(
        asks("#kate").await,
        "onboarded",
        "for everybody: no thread began there"
    );
    // Who comes by the old link now is in Kate's room, which is the one on this number.
    let again = service.upkeep.look_after(&bench.company).await.unwrap();
    assert_eq!(again.links_expired, 0);
    service.assert_idle().await;
}

async fn a_link_that_was_used_does_not_expire(bench: &Bench) {
    let service = with(bench, |config| {
        config.settings.features.invitation = InvitationKind::Link;
    })
    .await;
    service.client(HK).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    service.client(HK).sends(SECONDARIES[0], "hi").await;
    service.pump().await;
    service.clock.advance(Duration::from_hours(1_000));
    let upkept = service.upkeep.look_after(&bench.company).await.unwrap();
    assert_eq!(upkept.links_expired, 0);
    assert_eq!(room(bench).await.state, RoomState::Active);
    service.assert_idle().await;
}

/// A room that waits for its link until `seconds` from now.
async fn linked(bench: &Bench, place: usize, seconds: u64) -> ChatRoom {
    let client = bench.client(phone(&format!("8529123456{place}"))).await;
    let user = bench.user("#dom123456").await.id;
    let primary = bench.account(PRIMARY_PLACE).await;
    let (profile, room) = bench.room(user, client, bench.account(place).await, primary);
    let room = ChatRoom {
        state: RoomState::Invited,
        link_until: Some(bench.now() + Duration::from_secs(seconds)),
        ..room
    };
    bench.decided(primary, room_with(profile, room.clone())).await;
    room
}

async fn a_room_that_came_alive_is_not_ended_for_its_link(bench: &Bench) {
    let room = linked(bench, 0, 60).await;
    let alive = bench.opens("#kate", room.identity, 1).await;
    let unused = |room: &ChatRoom| Act {
        closing: Some(Closing {
            end: RoomEnd {
                reason: CloseReason::LinkUnused,
                ..closing(room).end
            },
            ..closing(room)
        }),
        ..act(room.user, room.identity)
    };
    let at = bench.after_seconds(1);
    let outcome = bench.acts(unused(&alive), at).await;
    assert_eq!(outcome, ActOutcome::Conflict(Conflict::RoomChanged));
    assert_eq!(bench.acts(unused(&room), at).await, ActOutcome::Committed);
    let view = bench.store.room(&bench.company, room.id).await.unwrap().unwrap();
    assert_eq!(
        (
            view.room.state,
            view.room.closed_at,
            view.end.map(|end| end.reason)
        ),
        (RoomState::Failed, Some(at), Some(CloseReason::LinkUnused))
    );
    assert_eq!(
        bench.acts(unused(&room), at).await,
        ActOutcome::Conflict(Conflict::RoomChanged),
        "once"
    );
}

async fn links_are_found_when_their_time_is_over(bench: &Bench) {
    let start = bench.now();
    let (soon, later) = (linked(bench, 0, 60).await, linked(bench, 1, 61).await);
    bench.opens("#kate", soon.identity, 2).await;
    let over = async |seconds| {
        let until = start + Duration::from_secs(seconds);
        let views = bench.store.rooms(&bench.company, RoomsOf::UnusedLinks(until), 9);
        let views = views.await.unwrap();
        views.into_iter().map(|view| view.room).collect::<Vec<_>>()
    };
    assert_eq!(over(59).await, []);
    assert_eq!(over(60).await, std::slice::from_ref(&soon));
    assert_eq!(over(61).await.len(), 2);
    bench.closes(&soon, bench.now()).await;
    assert_eq!(over(61).await, [later]);
    let other = bench.with_another_company().await;
    let views = other.store.rooms(
        &other.company,
        RoomsOf::UnusedLinks(start + Duration::from_hours(1)),
        9,
    );
    assert_eq!(views.await.unwrap(), []);
}
