//! The invariants, checked on what is stored.

use std::time::Duration;

use onboarding_core::{
    Decision, DeliveryProgress, Draw, NewOutbound, OnboardingId, Outcome, Purpose, RoomActivation,
    audit::Origin,
    config::CompanyConfig,
    ports::{Clock, LeasedMessage, ReplayOutcome, Violation},
};
use onboarding_testkit::{
    PRIMARY, SECONDARIES, SG_PRIMARY, SG_SECONDARY, TestService, acme, not_sent, paused, phone, refused,
    unknown, with_pool_in_sg,
};

use crate::{
    bench::{Bench, LEASE_SECONDS, UNKNOWN_SECONDS, decision, known, room_with},
    list::list_cases,
};

list_cases!(($) verification => verification_contract:
    a_new_company_breaks_nothing,
    after_a_long_random_scenario_nothing_is_violated,
    an_element_that_goes_round_in_circles_is_seen,
    a_message_that_went_out_too_often_is_seen,
    two_open_invitations_are_seen,
    a_room_without_an_invitation_is_seen,
    a_number_that_served_two_users_is_seen_unless_that_is_allowed,
    words_in_another_room_are_seen,
    a_violation_names_its_company,
);

const HK: &str = "85291234567";

async fn violations(bench: &Bench) -> Vec<Violation> {
    bench.store.violations().await.unwrap()
}

/// Which invariants are broken, each once.
async fn broken(bench: &Bench) -> Vec<&'static str> {
    let mut broken: Vec<_> = violations(bench)
        .await
        .iter()
        .map(|violation| violation.invariant)
        .collect();
    broken.sort_unstable();
    broken.dedup();
    broken
}

async fn a_new_company_breaks_nothing(bench: &Bench) {
    bench.with_another_company().await;
    assert_eq!(violations(bench).await, []);
}

fn activated_by_the_client(config: CompanyConfig) -> CompanyConfig {
    let mut config = config;
    config.settings.features.room_activation = RoomActivation::OnClientReply;
    config.settings.limits.auto_replies_per_hour = 1_000;
    config
}

async fn after_a_long_random_scenario_nothing_is_violated(bench: &Bench) {
    let service = TestService::on(
        bench.store.clone(),
        activated_by_the_client(with_pool_in_sg(acme())),
    )
    .await;
    let mut draw = bench.draw();
    let mut told = Vec::new();
    for _ in 0..400 {
        step(&service, &mut draw, &mut told).await;
        if draw.index(3) == 0 {
            service.pump().await;
        }
    }
    service.pump().await;
    let (found, outcomes) = (violations(bench).await, service.outcomes().await);
    assert_eq!(found, [], "after {outcomes:?}");
    for wanted in [
        "onboarded",
        "reminded",
        "room_message",
        "room_closed",
        "no_extension",
    ] {
        assert!(
            outcomes.iter().any(|outcome| outcome == wanted),
            "the scenario is too tame: no {wanted} in {outcomes:?}"
        );
    }
}

/// Something that happens: a client writes, a webhook comes again, WhatsApp fails or reports, time passes, somebody
/// replays.
async fn step(service: &TestService, draw: &mut Draw, told: &mut Vec<onboarding_core::InboundMessage>) {
    let numbers = [
        PRIMARY,
        PRIMARY,
        PRIMARY,
        SG_PRIMARY,
        SG_SECONDARY,
        SECONDARIES[0],
        SECONDARIES[1],
    ];
    let words = ["#dom123456", "#kate", "#michael", "#lee", "hello", "#nobody"];
    let sent = service.messenger.sent();
    match draw.index(10) {
        0..=3 => {
            let client = service.client(&format!("8529123456{}", draw.index(6)));
            let to = numbers[draw.index(numbers.len())];
            told.push(client.sends(to, words[draw.index(words.len())]).await);
        }
        4 if !told.is_empty() => {
            let again = told[draw.index(told.len())].clone();
            service.arrives(numbers[draw.index(numbers.len())], again).await;
        }
        5 => service.messenger.next(Err(match draw.index(5) {
            0 => not_sent(None),
            1 => refused(131_026),
            2 => paused(190),
            _ => unknown(),
        })),
        6 | 7 if !sent.is_empty() => {
            let message = &sent[draw.index(sent.len())];
            let progress = DeliveryProgress::ALL[draw.index(DeliveryProgress::ALL.len())];
            if progress == DeliveryProgress::Failed {
                service.fails(message, 131_026).await;
            } else {
                service.status(message, progress).await;
            }
        }
        8 => {
            let letters = service.store.dead_letters(None, 100).await.unwrap();
            if !letters.is_empty() {
                let (id, now) = (letters[draw.index(letters.len())].id, service.clock.now());
                let outcome = service.store.replay(id, &Origin::system(), now).await.unwrap();
                assert_ne!(outcome, ReplayOutcome::NotFound);
            }
        }
        _ => {
            let spans = [1, 30, 61, 700];
            service
                .clock
                .advance(Duration::from_secs(spans[draw.index(spans.len())]));
        }
    }
}

