//! The rules of the flow that a client notices, on the in-memory store.

use std::time::Duration;

use onboarding_core::{
    Audience, Bsuid, ClientAliases, DeliveryProgress, Extension, GuessLimit, InvitationKind, NoticeKind,
    OutboundContent, PhoneNumber, RoomActivation, RoomState, WaId, config::CompanyConfig,
};
use onboarding_testkit::{
    PRIMARY, SECONDARIES, SG_PRIMARY, TestService, acme, acme_id, phone, profile, refused, silent_from,
    text_from, with_pool_in_sg,
};

const JANE: &str = "447700900123";
const CHAN: &str = "85291234567";

fn with(change: impl FnOnce(&mut CompanyConfig)) -> CompanyConfig {
    let mut config = acme();
    change(&mut config);
    config
}

/// One message from Jane to the primary, decided on and answered.
async fn jane_writes(service: &TestService, words: &str) -> String {
    service.client(JANE).sends(PRIMARY, words).await;
    service.pump().await;
    service.outcomes().await.pop().expect("an outcome")
}

fn last_words(service: &TestService) -> String {
    service
        .messages_to(JANE)
        .last()
        .map(onboarding_testkit::SentMessage::words)
        .unwrap_or_default()
}

#[tokio::test]
async fn the_info_is_sent_before_the_invitation() {
    let service = TestService::start().await;
    assert_eq!(jane_writes(&service, "#dom123456").await, "onboarded");
    let sent = service.messages_to(JANE);
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].from.as_str(), PRIMARY);
    assert!(
        sent[0].words().contains(sent[1].from.as_str()),
        "the info names the number that will write"
    );
    assert!(sent[1].template().is_some());
    service.assert_idle().await;
}

#[tokio::test]
async fn the_invitation_waits_until_the_info_is_settled() {
    let service = TestService::start().await;
    service.messenger.next(Err(onboarding_testkit::not_sent(None)));
    service.client(JANE).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    assert!(service.messages_to(JANE).is_empty(), "nothing overtakes the info");
    service.clock.advance(Duration::from_secs(5));
    service.pump().await;
    let from: Vec<_> = service
        .messages_to(JANE)
        .iter()
        .map(|message| message.from.to_string())
        .collect();
    assert_eq!(from[0], PRIMARY);
    assert_eq!(from.len(), 2);
    service.assert_idle().await;
}

#[tokio::test]
async fn reminders_are_throttled_for_a_minute() {
    let service = TestService::start().await;
    let mut outcomes = vec![jane_writes(&service, "#dom123456").await];
    for pause in [1, 1, 61] {
        service.clock.advance(Duration::from_secs(pause));
        outcomes.push(jane_writes(&service, "#dom123456").await);
    }
    assert_eq!(
        outcomes,
        ["onboarded", "reminded", "reminder_throttled", "reminded"]
    );
    service.assert_idle().await;
}

#[tokio::test]
async fn one_wrong_extension_too_many_locks_and_the_lock_tells_nothing() {
    let limit = GuessLimit {
        attempts: 2,
        within: Duration::from_mins(10),
        lock: Duration::from_hours(1),
    };
    let service = TestService::with(with(|config| {
        config.settings.limits.wrong_extensions = limit;
        config.settings.limits.auto_replies_per_hour = 50;
    }))
    .await;
    let not_found = jane_writes(&service, "#nobody1").await;
    let first = last_words(&service);
    jane_writes(&service, "#nobody2").await;
    assert_eq!(
        (not_found.as_str(), last_words(&service)),
        ("extension_not_found", first.clone())
    );
    // The one too many is answered with the lock already.
    jane_writes(&service, "#nobody3").await;
    let locked = last_words(&service);
    assert_ne!(locked, first);
    for extension in ["#nobody4", "#dom123456"] {
        assert_eq!(jane_writes(&service, extension).await, "guessing_locked");
        assert_eq!(last_words(&service), locked, "right and wrong look the same");
    }
    service.client(CHAN).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    assert_eq!(service.messages_to(CHAN).len(), 2, "others are not locked");
    service.clock.advance(Duration::from_mins(61));
    assert_eq!(jane_writes(&service, "#dom123456").await, "onboarded");
}

