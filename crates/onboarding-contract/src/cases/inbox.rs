//! The queue of what came in.

use onboarding_core::{
    DeliveryProgress, InboxId,
    ports::{Backlog, CommitOutcome, Inbox, NewDelivery, NewInboxRow, PutAside, Quarantined},
};
use onboarding_testkit::phone;

use crate::{
    bench::{Bench, LEASE_SECONDS, ignored, payloads},
    list::list_cases,
};

list_cases!(($) inbox => inbox_contract:
    a_row_is_leased_as_it_was_stored,
    an_element_is_stored_once_however_often_it_is_delivered,
    a_repeated_element_within_one_delivery_is_stored_once,
    a_finished_row_is_not_stored_again,
    the_same_key_on_another_account_is_another_row,
    no_more_rows_are_leased_than_there_are_tokens,
    a_lease_holds_until_it_runs_out,
    after_an_expired_lease_the_old_token_finishes_nothing,
    attempts_are_counted,
    a_row_given_back_waits_until_it_is_due,
    a_buried_row_shows_in_the_backlog_and_lets_the_next_pass,
    what_is_quarantined_shows_in_the_backlog,
    what_is_quarantined_is_listed_newest_first_and_no_more_than_wanted,
);

async fn a_row_is_leased_as_it_was_stored(bench: &Bench) {
    let account = bench.account(1).await;
    let all_bytes: Vec<u8> = (0..=255).collect();
    let first = NewInboxRow {
        payload: all_bytes,
        ..bench.row(account, "a", "1")
    };
    let second = NewInboxRow {
        account: None,
        payload: Vec::new(),
        ..bench.row(account, "b", "2")
    };
    assert_eq!(bench.stores(vec![first.clone(), second.clone()]).await, 2);
    let tokens = bench.tokens(2);

    let lease = std::time::Duration::from_secs(LEASE_SECONDS);
    let mut items = Inbox::lease(bench.store.as_ref(), bench.now(), lease, tokens.clone())
        .await
        .unwrap();
    items.sort_by_key(|item| item.account.is_none());
    for (item, row) in items.iter().zip([first, second]) {
        assert_eq!(
            (item.lease.id, &item.company, item.attempts),
            (row.id, &row.company, 1)
        );
        assert_eq!((item.account, &item.payload), (row.account, &row.payload));
        assert!(tokens.contains(&item.lease.token));
    }
    assert_ne!(items[0].lease.token, items[1].lease.token);
}

async fn an_element_is_stored_once_however_often_it_is_delivered(bench: &Bench) {
    let first = bench.row_in("a", "wamid.1").await;
    assert_eq!(bench.stores(vec![first.clone()]).await, 1);
    bench.after_seconds(1);
    let again = NewInboxRow {
        id: bench.mint(InboxId::from_uuid),
        payload: b"other".to_vec(),
        ..first
    };
    let fresh = bench.row_in("b", "wamid.2").await;
    assert_eq!(bench.stores(vec![again, fresh]).await, 1);
    assert_eq!(
        payloads(&bench.leases().await),
        ["wamid.1", "wamid.2"],
        "the first one stays as it was"
    );
}

async fn a_repeated_element_within_one_delivery_is_stored_once(bench: &Bench) {
    let (first, again) = (
        bench.row_in("a", "wamid.1").await,
        bench.row_in("b", "wamid.1").await,
    );
    assert_eq!(bench.stores(vec![first, again]).await, 1);
    assert_eq!(bench.leases().await.len(), 1);
}

async fn a_finished_row_is_not_stored_again(bench: &Bench) {
    bench
        .stores(vec![bench.row_in("a", "1").await, bench.row_in("b", "2").await])
        .await;
    let items = bench.leases().await;
    bench.store.finish(&items[0], "noted", bench.now()).await.unwrap();
    bench.store.bury(&items[1], "broken", bench.now()).await.unwrap();
    assert_eq!(
        bench
            .stores(vec![bench.row_in("a", "1").await, bench.row_in("b", "2").await])
            .await,
        0
    );
    bench.after_seconds(10 * LEASE_SECONDS);
    assert!(bench.leases().await.is_empty());
}

