//! What WhatsApp tells of our messages (INV-16).

use onboarding_core::{
    ChatRoom, DeliveryProgress, NewOutbound, OutboxId, StatusReport,
    ports::{Backlog, SettleOutcome, Settlement, StatusEffect},
};
use onboarding_testkit::{phone, provider_id};

use crate::{
    bench::{Bench, UNKNOWN_SECONDS, refusal},
    list::list_cases,
};

list_cases!(($) status => status_contract:
    a_status_finishes_its_row,
    a_status_is_found_by_our_id,
    a_status_is_found_by_whatsapps_id,
    our_id_goes_before_whatsapps,
    a_status_about_nobodys_message_is_told,
    a_status_of_another_companys_message_is_about_nobodys,
    a_status_before_the_settlement_settles_the_message,
    a_status_clears_up_an_unknown_attempt,
    a_status_of_a_message_in_the_queue_settles_it,
    after_a_status_by_our_id_whatsapps_id_is_known,
    progress_only_moves_forward_in_whatever_order_it_comes,
    a_status_that_we_do_not_know_changes_nothing,
    a_message_fails_even_after_it_was_accepted,
    what_arrived_did_not_fail,
    proof_of_arrival_outranks_failure,
    a_message_that_was_given_up_stays_so_until_it_proves_to_have_arrived,
);

use DeliveryProgress::{Delivered, Failed, Played, Read, Sent};

/// A message in a room, where its progress can be read.
async fn queued(bench: &Bench) -> (OutboxId, ChatRoom) {
    let client = bench.client(phone("85291234567")).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let message = NewOutbound {
        room: Some(room.id),
        ..bench.text_to(client, room.account)
    };
    let id = message.id;
    bench.queues(vec![message]).await;
    (id, room)
}

/// The same, taken by WhatsApp.
async fn accepted(bench: &Bench) -> (OutboxId, ChatRoom) {
    let (id, room) = queued(bench).await;
    bench.accepted(&bench.sends_one().await).await;
    (id, room)
}

async fn state(bench: &Bench, room: &ChatRoom) -> String {
    let record = bench.store.room_record(&bench.company, room.id).await.unwrap();
    assert_eq!(record.len(), 1);
    record[0].state.clone()
}

async fn a_status_finishes_its_row(bench: &Bench) {
    let (id, _) = accepted(bench).await;
    assert_eq!(bench.reported(id, Sent).await, StatusEffect::Recorded);
    assert_eq!(bench.store.backlog().await.unwrap(), Backlog::default());
}

async fn a_status_is_found_by_our_id(bench: &Bench) {
    let (id, room) = accepted(bench).await;
    assert_eq!(state(bench, &room).await, "accepted");
    let report = StatusReport {
        provider_id: provider_id("another"),
        ..bench.report(id, Some(Delivered))
    };
    let report = StatusReport {
        outbox_id: Some(id),
        ..report
    };
    assert_eq!(bench.reports(report).await, StatusEffect::Recorded);
    assert_eq!(state(bench, &room).await, "delivered");
}

async fn a_status_is_found_by_whatsapps_id(bench: &Bench) {
    let (id, room) = accepted(bench).await;
    assert_eq!(
        bench.reports(bench.report(id, Some(Read))).await,
        StatusEffect::Recorded
    );
    assert_eq!(state(bench, &room).await, "read");
    // An id of ours that we do not know says nothing against WhatsApp's.
    let unknown = Some(bench.mint(OutboxId::from_uuid));
    let report = StatusReport {
        outbox_id: unknown,
        ..bench.report(id, Some(Played))
    };
    assert_eq!(bench.reports(report).await, StatusEffect::Recorded);
    assert_eq!(state(bench, &room).await, "played");
}

async fn our_id_goes_before_whatsapps(bench: &Bench) {
    let (first, room) = accepted(bench).await;
    let second = bench.queues_one(room.identity, 1).await;
    bench.accepted(&bench.sends_one().await).await;
    let report = StatusReport {
        outbox_id: Some(first),
        ..bench.report(second, Some(Read))
    };
    assert_eq!(bench.reports(report).await, StatusEffect::Recorded);
    assert_eq!(state(bench, &room).await, "read");
}

async fn a_status_about_nobodys_message_is_told(bench: &Bench) {
    let (_, room) = accepted(bench).await;
    let unknown = bench.mint(OutboxId::from_uuid);
    assert_eq!(
        bench.reported(unknown, Failed).await,
        StatusEffect::UnknownMessage
    );
    assert_eq!(state(bench, &room).await, "accepted");
    assert_eq!(
        bench.store.backlog().await.unwrap(),
        Backlog::default(),
        "its row is finished"
    );
}

async fn a_status_of_another_companys_message_is_about_nobodys(bench: &Bench) {
    let (id, room) = accepted(bench).await;
    let other = bench.with_another_company().await;
    assert_eq!(other.reported(id, Failed).await, StatusEffect::UnknownMessage);
    assert_eq!(
        other.reports(other.report(id, Some(Read))).await,
        StatusEffect::UnknownMessage
    );
    assert_eq!(state(bench, &room).await, "accepted");
}

