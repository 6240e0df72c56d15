//! A PostgreSQL server of its own, with databases in it.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context, ensure};
use postgres_cluster::{Cluster, Own, tool};
use tokio::process::Command;
use tokio_postgres::{Client, NoTls};

use crate::{
    company::{self, COMPANY},
    plan::Stored,
    service::Installation,
};

/// What the server is started with: durable as the defaults have it, and large enough that it does not write checkpoints
/// all the time. The time of a commit is kept, because it is the end of an onboarding.
const SETTINGS: &[&str] = &[
    "shared_buffers=512MB",
    "max_wal_size=8GB",
    "checkpoint_timeout=30min",
    "max_connections=200",
    "max_wal_senders=0",
    "wal_level=minimal",
    "track_commit_timestamp=on",
    "maintenance_work_mem=256MB",
    "jit=off",
];

/// The numbers under which the store takes turns at leasing from its queues.
const INBOX_TURN: i64 = 1_869_506_151;
const OUTBOX_TURN: i64 = INBOX_TURN + 1;

/// Fill a database with clients and their rooms; each needs nothing of the others.
const FILL: [&str; 3] = [
    include_str!("postgres/identities.sql"),
    include_str!("postgres/aliases.sql"),
    include_str!("postgres/rooms.sql"),
];

/// Fills the queue of what goes out.
const MESSAGES: &str = include_str!("postgres/messages.sql");
const TEMPLATE: &str = r#"{"name": "client_invitation", "language": "en", "parameters": ["User 1"]}"#;

/// What the scripts of the ceiling need.
const HELPERS: &str = include_str!("postgres/helpers.sql");

/// The server. Stops, and takes its data with it, when it is dropped.
pub(crate) struct Server {
    own: Own,
}

/// A database with the company in it.
pub(crate) struct Database {
    pub(crate) url: String,
    pub(crate) installation: Installation,
    /// A connection that no policy binds.
    pub(crate) sql: Client,
    /// The statement that makes the function which writes the audit.
    audit_function: String,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self {
            own: Cluster::own(SETTINGS),
        }
    }

    /// A new database, of the service's version.
    pub(crate) async fn database(
        &self,
        name: &str,
        server: &Path,
        folder: &Path,
        graph_url: &str,
    ) -> anyhow::Result<Database> {
        let admin = connect(&self.own.0.url("postgres")).await?;
        admin.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        let url = self.own.0.url(name);
        let folder = folder.join(name);
        let installation = Installation::new(server, &folder, url.clone(), graph_url.to_owned()).await?;
        let sql = connect(&url).await?;
        sql.batch_execute(HELPERS)
            .await
            .context("the helpers of the ceiling")?;
        let query = "SELECT pg_get_functiondef('onboarding_append_audit'::regproc)";
        let audit_function = sql.query_one(query, &[]).await?.try_get(0)?;
        Ok(Database {
            url,
            installation,
            sql,
            audit_function,
        })
    }

    /// Whether what is written from now on survives a power cut.
    async fn durable(&self, on: bool) -> anyhow::Result<()> {
        let admin = connect(&self.own.0.url("postgres")).await?;
        let state = if on { "on" } else { "off" };
        for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
            admin
                .batch_execute(&format!("ALTER SYSTEM SET {setting} = {state}"))
                .await?;
        }
        admin.batch_execute("SELECT pg_reload_conf()").await?;
        if on {
            admin.batch_execute("CHECKPOINT").await?;
        }
        Ok(())
    }

    /// Fills a database as fast as the disk allows.
    pub(crate) async fn fill(&self, database: &Database, stored: Stored) -> anyhow::Result<()> {
        self.durable(false).await?;
        let fill = FILL.map(|script| {
            script
                .replace("{clients}", &stored.clients.to_string())
                .replace("{rooms}", &stored.rooms.to_string())
                .replace("{units}", &company::UNITS.to_string())
                .replace("{secondaries}", &company::SECONDARIES.to_string())
                .replace("{users}", &company::USERS.to_string())
        });
        let run = async |script: &str| -> anyhow::Result<()> {
            let sql = connect(&database.url).await?;
            sql.batch_execute(script)
                .await
                .context("cannot fill the database")
        };
        tokio::try_join!(run(&fill[0]), run(&fill[1]), run(&fill[2]))?;
        database.sql.batch_execute("VACUUM ANALYZE").await?;
        self.durable(true).await
    }
}