async fn the_same_key_on_another_account_is_another_row(bench: &Bench) {
    let (one, two) = (bench.account(0).await, bench.account(1).await);
    let of_no_account = NewInboxRow {
        account: None,
        ..bench.row(one, "c", "same")
    };
    let again = NewInboxRow {
        id: bench.mint(InboxId::from_uuid),
        ..of_no_account.clone()
    };
    let rows = vec![
        bench.row(one, "a", "same"),
        bench.row(two, "b", "same"),
        of_no_account,
        again,
    ];
    assert_eq!(bench.stores(rows).await, 3);
    let other = bench.with_another_company().await;
    let theirs = NewInboxRow {
        account: None,
        ..other.row(one, "a", "same")
    };
    assert_eq!(other.stores(vec![theirs]).await, 1);
    assert_eq!(
        bench.leases().await.len(),
        4,
        "lanes of two companies are two lanes"
    );
}

async fn no_more_rows_are_leased_than_there_are_tokens(bench: &Bench) {
    for lane in ["a", "b", "c"] {
        bench.stores(vec![bench.row_in(lane, lane).await]).await;
        bench.after_seconds(1);
    }
    assert!(bench.leases_at_most(0).await.is_empty());
    assert_eq!(payloads(&bench.leases_at_most(2).await), ["a", "b"]);
    assert_eq!(payloads(&bench.leases_at_most(2).await), ["c"]);
}

async fn a_lease_holds_until_it_runs_out(bench: &Bench) {
    bench.stores(vec![bench.row_in("a", "1").await]).await;
    bench.leases_one().await;
    bench.after_seconds(LEASE_SECONDS - 1);
    assert!(bench.leases().await.is_empty());
    bench.after_seconds(2);
    assert_eq!(bench.leases_one().await.attempts, 2);
}

async fn after_an_expired_lease_the_old_token_finishes_nothing(bench: &Bench) {
    let account = bench.account(0).await;
    let client = bench.client(phone("85291234567")).await;
    let message = bench.queues_one(client, 1).await;
    bench.stores(vec![bench.row_in("a", "1").await]).await;
    let stale = bench.leases_one().await;
    bench.after_seconds(LEASE_SECONDS + 1);
    let held = bench.leases_one().await;
    assert_eq!((held.lease.id, held.account), (stale.lease.id, Some(account)));

    let now = bench.now();
    bench.store.finish(&stale, "noted", now).await.unwrap();
    bench.store.bury(&stale, "broken", now).await.unwrap();
    bench.store.retry_at(&stale, now).await.unwrap();
    let report = bench.report(message, Some(DeliveryProgress::Failed));
    let report = onboarding_core::StatusReport {
        outbox_id: Some(message),
        ..report
    };
    bench.store.apply_status(&stale, &report, now).await.unwrap();
    let commit = bench.deciding(&stale, ignored()).await;
    assert_eq!(bench.commits(commit).await, CommitOutcome::LeaseLost);
    let backlog = bench.store.backlog().await.unwrap();
    assert_eq!(
        backlog,
        Backlog {
            inbox: 1,
            outbox: 1,
            ..Backlog::default()
        }
    );
    assert!(bench.leases().await.is_empty(), "the new holder has it still");

    bench.store.finish(&held, "noted", now).await.unwrap();
    assert_eq!(bench.store.backlog().await.unwrap().inbox, 0);
}

async fn attempts_are_counted(bench: &Bench) {
    bench.stores(vec![bench.row_in("a", "1").await]).await;
    for attempts in 1..=4 {
        let item = bench.leases_one().await;
        assert_eq!(item.attempts, attempts);
        bench.store.retry_at(&item, bench.now()).await.unwrap();
    }
}

