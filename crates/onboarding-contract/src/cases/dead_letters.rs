//! What was given up, and how it is tried again.

use onboarding_core::{
    ChatRoom, DeliveryProgress, InvitationFailure, NewOutbound, OutboxId, Purpose, Timestamp,
    audit::Origin,
    ports::{Backlog, CommitOutcome, DeadLetter, DeadLetterKind, ReplayOutcome, SettleOutcome, Settlement},
};
use onboarding_testkit::{PRIMARY, TestService, acme, phone, refused};
use uuid::Uuid;

use crate::{
    bench::{Bench, LEASE_SECONDS, ignored, refusal},
    list::list_cases,
};

list_cases!(($) dead_letters => dead_letters_contract:
    what_still_moves_is_no_dead_letter,
    a_buried_element_is_listed_replayed_and_decided,
    a_replayed_element_keeps_its_place_and_its_lane_waits_for_it,
    a_failed_message_is_listed_replayed_and_sent_by_a_new_attempt,
    a_replayed_message_stands_behind_all_others,
    a_replayed_message_is_moved_by_its_new_statuses,
    the_invitation_of_a_room_that_is_over_is_refused,
    a_message_of_a_live_room_is_replayed,
    an_unknown_id_is_not_found,
    the_newest_are_listed_first_and_no_more_than_wanted,
    companies_see_their_own,
    the_service_sends_what_was_replayed,
);

const HK: &str = "85291234567";

async fn listed(bench: &Bench) -> Vec<DeadLetter> {
    bench.store.dead_letters(None, 100).await.unwrap()
}

async fn replays(bench: &Bench, id: Uuid) -> ReplayOutcome {
    bench
        .store
        .replay(id, &Origin::system(), bench.now())
        .await
        .unwrap()
}

/// An element that was given up at its first attempt.
async fn buried(bench: &Bench, lane: &str, key: &str) -> (Uuid, Timestamp) {
    let row = bench.row_in(lane, key).await;
    let (id, since) = (row.id.as_uuid(), Timestamp::from_micros(row.arrival));
    bench.stores(vec![row]).await;
    let item = bench.leases_one().await;
    bench
        .store
        .bury(&item, "cannot read it", bench.now())
        .await
        .unwrap();
    (id, since)
}

/// A message that WhatsApp refused.
async fn failed(bench: &Bench) -> OutboxId {
    let client = bench.client(phone(HK)).await;
    let id = bench.queues_one(client, 0).await;
    bench.refused(&bench.sends_one().await).await;
    id
}

async fn what_still_moves_is_no_dead_letter(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let id = bench.queues_one(client, 0).await;
    let row = bench.row_in("a", "1").await;
    let element = row.id.as_uuid();
    bench.stores(vec![row]).await;
    assert_eq!(listed(bench).await, []);
    for id in [id.as_uuid(), element] {
        assert_eq!(replays(bench, id).await, ReplayOutcome::NotFound);
    }
    bench.accepted(&bench.sends_one().await).await;
    let item = bench.leases_one().await;
    bench.store.finish(&item, "noted", bench.now()).await.unwrap();
    assert_eq!(listed(bench).await, []);
    for id in [id.as_uuid(), element] {
        assert_eq!(replays(bench, id).await, ReplayOutcome::NotFound);
    }
}

async fn a_buried_element_is_listed_replayed_and_decided(bench: &Bench) {
    let (id, since) = buried(bench, "a", "1").await;
    let expected = DeadLetter {
        id,
        company: bench.company.clone(),
        kind: DeadLetterKind::Inbound,
        since,
        reason: "cannot read it".to_owned(),
        attempts: 1,
    };
    assert_eq!(listed(bench).await, [expected]);
    bench.after_seconds(60);
    assert_eq!(replays(bench, id).await, ReplayOutcome::Replayed);
    assert_eq!(listed(bench).await, []);
    assert_eq!(
        replays(bench, id).await,
        ReplayOutcome::NotFound,
        "it is none any more"
    );
    let item = bench.leases_one().await;
    assert_eq!((item.lease.id.as_uuid(), item.attempts), (id, 1));
    assert_eq!(item.payload, b"1");
    let commit = bench.deciding(&item, ignored()).await;
    assert_eq!(bench.commits(commit).await, CommitOutcome::Committed);
    assert_eq!(bench.store.backlog().await.unwrap(), Backlog::default());
}