impl Database {
    /// A number that a query gives.
    pub(crate) async fn number(&self, query: &str) -> anyhow::Result<f64> {
        let row = self.sql.query_one(query, &[]).await;
        Ok(row.with_context(|| query.to_owned())?.try_get(0)?)
    }

    /// Brings the statistics of the database up to date, as it does itself within minutes: plans that it made on empty tables are
    /// bad ones, and go.
    pub(crate) async fn analyze(&self) -> anyhow::Result<()> {
        Ok(self.sql.batch_execute("ANALYZE").await?)
    }

    /// How many rows there are.
    pub(crate) async fn count(&self, rows: &str) -> anyhow::Result<i64> {
        let row = self
            .sql
            .query_one(&format!("SELECT count(*) FROM {rows}"), &[])
            .await?;
        Ok(row.try_get(0)?)
    }

    /// How far the record is. Rolled back decisions leave gaps.
    pub(crate) async fn last_decision(&self) -> anyhow::Result<i64> {
        let query = format!(
            "SELECT coalesce((SELECT place FROM onboardings WHERE company_id = '{COMPANY}' ORDER BY place DESC LIMIT 1), 0)"
        );
        Ok(self.sql.query_one(&query, &[]).await?.try_get(0)?)
    }

    /// Takes the turn at leasing from the inbox, and keeps it as long as the connection lives: as another replica would
    /// that hangs. Deliveries are stored and acknowledged, and nothing is decided.
    pub(crate) async fn hold_decisions(&self) -> anyhow::Result<Client> {
        self.hold(INBOX_TURN).await
    }

    /// The same for messages out.
    pub(crate) async fn hold_messages(&self) -> anyhow::Result<Client> {
        self.hold(OUTBOX_TURN).await
    }

    /// Lets each decision be written with its audit entry, or without. It is one call of a function, from which its body is
    /// taken; all else stays as it is.
    pub(crate) async fn audited(&self, on: bool) -> anyhow::Result<()> {
        const NAME: &str = "onboarding_append_audit";
        let statement = if on {
            self.audit_function.clone()
        } else {
            let query = format!("SELECT pg_get_function_arguments('{NAME}'::regproc)");
            let arguments: String = self.sql.query_one(&query, &[]).await?.try_get(0)?;
            format!(
                "CREATE OR REPLACE FUNCTION {NAME}({arguments}) RETURNS bigint LANGUAGE plpgsql
                 AS 'BEGIN RETURN 0; END'"
            )
        };
        let replaced = self.sql.batch_execute(&statement).await;
        replaced.with_context(|| format!("cannot replace {NAME}"))
    }

    async fn hold(&self, turn: i64) -> anyhow::Result<Client> {
        let holder = connect(&self.url).await?;
        holder
            .batch_execute(&format!("SELECT pg_advisory_lock({turn})"))
            .await?;
        Ok(holder)
    }

    /// Queues messages, of all numbers in turns, to a client each.
    pub(crate) async fn queue_messages(&self, messages: u64) -> anyhow::Result<()> {
        let numbers = company::UNITS * (company::SECONDARIES + 1);
        let queue = MESSAGES
            .replace("{messages}", &messages.to_string())
            .replace("{numbers}", &numbers.to_string())
            .replace("{template}", TEMPLATE);
        self.sql
            .batch_execute(&queue)
            .await
            .context("cannot queue messages")?;
        self.sql.batch_execute("VACUUM ANALYZE").await?;
        Ok(())
    }
}

async fn connect(url: &str) -> anyhow::Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .context("cannot reach the database server")?;
    // Ends with its client.
    tokio::spawn(connection);
    Ok(client)
}

/// The version of the server's programs.
pub(crate) async fn version() -> anyhow::Result<String> {
    let mut pgbench = Command::new(tool("pgbench"));
    let output = pgbench.arg("--version").stdin(Stdio::null()).output().await;
    let output = output.context("cannot start pgbench; install it: apt-get install postgresql-contrib")?;
    ensure!(output.status.success(), "pgbench --version failed");
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// How long the server may take over anything that is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
