//! TLS to the server.

use std::fs;

use onboarding_postgres::{OpenError, PostgresStore};
use postgres_cluster::{Cluster, FAST, Secure};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::NamedTempFile;

use crate::database::{client, options};

/// A server whose certificate is for this name, and a file with that certificate.
fn server_called(name: &str) -> (Secure, NamedTempFile) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).expect("made");
    let server = Secure::new(&cert.pem(), &signing_key.serialize_pem());
    (server, file_of(&cert.pem()))
}

fn file_of(certificate: &str) -> NamedTempFile {
    let file = NamedTempFile::new().expect("a file");
    fs::write(file.path(), certificate).expect("written");
    file
}

fn url(server: &Secure, roots: &NamedTempFile) -> String {
    let url = server.url("localhost", "postgres");
    format!("{url}?sslmode=verify-full&sslrootcert={}", roots.path().display())
}

/// Why there is no store.
async fn refusal(url: &str) -> String {
    let refused = PostgresStore::connect(url, options())
        .await
        .err()
        .expect("refused");
    assert!(matches!(refused, OpenError::Unreachable { .. }), "{refused:?}");
    let mut told = refused.to_string();
    let mut source = std::error::Error::source(&refused);
    while let Some(error) = source {
        told = format!("{told}: {error}");
        source = error.source();
    }
    told.to_lowercase()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_connection_is_encrypted_when_the_url_asks_for_it() {
    let (server, roots) = server_called("localhost");
    let url = url(&server, &roots);
    let store = PostgresStore::connect(&url, options()).await.expect("a store");
    let query = "SELECT count(*) FILTER (WHERE ssl), count(*) FILTER (WHERE NOT ssl)
        FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'onboarding'";
    let looks = client(&server.url("127.0.0.1", "postgres")).await;
    let row = looks.query_one(query, &[]).await.expect("an answer");
    let (encrypted, plain): (i64, i64) = (row.get(0), row.get(1));
    assert!(
        encrypted > 0 && plain == 0,
        "{encrypted} encrypted, {plain} plain"
    );
    drop(store);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_not_among_the_roots_is_refused() {
    let (server, _its_own) = server_called("localhost");
    let other = generate_simple_self_signed(["localhost".to_owned()]).expect("made");
    let told = refusal(&url(&server, &file_of(&other.cert.pem()))).await;
    assert!(told.contains("certificate"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_for_another_host_is_refused() {
    let (server, roots) = server_called("elsewhere.example");
    let told = refusal(&url(&server, &roots)).await;
    assert!(told.contains("certificate"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_refused_where_the_url_asks_for_it() {
    let server = Cluster::own(FAST);
    let told = refusal(&format!("{}?sslmode=require", server.0.url("postgres"))).await;
    assert!(told.contains("tls"), "{told}");
}
