//! What one company does to keep out of another's rows, should the code ever forget to ask by company.

use std::{error::Error as _, sync::Arc, time::Duration};

use onboarding_core::{
    CompanyId, LeaseToken, Timestamp,
    ports::{Inbox, OnboardingStore, Record as _},
};
use onboarding_postgres::{PostgresOptions, PostgresStore};
use onboarding_testkit::{ACME, PRIMARY, TestService, acme, acme_id};
use tokio::task::JoinSet;
use tokio_postgres::{Client, error::SqlState};

use crate::database::{Database, options};

/// Acme with a client's room and everything that belongs to it.
async fn used() -> (Database, Arc<dyn OnboardingStore>) {
    let database = Database::migrated().await;
    let store: Arc<dyn OnboardingStore> = Arc::new(database.store().await);
    let service = TestService::on(store.clone(), acme()).await;
    service.client("85291234567").sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    assert_eq!(service.outcomes().await, ["onboarded"]);
    (database, store)
}

/// Works as the service does, with this said at the beginning of the transaction.
async fn seen(client: &Client, setting: &str) -> Vec<(String, i64)> {
    client
        .batch_execute(&format!("BEGIN; SET LOCAL ROLE onboarding_app; {setting}"))
        .await
        .expect("begun");
    let tables = "SELECT relname::text FROM pg_class WHERE relrowsecurity ORDER BY relname";
    let tables: Vec<String> = client
        .query(tables, &[])
        .await
        .expect("tables")
        .iter()
        .map(|row| row.get(0))
        .collect();
    let mut seen = Vec::new();
    for table in tables {
        let count = client
            .query_one(&format!("SELECT count(*) FROM {table}"), &[])
            .await
            .expect("a count");
        seen.push((table, count.get(0)));
    }
    client.batch_execute("ROLLBACK").await.expect("ended");
    seen.retain(|(_, count)| *count > 0);
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_company_nothing_is_seen() {
    let (database, _store) = used().await;
    let client = database.client().await;
    assert_eq!(seen(&client, "").await, []);
    // After a transaction that said it, the setting is '' and not NULL.
    assert!(seen(&client, "SET LOCAL onboarding.company = 'acme'").await.len() > 15);
    assert_eq!(seen(&client, "").await, []);
    assert_eq!(seen(&client, "SET LOCAL onboarding.company = ''").await, []);
    assert_eq!(
        seen(&client, "SET LOCAL onboarding.scope = 'something'").await,
        []
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_company_sees_and_changes_nothing() {
    let (database, _store) = used().await;
    let client = database.client().await;
    assert_eq!(
        seen(&client, "SET LOCAL onboarding.company = 'initech'").await,
        []
    );
    assert!(
        !seen(&client, "SET LOCAL onboarding.scope = 'installation'")
            .await
            .is_empty()
    );

    client
        .batch_execute("BEGIN; SET LOCAL ROLE onboarding_app; SET LOCAL onboarding.company = 'initech'")
        .await
        .expect("begun");
    let updated = client
        .execute("UPDATE rooms SET failure_reason = 'ours now'", &[])
        .await;
    assert_eq!(updated.expect("an answer"), 0);
    assert_eq!(
        client
            .execute("DELETE FROM room_lines", &[])
            .await
            .expect("an answer"),
        0
    );
    let foreign =
        "INSERT INTO external_companies (company_id, external_company_id, name) VALUES ('acme', 'x', 'X')";
    let error = client.execute(foreign, &[]).await.expect_err("refused");
    assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{error}");
}

/// A unique index over all companies would answer “duplicate” and so tell that the row is there.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_company_has_is_not_in_the_way() {
    let (database, _store) = used().await;
    let client = database.client().await;
    let theirs = client
        .query_one("SELECT identity_id::text FROM client_identities", &[])
        .await;
    let theirs: String = theirs.expect("acme's client").get(0);
    client
        .batch_execute(
            "INSERT INTO companies SELECT 'initech', 1, name, country, default_language, languages, app_secret,
                verify_token, access_token, features, limits, templates, qr_text, texts, opt_out, sign_in, button_key, 0
                FROM companies;
             BEGIN; SET LOCAL ROLE onboarding_app; SET LOCAL onboarding.company = 'initech'",
        )
        .await
        .expect("begun");
    let same = format!(
        "INSERT INTO client_identities (company_id, identity_id, created_at, changed_at)
            VALUES ('initech', '{theirs}', 0, 0)"
    );
    assert_eq!(client.execute(&same, &[]).await.expect("stored"), 1);
}

/// The login of the tests is a superuser, whom no policy binds.
#[tokio::test(flavor = "multi_thread")]
async fn connections_of_the_store_work_as_the_role() {
    let (database, store) = used().await;
    store.company_ids().await.expect("an answer");
    database
        .client()
        .await
        .batch_execute("REVOKE SELECT ON companies FROM onboarding_app")
        .await
        .expect("done");
    let error = store.company_ids().await.expect_err("refused");
    let told = error.source().expect("a source").to_string();
    assert_eq!(told, "permission denied for table companies");
}

/// One connection does everything in turns, and a trigger writes down what each transaction could see.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_transaction_said_is_left_on_its_connection() {
    let (database, store) = used().await;
    drop(store);
    let admin = database.client().await;
    admin
        .batch_execute(
            "CREATE TABLE said (what text);
             CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
                INSERT INTO public.said VALUES (concat_ws('/', NULLIF(current_setting('onboarding.company', true), ''),
                    NULLIF(current_setting('onboarding.scope', true), '')));
                RETURN NEW;
             END $$;
             CREATE TRIGGER note BEFORE UPDATE ON inbox FOR EACH ROW EXECUTE FUNCTION note();
             UPDATE inbox SET finished_at = NULL, note = NULL",
        )
        .await
        .expect("a trigger");
    admin.batch_execute("TRUNCATE said").await.expect("empty");
    let options = PostgresOptions {
        pool_size: 1,
        ..options()
    };
    let store = PostgresStore::connect(&database.url(), options)
        .await
        .expect("a store");
    for _ in 0..3 {
        store.latest_rooms(&acme_id(), 1).await.expect("rooms");
        let token = LeaseToken::from_uuid(uuid::Uuid::from_u128(1));
        let later = Timestamp::from_unix_seconds(4_000_000_000);
        let items = Inbox::lease(&store, later, Duration::from_mins(1), vec![token])
            .await
            .expect("leased");
        store.retry_at(&items[0], later).await.expect("given back");
    }
    let rows = admin
        .query("SELECT what FROM said", &[])
        .await
        .expect("an answer");
    let said: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(
        said,
        [
            "installation",
            "acme",
            "installation",
            "acme",
            "installation",
            "acme"
        ]
    );
}

/// Two companies take turns on few connections, many at a time; nobody ever sees the other's.
#[tokio::test(flavor = "multi_thread")]
async fn an_interleaved_pool_never_leaks() {
    let (_database, store) = used().await;
    let mut asking = JoinSet::new();
    for turn in 0..200_u32 {
        let store = store.clone();
        asking.spawn(async move {
            let company = if turn % 2 == 0 {
                acme_id()
            } else {
                CompanyId::parse("initech").expect("a slug")
            };
            let rooms = store.latest_rooms(&company, 10).await.expect("rooms");
            let known = store.company(&company).await.expect("an answer").is_some();
            let expected = company.as_str() == ACME;
            assert_eq!((rooms.len() == 1, known), (expected, expected), "{company}");
            if turn % 10 == 0 {
                store.backlog().await.expect("the whole installation, in between");
            }
        });
    }
    asking.join_all().await;
}
