//! The queue of what goes out.

use std::time::Duration;

use onboarding_core::{
    ClientIdentityId, NewOutbound, OutboxId,
    ports::{Backlog, SettleOutcome, Settlement},
};
use onboarding_testkit::phone;

use crate::{
    bench::{Bench, LEASE_SECONDS, UNKNOWN_SECONDS, refusal},
    list::list_cases,
};

list_cases!(($) outbox => outbox_contract:
    messages_to_a_client_from_an_account_go_out_in_order,
    messages_of_one_decision_keep_their_order,
    other_clients_and_accounts_do_not_wait,
    a_message_waits_for_the_one_that_it_comes_after,
    a_message_does_not_wait_for_one_that_failed,
    a_message_that_waits_for_its_retry_holds_those_behind_it,
    an_unknown_message_holds_those_behind_it,
    no_more_messages_are_leased_than_there_are_tokens,
    a_message_is_not_leased_twice,
    an_expired_lease_leaves_the_message_unknown_and_then_due_again,
    what_is_accepted_is_never_sent_again,
    what_is_refused_is_never_sent_again_and_a_dead_letter,
    a_retry_waits_until_it_is_due_and_counts,
    a_retry_that_does_not_count_leaves_the_attempts_as_they_were,
    an_unknown_attempt_counts_and_waits,
    a_settlement_without_the_lease_changes_nothing,
    a_settlement_counts_once,
    a_late_settlement_counts_while_nobody_else_has_the_message,
    companies_have_queues_of_their_own,
    of_two_companies_that_wait_each_gets_its_share_of_one_lease,
);

const HK: &str = "85291234567";

async fn client(bench: &Bench) -> ClientIdentityId {
    bench.client(phone(HK)).await
}

fn unknown_until(until: onboarding_core::Timestamp) -> Settlement {
    Settlement::Unknown {
        until,
        reason: "connection lost".to_owned(),
    }
}

fn retry_at(due: onboarding_core::Timestamp, counts: bool) -> Settlement {
    Settlement::RetryAt {
        due,
        counts,
        reason: "not sent".to_owned(),
    }
}

async fn messages_to_a_client_from_an_account_go_out_in_order(bench: &Bench) {
    let client = client(bench).await;
    let mut queued = Vec::new();
    for _ in 0..3 {
        queued.push(bench.queues_one(client, 0).await);
    }
    for id in queued {
        let message = bench.sends_one().await;
        assert_eq!(message.item.message.id, id);
        assert!(bench.sends().await.is_empty(), "one at a time");
        bench.accepted(&message).await;
    }
    assert!(bench.sends().await.is_empty());
}

async fn messages_of_one_decision_keep_their_order(bench: &Bench) {
    let client = client(bench).await;
    let account = bench.account(0).await;
    let messages: Vec<_> = (0..4).map(|_| bench.text_to(client, account)).collect();
    // Ids do not order messages.
    let mut ids: Vec<_> = messages.iter().map(|message| message.id).collect();
    ids.sort_unstable_by(|a, b| b.cmp(a));
    let messages = messages
        .into_iter()
        .zip(&ids)
        .map(|(message, id)| NewOutbound { id: *id, ..message });
    bench.queues(messages.collect()).await;
    for id in ids {
        let message = bench.sends_one().await;
        assert_eq!(message.item.message.id, id);
        bench.accepted(&message).await;
    }
}

async fn other_clients_and_accounts_do_not_wait(bench: &Bench) {
    let (client, another) = (client(bench).await, bench.client(phone("85290000000")).await);
    let first = bench.queues_one(client, 0).await;
    bench.queues_one(client, 0).await;
    let elsewhere = bench.queues_one(client, 1).await;
    let to_another = bench.queues_one(another, 0).await;
    assert_eq!(bench.sends_ids().await, [first, elsewhere, to_another]);
}

/// Two messages on two accounts, the second after the first.
async fn one_after_the_other(bench: &Bench) -> (OutboxId, OutboxId) {
    let client = client(bench).await;
    let info = bench.text_to(client, bench.account(3).await);
    let invitation = NewOutbound {
        after: Some(info.id),
        ..bench.text_to(client, bench.account(0).await)
    };
    let ids = (info.id, invitation.id);
    bench.queues(vec![info, invitation]).await;
    ids
}

async fn a_message_waits_for_the_one_that_it_comes_after(bench: &Bench) {
    let (info, invitation) = one_after_the_other(bench).await;
    let message = bench.sends_one().await;
    assert_eq!(message.item.message.id, info);
    assert!(bench.sends().await.is_empty(), "under way is not settled");
    bench.settles(&message, retry_at(bench.now(), true)).await;
    let message = bench.sends_one().await;
    assert_eq!(message.item.message.id, info);
    bench.settles(&message, unknown_until(bench.now())).await;
    let message = bench.sends_one().await;
    assert_eq!(message.item.message.id, info, "unknown is not settled");
    bench.accepted(&message).await;
    assert_eq!(bench.sends_ids().await, [invitation]);
}

