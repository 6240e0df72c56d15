//! The whole service on the store, as a client meets it.

use std::time::Duration;

use onboarding_core::{
    DeliveryProgress, RoomState, config::CompanyConfig, ports::OnboardingStore, service::Processed,
};
use onboarding_testkit::{PRIMARY, SECONDARIES, TestService, acme, not_sent, refused, unknown};

use crate::{bench::Bench, list::list_cases};

list_cases!(($) flow => flow_contract:
    a_client_is_onboarded,
    a_client_who_asks_again_is_reminded,
    a_second_user_gets_a_second_number,
    when_no_number_is_free_the_client_is_told,
    a_client_who_writes_where_no_room_is_live_is_told,
    without_promotion_the_client_waits,
    a_webhook_delivered_twice_is_answered_once,
    too_many_guesses_lock_the_client,
    a_client_who_answers_activates_the_room,
    a_failed_invitation_frees_the_number_and_is_told,
    a_message_that_was_not_sent_is_tried_again,
    a_message_that_may_have_been_sent_is_not_sent_before_the_wait_is_over,
);

const HK: &str = "85291234567";

/// The service on the store of the case. The company of the bench gets the wished configuration.
async fn service(bench: &Bench, config: CompanyConfig) -> TestService {
    TestService::on(bench.store.clone(), config).await
}

fn senders(service: &TestService) -> Vec<String> {
    service
        .messages_to(HK)
        .iter()
        .map(|message| message.from.to_string())
        .collect()
}

async fn rooms(store: &dyn OnboardingStore) -> Vec<RoomState> {
    let rooms = store
        .latest_rooms(&onboarding_testkit::acme_id(), 99)
        .await
        .unwrap();
    rooms.iter().map(|room| room.state).collect()
}

async fn a_client_is_onboarded(bench: &Bench) {
    let service = service(bench, acme()).await;
    service.client(HK).sends(PRIMARY, "Hi, ＃Dom123456!").await;
    service.pump().await;
    assert_eq!(senders(&service), [PRIMARY, SECONDARIES[0]]);
    let messages = service.messages_to(HK);
    assert!(messages[0].words().contains("Dom") && messages[0].words().contains(SECONDARIES[0]));
    assert_eq!(
        (messages[1].template(), messages[1].words().as_str()),
        (Some("acme_invitation"), "Dom · Acme")
    );
    assert_eq!(rooms(bench.store.as_ref()).await, [RoomState::Active]);
    service.assert_idle().await;
}

async fn a_client_who_asks_again_is_reminded(bench: &Bench) {
    let service = service(bench, acme()).await;
    service.client(HK).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    service.clock.advance(Duration::from_mins(5));
    service.client(HK).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    // The client never wrote on the secondary: a template reminds, and the primary points there.
    let reminder = &service.messages_to(HK)[2..];
    assert_eq!(
        reminder
            .iter()
            .filter(|message| message.template() == Some("acme_reminder"))
            .count(),
        1
    );
    assert_eq!(
        reminder
            .iter()
            .filter(|message| message.from.as_str() == PRIMARY)
            .count(),
        1
    );
    service.clock.advance(Duration::from_secs(1));
    service.client(HK).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    assert_eq!(
        service.outcomes().await,
        ["onboarded", "reminded", "reminder_throttled"]
    );
    assert_eq!(rooms(bench.store.as_ref()).await.len(), 1);
    service.assert_idle().await;
}

async fn a_second_user_gets_a_second_number(bench: &Bench) {
    let service = service(bench, acme()).await;
    for extension in ["#dom123456", "#kate"] {
        service.client(HK).sends(PRIMARY, extension).await;
        service.pump().await;
        service.clock.advance(Duration::from_mins(1));
    }
    let secondaries: Vec<_> = senders(&service)
        .into_iter()
        .filter(|from| from != PRIMARY)
        .collect();
    assert_eq!(secondaries, SECONDARIES[..2]);
    assert_eq!(rooms(bench.store.as_ref()).await.len(), 2);
    let profiles = bench.store.latest_rooms(&bench.company, 9).await.unwrap();
    assert_eq!(
        profiles[0].profile, profiles[1].profile,
        "one client, one profile"
    );
    service.assert_idle().await;
}

async fn when_no_number_is_free_the_client_is_told(bench: &Bench) {
    let mut config = acme();
    config.pools[0].secondaries.truncate(1);
    let service = service(bench, config).await;
    service.client(HK).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    service.clock.advance(Duration::from_mins(1));
    service.client(HK).sends(PRIMARY, "#kate").await;
    service.pump().await;
    assert_eq!(service.outcomes().await, ["onboarded", "no_secondary_number"]);
    service.client("85290000000").sends(PRIMARY, "#kate").await;
    service.pump().await;
    assert_eq!(
        service.messages_to("85290000000").len(),
        2,
        "another client has the number free"
    );
    service.assert_idle().await;
}

async fn a_client_who_writes_where_no_room_is_live_is_told(bench: &Bench) {
    let service = service(bench, acme()).await;
    service.client(HK).sends(SECONDARIES[1], "hello?").await;
    service.pump().await;
    assert_eq!(
        (senders(&service), service.outcomes().await),
        (vec![SECONDARIES[1].to_owned()], vec!["room_closed".to_owned()])
    );
    assert!(service.messages_to(HK)[0].words().contains(PRIMARY));
    service.assert_idle().await;
}

