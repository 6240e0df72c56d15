//! What people read.

use std::time::Duration;

use onboarding_core::{
    Decision, DeliveryProgress, NewOutbound, OutboundContent, Outcome,
    ports::{Backlog, CommitOutcome, NewDelivery, Quarantined},
};
use onboarding_testkit::{PRIMARY, SECONDARIES, TestService, acme, phone};

use crate::{
    bench::{Bench, decision, ignored, refusal},
    list::list_cases,
};

list_cases!(($) record => record_contract:
    decisions_are_told_newest_first,
    rooms_are_told_newest_first,
    the_record_of_a_room_is_told_in_order_of_time,
    a_reply_of_the_same_second_stands_after_what_it_replies_to,
    the_record_of_a_room_tells_what_each_number_said,
    an_empty_store_has_no_backlog,
    the_backlog_counts_every_queue_of_every_company,
    companies_never_see_each_others_records,
);

const HK: &str = "85291234567";

async fn decisions_are_told_newest_first(bench: &Bench) {
    let mut times = Vec::new();
    for _ in 0..4 {
        times.push(bench.after_seconds(60));
        bench.decided(bench.account(0).await, ignored()).await;
    }
    times.reverse();
    let told = async |limit| {
        let records = bench
            .store
            .latest_onboardings(&bench.company, limit)
            .await
            .unwrap();
        records.iter().map(|record| record.decided_at).collect::<Vec<_>>()
    };
    assert_eq!(
        (told(100).await, told(3).await),
        (times.clone(), times[..3].to_vec())
    );
}

async fn rooms_are_told_newest_first(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let mut rooms = Vec::new();
    for (place, extension) in ["#kate", "#dom123456", "#michael"].into_iter().enumerate() {
        bench.after_seconds(60);
        rooms.push(bench.opens(extension, client, place).await);
    }
    rooms.reverse();
    assert_eq!(
        bench.store.latest_rooms(&bench.company, 100).await.unwrap(),
        rooms
    );
    assert_eq!(
        bench.store.latest_rooms(&bench.company, 2).await.unwrap(),
        rooms[..2]
    );
}

async fn the_record_of_a_room_is_told_in_order_of_time(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let invited_at = bench.after_seconds(60);
    let parameters = vec!["Dom".to_owned(), "王 🙂".to_owned()];
    let template = NewOutbound {
        room: Some(room.id),
        content: OutboundContent::Template {
            name: "invite".to_owned(),
            language: "en".to_owned(),
            parameters,
            words: None,
            buttons: vec!["onboarding:accept:0".to_owned()],
        },
        ..bench.text_to(client, room.account)
    };
    let invitation = template.id;
    let elsewhere = bench.text_to(client, room.account);
    bench.queues(vec![template, elsewhere]).await;
    bench.accepted(&bench.sends_one().await).await;
    bench.reported(invitation, DeliveryProgress::Delivered).await;
    let wrote_at = bench.after_seconds(60);
    let kept = Decision {
        kept_in_room: Some(room.id),
        ..decision(Outcome::RoomMessage {
            user: room.user,
            room: room.id,
        })
    };
    let item = bench.arrived(room.account).await;
    let commit = bench.deciding(&item, kept).await;
    let queued_at = bench.after_seconds(5);
    let reminder = NewOutbound {
        room: Some(room.id),
        ..bench.text_to(client, room.account)
    };
    bench.queues(vec![reminder]).await;
    // It was decided on last, but written before.
    bench.after_seconds(5);
    assert_eq!(bench.commits(commit).await, CommitOutcome::Committed);
    let record = bench.store.room_record(&bench.company, room.id).await.unwrap();
    let told: Vec<_> = record
        .iter()
        .map(|line| (line.at, line.from_client, line.text.as_str()))
        .collect();
    let expected = [
        (invited_at, false, "[template invite] Dom · 王 🙂"),
        (wrote_at, true, "hello"),
        (queued_at, false, "hello"),
    ];
    assert_eq!(told, expected);
    assert_eq!(
        (record[0].state.as_str(), record[2].state.as_str()),
        ("delivered", "pending")
    );
}