#[tokio::test]
async fn automatic_replies_end_at_the_limit_of_the_hour() {
    let service = TestService::with(with(|config| config.settings.limits.auto_replies_per_hour = 2)).await;
    for words in ["hello", "hello?", "hello??", "hello???"] {
        assert_eq!(jane_writes(&service, words).await, "no_extension");
    }
    assert_eq!(service.messages_to(JANE).len(), 2);
    let records = service.store.latest_onboardings(&acme_id(), 10).await.unwrap();
    let suppressed: Vec<_> = records.iter().map(|record| record.suppressed).collect();
    assert_eq!(suppressed, [true, true, false, false], "newest first");
    assert_eq!(
        jane_writes(&service, "#dom123456").await,
        "onboarded",
        "the limit holds nobody back from a person"
    );
    service.clock.advance(Duration::from_mins(61));
    jane_writes(&service, "hello?").await;
    assert_eq!(service.messages_to(JANE).len(), 5);
}

#[tokio::test]
async fn with_promotion_off_a_new_contact_waits_once_and_a_known_client_does_not() {
    let service = TestService::with(with(|config| {
        config.settings.features.auto_promotion = false;
        config
            .client_profiles
            .push(profile("cp-1", "hk-private", "+85291234567"));
    }))
    .await;
    assert_eq!(jane_writes(&service, "#dom123456").await, "prospect_received");
    assert_eq!(jane_writes(&service, "#dom123456").await, "prospect_received");
    assert!(
        service
            .store
            .latest_rooms(&acme_id(), 10)
            .await
            .unwrap()
            .is_empty()
    );
    service.client(CHAN).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    assert_eq!(service.outcomes().await.pop().unwrap(), "onboarded");
}

#[tokio::test]
async fn a_hidden_profile_is_neither_used_nor_told_of_where_phones_are_unique() {
    let service = TestService::with(with(|config| {
        config.settings.features.unique_phone_number = true;
        config
            .client_profiles
            .push(profile("cp-sg", "sg", "+447700900123"));
    }))
    .await;
    let wrong = {
        jane_writes(&service, "#nobody").await;
        last_words(&service)
    };
    assert_eq!(jane_writes(&service, "#dom123456").await, "profile_hidden");
    assert_eq!(last_words(&service), wrong);
}

#[tokio::test]
async fn the_primary_of_another_unit_does_not_know_the_user() {
    let service = TestService::with(with_pool_in_sg(acme())).await;
    let wrong = {
        jane_writes(&service, "#nobody").await;
        last_words(&service)
    };
    assert_eq!(jane_writes(&service, "#lee").await, "other_unit");
    assert_eq!(last_words(&service), wrong, "nothing tells that Lee exists");
    let told = service
        .store
        .notices(&acme_id(), Audience::Admins.into(), 9)
        .await
        .unwrap();
    assert_eq!(told.len(), 1, "the admins are told, once while it is unseen");
    assert_eq!(told[0].notice.kind, NoticeKind::AskedElsewhere);
    assert!(told[0].notice.text.contains(PRIMARY) && told[0].notice.text.contains("Lee"));
    service.client(JANE).sends(SG_PRIMARY, "#lee").await;
    service.pump().await;
    assert_eq!(service.outcomes().await.pop().unwrap(), "onboarded");
}

#[tokio::test]
async fn the_link_replaces_the_template_and_the_clients_first_word_activates() {
    let service = TestService::with(with(|config| {
        config.settings.features.invitation = InvitationKind::Link;
    }))
    .await;
    assert_eq!(jane_writes(&service, "#dom123456").await, "onboarded");
    let sent = service.messages_to(JANE);
    assert_eq!(sent.len(), 1, "no template is needed");
    let room = service.store.latest_rooms(&acme_id(), 1).await.unwrap().remove(0);
    assert_eq!(room.state, RoomState::Invited);
    let company = onboarding_core::ports::CompanyDirectory::company(service.store.as_ref(), &acme_id())
        .await
        .unwrap()
        .unwrap();
    let secondary = company.account(room.account).unwrap().phone_number.clone();
    assert!(
        sent[0]
            .words()
            .contains(&format!("https://wa.me/{}?text=%23dom123456", secondary.digits())),
        "{}",
        sent[0].words()
    );
    service
        .client(JANE)
        .sends(secondary.as_str(), "an edited text")
        .await;
    service.pump().await;
    let room = service.store.latest_rooms(&acme_id(), 1).await.unwrap().remove(0);
    assert_eq!(room.state, RoomState::Active);
}

