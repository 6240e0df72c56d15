//! The life of rooms, prospects and numbers as clients and users notice it, on the in-memory store.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod any_history;
mod opting_out;
mod prospects;
mod rooms;

use std::time::Duration;

use onboarding_core::{
    Act, Actor, ChatRoom, CloseReason, RoomEnd, TemplatePurpose, User,
    audit::Origin,
    config::{CompanyConfig, ConfigChange},
    ports::{ApplyOutcome, Clock, RoomsOf},
    service::{Acted, Wish},
};
use onboarding_testkit::{PRIMARY, SentMessage, TestService, acme, acme_id};

const JANE: &str = "447700900123";

/// The documented company with templates for everything that the primary may have to say late.
fn acme_with_templates() -> CompanyConfig {
    let mut config = acme();
    let templates = &mut config.settings.templates;
    let invitation = templates[&TemplatePurpose::Invitation].clone();
    for purpose in [
        TemplatePurpose::UserInfo,
        TemplatePurpose::RoomMoved,
        TemplatePurpose::RoomHandedOver,
        TemplatePurpose::WaitingExpired,
    ] {
        let name = format!("acme_{purpose}");
        templates.insert(
            purpose,
            onboarding_core::Template {
                name,
                ..invitation.clone()
            },
        );
    }
    config
}

/// Jane writes to a number and everything that follows is done; gives the outcome.
async fn jane_writes(service: &TestService, to: &str, words: &str) -> String {
    service.client(JANE).sends(to, words).await;
    service.pump().await;
    service.outcomes().await.pop().expect("an outcome")
}

/// Jane is connected with whoever has the extension.
async fn jane_meets(service: &TestService, extension: &str) -> ChatRoom {
    service.clock.advance(Duration::from_mins(5));
    assert_eq!(
        jane_writes(service, PRIMARY, extension).await,
        "onboarded",
        "{extension}"
    );
    live_rooms(service).await.remove(0)
}

async fn live_rooms(service: &TestService) -> Vec<ChatRoom> {
    let views = service.store.rooms(&acme_id(), RoomsOf::Live, 99).await.unwrap();
    views.into_iter().map(|view| view.room).collect()
}

async fn user(service: &TestService, username: &str) -> User {
    let user = service.store.user_named(&acme_id(), username).await.unwrap();
    user.expect("the company has the user")
}

/// The number that a room is on.
async fn number_of(service: &TestService, room: &ChatRoom) -> String {
    let company = service.store.company(&acme_id()).await.unwrap().unwrap();
    company.account(room.account).unwrap().phone_number.to_string()
}

async fn applies(service: &TestService, change: ConfigChange) {
    let (_, revision) = service.store.config(&acme_id()).await.unwrap().unwrap();
    let now = service.clock.now();
    let applied = service
        .store
        .apply(&acme_id(), Some(revision), vec![change], &Origin::system(), now)
        .await;
    assert!(matches!(applied.unwrap(), ApplyOutcome::Applied(_)));
}

async fn acts(service: &TestService, wish: Wish) -> Acted {
    let acted = service
        .acts
        .act(&acme_id(), &wish, &Origin::system())
        .await
        .unwrap();
    service.pump().await;
    acted
}

#[track_caller]
fn done(acted: Acted) -> Act {
    match acted {
        Acted::Done(act) => *act,
        other => panic!("not done: {other:?}"),
    }
}

async fn closes(service: &TestService, room: &ChatRoom) -> Acted {
    let end = RoomEnd {
        by: Actor::User(room.user),
        reason: CloseReason::Ended,
        note: None,
    };
    acts(service, Wish::CloseRoom { room: room.id, end }).await
}

/// What Jane received since the last look.
fn news(service: &TestService, seen: &mut usize) -> Vec<SentMessage> {
    let all = service.messages_to(JANE);
    let new = all[*seen..].to_vec();
    *seen = all.len();
    new
}

async fn nothing_is_violated(service: &TestService) {
    assert_eq!(service.store.violations().await.unwrap(), []);
    service.assert_idle().await;
}
