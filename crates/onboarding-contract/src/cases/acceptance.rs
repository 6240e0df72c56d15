//! Clients who accept or decline by a button of the invitation.

use std::time::Duration;

use onboarding_core::{
    Audience, ChatRoom, CloseReason, InvitationButton, OutboundContent, RoomActivation, RoomState,
    TemplatePurpose,
    config::CompanyConfig,
    ports::{ApplyOutcome, Clock},
};
use onboarding_testkit::{PRIMARY, SECONDARIES, TestService, acme, phone, tap_from};

use crate::{bench::Bench, list::list_cases};

list_cases!(($) acceptance => acceptance_contract:
    the_invitation_carries_a_payload_for_each_button,
    who_accepts_activates_the_room,
    who_declines_closes_the_room_and_the_user_is_told,
    a_button_of_another_room_changes_nothing,
    a_forged_button_changes_nothing,
    the_number_of_a_declined_room_stays_reserved_for_its_user,
    the_key_of_the_buttons_outlives_a_change_of_the_settings,
);

const HK: &str = "85291234567";

async fn service(bench: &Bench) -> TestService {
    let mut config: CompanyConfig = acme();
    config.settings.features.room_activation = RoomActivation::OnClientReply;
    let templates = &mut config.settings.templates;
    let invitation = templates.get_mut(&TemplatePurpose::Invitation).unwrap();
    invitation.buttons = vec![InvitationButton::Accept, InvitationButton::Decline];
    TestService::on(bench.store.clone(), config).await
}

/// The client is invited by the user with this extension; the payloads of the invitation's buttons.
async fn invited(service: &TestService, extension: &str) -> Vec<String> {
    service.clock.advance(Duration::from_mins(2));
    service.client(HK).sends(PRIMARY, extension).await;
    service.pump().await;
    let invitation = service.messages_to(HK).pop().unwrap();
    match invitation.content {
        OutboundContent::Template { buttons, .. } => buttons,
        OutboundContent::Text(text) => panic!("not an invitation: {text}"),
    }
}

async fn taps(service: &TestService, on: &str, payload: &str, words: &str) -> String {
    service.clock.advance(Duration::from_mins(1));
    let tap = tap_from(phone(HK), payload, words, service.clock.now());
    service.arrives(on, tap).await;
    service.pump().await;
    service.outcomes().await.pop().unwrap()
}

async fn rooms(bench: &Bench) -> Vec<ChatRoom> {
    bench.store.latest_rooms(&bench.company, 9).await.unwrap()
}

async fn the_invitation_carries_a_payload_for_each_button(bench: &Bench) {
    let service = service(bench).await;
    let payloads = invited(&service, "#dom123456").await;
    let (room, company) = (rooms(bench).await.remove(0), bench.company().await);
    let read: Vec<_> = payloads
        .iter()
        .map(|payload| company.button_key.button(payload, room.id, room.account))
        .collect();
    assert_eq!(
        read,
        [Some(InvitationButton::Accept), Some(InvitationButton::Decline)]
    );
    service.assert_idle().await;
}

async fn who_accepts_activates_the_room(bench: &Bench) {
    let service = service(bench).await;
    let payloads = invited(&service, "#dom123456").await;
    assert_eq!(rooms(bench).await[0].state, RoomState::Invited);
    // Whatever the button says in the client's language.
    assert_eq!(
        taps(&service, SECONDARIES[0], &payloads[0], "接受").await,
        "room_message"
    );
    assert_eq!(rooms(bench).await[0].state, RoomState::Active);
    assert_eq!(
        service.messages_to(HK).len(),
        2,
        "the user answers, not the service"
    );
    service.assert_idle().await;
}

