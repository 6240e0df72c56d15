//! What the store looks at before it serves anybody.

use onboarding_core::ports::CompanyDirectory as _;
use onboarding_postgres::{Migrations, OpenError, PostgresOptions, PostgresStore};
use tokio::task::JoinSet;

use crate::database::{Database, options};

async fn refusal(url: &str, options: PostgresOptions) -> OpenError {
    PostgresStore::connect(url, options).await.err().expect("refused")
}

/// The shape of everything in the database, as text.
async fn shape(database: &Database) -> Vec<String> {
    let query = "
        SELECT format('%s.%s %s %s', attrelid::regclass, attname, atttypid::regtype, attnotnull)
            FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
            WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
              AND relname NOT LIKE '%diesel%'
        UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
            WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE '%diesel%'
        UNION ALL SELECT conrelid::regclass || pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
              AND conrelid::regclass::text NOT LIKE '%diesel%'
        UNION ALL SELECT format('%s %s', polrelid::regclass, pg_get_expr(polqual, polrelid)) FROM pg_policy
        UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            AND proname NOT LIKE '%diesel%'
        ORDER BY 1";
    let rows = database
        .client()
        .await
        .query(query, &[])
        .await
        .expect("an answer");
    rows.iter().map(|row| row.get(0)).collect()
}

/// The way back, the latest step first.
const DOWN: [&str; 3] = [
    include_str!("../../../../migrations/postgres/00000000000003_company_logos/down.sql"),
    include_str!("../../../../migrations/postgres/00000000000002_finished_inbox/down.sql"),
    include_str!("../../../../migrations/postgres/00000000000001_initial/down.sql"),
];

#[tokio::test(flavor = "multi_thread")]
async fn migrations_go_up_and_down_and_up() {
    let database = Database::empty().await;
    assert_eq!(
        PostgresStore::migrate(&database.url())
            .await
            .expect("migrated")
            .len(),
        DOWN.len()
    );
    assert_eq!(
        PostgresStore::migrate(&database.url())
            .await
            .expect("nothing to do"),
        [""; 0]
    );
    let up = shape(&database).await;
    assert!(up.len() > 200, "{}", up.len());
    let down = DOWN.concat();
    let client = database.client().await;
    client.batch_execute(&down).await.expect("reverted");
    client
        .batch_execute("DELETE FROM __diesel_schema_migrations")
        .await
        .expect("forgotten");
    assert_eq!(shape(&database).await, [""; 0], "down leaves nothing behind");
    PostgresStore::migrate(&database.url())
        .await
        .expect("migrated again");
    assert_eq!(shape(&database).await, up);
    client.batch_execute(&down).await.expect("reverted again");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_replicas_that_start_together_one_migrates_and_all_serve() {
    let database = Database::empty().await;
    let mut starting = JoinSet::new();
    for _ in 0..6 {
        let url = database.url();
        starting.spawn(async move {
            let store = PostgresStore::connect(
                &url,
                PostgresOptions {
                    pool_size: 1,
                    ..options()
                },
            )
            .await;
            store.expect("a store").company_ids().await.expect("an answer")
        });
    }
    assert!(starting.join_all().await.iter().all(Vec::is_empty));
}

#[tokio::test(flavor = "multi_thread")]
async fn pending_migrations_can_be_left_to_the_migrate_command() {
    let database = Database::empty().await;
    let refuse = || PostgresOptions {
        migrations: Migrations::Refuse,
        ..options()
    };
    let error = refusal(&database.url(), refuse()).await;
    let OpenError::Pending { count } = error else {
        panic!("{error}");
    };
    assert_eq!(shape(&database).await, [""; 0], "a look leaves nothing behind");
    let done = PostgresStore::migrate(&database.url()).await.expect("migrated");
    assert_eq!(done.len(), count);
    assert!(PostgresStore::connect(&database.url(), refuse()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_of_a_newer_version_is_refused() {
    let database = Database::migrated().await;
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')";
    database.client().await.batch_execute(newer).await.expect("done");
    for migrations in [Migrations::Apply, Migrations::Refuse] {
        let error = refusal(
            &database.url(),
            PostgresOptions {
                migrations,
                ..options()
            },
        )
        .await;
        assert!(
            matches!(&error, OpenError::Newer { version } if version == "99990101000000"),
            "{error}"
        );
    }
}

/// A login that owns the tables and may not take the role; then one that no policy binds.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_without_the_role_is_bound_as_the_owner_or_refused() {
    let database = Database::empty().await;
    let admin = database.client().await;
    let owner = format!("owner_{}", std::process::id());
    admin
        .batch_execute(&format!(
            "CREATE ROLE {owner} LOGIN; GRANT ALL ON SCHEMA public TO {owner}; ALTER SCHEMA public OWNER TO {owner}"
        ))
        .await
        .expect("a login");
    let url = database.url().replacen("postgres@", &format!("{owner}@"), 1);
    let store = PostgresStore::connect(&url, options())
        .await
        .expect("bound by FORCE");
    assert_eq!(store.company_ids().await.expect("an answer"), []);
    drop(store);
    admin
        .batch_execute(&format!("ALTER ROLE {owner} BYPASSRLS"))
        .await
        .expect("done");
    let error = refusal(&url, options()).await;
    assert!(matches!(error, OpenError::RowSecurityOff), "{error}");
    let gone = format!("REASSIGN OWNED BY {owner} TO postgres; DROP OWNED BY {owner}; DROP ROLE {owner}");
    admin.batch_execute(&gone).await.expect("gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_server_is_told_with_the_mend_and_without_the_password() {
    // Port 1 of this machine: nobody listens there.
    let error = refusal("postgres://someone:hunter2@127.0.0.1:1/onboarding", options()).await;
    let told = format!("{error} {error:?}");
    assert!(
        told.starts_with("cannot connect to the database at 127.0.0.1:1/onboarding; check"),
        "{told}"
    );
    assert!(!told.contains("hunter2"), "{told}");
    let error = refusal("postgres://someone:hunter2@host:port/onboarding", options()).await;
    assert!(
        matches!(error, OpenError::Address) && !format!("{error:?}").contains("hunter2"),
        "{error:?}"
    );
    let error = refusal(
        "postgres://127.0.0.1/x?sslmode=verify-full&sslrootcert=/no/such.pem",
        options(),
    )
    .await;
    assert!(
        matches!(&error, OpenError::RootCertificates(file) if file == "/no/such.pem"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_not_spoken_to_when_the_url_asks_for_it() {
    let database = Database::migrated().await;
    let error = refusal(&format!("{}?sslmode=require", database.url()), options()).await;
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error}");
}