async fn a_replayed_element_keeps_its_place_and_its_lane_waits_for_it(bench: &Bench) {
    let (id, _) = buried(bench, "a", "1").await;
    bench.after_seconds(1);
    bench
        .stores(vec![bench.row_in("a", "2").await, bench.row_in("a", "3").await])
        .await;
    let at_work = bench.leases_one().await;
    replays(bench, id).await;
    assert!(bench.leases().await.is_empty(), "one of a lane at a time");
    bench.store.finish(&at_work, "noted", bench.now()).await.unwrap();
    let item = bench.leases_one().await;
    assert_eq!(item.payload, b"1");
    bench.store.finish(&item, "noted", bench.now()).await.unwrap();
    assert_eq!(bench.leases_one().await.payload, b"3");
}

async fn a_failed_message_is_listed_replayed_and_sent_by_a_new_attempt(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let message = bench.text_to(client, bench.account(0).await);
    let id = message.id;
    bench.queues(vec![message.clone()]).await;
    let since = bench.now();
    let unknown = Settlement::Unknown {
        until: bench.now(),
        reason: "connection lost".to_owned(),
    };
    bench.settles(&bench.sends_one().await, unknown).await;
    let first = bench.sends_one().await;
    bench.refused(&first).await;
    let expected = DeadLetter {
        id: id.as_uuid(),
        company: bench.company.clone(),
        kind: DeadLetterKind::Outbound,
        since,
        reason: "message undeliverable (WhatsApp 131026)".to_owned(),
        attempts: 2,
    };
    assert_eq!(listed(bench).await, [expected]);
    let now = bench.after_seconds(60);
    assert_eq!(replays(bench, id.as_uuid()).await, ReplayOutcome::Replayed);
    assert_eq!(listed(bench).await, []);
    assert_eq!(replays(bench, id.as_uuid()).await, ReplayOutcome::NotFound);
    let again = bench.sends_one().await;
    assert_eq!(again.item.message, message);
    assert_eq!(
        (
            again.item.attempts,
            again.item.unknown_attempts,
            again.item.queued_at
        ),
        (1, 0, now)
    );
    assert_ne!(again.token, first.token);
    assert_eq!(bench.accepted(&first).await, SettleOutcome::LeaseLost);
    assert_eq!(bench.accepted(&again).await, SettleOutcome::Settled);
    assert_eq!(bench.store.backlog().await.unwrap(), Backlog::default());
    bench.after_seconds(10 * LEASE_SECONDS);
    assert!(bench.sends().await.is_empty());
}

async fn a_replayed_message_stands_behind_all_others(bench: &Bench) {
    let id = failed(bench).await;
    let client = bench.identities(&phone(HK).keys()).await[0];
    let second = bench.queues_one(client, 0).await;
    let at_work = bench.sends_one().await;
    replays(bench, id.as_uuid()).await;
    assert!(bench.sends().await.is_empty(), "one to a client at a time");
    assert_eq!(at_work.item.message.id, second);
    bench.accepted(&at_work).await;
    assert_eq!(bench.sends_ids().await, [id]);
}

async fn a_replayed_message_is_moved_by_its_new_statuses(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let message = NewOutbound {
        room: Some(room.id),
        ..bench.text_to(client, room.account)
    };
    let id = message.id;
    bench.queues(vec![message]).await;
    bench.accepted(&bench.sends_one().await).await;
    bench.reported(id, DeliveryProgress::Failed).await;
    bench.after_seconds(60);
    replays(bench, id.as_uuid()).await;
    let state = async || {
        let record = bench.store.room_record(&bench.company, room.id).await.unwrap();
        record[0].state.clone()
    };
    assert_eq!(state().await, "pending", "its failure is forgotten");
    bench.accepted(&bench.sends_one().await).await;
    bench.reported(id, DeliveryProgress::Sent).await;
    assert_eq!(state().await, "sent");
}

