//! A database of its own for each test.

use std::{
    env,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use onboarding_postgres::{Migrations, PostgresOptions, PostgresStore};
use postgres_cluster::Cluster;
use tokio::{runtime::Handle, task::block_in_place};
use tokio_postgres::{Client, NoTls};

/// The one that was migrated once and is copied for each test.
const TEMPLATE: &str = "onboarding_template";

/// A database that is dropped when the test succeeds; one that failed stays for a look, as long as its server.
pub(crate) struct Database {
    server: &'static str,
    name: String,
}

impl Database {
    /// Migrated.
    pub(crate) async fn migrated() -> Self {
        let database = Self::named();
        if is_ours() {
            let copy = format!(
                "CREATE DATABASE {} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY",
                database.name
            );
            execute(&url_of(database.server, "postgres"), &copy).await;
        } else {
            execute(database.server, &format!("CREATE DATABASE {}", database.name)).await;
            PostgresStore::migrate(&database.url()).await.expect("migrated");
        }
        database
    }

    /// With everything that is in another one, to which nobody may be connected.
    pub(crate) async fn copy_of(other: &Self) -> Self {
        let database = Self::named();
        let Self { server, name } = &database;
        // Whoever was connected a moment ago may not have gone yet.
        let leave = format!(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{}'",
            other.name
        );
        execute(&url_of(server, "postgres"), &leave).await;
        execute(
            &url_of(server, "postgres"),
            &format!("CREATE DATABASE {name} TEMPLATE {}", other.name),
        )
        .await;
        database
    }

    /// Without any schema.
    pub(crate) async fn empty() -> Self {
        let database = Self::named();
        let admin = if is_ours() {
            url_of(database.server, "postgres")
        } else {
            database.server.to_owned()
        };
        execute(&admin, &format!("CREATE DATABASE {}", database.name)).await;
        database
    }

    fn named() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self {
            server: server(),
            name: format!("test_{}_{count}", std::process::id()),
        }
    }

    pub(crate) fn url(&self) -> String {
        url_of(self.server, &self.name)
    }

    /// A store whose leases go by the times that the ports are given.
    pub(crate) async fn store(&self) -> PostgresStore {
        PostgresStore::connect(&self.url(), options())
            .await
            .expect("a store")
    }

    /// Past the store, as an operator with a shell has it: a superuser, who sees everything.
    pub(crate) async fn client(&self) -> Client {
        client(&self.url()).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let admin = if is_ours() {
            url_of(self.server, "postgres")
        } else {
            self.server.to_owned()
        };
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        block_in_place(|| Handle::current().block_on(execute(&admin, &drop)));
    }
}

/// For a server that may forget, and tests that set the clock.
pub(crate) fn options() -> PostgresOptions {
    PostgresOptions {
        migrations: Migrations::Apply,
        pool_size: 4,
        database_time: false,
        allow_unsafe_durability: true,
        ..PostgresOptions::default()
    }
}

/// A connection that is driven until it ends.
pub(crate) async fn client(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}

async fn execute(url: &str, sql: &str) {
    client(url)
        .await
        .batch_execute(sql)
        .await
        .expect("the statement works");
}

/// Whether we started the server.
fn is_ours() -> bool {
    env::var_os("ONBOARDING_TEST_POSTGRES_URL").is_none()
}

/// The URL of the server: of ours with `{}` for the database.
fn server() -> &'static str {
    static SERVER: OnceLock<String> = OnceLock::new();
    SERVER.get_or_init(|| {
        env::var("ONBOARDING_TEST_POSTGRES_URL").unwrap_or_else(|_| {
            block_in_place(|| {
                let template = |cluster: &Cluster| {
                    Handle::current()
                        .block_on(make_template(&cluster.url("postgres"), &cluster.url(TEMPLATE)));
                };
                Cluster::shared(template).url("")
            })
        })
    })
}

/// In a language whose order is not that of the bytes, so that a store that leaves the order to the server is found.
async fn make_template(admin: &str, template: &str) {
    execute(
        admin,
        &format!("CREATE DATABASE {TEMPLATE} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"),
    )
    .await;
    PostgresStore::migrate(template).await.expect("migrated");
}

fn url_of(server: &str, database: &str) -> String {
    let (address, query) = server
        .split_once('?')
        .map_or((server, None), |(a, q)| (a, Some(q)));
    let after_scheme = address.find("://").map_or(0, |place| place + 3);
    let path = address[after_scheme..]
        .find('/')
        .map_or(address.len(), |place| after_scheme + place);
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    format!("{}/{database}{query}", &address[..path])
}
