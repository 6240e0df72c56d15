//! Closing, handing over, leaving, retiring.

use std::time::Duration;

use onboarding_core::{
    Actor, Audience, CloseReason, RoomEnd, RoomState,
    config::ConfigChange,
    lifecycle::Obstacle,
    service::{Acted, Wish},
};
use onboarding_testkit::{PRIMARY, SECONDARIES, TestService, acme_id, number};

use crate::{
    JANE, acme_with_templates, acts, applies, closes, done, jane_meets, jane_writes, live_rooms, news,
    nothing_is_violated, number_of, user,
};

#[tokio::test]
async fn a_closed_room_says_so_and_the_two_get_their_number_again() {
    let service = TestService::start().await;
    let room = jane_meets(&service, "#kate").await;
    jane_meets(&service, "#dom123456").await;
    let secondary = number_of(&service, &room).await;
    let mut seen = service.messages_to(JANE).len();
    done(closes(&service, &room).await);
    assert!(news(&service, &mut seen).is_empty(), "the window is shut there");
    assert_eq!(jane_writes(&service, &secondary, "Hello?").await, "room_closed");
    let told = news(&service, &mut seen);
    assert_eq!(told.len(), 1);
    assert!(told[0].words().contains("closed") && told[0].from.as_str() == secondary);
    let again = jane_meets(&service, "#kate").await;
    assert_eq!(again.account, room.account, "sticky");
    let end = service
        .store
        .room(&acme_id(), room.id)
        .await
        .unwrap()
        .unwrap()
        .end;
    assert_eq!(end.unwrap().reason, CloseReason::Ended);
    assert_eq!(closes(&service, &room).await, Acted::Prevented(Obstacle::Over));
    nothing_is_violated(&service).await;
}

#[tokio::test]
async fn a_client_who_wrote_in_the_room_is_told_there_that_it_ends() {
    let service = TestService::start().await;
    let room = jane_meets(&service, "#kate").await;
    let secondary = number_of(&service, &room).await;
    jane_writes(&service, &secondary, "Hello").await;
    let mut seen = service.messages_to(JANE).len();
    done(closes(&service, &room).await);
    let told = news(&service, &mut seen);
    assert_eq!((told.len(), told[0].from.as_str()), (1, secondary.as_str()));
}

#[tokio::test]
async fn a_room_goes_to_another_user_on_another_number_after_a_word_from_the_primary() {
    let service = TestService::start().await;
    let room = jane_meets(&service, "#kate").await;
    let old = number_of(&service, &room).await;
    let mut seen = service.messages_to(JANE).len();
    let dom = user(&service, "dom").await;
    let hand_over = |to| Wish::HandOverRoom {
        room: room.id,
        to,
        end: RoomEnd {
            by: Actor::Operator,
            reason: CloseReason::HandedOver,
            note: None,
        },
    };
    assert_eq!(
        acts(&service, hand_over(room.user)).await,
        Acted::Prevented(Obstacle::SameUser)
    );
    let act = done(acts(&service, hand_over(dom.id)).await);
    let new = act.new_room.unwrap();
    assert_eq!((new.user, new.profile), (dom.id, room.profile));
    let number = number_of(&service, &new).await;
    assert_ne!(number, old, "INV-31");
    let told = news(&service, &mut seen);
    assert_eq!(told.len(), 2);
    assert_eq!(
        (told[0].from.as_str(), told[1].from.as_str()),
        (PRIMARY, number.as_str())
    );
    assert!(
        told[0].words().contains("Dom") && told[0].words().contains(&number),
        "{}",
        told[0].words()
    );
    let notices = service
        .store
        .notices(&acme_id(), Audience::User(dom.id).into(), 9)
        .await
        .unwrap();
    assert_eq!(notices.len(), 1);
    // What she still writes on the old number reaches nobody (INV-32).
    assert_eq!(jane_writes(&service, &old, "Kate?").await, "room_closed");
    let trace = &service.store.latest_acts(&acme_id(), 1).await.unwrap()[0].trace;
    assert!(
        trace
            .steps()
            .iter()
            .any(|step| step.finding.contains("handed over to Dom"))
    );
    nothing_is_violated(&service).await;
}

async fn leaves(service: &TestService, username: &str, successor: Option<&str>) {
    let change = ConfigChange::DeactivateUser {
        username: username.to_owned(),
        successor: successor.map(str::to_owned),
    };
    applies(service, change).await;
    service.upkeep.look_after(&acme_id()).await.unwrap();
    service.pump().await;
}

#[tokio::test]
async fn a_user_who_leaves_is_not_found_any_more_and_their_rooms_are_closed() {
    let service = TestService::start().await;
    let room = jane_meets(&service, "#kate").await;
    leaves(&service, "kate", None).await;
    assert!(live_rooms(&service).await.is_empty());
    let view = service.store.room(&acme_id(), room.id).await.unwrap().unwrap();
    assert_eq!(view.end.unwrap().reason, CloseReason::UserLeft);
    service.clock.advance(Duration::from_mins(5));
    assert_eq!(
        jane_writes(&service, PRIMARY, "#kate").await,
        "extension_not_found"
    );
    nothing_is_violated(&service).await;
}