async fn who_declines_closes_the_room_and_the_user_is_told(bench: &Bench) {
    let service = service(bench).await;
    let payloads = invited(&service, "#dom123456").await;
    assert_eq!(
        taps(&service, SECONDARIES[0], &payloads[1], "No, thanks").await,
        "declined"
    );
    let room = rooms(bench).await.remove(0);
    let view = bench.store.room(&bench.company, room.id).await.unwrap().unwrap();
    assert_eq!(
        (room.state, view.end.map(|end| end.reason)),
        (RoomState::Closed, Some(CloseReason::Declined))
    );
    let notices = bench
        .store
        .notices(&bench.company, Audience::User(room.user).into(), 9);
    let notices = notices.await.unwrap();
    assert!(
        notices.len() == 1 && notices[0].notice.text.contains("declined"),
        "{notices:?}"
    );
    let last = service.messages_to(HK).pop().unwrap();
    assert_eq!(
        last.from.as_str(),
        SECONDARIES[0],
        "the client is told where they tapped"
    );
    let record = bench.store.room_record(&bench.company, room.id).await.unwrap();
    let words: Vec<_> = record.iter().map(|line| line.text.as_str()).collect();
    assert!(words.contains(&"No, thanks"), "{words:?}");
    assert!(
        words.iter().all(|text| !text.contains("onboarding:")),
        "{words:?}"
    );
    // A second tap finds nothing to close.
    assert_eq!(
        taps(&service, SECONDARIES[0], &payloads[1], "No, thanks").await,
        "room_closed"
    );
    service.assert_idle().await;
}

async fn a_button_of_another_room_changes_nothing(bench: &Bench) {
    let service = service(bench).await;
    let of_dom = invited(&service, "#dom123456").await;
    let of_kate = invited(&service, "#kate").await;
    // Kate's button where Dom writes, and Dom's where Kate does.
    for (on, payload) in [(SECONDARIES[0], &of_kate[1]), (SECONDARIES[1], &of_dom[1])] {
        assert_eq!(taps(&service, on, payload, "Decline").await, "room_message");
    }
    let states: Vec<_> = rooms(bench).await.into_iter().map(|room| room.state).collect();
    assert_eq!(states, [RoomState::Invited, RoomState::Invited]);
    // And that of a room that is over says nothing in the next one of the same two.
    assert_eq!(
        taps(&service, SECONDARIES[0], &of_dom[1], "Decline").await,
        "declined"
    );
    let again = invited(&service, "#dom123456").await;
    assert_ne!(again, of_dom);
    assert_eq!(
        taps(&service, SECONDARIES[0], &of_dom[1], "Decline").await,
        "room_message"
    );
    assert_eq!(rooms(bench).await[0].state, RoomState::Invited);
    service.assert_idle().await;
}

async fn a_forged_button_changes_nothing(bench: &Bench) {
    let service = service(bench).await;
    let payloads = invited(&service, "#dom123456").await;
    let turned = payloads[0].replace("accept", "decline");
    for forged in [turned.as_str(), "onboarding:decline:", "onboarding:accept:00"] {
        assert_eq!(
            taps(&service, SECONDARIES[0], forged, "Decline").await,
            "room_message"
        );
        assert_eq!(rooms(bench).await[0].state, RoomState::Invited, "{forged}");
    }
    // What is no payload of ours is a word like any other.
    assert_eq!(
        taps(&service, SECONDARIES[0], "decline", "Decline").await,
        "room_message"
    );
    assert_eq!(rooms(bench).await[0].state, RoomState::Active);
    service.assert_idle().await;
}

async fn the_number_of_a_declined_room_stays_reserved_for_its_user(bench: &Bench) {
    let service = service(bench).await;
    let payloads = invited(&service, "#dom123456").await;
    taps(&service, SECONDARIES[0], &payloads[1], "Decline").await;
    invited(&service, "#kate").await;
    let last = service.messages_to(HK).pop().unwrap();
    assert_eq!(
        last.from.as_str(),
        SECONDARIES[1],
        "Dom's thread is on the client's phone"
    );
    invited(&service, "#dom123456").await;
    let last = service.messages_to(HK).pop().unwrap();
    assert_eq!(last.from.as_str(), SECONDARIES[0]);
    service.assert_idle().await;
}

async fn the_key_of_the_buttons_outlives_a_change_of_the_settings(bench: &Bench) {
    let before = bench.company().await;
    let (config, _) = bench.config().await;
    // These changes bring a new key, which is for a new company only.
    let outcome = bench.apply(bench.changes_to(&config)).await;
    assert!(matches!(outcome, ApplyOutcome::Applied(_)), "{outcome:?}");
    let after = bench.company().await;
    assert_ne!(before.revision, after.revision);
    assert_eq!(before.button_key, after.button_key);
    let other = bench.with_another_company().await;
    assert_ne!(other.company().await.button_key, before.button_key);
}
