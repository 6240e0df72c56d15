//! The order in which a queue of what came in is worked off.

use onboarding_core::ports::{Backlog, NewInboxRow};

use crate::{
    bench::{Bench, payloads},
    list::list_cases,
};

list_cases!(($) lanes => lanes_contract:
    rows_of_a_lane_are_leased_in_order_of_arrival,
    rows_of_one_delivery_keep_their_order,
    the_earliest_arrival_of_all_lanes_is_leased_first,
    a_lane_in_work_waits_and_others_do_not,
    a_lane_in_work_gives_out_no_earlier_arrival,
    a_finished_row_lets_the_next_of_its_lane_pass,
    of_two_companies_that_wait_each_gets_its_share_of_one_lease,
);

async fn rows_of_a_lane_are_leased_in_order_of_arrival(bench: &Bench) {
    let early = bench.row_in("a", "first").await;
    bench.after_seconds(1);
    let late = bench.row_in("a", "second").await;
    bench.stores(vec![late]).await;
    bench.stores(vec![early]).await;
    for key in ["first", "second"] {
        let item = bench.leases_one().await;
        assert_eq!(payloads(std::slice::from_ref(&item)), [key]);
        bench.store.finish(&item, "noted", bench.now()).await.unwrap();
    }
}

async fn rows_of_one_delivery_keep_their_order(bench: &Bench) {
    let mut rows = Vec::new();
    for (place, key) in ["1", "2", "3"].into_iter().enumerate() {
        let row = bench.row_in("a", key).await;
        rows.push(NewInboxRow {
            arrival: row.arrival + i64::try_from(place).unwrap(),
            ..row
        });
    }
    bench.stores(rows).await;
    for key in ["1", "2", "3"] {
        let item = bench.leases_one().await;
        assert_eq!(payloads(std::slice::from_ref(&item)), [key]);
        bench.store.finish(&item, "noted", bench.now()).await.unwrap();
    }
}

async fn the_earliest_arrival_of_all_lanes_is_leased_first(bench: &Bench) {
    let early = bench.row_in("z", "early").await;
    bench.after_seconds(1);
    bench.stores(vec![bench.row_in("a", "late").await]).await;
    bench.stores(vec![early]).await;
    assert_eq!(payloads(&bench.leases_at_most(1).await), ["early"]);
}

async fn a_lane_in_work_waits_and_others_do_not(bench: &Bench) {
    bench.stores(vec![bench.row_in("a", "a1").await]).await;
    bench.after_seconds(1);
    bench
        .stores(vec![bench.row_in("a", "a2").await, bench.row_in("b", "b1").await])
        .await;
    assert_eq!(payloads(&bench.leases().await), ["a1", "b1"], "one a lane");
    assert!(bench.leases().await.is_empty());
}

async fn a_lane_in_work_gives_out_no_earlier_arrival(bench: &Bench) {
    let early = bench.row_in("a", "early").await;
    bench.after_seconds(1);
    bench.stores(vec![bench.row_in("a", "late").await]).await;
    let late = bench.leases_one().await;
    // Another replica, with a slower clock, was slower to store it.
    bench.stores(vec![early]).await;
    assert!(
        bench.leases().await.is_empty(),
        "rows of one lane are decided one after the other"
    );
    bench.store.finish(&late, "noted", bench.now()).await.unwrap();
    assert_eq!(payloads(&bench.leases().await), ["early"]);
}

async fn a_finished_row_lets_the_next_of_its_lane_pass(bench: &Bench) {
    bench.stores(vec![bench.row_in("a", "1").await]).await;
    bench.after_seconds(1);
    bench.stores(vec![bench.row_in("a", "2").await]).await;
    let item = bench.leases_one().await;
    bench.store.finish(&item, "noted", bench.now()).await.unwrap();
    assert_eq!(payloads(&bench.leases().await), ["2"]);
    assert_eq!(
        bench.store.backlog().await.unwrap(),
        Backlog {
            inbox: 1,
            ..Backlog::default()
        }
    );
}

async fn of_two_companies_that_wait_each_gets_its_share_of_one_lease(bench: &Bench) {
    let quiet = bench.with_another_company().await;
    let (account, its_account) = (bench.account(0).await, quiet.account(0).await);
    let row = |bench: &Bench, account, nth: i64| {
        let key = format!("{} {nth}", bench.company.as_str());
        NewInboxRow {
            arrival: bench.now().as_micros() + nth,
            ..bench.row(account, &key, &key)
        }
    };
    // A backlog of one company, and after all of it a word to the other.
    bench
        .stores((0..100).map(|nth| row(bench, account, nth)).collect())
        .await;
    quiet
        .stores((100..103).map(|nth| row(&quiet, its_account, nth)).collect())
        .await;
    let leased = payloads(&bench.leases_at_most(10).await);
    let expected = [
        "acme 0",
        "initech 100",
        "acme 1",
        "initech 101",
        "acme 2",
        "initech 102",
        "acme 3",
        "acme 4",
        "acme 5",
        "acme 6",
    ];
    assert_eq!(leased, expected, "in turns, and each in its own order");
}
