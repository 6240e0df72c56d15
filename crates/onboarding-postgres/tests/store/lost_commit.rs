//! A connection that breaks when the server has committed and before it says so.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use onboarding_core::ports::{CommitOutcome, DecisionCommit as _, Inbox as _, Record as _};
use onboarding_postgres::PostgresStore;
use onboarding_testkit::acme_id;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixStream},
};
use tokio_postgres::{Config, config::Host};

use crate::{
    database::options,
    races::{Replicas, nothing},
};

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

async fn reach(config: &Config) -> Box<dyn Stream> {
    let port = config.get_ports().first().copied().unwrap_or(5432);
    match &config.get_hosts()[0] {
        Host::Tcp(name) => Box::new(
            TcpStream::connect((name.as_str(), port))
                .await
                .expect("the server"),
        ),
        Host::Unix(folder) => {
            let socket = folder.join(format!(".s.PGSQL.{port}"));
            Box::new(UnixStream::connect(socket).await.expect("the server"))
        }
    }
}

/// Stands between the store and the server. Once armed, it lets the next COMMIT through (a statement ends with a zero
/// byte, which the COMMITTED of a BEGIN does not have there), hears that it is done, and hangs up on both.
async fn stand_between(url: &str, armed: Arc<AtomicBool>) -> String {
    let config: Config = url.parse().expect("a URL");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((store, _)) = listener.accept().await {
            let server = reach(&config).await;
            tokio::spawn(carry(Box::new(store), server, armed.clone()));
        }
    });
    let (start, rest) = url.split_once('@').expect("a user");
    let (_, database) = rest.split_once('/').expect("a database");
    format!("{start}@{address}/{database}")
}

async fn carry(mut store: Box<dyn Stream>, mut server: Box<dyn Stream>, armed: Arc<AtomicBool>) {
    let (mut asked, mut told) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = store.read(&mut asked) => {
                let Ok(length @ 1..) = read else { return };
                let asked = &asked[..length];
                let last = asked.windows(7).any(|word| word == b"COMMIT\0") && armed.swap(false, Ordering::SeqCst);
                if server.write_all(asked).await.is_err() {
                    return;
                }
                if last {
                    let heard = server.read(&mut told).await.expect("it is done");
                    assert!(heard > 0, "the server answers");
                    return;
                }
            }
            read = server.read(&mut told) => {
                let Ok(length @ 1..) = read else { return };
                if store.write_all(&told[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_whose_commit_nobody_heard_of_is_stored_once_and_told_as_stored() {
    let replicas = Replicas::start().await;
    let items = replicas.leased(2).await;
    let armed = Arc::new(AtomicBool::new(false));
    let url = stand_between(&replicas.database.url(), armed.clone()).await;
    let store = PostgresStore::connect(&url, options()).await.expect("a store");

    armed.store(true, Ordering::SeqCst);
    let commit = replicas.commit(0, &items[0], nothing());
    assert_eq!(
        store.commit(commit.clone()).await.expect("an outcome"),
        CommitOutcome::Committed
    );
    assert!(!armed.load(Ordering::SeqCst), "the connection broke");
    assert_eq!(
        store
            .latest_onboardings(&acme_id(), 9)
            .await
            .expect("the record")
            .len(),
        1
    );
    // Only then: the same decision a second time is a second one.
    assert_eq!(
        store.commit(commit).await.expect("an outcome"),
        CommitOutcome::AlreadyDecided
    );

    let second = replicas.commit(1, &items[1], nothing());
    assert_eq!(
        store.commit(second).await.expect("an outcome"),
        CommitOutcome::Committed
    );
}

/// All connections of the pool are dead at once, as after a restart of the server.
#[tokio::test(flavor = "multi_thread")]
async fn after_the_server_closed_every_connection_the_next_call_succeeds() {
    let replicas = Replicas::start().await;
    replicas.stores[0].backlog().await.expect("an answer");
    let kill = "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'onboarding'";
    let killed = replicas
        .database
        .client()
        .await
        .query_one(kill, &[])
        .await
        .expect("killed");
    assert!(killed.get::<_, i64>(0) > 0);
    for _ in 0..10 {
        replicas.stores[0].backlog().await.expect("an answer");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_whose_commit_nobody_heard_of_is_stored_once_and_told_as_stored() {
    let replicas = Replicas::start().await;
    let armed = Arc::new(AtomicBool::new(false));
    let url = stand_between(&replicas.database.url(), armed.clone()).await;
    let store = PostgresStore::connect(&url, options()).await.expect("a store");
    let delivery = replicas.delivery(3);
    armed.store(true, Ordering::SeqCst);
    store.store(delivery.clone()).await.expect("told as stored");
    assert!(!armed.load(Ordering::SeqCst), "the connection broke");
    assert_eq!(store.backlog().await.expect("an answer").inbox, 3);
    store.store(delivery).await.expect("told as stored");
    assert_eq!(store.backlog().await.expect("an answer").inbox, 3);
    let stored = "SELECT (SELECT count(*) FROM deliveries), (SELECT count(*) FROM inbox)";
    let row = replicas
        .database
        .client()
        .await
        .query_one(stored, &[])
        .await
        .expect("counted");
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (1, 3));
}
