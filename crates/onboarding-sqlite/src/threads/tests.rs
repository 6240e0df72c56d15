use std::{error::Error as _, path::Path, sync::mpsc};

use diesel::{RunQueryDsl, connection::SimpleConnection, sql_types::BigInt};
use tokio::task::JoinSet;

use crate::SqliteStore;

use super::*;

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn store(folder: &Path) -> SqliteStore {
    SqliteStore::open(&folder.join("onboarding.sqlite")).unwrap()
}

fn put(delivery: u32) -> impl FnOnce(&mut SqliteConnection) -> Result<(), Error> + Send + 'static {
    move |connection| {
        let row = format!("INSERT INTO deliveries VALUES ('-', X'{delivery:032X}', 0, zeroblob(2000))");
        Ok(connection.batch_execute(&row)?)
    }
}

async fn count(store: &SqliteStore) -> i64 {
    let count = store.read("count", |connection| {
        let query = diesel::sql_query("SELECT count(*) AS count FROM deliveries");
        Ok(query.get_result::<Count>(connection)?.count)
    });
    count.await.unwrap()
}

/// Keeps the writer busy until the sender is dropped, so that what is queued meanwhile shares one commit.
async fn hold(store: &SqliteStore) -> (mpsc::Sender<()>, tokio::task::JoinHandle<()>) {
    let (release, wait) = mpsc::channel::<()>();
    let (started, has_started) = tokio::sync::oneshot::channel();
    let store = store.clone();
    let held = tokio::spawn(async move {
        let work = move |_: &mut SqliteConnection| {
            let _ = started.send(());
            let _ = wait.recv();
            Ok(())
        };
        store.write("hold the writer", work).await.unwrap();
    });
    has_started.await.unwrap();
    (release, held)
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let mut writers = JoinSet::new();
    for delivery in 0..500 {
        let store = store.clone();
        writers.spawn(async move { store.write("put", put(delivery)).await.unwrap() });
    }
    writers.join_all().await;
    assert_eq!(count(&store).await, 500);
}

#[tokio::test]
async fn of_jobs_that_share_a_commit_only_the_failing_ones_fail() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let (release, held) = hold(&store).await;
    let panics = |connection: &mut SqliteConnection| {
        put(2)(connection)?;
        panic!("a bug");
    };
    let both = async {
        tokio::join!(
            store.write("put", put(1)),
            store.write::<()>("panic", panics),
            store.write("put twice", put(1)),
            store.write("put", put(3)),
            async { drop(release) },
        )
    };
    let (first, panicked, twice, third, ()) = both.await;
    held.await.unwrap();
    assert!(first.is_ok() && third.is_ok());
    assert_eq!(
        panicked.unwrap_err().source().unwrap().to_string(),
        "the job panicked"
    );
    assert!(twice.is_err());
    assert_eq!(count(&store).await, 2, "what the panicking job wrote is undone");
}

#[tokio::test]
async fn a_commit_that_fails_fails_all_and_the_store_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let (release, held) = hold(&store).await;
    let dangling = |connection: &mut SqliteConnection| {
        connection.batch_execute(
            "PRAGMA defer_foreign_keys = ON; INSERT INTO org_units VALUES ('no', 'x', 'x', NULL, NULL);",
        )?;
        Ok(())
    };
    let (good, bad, ()) = tokio::join!(
        store.write("put", put(1)),
        store.write("dangle", dangling),
        async { drop(release) },
    );
    held.await.unwrap();
    assert!(
        good.is_err() && bad.is_err(),
        "nobody is told of a success that is not durable"
    );
    assert_eq!(count(&store).await, 0);
    store.write("put", put(1)).await.unwrap();
    assert_eq!(count(&store).await, 1);
}

#[tokio::test]
async fn a_full_disk_gives_errors_until_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let limit =
        |connection: &mut SqliteConnection| Ok(connection.batch_execute("PRAGMA max_page_count = 1")?);
    store.write("limit the size", limit).await.unwrap();
    let mut stored = 0;
    while store.write("put", put(stored)).await.is_ok() {
        stored += 1;
        assert!(stored < 100, "the limit has no effect");
    }
    assert_eq!(count(&store).await, i64::from(stored));
    // The failed connection was replaced, and the limit, which was the connection's, with it.
    store.write("put", put(stored)).await.unwrap();
    assert_eq!(count(&store).await, i64::from(stored) + 1);
}

#[tokio::test]
async fn readers_cannot_write() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    assert!(store.read("put", put(1)).await.is_err());
}