#[tokio::test]
async fn a_user_who_leaves_with_a_successor_leaves_the_clients_to_them() {
    let service = TestService::start().await;
    let room = jane_meets(&service, "#kate").await;
    let mut seen = service.messages_to(JANE).len();
    leaves(&service, "kate", Some("dom")).await;
    let rooms = live_rooms(&service).await;
    assert_eq!(rooms.len(), 1);
    assert_eq!(rooms[0].user, user(&service, "dom").await.id);
    assert_ne!(rooms[0].account, room.account);
    assert_eq!(
        news(&service, &mut seen).len(),
        2,
        "the word of the primary, the invitation"
    );
    let idle = service.upkeep.look_after(&acme_id()).await.unwrap();
    assert!(!idle.changed(), "done once");
    nothing_is_violated(&service).await;
}

#[tokio::test]
async fn a_successor_who_cannot_have_a_number_does_not_keep_the_leavers_room_open() {
    let service = TestService::start().await;
    for extension in ["#kate", "#dom123456", "#michael"] {
        jane_meets(&service, extension).await;
    }
    leaves(&service, "kate", Some("lee")).await;
    let rooms = live_rooms(&service).await;
    assert_eq!(rooms.len(), 2, "no number was left for her with Lee");
    let told = service
        .store
        .notices(&acme_id(), Audience::Admins.into(), 9)
        .await
        .unwrap();
    assert!(
        told[0].notice.text.contains("no number is free"),
        "{}",
        told[0].notice.text
    );
    nothing_is_violated(&service).await;
}

async fn retires(service: &TestService, phone_number: &str, retired: bool) {
    let change = ConfigChange::RetireOfficialAccount {
        phone_number: number(phone_number),
        retired,
    };
    applies(service, change).await;
}

#[tokio::test]
async fn a_lost_number_moves_its_rooms_by_the_ladder() {
    let service = TestService::with(acme_with_templates()).await;
    let room = jane_meets(&service, "#kate").await;
    let old = number_of(&service, &room).await;
    let mut seen = service.messages_to(JANE).len();
    // Days later the window of the primary is shut, so the notice is a template.
    service.clock.advance(Duration::from_hours(72));
    let wish = Wish::MoveRoom {
        room: room.id,
        by: Actor::Operator,
    };
    let stays = acts(&service, wish).await;
    assert_eq!(stays, Acted::Prevented(Obstacle::InUse));
    retires(&service, &old, true).await;
    let upkept = service.upkeep.look_after(&acme_id()).await.unwrap();
    assert!(upkept.changed());
    service.pump().await;
    let rooms = live_rooms(&service).await;
    assert_eq!(
        (rooms.len(), rooms[0].user, rooms[0].profile),
        (1, room.user, room.profile)
    );
    let new = number_of(&service, &rooms[0]).await;
    assert_ne!(new, old);
    let told = news(&service, &mut seen);
    assert_eq!(told.len(), 2);
    assert_eq!(
        (told[0].from.as_str(), told[0].template()),
        (PRIMARY, Some("acme_room_moved"))
    );
    assert_eq!(
        (told[1].from.as_str(), told[1].template()),
        (new.as_str(), Some("acme_invitation"))
    );
    let ended = service.store.room(&acme_id(), room.id).await.unwrap().unwrap();
    assert_eq!(ended.end.unwrap().reason, CloseReason::NumberRetired);
    nothing_is_violated(&service).await;
}

#[tokio::test]
async fn a_room_that_cannot_move_stays_is_told_of_and_moves_when_it_can() {
    let service = TestService::start().await;
    let room = jane_meets(&service, "#kate").await;
    for secondary in SECONDARIES {
        retires(&service, secondary, true).await;
    }
    let upkept = service.upkeep.look_after(&acme_id()).await.unwrap();
    assert_eq!((upkept.rooms.len(), upkept.rooms[0].done), (1, None));
    assert_eq!(live_rooms(&service).await, std::slice::from_ref(&room));
    for audience in [Audience::Admins, Audience::User(room.user)] {
        assert_eq!(
            service
                .store
                .notices(&acme_id(), audience.into(), 9)
                .await
                .unwrap()
                .len(),
            1
        );
    }
    let old = number_of(&service, &room).await;
    let free = SECONDARIES.iter().find(|one| **one != old).unwrap();
    retires(&service, free, false).await;
    assert!(service.upkeep.look_after(&acme_id()).await.unwrap().changed());
    let moved = live_rooms(&service).await;
    assert_eq!(number_of(&service, &moved[0]).await, *free);
    assert_eq!(moved[0].state, RoomState::Active);
    service.pump().await;
    nothing_is_violated(&service).await;
}