#[tokio::test]
async fn a_room_may_wait_for_the_clients_acceptance() {
    let service = TestService::with(with(|config| {
        config.settings.features.room_activation = RoomActivation::OnClientReply;
    }))
    .await;
    jane_writes(&service, "#dom123456").await;
    let state = async || service.store.latest_rooms(&acme_id(), 1).await.unwrap()[0].state;
    assert_eq!(state().await, RoomState::Invited);
    let secondary = service.messages_to(JANE)[1].from.clone();
    service
        .arrives(
            secondary.as_str(),
            silent_from(
                phone(JANE),
                "reaction",
                onboarding_core::ports::Clock::now(&service.clock),
            ),
        )
        .await;
    service.pump().await;
    assert_eq!(state().await, RoomState::Invited, "a reaction is no answer");
    service.client(JANE).sends(secondary.as_str(), "yes").await;
    service.pump().await;
    assert_eq!(state().await, RoomState::Active);
}

#[tokio::test]
async fn what_is_older_than_the_window_is_recorded_and_not_answered() {
    let service = TestService::start().await;
    let old = onboarding_core::ports::Clock::now(&service.clock) - Duration::from_hours(24);
    service
        .arrives(PRIMARY, text_from(phone(JANE), "#dom123456", old))
        .await;
    service.pump().await;
    assert_eq!(service.outcomes().await, ["ignored"]);
    assert!(service.messages_to(JANE).is_empty());
}

#[tokio::test]
async fn groups_are_never_answered() {
    let service = TestService::start().await;
    let now = onboarding_core::ports::Clock::now(&service.clock);
    let message = onboarding_core::InboundMessage {
        in_group: true,
        ..text_from(phone(JANE), "#dom123456", now)
    };
    service.arrives(PRIMARY, message).await;
    service.pump().await;
    assert_eq!(service.outcomes().await, ["ignored"]);
}

#[tokio::test]
async fn a_refused_invitation_fails_the_room_and_the_number_is_free_again() {
    let service = TestService::start().await;
    service
        .messenger
        .next(Ok(onboarding_testkit::provider_id("info")));
    service.messenger.next(Err(refused(131_026)));
    jane_writes(&service, "#dom123456").await;
    let rooms = service.store.latest_rooms(&acme_id(), 10).await.unwrap();
    assert_eq!((rooms.len(), rooms[0].state), (1, RoomState::Failed));
    assert!(
        last_words(&service).contains("could not be delivered"),
        "{}",
        last_words(&service)
    );
    assert_eq!(jane_writes(&service, "#dom123456").await, "onboarded");
    service.assert_idle().await;
}

#[tokio::test]
async fn a_failed_status_after_the_client_wrote_changes_nothing() {
    let service = TestService::start().await;
    jane_writes(&service, "#dom123456").await;
    let invitation = service.messages_to(JANE)[1].clone();
    service
        .client(JANE)
        .sends(invitation.from.as_str(), "hello")
        .await;
    service.pump().await;
    service.fails(&invitation, 131_026).await;
    service.pump().await;
    assert_eq!(
        service.store.latest_rooms(&acme_id(), 1).await.unwrap()[0].state,
        RoomState::Active
    );
    assert_eq!(service.messages_to(JANE).len(), 2);
}

