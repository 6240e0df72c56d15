//! How fast messages may go out.

use std::time::Duration;

use onboarding_core::{
    ClientIdentityId, Rate, SendLimits,
    ports::{SettleOutcome, Settlement},
};
use onboarding_testkit::phone;

use crate::{bench::Bench, list::list_cases};

list_cases!(($) rates => rates_contract:
    after_a_burst_to_one_client_messages_are_spaced,
    another_client_is_not_held_back,
    another_number_is_not_held_back,
    a_number_has_a_limit_over_all_its_clients,
    messages_behind_a_spent_number_go_out_elsewhere,
    the_order_of_a_lane_is_kept,
    what_is_held_back_takes_nothing_and_does_not_count,
    a_paused_account_holds_all_its_messages_back,
    a_pause_does_not_shorten_a_longer_one,
    companies_have_rates_of_their_own,
);

/// Far from what cases about the other rate reach.
const AMPLE: Rate = Rate {
    burst: 1_000,
    every: Duration::from_micros(1),
};

fn rate(burst: u32, seconds: u64) -> Rate {
    Rate {
        burst,
        every: Duration::from_secs(seconds),
    }
}

fn of_pairs(pair: Rate) -> SendLimits {
    SendLimits { number: AMPLE, pair }
}

fn of_numbers(number: Rate) -> SendLimits {
    SendLimits { number, pair: AMPLE }
}

/// Leases and sends until nothing is left that may go now; gives how many went.
async fn goes(bench: &Bench, limits: SendLimits) -> usize {
    let mut gone = 0;
    loop {
        let messages = bench.sends_within(limits, 100).await;
        if messages.is_empty() {
            return gone;
        }
        for message in messages {
            bench.accepted(&message).await;
            gone += 1;
        }
    }
}

async fn clients(bench: &Bench, count: usize) -> Vec<ClientIdentityId> {
    let mut clients = Vec::new();
    for n in 0..count {
        clients.push(bench.client(phone(&format!("8529000{n:04}"))).await);
    }
    clients
}

async fn after_a_burst_to_one_client_messages_are_spaced(bench: &Bench) {
    let client = clients(bench, 1).await[0];
    let limits = of_pairs(rate(3, 6));
    for _ in 0..8 {
        bench.queues_one(client, 0).await;
    }
    assert_eq!(goes(bench, limits).await, 3);
    for _ in 0..2 {
        bench.after_seconds(5);
        assert_eq!(goes(bench, limits).await, 0, "a second too early");
        bench.after_seconds(1);
        assert_eq!(goes(bench, limits).await, 1);
    }
    bench.after_seconds(600);
    assert_eq!(
        goes(bench, limits).await,
        3,
        "a pause pays for a burst and no more"
    );
}

async fn another_client_is_not_held_back(bench: &Bench) {
    let both = clients(bench, 2).await;
    let limits = of_pairs(rate(1, 6));
    bench.queues_one(both[0], 0).await;
    assert_eq!(goes(bench, limits).await, 1);
    bench.queues_one(both[0], 0).await;
    bench.queues_one(both[1], 0).await;
    let message = bench.sends_within(limits, 1).await.remove(0);
    assert_eq!(
        message.item.message.identity, both[1],
        "the only token is not lost on the message that has to wait"
    );
}

async fn another_number_is_not_held_back(bench: &Bench) {
    let client = clients(bench, 1).await[0];
    let spent = SendLimits {
        number: rate(1, 6),
        pair: rate(1, 6),
    };
    for place in [0, 0, 1] {
        bench.queues_one(client, place).await;
    }
    assert_eq!(goes(bench, spent).await, 2);
}

async fn a_number_has_a_limit_over_all_its_clients(bench: &Bench) {
    let limits = of_numbers(rate(4, 1));
    for client in clients(bench, 10).await {
        bench.queues_one(client, 0).await;
    }
    assert_eq!(bench.sends_within(limits, 100).await.len(), 4, "in one call");
    bench.after_seconds(1);
    assert_eq!(goes(bench, limits).await, 1);
    bench.after_seconds(2);
    assert_eq!(goes(bench, limits).await, 2);
    bench.after_seconds(60);
    assert_eq!(goes(bench, limits).await, 3);
}