async fn without_promotion_the_client_waits(bench: &Bench) {
    let mut config = acme();
    config.settings.features.auto_promotion = false;
    let service = service(bench, config).await;
    for _ in 0..2 {
        service.client(HK).sends(PRIMARY, "#dom123456").await;
        service.pump().await;
        service.clock.advance(Duration::from_mins(1));
    }
    assert_eq!(
        service.outcomes().await,
        ["prospect_received", "prospect_received"]
    );
    assert!(rooms(bench.store.as_ref()).await.is_empty());
    service.assert_idle().await;
}

async fn a_webhook_delivered_twice_is_answered_once(bench: &Bench) {
    let service = service(bench, acme()).await;
    let message = service.client(HK).sends(PRIMARY, "#dom123456").await;
    assert_eq!(service.arrives(PRIMARY, message.clone()).await.repeated, 1);
    service.pump().await;
    service.clock.advance(Duration::from_hours(1));
    assert_eq!(service.arrives(PRIMARY, message).await.stored, 0);
    assert_eq!(service.pump().await, []);
    assert_eq!(
        (service.messages_to(HK).len(), service.outcomes().await.len()),
        (2, 1)
    );
    service.assert_idle().await;
}

async fn too_many_guesses_lock_the_client(bench: &Bench) {
    let service = service(bench, acme()).await;
    for guess in 0..7 {
        service.client(HK).sends(PRIMARY, &format!("#guess{guess}")).await;
        service.pump().await;
        service.clock.advance(Duration::from_secs(10));
    }
    service.client("85290000000").sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    let outcomes = service.outcomes().await;
    assert_eq!(
        outcomes[5..],
        ["extension_not_found", "guessing_locked", "onboarded"]
    );
    assert_eq!(
        service.messages_to(HK).len(),
        5,
        "and no more than five answers an hour"
    );
    service.clock.advance(Duration::from_hours(2));
    service.client(HK).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    assert_eq!(service.outcomes().await.last().unwrap(), "onboarded");
    service.assert_idle().await;
}

async fn a_client_who_answers_activates_the_room(bench: &Bench) {
    let mut config = acme();
    config.settings.features.room_activation = onboarding_core::RoomActivation::OnClientReply;
    let service = service(bench, config).await;
    service.client(HK).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    assert_eq!(rooms(bench.store.as_ref()).await, [RoomState::Invited]);
    service.clock.advance(Duration::from_mins(1));
    service.client(HK).sends(SECONDARIES[0], "hello").await;
    service.pump().await;
    assert_eq!(rooms(bench.store.as_ref()).await, [RoomState::Active]);
    // The window is open there now: a text reminds, in the room alone.
    service.clock.advance(Duration::from_mins(1));
    service.client(HK).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    let reminder = &service.messages_to(HK)[2..];
    assert_eq!(reminder.len(), 1);
    assert_eq!(
        (reminder[0].from.as_str(), reminder[0].template()),
        (SECONDARIES[0], None)
    );
    service.assert_idle().await;
}

async fn a_failed_invitation_frees_the_number_and_is_told(bench: &Bench) {
    let service = service(bench, acme()).await;
    service.client(HK).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    let invitation = service.messages_to(HK).remove(1);
    service.status(&invitation, DeliveryProgress::Sent).await;
    service.fails(&invitation, 131_026).await;
    let processed = service.pump().await;
    assert!(
        matches!(processed.as_slice(), [Processed::Status(_), Processed::Status(_)]),
        "{processed:?}"
    );
    assert_eq!(rooms(bench.store.as_ref()).await, [RoomState::Failed]);
    assert_eq!(senders(&service)[2..], [PRIMARY]);
    // Refused at once comes to the same.
    service.clock.advance(Duration::from_mins(1));
    service.client("85290000000").sends(PRIMARY, "#kate").await;
    let taken = onboarding_testkit::provider_id("info");
    service.messenger.next(Ok(taken));
    service.messenger.next(Err(refused(131_026)));
    service.pump().await;
    assert_eq!(
        rooms(bench.store.as_ref()).await,
        [RoomState::Failed, RoomState::Failed]
    );
    assert_eq!(service.messages_to("85290000000").len(), 2);
    // And both may try again.
    service.clock.advance(Duration::from_mins(1));
    service.client(HK).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    assert_eq!(rooms(bench.store.as_ref()).await[0], RoomState::Active);
    service.assert_idle().await;
}

async fn a_message_that_was_not_sent_is_tried_again(bench: &Bench) {
    let service = service(bench, acme()).await;
    service
        .messenger
        .next(Err(not_sent(Some(Duration::from_secs(20)))));
    service.client(HK).sends(PRIMARY, "hello").await;
    service.pump().await;
    assert!(service.messages_to(HK).is_empty());
    service.clock.advance(Duration::from_secs(19));
    service.pump().await;
    assert!(service.messages_to(HK).is_empty(), "not before WhatsApp said");
    service.clock.advance(Duration::from_secs(1));
    service.pump().await;
    assert_eq!(
        (service.messages_to(HK).len(), service.messenger.attempts().len()),
        (1, 2)
    );
    service.assert_idle().await;
}

async fn a_message_that_may_have_been_sent_is_not_sent_before_the_wait_is_over(bench: &Bench) {
    let service = service(bench, acme()).await;
    service.messenger.next(Err(unknown()));
    service.client(HK).sends(PRIMARY, "hello").await;
    service.pump().await;
    service.clock.advance(Duration::from_secs(30));
    service.pump().await;
    assert_eq!(service.messenger.attempts().len(), 1);
    // The status tells that it went out after all.
    let attempt = service.messenger.attempts().remove(0);
    service.status(&attempt, DeliveryProgress::Delivered).await;
    service.pump().await;
    service.clock.advance(Duration::from_mins(5));
    service.pump().await;
    assert_eq!(service.messenger.attempts().len(), 1);
    service.assert_idle().await;
}