async fn an_element_that_goes_round_in_circles_is_seen(bench: &Bench) {
    bench.stores(vec![bench.row_in("a", "1").await]).await;
    for attempts in 1..=14 {
        assert_eq!(broken(bench).await, [""; 0], "before attempt {attempts}");
        let item = bench.leases_one().await;
        bench.store.retry_at(&item, bench.now()).await.unwrap();
    }
    assert_eq!(broken(bench).await, ["INV-5"]);
}

/// Attempts whose leases run out before they are settled.
async fn lost_attempts(bench: &Bench, count: usize) -> Vec<LeasedMessage> {
    let mut lost = Vec::new();
    for _ in 0..count {
        lost.push(bench.sends_one().await);
        bench.after_seconds(LEASE_SECONDS + 1);
        assert!(bench.sends().await.is_empty());
        bench.after_seconds(UNKNOWN_SECONDS + 1);
    }
    lost
}

async fn a_message_that_went_out_too_often_is_seen(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    bench.queues_one(client, 0).await;
    let lost = lost_attempts(bench, 2).await;
    bench.accepted(&bench.sends_one().await).await;
    bench.accepted(&lost[0]).await;
    assert_eq!(broken(bench).await, [""; 0], "two, of which one was unknown");
    bench.accepted(&lost[1]).await;
    assert_eq!(broken(bench).await, ["INV-6"]);
}

async fn two_open_invitations_are_seen(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let invites = async |place| {
        let user = bench.user("#kate").await.id;
        let account = bench.account(place).await;
        let (profile, room) = bench.room(user, client, account, account);
        // Only the first one lives: what a company has of the past does not count.
        let over = place > 0;
        let room = onboarding_core::ChatRoom {
            state: if over {
                onboarding_core::RoomState::Failed
            } else {
                room.state
            },
            closed_at: over.then(|| bench.now()),
            ..room
        };
        let invitation = NewOutbound {
            purpose: Purpose::Invitation,
            room: Some(room.id),
            ..bench.text_to(client, account)
        };
        let messages = vec![invitation];
        bench
            .decided(
                account,
                Decision {
                    messages,
                    ..room_with(profile, room)
                },
            )
            .await;
    };
    invites(0).await;
    assert_eq!(broken(bench).await, [""; 0]);
    invites(1).await;
    assert_eq!(broken(bench).await, ["INV-7"]);
    bench.accepted(&bench.sends().await[0]).await;
    assert_eq!(broken(bench).await, [""; 0]);
}

async fn a_room_without_an_invitation_is_seen(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    bench.opens("#kate", client, 0).await;
    assert_eq!(broken(bench).await, ["INV-9"]);
}

async fn a_number_that_served_two_users_is_seen_unless_that_is_allowed(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    bench.opened_until("#kate", client, 0, bench.now()).await;
    bench.opened_until("#kate", client, 0, bench.now()).await;
    assert_eq!(broken(bench).await, ["INV-9"], "no invitations, but one user");
    bench.opened_until("#michael", client, 0, bench.now()).await;
    assert_eq!(broken(bench).await, ["INV-31", "INV-9"]);
    let (mut wished, _) = bench.config().await;
    wished.settings.features.pair_reuse_after_days = Some(30);
    bench.apply(bench.changes_to(&wished)).await;
    assert_eq!(broken(bench).await, ["INV-9"]);
}

async fn words_in_another_room_are_seen(bench: &Bench) {
    let (client, another) = (
        bench.client(phone(HK)).await,
        bench.client(phone("85290000000")).await,
    );
    let room = bench.opens("#kate", client, 0).await;
    let keeps = async |identity, aliases, place| {
        let kept = Decision {
            identity: Some(known(identity, aliases)),
            kept_in_room: Some(room.id),
            ..decision(Outcome::RoomMessage {
                user: room.user,
                room: room.id,
            })
        };
        bench.decided(bench.account(place).await, kept).await;
    };
    let of_lines = async || {
        let found = violations(bench).await;
        found
            .iter()
            .filter(|violation| violation.invariant == "INV-32")
            .count()
    };
    keeps(client, phone(HK), 0).await;
    assert_eq!(of_lines().await, 0);
    keeps(client, phone(HK), 1).await;
    assert_eq!(of_lines().await, 1, "from another number");
    keeps(another, phone("85290000000"), 0).await;
    assert_eq!(of_lines().await, 2, "of another client");
}

async fn a_violation_names_its_company(bench: &Bench) {
    let other = bench.with_another_company().await;
    let client = other.client(phone(HK)).await;
    let room = other.opens("#kate", client, 0).await;
    let found = violations(bench).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].company, other.company);
    let subject = &found[0].subject;
    assert!(!subject.contains(HK), "{subject}");
    let latest = other.latest().await;
    let onboarding: OnboardingId = latest[0].id;
    assert_eq!(latest[0].room, Some(room.id));
    assert!(subject.contains(&onboarding.to_string()), "{subject}");
}
