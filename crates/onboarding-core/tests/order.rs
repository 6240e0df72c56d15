//! What comes of a client's messages, in whatever order they arrive.

use std::collections::BTreeMap;

use onboarding_core::Purpose;
use onboarding_testkit::{PRIMARY, TestService};

const JANE: &str = "447700900123";

/// Two users, one of them twice, and a word to nobody.
const WORDS: [&str; 4] = ["#dom123456", "#kate", "#DOM123456", "good morning"];

/// What a client has to do with, and may notice.
#[derive(Debug, PartialEq, Eq)]
struct Came {
    /// How often each outcome was.
    outcomes: BTreeMap<String, usize>,
    /// Who invited, sorted.
    invitations: Vec<String>,
    /// How many numbers wrote.
    numbers: usize,
}

async fn what_comes_of(order: &[usize], at_once: bool) -> Came {
    let service = TestService::start().await;
    for nth in order {
        service.client(JANE).sends(PRIMARY, WORDS[*nth]).await;
        service.clock.advance(std::time::Duration::from_secs(1));
        if !at_once {
            service.pump().await;
        }
    }
    service.pump().await;
    service.assert_idle().await;
    let mut outcomes = BTreeMap::new();
    for outcome in service.outcomes().await {
        *outcomes.entry(outcome).or_default() += 1;
    }
    let heard = service.messages_to(JANE);
    let mut invitations: Vec<String> = heard
        .iter()
        .filter(|message| message.purpose == Purpose::Invitation)
        .map(onboarding_testkit::SentMessage::words)
        .collect();
    invitations.sort();
    let mut numbers: Vec<_> = heard.iter().map(|message| message.from.to_string()).collect();
    numbers.sort();
    numbers.dedup();
    Came {
        outcomes,
        invitations,
        numbers: numbers.len(),
    }
}

/// Every order of so many.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let Some(last) = count.checked_sub(1) else {
        return vec![Vec::new()];
    };
    let shorter = orders(last);
    let with_last = |order: &Vec<usize>| {
        let order = order.clone();
        (0..count).map(move |place| {
            let mut longer = order.clone();
            longer.insert(place, last);
            longer
        })
    };
    shorter.iter().flat_map(with_last).collect()
}

/// Which of the numbers a user gets does depend on the order, by design: the first to come has the first choice.
#[tokio::test]
async fn whatever_the_order_the_same_users_invite_once_and_the_same_is_said() {
    let expected = what_comes_of(&[0, 1, 2, 3], true).await;
    assert_eq!(expected.invitations.len(), 2, "{expected:?}");
    assert_eq!(expected.outcomes["onboarded"], 2, "{expected:?}");
    let all = orders(WORDS.len());
    assert_eq!(all.len(), 24);
    for order in all {
        for at_once in [true, false] {
            assert_eq!(what_comes_of(&order, at_once).await, expected, "{order:?}");
        }
    }
}