async fn a_message_does_not_wait_for_one_that_failed(bench: &Bench) {
    let (_, invitation) = one_after_the_other(bench).await;
    bench.refused(&bench.sends_one().await).await;
    assert_eq!(bench.sends_ids().await, [invitation]);
}

async fn a_message_that_waits_for_its_retry_holds_those_behind_it(bench: &Bench) {
    let client = client(bench).await;
    let first = bench.queues_one(client, 0).await;
    bench.queues_one(client, 0).await;
    let message = bench.sends_one().await;
    bench
        .settles(&message, retry_at(bench.now() + Duration::from_secs(10), true))
        .await;
    bench.after_seconds(9);
    assert!(bench.sends().await.is_empty());
    bench.after_seconds(2);
    assert_eq!(bench.sends_ids().await, [first]);
}

async fn an_unknown_message_holds_those_behind_it(bench: &Bench) {
    let client = client(bench).await;
    let first = bench.queues_one(client, 0).await;
    bench.queues_one(client, 0).await;
    let message = bench.sends_one().await;
    bench
        .settles(&message, unknown_until(bench.now() + Duration::from_secs(10)))
        .await;
    bench.after_seconds(9);
    assert!(bench.sends().await.is_empty());
    bench.after_seconds(2);
    assert_eq!(bench.sends_ids().await, [first]);
}

async fn no_more_messages_are_leased_than_there_are_tokens(bench: &Bench) {
    let client = client(bench).await;
    let mut queued = Vec::new();
    for place in 0..3 {
        queued.push(bench.queues_one(client, place).await);
    }
    assert!(bench.sends_at_most(0).await.is_empty());
    let first = bench.sends_at_most(2).await;
    let ids: Vec<_> = first.iter().map(|message| message.item.message.id).collect();
    assert_eq!(ids, queued[..2]);
    assert_ne!(first[0].token, first[1].token);
    assert_eq!(bench.sends_ids().await, queued[2..]);
}

async fn a_message_is_not_leased_twice(bench: &Bench) {
    bench.queues_one(client(bench).await, 0).await;
    bench.sends_one().await;
    bench.after_seconds(LEASE_SECONDS - 1);
    assert!(bench.sends().await.is_empty());
}

async fn an_expired_lease_leaves_the_message_unknown_and_then_due_again(bench: &Bench) {
    let id = bench.queues_one(client(bench).await, 0).await;
    let stale = bench.sends_one().await;
    bench.after_seconds(LEASE_SECONDS + 1);
    assert!(bench.sends().await.is_empty(), "unknown now: a status may tell");
    assert_eq!(bench.accepted(&stale).await, SettleOutcome::LeaseLost);
    bench.after_seconds(UNKNOWN_SECONDS - 1);
    assert!(bench.sends().await.is_empty());
    bench.after_seconds(2);
    let again = bench.sends_one().await;
    assert_eq!(again.item.message.id, id);
    assert_eq!((again.item.attempts, again.item.unknown_attempts), (2, 1));
    assert_ne!(again.token, stale.token);
    assert_eq!(bench.accepted(&stale).await, SettleOutcome::LeaseLost);
    assert_eq!(bench.accepted(&again).await, SettleOutcome::Settled);
}

async fn what_is_accepted_is_never_sent_again(bench: &Bench) {
    bench.queues_one(client(bench).await, 0).await;
    let message = bench.sends_one().await;
    assert_eq!(bench.store.backlog().await.unwrap().outbox, 1);
    assert_eq!(bench.accepted(&message).await, SettleOutcome::Settled);
    assert_eq!(bench.store.backlog().await.unwrap(), Backlog::default());
    bench.after_seconds(LEASE_SECONDS + UNKNOWN_SECONDS + 2);
    assert!(bench.sends().await.is_empty());
}

async fn what_is_refused_is_never_sent_again_and_a_dead_letter(bench: &Bench) {
    bench.queues_one(client(bench).await, 0).await;
    let message = bench.sends_one().await;
    assert_eq!(
        bench.settles(&message, Settlement::Failed(refusal())).await,
        SettleOutcome::Settled
    );
    assert_eq!(
        bench.store.backlog().await.unwrap(),
        Backlog {
            dead_letters: 1,
            ..Backlog::default()
        }
    );
    bench.after_seconds(LEASE_SECONDS + UNKNOWN_SECONDS + 2);
    assert!(bench.sends().await.is_empty());
}