#[tokio::test]
async fn an_unknown_outcome_waits_for_its_status_and_is_not_sent_again() {
    let service = TestService::start().await;
    service.messenger.next(Err(onboarding_testkit::unknown()));
    jane_writes(&service, "hello").await;
    let attempt = service.messenger.attempts().remove(0);
    service.clock.advance(Duration::from_secs(59));
    service.status(&attempt, DeliveryProgress::Sent).await;
    service.pump().await;
    service.clock.advance(Duration::from_mins(10));
    service.pump().await;
    assert_eq!(service.messenger.attempts().len(), 1);
    service.assert_idle().await;
}

#[tokio::test]
async fn an_outcome_that_stays_unknown_is_tried_once_more_and_then_given_up() {
    let service = TestService::start().await;
    for _ in 0..3 {
        service.messenger.next(Err(onboarding_testkit::unknown()));
    }
    jane_writes(&service, "hello").await;
    for _ in 0..5 {
        service.clock.advance(Duration::from_secs(61));
        service.pump().await;
    }
    assert_eq!(
        service.messenger.attempts().len(),
        2,
        "the client sees two copies at the most"
    );
    assert_eq!(service.store.backlog().await.unwrap().dead_letters, 1);
    service.assert_idle().await;
}

#[tokio::test]
async fn a_paused_account_burns_no_attempts() {
    let service = TestService::start().await;
    for _ in 0..20 {
        service.messenger.next(Err(onboarding_testkit::paused(190)));
    }
    jane_writes(&service, "hello").await;
    for _ in 0..25 {
        service.clock.advance(Duration::from_secs(61));
        service.pump().await;
    }
    assert_eq!(
        service.messages_to(JANE).len(),
        1,
        "sent once the token works again"
    );
    service.assert_idle().await;
}

#[tokio::test]
async fn phone_first_and_user_id_later_are_one_client() {
    let service = TestService::start().await;
    jane_writes(&service, "#dom123456").await;
    let bsuid = Bsuid::from_whatsapp("GB.1029384756");
    let both = ClientAliases {
        wa_id: WaId::from_whatsapp(JANE),
        bsuid: bsuid.clone(),
        ..ClientAliases::default()
    };
    service.clock.advance(Duration::from_secs(61));
    service.client_known_as(both).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    service.clock.advance(Duration::from_secs(61));
    service
        .client_known_as(ClientAliases {
            bsuid,
            ..ClientAliases::default()
        })
        .sends(PRIMARY, "#dom123456")
        .await;
    service.pump().await;
    assert_eq!(service.outcomes().await, ["onboarded", "reminded", "reminded"]);
    assert!(service.messages_to(JANE).len() > 3, "still reached by the phone");
}

#[tokio::test]
async fn the_first_token_that_names_somebody_wins() {
    let service = TestService::start().await;
    assert_eq!(
        jane_writes(&service, "ticket #4711, please #kate or #dom123456").await,
        "onboarded"
    );
    assert!(service.messages_to(JANE)[0].words().contains("Kate"));
}

#[tokio::test]
async fn an_extension_with_a_full_stop_beats_the_one_before_it() {
    let service = TestService::with(with(|config| {
        config.users[0].extension = Some(Extension::parse("#kate.").unwrap());
    }))
    .await;
    jane_writes(&service, "#kate.").await;
    assert!(service.messages_to(JANE)[0].words().contains("Dom"));
    service.client(CHAN).sends(PRIMARY, "#kate!").await;
    service.pump().await;
    assert!(service.messages_to(CHAN)[0].words().contains("Kate"));
}

#[tokio::test]
async fn every_secondary_serves_one_user_for_one_client_and_any_number_of_clients() {
    let service = TestService::start().await;
    for words in ["#dom123456", "#kate", "#michael"] {
        assert_eq!(jane_writes(&service, words).await, "onboarded");
    }
    let mut used: Vec<_> = service
        .messages_to(JANE)
        .iter()
        .filter(|m| m.template().is_some())
        .map(|m| m.from.clone())
        .collect();
    used.sort();
    assert_eq!(
        used,
        SECONDARIES.map(|number| PhoneNumber::parse(number).unwrap())
    );
    service.client(CHAN).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    let invitations = service
        .messages_to(CHAN)
        .into_iter()
        .filter(|m| matches!(m.content, OutboundContent::Template { .. }));
    assert_eq!(invitations.count(), 1);
}
