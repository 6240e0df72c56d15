//! “Is this number yours?”

use std::time::Duration;

use onboarding_testkit::{PRIMARY, SECONDARIES, TestService, acme};

use crate::{bench::Bench, list::list_cases};

list_cases!(($) genuineness => genuineness_contract:
    who_asks_about_the_number_of_their_room_is_told_whom_they_talk_to,
    of_a_number_without_a_room_only_that_it_is_ours_is_told,
    a_strange_number_is_denied,
    asking_is_limited_like_guessing,
    whoever_asks_about_their_own_room_is_never_locked,
    an_extension_or_their_own_number_is_no_question,
);

const HK: &str = "85291234567";
const ANOTHER: &str = "85290000000";

async fn service(bench: &Bench) -> TestService {
    let mut config = acme();
    config.settings.limits.auto_replies_per_hour = 100;
    TestService::on(bench.store.clone(), config).await
}

/// What a message to the primary comes to, and what the client reads.
async fn asks(service: &TestService, client: &str, words: &str) -> (String, String) {
    service.clock.advance(Duration::from_mins(1));
    service.client(client).sends(PRIMARY, words).await;
    service.pump().await;
    let outcome = service.outcomes().await.pop().unwrap();
    let answer = service.messages_to(client).pop().unwrap();
    assert_eq!(answer.from.as_str(), PRIMARY, "{words}");
    (outcome, answer.words())
}

/// The client has a room with Dom on the first secondary.
async fn meets_dom(service: &TestService, client: &str) {
    service.client(client).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
}

async fn who_asks_about_the_number_of_their_room_is_told_whom_they_talk_to(bench: &Bench) {
    let service = service(bench).await;
    meets_dom(&service, HK).await;
    let number = SECONDARIES[0];
    let spaced = format!("{} {} {}", &number[..4], &number[4..8], &number[8..]);
    let local = &number[4..];
    for words in [
        format!("is {number} yours?"),
        format!("Someone wrote to me from {spaced}, is that really you"),
        format!("請問{number}是你們的嗎"),
        format!("{local}?"),
    ] {
        let (outcome, answer) = asks(&service, HK, &words).await;
        assert_eq!(outcome, "number_of_room", "{words}");
        assert!(answer.contains("Dom") && answer.contains(number), "{answer}");
    }
    service.assert_idle().await;
}

async fn of_a_number_without_a_room_only_that_it_is_ours_is_told(bench: &Bench) {
    let service = service(bench).await;
    meets_dom(&service, HK).await;
    for (client, number) in [(ANOTHER, SECONDARIES[0]), (HK, SECONDARIES[1]), (HK, PRIMARY)] {
        let (outcome, answer) = asks(&service, client, &format!("is {number} yours?")).await;
        assert_eq!(outcome, "number_ours");
        assert!(answer.contains(number) && !answer.contains("Dom"), "{answer}");
    }
    service.assert_idle().await;
}

async fn a_strange_number_is_denied(bench: &Bench) {
    let service = service(bench).await;
    meets_dom(&service, HK).await;
    // The last digits are those of a number of ours.
    let alike = format!("+44{}", &SECONDARIES[0][4..]);
    for number in ["+85299999999", alike.as_str()] {
        let (outcome, answer) = asks(&service, HK, &format!("is {number} yours?")).await;
        assert_eq!(outcome, "number_not_ours");
        assert!(!answer.contains("是的") && answer.contains(number), "{answer}");
    }
    service.assert_idle().await;
}

async fn asking_is_limited_like_guessing(bench: &Bench) {
    let service = service(bench).await;
    let mut outcomes = Vec::new();
    for place in 0..7 {
        outcomes.push(asks(&service, HK, &format!("is +8525107930{place} yours?")).await);
    }
    let (locked, lock) = outcomes.pop().unwrap();
    assert_eq!(locked, "guessing_locked");
    assert_eq!(
        outcomes[5].1, lock,
        "the one too many is answered with the lock already"
    );
    assert_ne!(outcomes[4].1, lock);
    // Nothing is told any more, not of extensions either.
    assert_eq!(asks(&service, HK, "#dom123456").await, (locked, lock));
    service.clock.advance(Duration::from_mins(61));
    assert_eq!(
        asks(&service, HK, "is +85299999999 yours?").await.0,
        "number_not_ours"
    );
    service.assert_idle().await;
}

async fn whoever_asks_about_their_own_room_is_never_locked(bench: &Bench) {
    let service = service(bench).await;
    meets_dom(&service, HK).await;
    for _ in 0..9 {
        let question = format!("is {} yours?", SECONDARIES[0]);
        assert_eq!(asks(&service, HK, &question).await.0, "number_of_room");
    }
    service.assert_idle().await;
}

async fn an_extension_or_their_own_number_is_no_question(bench: &Bench) {
    let service = service(bench).await;
    let (outcome, _) = asks(&service, HK, "please call me at +852 9123 4567").await;
    assert_eq!(outcome, "no_extension");
    service.clock.advance(Duration::from_mins(1));
    service
        .client(HK)
        .sends(PRIMARY, "#dom123456, I am on +852 9999 9999")
        .await;
    service.pump().await;
    assert_eq!(service.outcomes().await.pop().unwrap(), "onboarded");
    service.assert_idle().await;
}