async fn a_status_before_the_settlement_settles_the_message(bench: &Bench) {
    let (id, room) = queued(bench).await;
    let message = bench.sends_one().await;
    assert_eq!(bench.reported(id, Sent).await, StatusEffect::Recorded);
    assert_eq!(bench.store.backlog().await.unwrap().outbox, 0);
    for settlement in [
        Settlement::Accepted(provider_id(id)),
        Settlement::Failed(refusal()),
        Settlement::RetryAt {
            due: bench.now(),
            counts: true,
            reason: "not sent".to_owned(),
        },
        Settlement::Unknown {
            until: bench.now(),
            reason: "connection lost".to_owned(),
        },
    ] {
        assert_eq!(
            bench.settles(&message, settlement).await,
            SettleOutcome::LeaseLost
        );
    }
    assert_eq!(state(bench, &room).await, "sent");
    bench.after_seconds(10 * UNKNOWN_SECONDS);
    assert!(bench.sends().await.is_empty(), "it is never sent again");
}

async fn a_status_clears_up_an_unknown_attempt(bench: &Bench) {
    let (id, _) = queued(bench).await;
    let behind = bench.text_to(bench.client(phone("85290000000")).await, bench.account(1).await);
    let waits = NewOutbound {
        after: Some(id),
        ..behind
    };
    bench.queues(vec![waits.clone()]).await;
    let until = bench.now() + std::time::Duration::from_secs(UNKNOWN_SECONDS);
    let unknown = Settlement::Unknown {
        until,
        reason: "connection lost".to_owned(),
    };
    bench.settles(&bench.sends_one().await, unknown).await;
    bench.reported(id, Delivered).await;
    assert_eq!(
        bench.sends_ids().await,
        [waits.id],
        "settled: whoever waited for it may go"
    );
    bench.after_seconds(UNKNOWN_SECONDS + 1);
    assert!(
        bench
            .sends()
            .await
            .iter()
            .all(|message| message.item.message.id != id)
    );
}

async fn a_status_of_a_message_in_the_queue_settles_it(bench: &Bench) {
    // A restored backup: the queue has forgotten that it was sent.
    let (id, _) = queued(bench).await;
    bench.reported(id, Read).await;
    assert!(bench.sends().await.is_empty());
    assert_eq!(bench.store.backlog().await.unwrap(), Backlog::default());
}

async fn after_a_status_by_our_id_whatsapps_id_is_known(bench: &Bench) {
    let (id, room) = queued(bench).await;
    bench.sends_one().await;
    bench.reported(id, Sent).await;
    assert_eq!(
        bench.reports(bench.report(id, Some(Delivered))).await,
        StatusEffect::Recorded
    );
    assert_eq!(state(bench, &room).await, "delivered");
}

async fn progress_only_moves_forward_in_whatever_order_it_comes(bench: &Bench) {
    let client = bench.client(phone("85291234567")).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let orders = [
        [Sent, Delivered, Read],
        [Read, Delivered, Sent],
        [Delivered, Sent, Read],
        [Read, Sent, Delivered],
    ];
    for order in orders {
        let message = NewOutbound {
            room: Some(room.id),
            ..bench.text_to(client, room.account)
        };
        let id = message.id;
        bench.queues(vec![message]).await;
        bench.accepted(&bench.sends_one().await).await;
        for progress in order {
            assert_eq!(bench.reported(id, progress).await, StatusEffect::Recorded);
        }
    }
    let record = bench.store.room_record(&bench.company, room.id).await.unwrap();
    let states: Vec<_> = record.iter().map(|line| line.state.as_str()).collect();
    assert_eq!(states, ["read"; 4]);
}

async fn a_status_that_we_do_not_know_changes_nothing(bench: &Bench) {
    let (id, room) = queued(bench).await;
    let message = bench.sends_one().await;
    let report = StatusReport {
        outbox_id: Some(id),
        ..bench.report(id, None)
    };
    assert_eq!(bench.reports(report).await, StatusEffect::Recorded);
    assert_eq!(state(bench, &room).await, "sending");
    assert_eq!(bench.accepted(&message).await, SettleOutcome::Settled);
}

async fn a_message_fails_even_after_it_was_accepted(bench: &Bench) {
    let (id, room) = accepted(bench).await;
    bench.reported(id, Sent).await;
    assert_eq!(
        bench.reported(id, Failed).await,
        StatusEffect::Recorded,
        "no invitation, nothing to follow up"
    );
    assert_eq!(state(bench, &room).await, "failed");
    assert_eq!(
        bench.store.backlog().await.unwrap(),
        Backlog {
            dead_letters: 1,
            ..Backlog::default()
        }
    );
    bench.reported(id, Sent).await;
    assert_eq!(
        state(bench, &room).await,
        "failed",
        "a late sent never clears failed"
    );
}

async fn what_arrived_did_not_fail(bench: &Bench) {
    let (id, room) = accepted(bench).await;
    bench.reported(id, Delivered).await;
    assert_eq!(bench.reported(id, Failed).await, StatusEffect::Recorded);
    assert_eq!(state(bench, &room).await, "delivered");
    assert_eq!(bench.store.backlog().await.unwrap().dead_letters, 0);
}

async fn proof_of_arrival_outranks_failure(bench: &Bench) {
    let (id, room) = accepted(bench).await;
    bench.reported(id, Failed).await;
    bench.reported(id, Delivered).await;
    assert_eq!(state(bench, &room).await, "delivered");
}

async fn a_message_that_was_given_up_stays_so_until_it_proves_to_have_arrived(bench: &Bench) {
    let (id, room) = queued(bench).await;
    bench.refused(&bench.sends_one().await).await;
    bench.reported(id, Sent).await;
    assert_eq!(state(bench, &room).await, "failed");
    bench.reported(id, Delivered).await;
    assert_eq!(state(bench, &room).await, "delivered");
}