async fn a_retry_waits_until_it_is_due_and_counts(bench: &Bench) {
    bench.queues_one(client(bench).await, 0).await;
    for attempts in 1..=3 {
        let message = bench.sends_one().await;
        assert_eq!(
            (message.item.attempts, message.item.unknown_attempts),
            (attempts, 0)
        );
        let due = bench.now() + Duration::from_secs(2 * LEASE_SECONDS);
        assert_eq!(
            bench.settles(&message, retry_at(due, true)).await,
            SettleOutcome::Settled
        );
        bench.after_seconds(2 * LEASE_SECONDS - 1);
        assert!(bench.sends().await.is_empty());
        bench.after_seconds(1);
    }
}

async fn a_retry_that_does_not_count_leaves_the_attempts_as_they_were(bench: &Bench) {
    bench.queues_one(client(bench).await, 0).await;
    for counts in [false, false, true] {
        let message = bench.sends_one().await;
        assert_eq!(message.item.attempts, 1);
        bench.settles(&message, retry_at(bench.now(), counts)).await;
    }
    assert_eq!(bench.sends_one().await.item.attempts, 2);
}

async fn an_unknown_attempt_counts_and_waits(bench: &Bench) {
    bench.queues_one(client(bench).await, 0).await;
    for unknown in 0..3 {
        let message = bench.sends_one().await;
        assert_eq!(
            (message.item.attempts, message.item.unknown_attempts),
            (unknown + 1, unknown)
        );
        let until = bench.now() + Duration::from_mins(1);
        assert_eq!(
            bench.settles(&message, unknown_until(until)).await,
            SettleOutcome::Settled
        );
        assert_eq!(bench.store.backlog().await.unwrap().outbox, 1);
        bench.after_seconds(59);
        assert!(bench.sends().await.is_empty());
        bench.after_seconds(1);
    }
}

async fn a_settlement_without_the_lease_changes_nothing(bench: &Bench) {
    bench.queues_one(client(bench).await, 0).await;
    let stale = bench.sends_one().await;
    bench.settles(&stale, retry_at(bench.now(), true)).await;
    let held = bench.sends_one().await;
    let now = bench.now();
    for settlement in [
        Settlement::Failed(refusal()),
        retry_at(now, false),
        unknown_until(now),
        Settlement::Accepted(onboarding_testkit::provider_id("stale")),
    ] {
        assert_eq!(bench.settles(&stale, settlement).await, SettleOutcome::LeaseLost);
    }
    assert_eq!(
        bench.store.backlog().await.unwrap(),
        Backlog {
            outbox: 1,
            ..Backlog::default()
        }
    );
    assert!(bench.sends().await.is_empty(), "the other worker has it still");
    assert_eq!(
        bench.settles(&held, retry_at(now, true)).await,
        SettleOutcome::Settled
    );
    let again = bench.sends_one().await;
    assert_eq!((again.item.attempts, again.item.unknown_attempts), (3, 0));
}

async fn a_settlement_counts_once(bench: &Bench) {
    bench.queues_one(client(bench).await, 0).await;
    let message = bench.sends_one().await;
    assert_eq!(bench.accepted(&message).await, SettleOutcome::Settled);
    assert_eq!(bench.refused(&message).await, SettleOutcome::LeaseLost);
    assert_eq!(bench.store.backlog().await.unwrap(), Backlog::default());
}

async fn a_late_settlement_counts_while_nobody_else_has_the_message(bench: &Bench) {
    bench.queues_one(client(bench).await, 0).await;
    let message = bench.sends_one().await;
    bench.after_seconds(10 * LEASE_SECONDS);
    assert_eq!(bench.accepted(&message).await, SettleOutcome::Settled);
    assert!(bench.sends().await.is_empty());
}

async fn companies_have_queues_of_their_own(bench: &Bench) {
    let other = bench.with_another_company().await;
    let ours = bench.queues_one(client(bench).await, 0).await;
    let theirs = other.queues_one(client(&other).await, 0).await;
    let messages = bench.sends().await;
    let found: Vec<_> = messages
        .iter()
        .map(|message| (message.item.company.clone(), message.item.message.id))
        .collect();
    assert_eq!(
        found,
        [(bench.company.clone(), ours), (other.company.clone(), theirs)]
    );
}

async fn of_two_companies_that_wait_each_gets_its_share_of_one_lease(bench: &Bench) {
    let quiet = bench.with_another_company().await;
    let mut queued = (Vec::new(), Vec::new());
    for nth in 0..9 {
        let client = bench.client(phone(&format!("8529100{nth:04}"))).await;
        queued.0.push(bench.queues_one(client, 0).await);
    }
    for nth in 0..2 {
        let client = quiet.client(phone(&format!("8529200{nth:04}"))).await;
        queued.1.push(quiet.queues_one(client, 0).await);
    }
    let leased: Vec<_> = bench
        .sends_at_most(5)
        .await
        .into_iter()
        .map(|message| message.item.message.id)
        .collect();
    let (busy, quiet) = queued;
    assert_eq!(leased, [busy[0], quiet[0], busy[1], quiet[1], busy[2]]);
}