async fn messages_behind_a_spent_number_go_out_elsewhere(bench: &Bench) {
    let clients = clients(bench, 6).await;
    for client in &clients[..5] {
        bench.queues_one(*client, 0).await;
    }
    let elsewhere = bench.queues_one(clients[5], 1).await;
    let messages = bench.sends_within(of_numbers(rate(1, 60)), 2).await;
    let ids: Vec<_> = messages.iter().map(|message| message.item.message.id).collect();
    assert_eq!((ids.len(), ids[1]), (2, elsewhere));
}

async fn the_order_of_a_lane_is_kept(bench: &Bench) {
    let client = clients(bench, 1).await[0];
    let limits = of_pairs(rate(2, 6));
    let mut queued = Vec::new();
    for _ in 0..5 {
        queued.push(bench.queues_one(client, 0).await);
    }
    let mut went = Vec::new();
    while went.len() < queued.len() {
        for message in bench.sends_within(limits, 100).await {
            went.push(message.item.message.id);
            bench.accepted(&message).await;
        }
        bench.after_seconds(1);
    }
    assert_eq!(went, queued);
}

async fn what_is_held_back_takes_nothing_and_does_not_count(bench: &Bench) {
    let both = clients(bench, 2).await;
    let limits = SendLimits {
        number: rate(2, 10),
        pair: rate(1, 30),
    };
    bench.queues_one(both[0], 0).await;
    assert_eq!(goes(bench, limits).await, 1);
    let held = bench.queues_one(both[0], 0).await;
    for _ in 0..20 {
        assert!(bench.sends_within(limits, 100).await.is_empty());
    }
    // The pair refused it twenty times: the number still has the one that is left of its burst.
    bench.queues_one(both[1], 0).await;
    assert_eq!(goes(bench, limits).await, 1);
    bench.after_seconds(30);
    let message = bench.sends_within(limits, 100).await.remove(0);
    assert_eq!((message.item.message.id, message.item.attempts), (held, 1));
}

async fn a_paused_account_holds_all_its_messages_back(bench: &Bench) {
    let clients = clients(bench, 3).await;
    let limits = of_numbers(rate(1, 1));
    let first = bench.queues_one(clients[0], 0).await;
    bench.queues_one(clients[1], 0).await;
    let message = bench.sends_within(limits, 1).await.remove(0);
    let until = bench.now() + Duration::from_mins(1);
    let paused = Settlement::AccountPaused {
        until,
        reason: "the token expired".to_owned(),
    };
    assert_eq!(bench.settles(&message, paused).await, SettleOutcome::Settled);
    bench.queues_one(clients[2], 1).await;
    assert_eq!(goes(bench, limits).await, 1, "the other account sends");
    bench.after_seconds(59);
    assert_eq!(goes(bench, limits).await, 0);
    bench.after_seconds(1);
    let again = bench.sends_within(limits, 100).await.remove(0);
    assert_eq!((again.item.message.id, again.item.attempts), (first, 1));
    bench.accepted(&again).await;
    bench.after_seconds(1);
    assert_eq!(goes(bench, limits).await, 1);
}

async fn a_pause_does_not_shorten_a_longer_one(bench: &Bench) {
    let both = clients(bench, 2).await;
    let limits = of_numbers(rate(2, 1));
    for client in &both {
        bench.queues_one(*client, 0).await;
    }
    let messages = bench.sends_within(limits, 2).await;
    for (message, seconds) in messages.iter().zip([60, 30]) {
        let paused = Settlement::AccountPaused {
            until: bench.now() + Duration::from_secs(seconds),
            reason: "the token expired".to_owned(),
        };
        bench.settles(message, paused).await;
    }
    bench.after_seconds(40);
    assert_eq!(goes(bench, limits).await, 0);
    bench.after_seconds(30);
    assert_eq!(goes(bench, limits).await, 2);
}

async fn companies_have_rates_of_their_own(bench: &Bench) {
    let other = bench.with_another_company().await;
    let limits = SendLimits {
        number: rate(1, 60),
        pair: rate(1, 60),
    };
    bench.queues_one(clients(bench, 1).await[0], 0).await;
    other.queues_one(clients(&other, 1).await[0], 0).await;
    assert_eq!(goes(bench, limits).await, 2);
}