/// A room with a failed invitation.
async fn uninvited(bench: &Bench) -> (ChatRoom, OutboxId) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let invitation = NewOutbound {
        purpose: Purpose::Invitation,
        room: Some(room.id),
        ..bench.text_to(client, room.account)
    };
    let id = invitation.id;
    bench.queues(vec![invitation]).await;
    bench.refused(&bench.sends_one().await).await;
    (room, id)
}

async fn the_invitation_of_a_room_that_is_over_is_refused(bench: &Bench) {
    let (room, id) = uninvited(bench).await;
    let failure = InvitationFailure {
        room,
        reason: refusal().to_string(),
        notice: None,
        link_until: None,
        notices: Vec::new(),
    };
    bench
        .store
        .fail_room(&bench.company, failure, bench.now())
        .await
        .unwrap();
    let before = listed(bench).await;
    assert!(matches!(
        replays(bench, id.as_uuid()).await,
        ReplayOutcome::Refused(_)
    ));
    assert_eq!(listed(bench).await, before);
    assert!(bench.sends().await.is_empty());
}

async fn a_message_of_a_live_room_is_replayed(bench: &Bench) {
    let (_, id) = uninvited(bench).await;
    assert_eq!(replays(bench, id.as_uuid()).await, ReplayOutcome::Replayed);
    assert_eq!(bench.sends_ids().await, [id]);
    let left = bench.store.failed_invitations(10).await.unwrap();
    assert_eq!(left, [], "it has not failed any more");
}

async fn an_unknown_id_is_not_found(bench: &Bench) {
    failed(bench).await;
    buried(bench, "a", "1").await;
    let unknown = bench.mint(|id| id);
    assert_eq!(replays(bench, unknown).await, ReplayOutcome::NotFound);
    assert_eq!(listed(bench).await.len(), 2);
}

async fn the_newest_are_listed_first_and_no_more_than_wanted(bench: &Bench) {
    let mut newest_first = Vec::new();
    for key in ["1", "2", "3"] {
        bench.after_seconds(1);
        newest_first.insert(0, buried(bench, key, key).await.0);
        if key == "2" {
            bench.after_seconds(1);
            newest_first.insert(0, failed(bench).await.as_uuid());
        }
    }
    let ids = |letters: Vec<DeadLetter>| letters.iter().map(|letter| letter.id).collect::<Vec<_>>();
    assert_eq!(ids(listed(bench).await), newest_first);
    let two = bench.store.dead_letters(None, 2).await.unwrap();
    assert_eq!(ids(two), newest_first[..2]);
}

async fn companies_see_their_own(bench: &Bench) {
    let other = bench.with_another_company().await;
    let ours = buried(bench, "a", "1").await.0;
    let theirs = failed(&other).await.as_uuid();
    assert_eq!(listed(bench).await.len(), 2, "the installation sees all");
    for (of, id) in [(bench, ours), (&other, theirs)] {
        let letters = bench
            .store
            .dead_letters(Some(of.company.clone()), 9)
            .await
            .unwrap();
        let found: Vec<_> = letters
            .iter()
            .map(|letter| (&letter.company, letter.id))
            .collect();
        assert_eq!(found, [(&of.company, id)]);
    }
    assert_eq!(replays(bench, theirs).await, ReplayOutcome::Replayed);
    assert_eq!(other.sends_one().await.item.company, other.company);
}

async fn the_service_sends_what_was_replayed(bench: &Bench) {
    let service = TestService::on(bench.store.clone(), acme()).await;
    service.messenger.next(Err(refused(131_026)));
    service.client(HK).sends(PRIMARY, "hello").await;
    service.pump().await;
    assert_eq!(service.messages_to(HK).len(), 0);
    let letters = listed(bench).await;
    assert_eq!(replays(bench, letters[0].id).await, ReplayOutcome::Replayed);
    service.pump().await;
    assert_eq!(service.messages_to(HK).len(), 1);
    assert_eq!(service.messenger.attempts().len(), 2);
    service.assert_idle().await;
}
