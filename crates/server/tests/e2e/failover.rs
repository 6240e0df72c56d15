//! The database server dies for good, and its standby takes over.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use postgres_cluster::Pair;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::{
    deployment::{Deployment, JANE, Replica},
    load::status,
    process::PATIENCE,
    replicas::{delivery, idle, posts},
};

/// Senders at a time.
const SENDERS: usize = 8;

/// Deliveries that are acknowledged before the death, and again after it.
const EACH_SIDE: usize = 40;

/// What senders were told.
#[derive(Default)]
struct Told {
    next: AtomicUsize,
    stored: AtomicUsize,
    enough: AtomicBool,
}

/// Writes until there is enough, and gives what was answered with 200. What was not is another sender's business: here
/// it is not sent again, so that nothing but the first 200 can bring it into the books.
async fn writes(deployment: &Deployment, replica: &Replica, told: &Told) -> Vec<String> {
    let mut stored = Vec::new();
    while !told.enough.load(Ordering::SeqCst) {
        let id = format!("wamid.failover.{}.", told.next.fetch_add(1, Ordering::SeqCst));
        match posts(deployment, replica, status(&id)).await {
            200 => {
                stored.push(id);
                told.stored.fetch_add(1, Ordering::SeqCst);
            }
            503 => {}
            other => panic!("answered {other}"),
        }
    }
    stored
}

async fn so_many_are_stored(told: &Told, count: usize) {
    let mut every = tokio::time::interval(std::time::Duration::from_millis(5));
    let look = async {
        while told.stored.load(Ordering::SeqCst) < count {
            every.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, look)
        .await
        .expect("deliveries are stored");
}

/// Ids that are in the books of the server that took over.
fn in_the_books(pair: &Pair) -> BTreeSet<String> {
    let query = "SELECT DISTINCT substring(convert_from(raw, 'UTF8') FROM 'wamid\\.failover\\.\\d+\\.') FROM deliveries";
    pair.on_the_second("postgres", query).into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_on_the_standby_that_takes_over() {
    let pair = Pair::new();
    let deployment = Deployment::on(pair.url("postgres"), TempDir::new().unwrap());
    let replica = deployment.serve();
    let told = Told::default();
    let senders = (0..SENDERS).map(|_| writes(&deployment, &replica, &told));
    let takes_over = async {
        so_many_are_stored(&told, EACH_SIDE).await;
        let pair = spawn_blocking(move || {
            pair.first.stop();
            pair.promote();
            pair
        });
        let pair = pair.await.unwrap();
        let until_then = told.stored.load(Ordering::SeqCst);
        so_many_are_stored(&told, until_then + EACH_SIDE).await;
        told.enough.store(true, Ordering::SeqCst);
        pair
    };
    let (stored, pair) = tokio::join!(futures_util::future::join_all(senders), takes_over);
    let kept = in_the_books(&pair);
    let lost: Vec<_> = stored.iter().flatten().filter(|id| !kept.contains(*id)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    idle(&deployment, &replica).await;
    assert_eq!(replica.running.stop(), Some(0));
    deployment.is_sound();
}

/// Both think that they are the one: what the old one takes nobody has, so nobody may be told that it is stored.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_replaced_and_comes_back_acknowledges_nothing() {
    let pair = Pair::new();
    let deployment = Deployment::on(pair.first.0.url("postgres"), TempDir::new().unwrap());
    let replica = deployment.serve();
    let body = |nth: &str| delivery(&format!("wamid.failover.{nth}."), JANE, "Good morning");
    assert_eq!(posts(&deployment, &replica, body("1")).await, 200);
    idle(&deployment, &replica).await;
    pair.first.stop();
    pair.promote();
    pair.first.start_again();
    for nth in ["2", "3", "4", "5"] {
        assert_eq!(posts(&deployment, &replica, body(nth)).await, 503);
    }
}
