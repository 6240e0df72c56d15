//! The 24-hour window, from the times that WhatsApp gives.

use std::time::Duration;

use onboarding_core::{Timestamp, ports::Clock};
use onboarding_testkit::{PRIMARY, SECONDARIES, TestService, acme, paused, phone, silent_from, text_from};

use crate::{bench::Bench, list::list_cases};

list_cases!(($) windows => windows_contract:
    the_window_is_counted_from_when_the_client_wrote,
    an_older_message_that_comes_later_does_not_shorten_the_window,
    a_webhook_that_is_repeated_opens_no_window_and_has_no_answer,
    what_is_no_message_of_the_client_opens_no_window,
    a_clock_ahead_of_ours_prolongs_no_window,
    a_late_message_is_answered_inside_its_window_and_not_after,
    free_text_that_waited_is_sent_inside_its_window_and_withheld_after,
    a_template_that_waited_past_the_window_is_sent,
);

const HK: &str = "85291234567";

/// The client has a room with Dom on the first secondary.
async fn in_a_room(bench: &Bench) -> TestService {
    let service = TestService::on(bench.store.clone(), acme()).await;
    service.client(HK).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    service
}

fn ago(service: &TestService, hours: u64) -> Timestamp {
    service.clock.now() - Duration::from_hours(hours)
}

/// The client wrote in the room then, and the webhook arrives now.
async fn wrote(service: &TestService, words: &str, then: Timestamp) {
    let message = text_from(phone(HK), words, then);
    service.arrives(SECONDARIES[0], message).await;
    service.pump().await;
}

/// The client asks for Dom once more; whether the reminder is free text in the room.
async fn reminded_by_text(service: &TestService) -> bool {
    service.clock.advance(Duration::from_mins(2));
    service.client(HK).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    let sent = service.messages_to(HK);
    let mut reminders = sent
        .iter()
        .rev()
        .filter(|message| message.from.as_str() == SECONDARIES[0]);
    reminders.next().unwrap().template().is_none()
}

async fn the_window_is_counted_from_when_the_client_wrote(bench: &Bench) {
    let service = in_a_room(bench).await;
    service.clock.advance(Duration::from_hours(48));
    wrote(&service, "hello", ago(&service, 23)).await;
    assert!(reminded_by_text(&service).await, "an hour is left");
    service.clock.advance(Duration::from_hours(1));
    assert!(
        !reminded_by_text(&service).await,
        "although it arrived an hour ago"
    );
    service.assert_idle().await;
}

async fn an_older_message_that_comes_later_does_not_shorten_the_window(bench: &Bench) {
    let service = in_a_room(bench).await;
    service.clock.advance(Duration::from_hours(48));
    wrote(&service, "new", ago(&service, 1)).await;
    wrote(&service, "old", ago(&service, 30)).await;
    service.clock.advance(Duration::from_hours(22));
    assert!(reminded_by_text(&service).await);
    service.clock.advance(Duration::from_hours(1));
    assert!(!reminded_by_text(&service).await);
    service.assert_idle().await;
}

async fn a_webhook_that_is_repeated_opens_no_window_and_has_no_answer(bench: &Bench) {
    let service = in_a_room(bench).await;
    let message = text_from(phone(HK), "hello", service.clock.now());
    service.arrives(SECONDARIES[0], message.clone()).await;
    service.pump().await;
    for days in [1, 6] {
        service.clock.advance(Duration::from_hours(24 * days));
        let before = service.messages_to(HK).len();
        assert_eq!(service.arrives(SECONDARIES[0], message.clone()).await.repeated, 1);
        assert_eq!(service.pump().await, []);
        assert_eq!(service.messages_to(HK).len(), before);
        assert!(!reminded_by_text(&service).await);
    }
    service.assert_idle().await;
}

async fn what_is_no_message_of_the_client_opens_no_window(bench: &Bench) {
    let service = in_a_room(bench).await;
    for kind in ["reaction", "edit", "system", "unsupported"] {
        let message = silent_from(phone(HK), kind, service.clock.now());
        service.arrives(SECONDARIES[0], message).await;
        service.pump().await;
        assert!(!reminded_by_text(&service).await, "{kind}");
    }
    service.assert_idle().await;
}

async fn a_clock_ahead_of_ours_prolongs_no_window(bench: &Bench) {
    let service = in_a_room(bench).await;
    let ahead = service.clock.now() + Duration::from_hours(48);
    wrote(&service, "hello", ahead).await;
    assert!(reminded_by_text(&service).await);
    service.clock.advance(Duration::from_hours(24));
    assert!(!reminded_by_text(&service).await);
    service.assert_idle().await;
}

async fn a_late_message_is_answered_inside_its_window_and_not_after(bench: &Bench) {
    let service = TestService::on(bench.store.clone(), acme()).await;
    service.clock.advance(Duration::from_hours(48));
    for (hours, outcome) in [(25, "ignored"), (24, "ignored"), (23, "onboarded")] {
        let message = text_from(phone(HK), "#dom123456", ago(&service, hours));
        service.arrives(PRIMARY, message).await;
        service.pump().await;
        assert_eq!(
            service.outcomes().await.pop().unwrap(),
            outcome,
            "{hours} hours late"
        );
    }
    assert_eq!(service.messages_to(HK).len(), 2, "one greeting, not three");
    service.assert_idle().await;
}

/// Failure 28: what is queued while WhatsApp cannot be used is decided on once more when it can.
async fn free_text_that_waited_is_sent_inside_its_window_and_withheld_after(bench: &Bench) {
    let service = TestService::on(bench.store.clone(), acme()).await;
    for (client, hours, sent) in [(HK, 23, 1), ("85290000001", 24, 0)] {
        service.messenger.next(Err(paused(190)));
        service.client(client).sends(PRIMARY, "hello").await;
        service.pump().await;
        assert_eq!(service.messages_to(client), [], "the account cannot send");
        service.clock.advance(Duration::from_hours(hours));
        service.pump().await;
        assert_eq!(service.messages_to(client).len(), sent, "{hours} hours later");
        service.assert_idle().await;
    }
    let letters = bench.store.dead_letters(None, 9).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert!(
        letters[0]
            .reason
            .contains("the 24-hour window of the client shut"),
        "{}",
        letters[0].reason
    );
    service.client("85290000001").sends(PRIMARY, "hello?").await;
    service.pump().await;
    assert_eq!(service.messages_to("85290000001").len(), 1, "a new word opens it");
}

async fn a_template_that_waited_past_the_window_is_sent(bench: &Bench) {
    let service = TestService::on(bench.store.clone(), acme()).await;
    service.messenger.next(Err(paused(190)));
    service.client(HK).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    service.clock.advance(Duration::from_hours(25));
    service.pump().await;
    let sent = service.messages_to(HK);
    assert!(
        !sent.is_empty() && sent.iter().all(|message| message.template().is_some()),
        "{sent:?}"
    );
    service.assert_idle().await;
}