async fn a_row_given_back_waits_until_it_is_due(bench: &Bench) {
    bench.stores(vec![bench.row_in("a", "1").await]).await;
    let item = bench.leases_one().await;
    bench.after_seconds(1);
    bench
        .stores(vec![bench.row_in("a", "2").await, bench.row_in("b", "3").await])
        .await;
    let due = bench.now() + std::time::Duration::from_secs(2 * LEASE_SECONDS);
    bench.store.retry_at(&item, due).await.unwrap();
    let other_lane = bench.leases_one().await;
    assert_eq!(other_lane.payload, b"3", "its own lane waits with it");
    bench
        .store
        .finish(&other_lane, "noted", bench.now())
        .await
        .unwrap();
    bench.after_seconds(2 * LEASE_SECONDS - 1);
    assert!(
        bench.leases().await.is_empty(),
        "not before it is due, though its first lease would have run out"
    );
    bench.after_seconds(1);
    let again = bench.leases_one().await;
    assert_eq!((again.lease.id, again.attempts), (item.lease.id, 2));
    // Giving it back gave the right away.
    bench.store.retry_at(&again, bench.now()).await.unwrap();
    bench.store.finish(&again, "noted", bench.now()).await.unwrap();
    assert_eq!(bench.leases_one().await.lease.id, item.lease.id);
}

async fn a_buried_row_shows_in_the_backlog_and_lets_the_next_pass(bench: &Bench) {
    bench.stores(vec![bench.row_in("a", "1").await]).await;
    bench.after_seconds(1);
    bench.stores(vec![bench.row_in("a", "2").await]).await;
    let item = bench.leases_one().await;
    bench
        .store
        .bury(&item, "cannot read it", bench.now())
        .await
        .unwrap();
    let expected = Backlog {
        inbox: 1,
        dead_letters: 1,
        ..Backlog::default()
    };
    assert_eq!(bench.store.backlog().await.unwrap(), expected);
    assert_eq!(payloads(&bench.leases().await), ["2"]);
}

fn aside(payload: &[u8]) -> Quarantined {
    Quarantined {
        payload: payload.to_vec(),
        reason: format!("{} bytes that nobody can read", payload.len()),
    }
}

async fn what_is_quarantined_shows_in_the_backlog(bench: &Bench) {
    let quarantined = vec![aside(b"\xff"), aside(b"\xff")];
    let delivery = NewDelivery {
        quarantined,
        ..bench.delivery(vec![bench.row_in("a", "1").await])
    };
    assert_eq!(bench.store.store(delivery).await.unwrap(), 1);
    let expected = Backlog {
        inbox: 1,
        quarantined: 2,
        ..Backlog::default()
    };
    assert_eq!(bench.store.backlog().await.unwrap(), expected);
}

async fn what_is_quarantined_is_listed_newest_first_and_no_more_than_wanted(bench: &Bench) {
    assert!(bench.store.put_aside(10).await.unwrap().is_empty());
    let mut expected = Vec::new();
    for payloads in [vec![&b"\xff"[..], b"\xff\xff"], vec![b"?", b""]] {
        bench.after_seconds(1);
        let delivery = NewDelivery {
            quarantined: payloads.iter().map(|payload| aside(payload)).collect(),
            ..bench.delivery(Vec::new())
        };
        let of_it = (0..).zip(&delivery.quarantined).map(|(place, element)| PutAside {
            delivery: delivery.id,
            place,
            received_at: delivery.received_at,
            bytes: element.payload.len() as u64,
            reason: element.reason.clone(),
        });
        expected.splice(0..0, of_it.collect::<Vec<_>>());
        bench.store.store(delivery).await.unwrap();
    }
    assert_eq!(bench.store.put_aside(10).await.unwrap(), expected);
    assert_eq!(bench.store.put_aside(3).await.unwrap(), expected[..3]);
}
