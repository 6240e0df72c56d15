//! Clients who want no more messages.

use onboarding_core::{
    Actor, CloseReason, WaitsFor,
    lifecycle::Obstacle,
    ports::{Clock, ProspectFilter},
    service::{Acted, Wish},
};
use onboarding_testkit::{PRIMARY, TestService, acme, acme_id};

use crate::{JANE, acts, jane_meets, jane_writes, live_rooms, news, nothing_is_violated, number_of};

#[tokio::test]
async fn stop_is_confirmed_once_in_any_language_and_on_any_number() {
    for (word, again) in [("STOP", "start"), ("Abmelden!", "STARTEN"), ("退訂", "開始")] {
        let service = TestService::start().await;
        let room = jane_meets(&service, "#kate").await;
        jane_meets(&service, "#dom123456").await;
        let secondary = number_of(&service, &room).await;
        let mut seen = service.messages_to(JANE).len();
        assert_eq!(jane_writes(&service, &secondary, word).await, "opted_out");
        let told = news(&service, &mut seen);
        assert_eq!(
            (told.len(), told[0].from.as_str()),
            (1, secondary.as_str()),
            "{word}"
        );
        assert!(
            live_rooms(&service).await.is_empty(),
            "all rooms, not only this one"
        );
        let view = service.store.room(&acme_id(), room.id).await.unwrap().unwrap();
        let end = view.end.unwrap();
        assert_eq!((end.by, end.reason), (Actor::Client, CloseReason::OptedOut));
        let kept = service.store.room_record(&acme_id(), room.id).await.unwrap();
        assert!(
            kept.iter().any(|line| line.from_client && line.text == word),
            "INV-32"
        );
        assert_eq!(jane_writes(&service, PRIMARY, word).await, "still_opted_out");
        assert_eq!(
            jane_writes(&service, &secondary, "thank you").await,
            "still_opted_out"
        );
        assert!(news(&service, &mut seen).is_empty(), "confirmed once");
        assert_eq!(jane_writes(&service, PRIMARY, "#kate").await, "still_opted_out");
        let told = news(&service, &mut seen);
        assert!(
            told.len() == 1 && told[0].template().is_none(),
            "only how to come back"
        );
        assert_eq!(jane_writes(&service, PRIMARY, again).await, "opted_in", "{again}");
        assert_eq!(news(&service, &mut seen).len(), 1);
        let back = jane_meets(&service, "#kate").await;
        assert_eq!(back.account, room.account);
        nothing_is_violated(&service).await;
    }
}

#[tokio::test]
async fn start_means_nothing_to_somebody_who_never_stopped() {
    let service = TestService::start().await;
    assert_eq!(jane_writes(&service, PRIMARY, "Start").await, "no_extension");
    assert_eq!(
        jane_writes(&service, PRIMARY, "#kate please do not stop").await,
        "onboarded"
    );
}

#[tokio::test]
async fn what_waits_in_the_queue_is_withdrawn() {
    let service = TestService::start().await;
    // Both are decided on before anything is sent.
    for words in ["#kate", "stop"] {
        service.client(JANE).sends(PRIMARY, words).await;
        for item in service.receive.lease(9).await.unwrap() {
            service.receive.process(item).await.unwrap();
        }
    }
    service.pump().await;
    let words: Vec<_> = service
        .messages_to(JANE)
        .iter()
        .map(onboarding_testkit::SentMessage::words)
        .collect();
    assert_eq!(
        words.len(),
        1,
        "neither info nor invitation, only the confirmation: {words:?}"
    );
    nothing_is_violated(&service).await;
}

#[tokio::test]
async fn nobody_promotes_a_client_who_opted_out() {
    let mut config = acme();
    config.settings.features.auto_promotion = false;
    let service = TestService::with(config).await;
    jane_writes(&service, PRIMARY, "#kate").await;
    jane_writes(&service, PRIMARY, "stop").await;
    let filter = ProspectFilter {
        waits_for: Some(WaitsFor::Promotion),
        created_before: Some(service.clock.now() + std::time::Duration::from_secs(1)),
        ..ProspectFilter::default()
    };
    let waiting = service.store.prospects(&acme_id(), filter, 9).await.unwrap();
    let wish = Wish::Promote {
        prospect: waiting[0].id,
        by: Actor::Operator,
    };
    assert_eq!(acts(&service, wish).await, Acted::Prevented(Obstacle::OptedOut));
}