/// `WhatsApp` tells the second in which a client wrote, and nothing finer.
async fn a_reply_of_the_same_second_stands_after_what_it_replies_to(bench: &Bench) {
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let second = bench.after_seconds(60);
    let says = async |text: &str, after_millis: u64| {
        bench.clock.advance(Duration::from_millis(after_millis));
        let kept = Decision {
            kept_in_room: Some(room.id),
            ..decision(Outcome::RoomMessage {
                user: room.user,
                room: room.id,
            })
        };
        let item = bench.arrived(room.account).await;
        let mut commit = bench.deciding(&item, kept).await;
        commit.request.message.sent_at = second;
        commit.request.message.texts = vec![text.to_owned()];
        assert_eq!(bench.commits(commit).await, CommitOutcome::Committed);
    };
    says("before", 100).await;
    bench.clock.advance(Duration::from_millis(100));
    let question = NewOutbound {
        room: Some(room.id),
        content: OutboundContent::Text("question".to_owned()),
        ..bench.text_to(client, room.account)
    };
    // What Meta approved, where the company told it.
    let offer = NewOutbound {
        content: OutboundContent::Template {
            name: "offer".to_owned(),
            language: "en".to_owned(),
            parameters: vec!["Dom".to_owned()],
            words: Some("this is Dom 🙂".to_owned()),
            buttons: Vec::new(),
        },
        ..question.clone()
    };
    let offer = NewOutbound {
        id: bench.text_to(client, room.account).id,
        ..offer
    };
    bench.queues(vec![question, offer]).await;
    says("answer", 300).await;
    // It came long after it was written: no later than the end of its second.
    says("late", 60_000).await;
    let record = bench.store.room_record(&bench.company, room.id).await.unwrap();
    let told: Vec<_> = record.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(told, ["before", "question", "this is Dom 🙂", "answer", "late"]);
    assert!(record[4].at < second + Duration::from_secs(1));
}

/// Failure 44: who looks at a room sees what the client was told on either number.
async fn the_record_of_a_room_tells_what_each_number_said(bench: &Bench) {
    let service = TestService::on(bench.store.clone(), acme()).await;
    service.client(HK).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    let room = bench.store.latest_rooms(&bench.company, 9).await.unwrap()[0].id;
    let record = bench.store.room_record(&bench.company, room).await.unwrap();
    let told: Vec<_> = record.into_iter().map(|line| line.text).collect();
    let sent = service.messages_to(HK);
    let from: Vec<_> = sent.iter().map(|message| message.from.as_str()).collect();
    assert_eq!(from, [PRIMARY, SECONDARIES[0]]);
    assert_eq!(told.len(), 2, "{told:?}");
    for (line, message) in told.iter().zip(&sent) {
        assert!(line.ends_with(&message.words()), "{line}");
    }
}

async fn an_empty_store_has_no_backlog(bench: &Bench) {
    assert_eq!(bench.store.backlog().await.unwrap(), Backlog::default());
}

async fn the_backlog_counts_every_queue_of_every_company(bench: &Bench) {
    let other = bench.with_another_company().await;
    for bench in [bench, &other] {
        let client = bench.client(phone(HK)).await;
        let account = bench.account(0).await;
        let failing = bench.queues_one(client, 0).await;
        for message in bench.sends().await {
            assert_eq!(message.item.message.id, failing);
            bench
                .settles(&message, onboarding_core::ports::Settlement::Failed(refusal()))
                .await;
        }
        let buried = bench.arrived(account).await;
        bench.store.bury(&buried, "broken", bench.now()).await.unwrap();
        bench.arrived(account).await;
        let quarantined = vec![Quarantined {
            payload: b"?".to_vec(),
            reason: "broken".to_owned(),
        }];
        let delivery = NewDelivery {
            quarantined,
            ..bench.delivery(vec![bench.row(account, "z", "z")])
        };
        bench.store.store(delivery).await.unwrap();
    }
    bench
        .queues_one(bench.client(phone("85290000000")).await, 1)
        .await;
    let expected = Backlog {
        inbox: 4,
        outbox: 1,
        dead_letters: 4,
        quarantined: 2,
    };
    assert_eq!(bench.store.backlog().await.unwrap(), expected);
}

async fn companies_never_see_each_others_records(bench: &Bench) {
    let other = bench.with_another_company().await;
    let client = bench.client(phone(HK)).await;
    let room = bench.opens("#dom123456", client, 0).await;
    let message = NewOutbound {
        room: Some(room.id),
        ..bench.text_to(client, room.account)
    };
    bench.queues(vec![message]).await;
    let store = &other.store;
    assert!(other.latest().await.is_empty());
    assert!(store.latest_rooms(&other.company, 9).await.unwrap().is_empty());
    assert!(
        store
            .room_record(&other.company, room.id)
            .await
            .unwrap()
            .is_empty()
    );
    let usage = store
        .usage_of(&other.company, Some(client), &[room.account])
        .await
        .unwrap();
    assert!(
        usage
            .iter()
            .all(|one| one.live_rooms == 0 && one.rooms_of_client.is_empty())
    );
    let wrote_at = store
        .client_last_wrote_at(&other.company, bench.account(0).await, client)
        .await
        .unwrap();
    assert_eq!(wrote_at, None);
    assert!(
        store
            .profiles_of(&other.company, Some(client), None)
            .await
            .unwrap()
            .is_empty()
    );
    assert_ne!(other.user("#kate").await.id, bench.user("#kate").await.id);
    let theirs = other.client(phone(HK)).await;
    assert_eq!(other.latest().await.len(), 1);
    assert_eq!(other.latest().await[0].identity, Some(theirs));
}
