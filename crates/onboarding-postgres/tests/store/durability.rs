//! A server that would lose what it acknowledged is refused.

use onboarding_postgres::{OpenError, PostgresOptions, PostgresStore};
use postgres_cluster::{Cluster, DURABLE};

use crate::database::{Database, client, options};

fn strict() -> PostgresOptions {
    PostgresOptions {
        allow_unsafe_durability: false,
        ..options()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fast_server_of_the_tests_is_refused() {
    let database = Database::migrated().await;
    let error = PostgresStore::connect(&database.url(), strict())
        .await
        .err()
        .expect("refused");
    assert!(
        matches!(error, OpenError::UnsafeDurability { setting: "fsync" }),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_durable_server_is_taken_until_a_setting_of_the_database_says_otherwise() {
    let server = Cluster::own(DURABLE);
    let url = server.0.url("postgres");
    let store = PostgresStore::connect(&url, strict()).await.expect("taken");
    drop(store);
    let lax = "ALTER DATABASE postgres SET synchronous_commit = off";
    client(&url).await.batch_execute(lax).await.expect("set");
    let error = PostgresStore::connect(&url, strict())
        .await
        .err()
        .expect("refused");
    let told = error.to_string();
    assert!(told.ends_with("set synchronous_commit = on"), "{told}");
}
