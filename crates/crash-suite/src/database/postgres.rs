//! PostgreSQL: a server that is our child, with many processes, all of which are killed together.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context;
use postgres_cluster::Victim;
use tokio_postgres::{Client, NoTls};

use super::Books;

pub(crate) struct Postgres {
    server: Arc<Victim>,
    url: String,
}

impl Postgres {
    pub(super) async fn new(server: Arc<Victim>, name: &str) -> anyhow::Result<Self> {
        let create = format!("CREATE DATABASE {name}");
        as_superuser(&server.url("postgres"), async |client| {
            Ok(client.batch_execute(&create).await?)
        })
        .await
        .with_context(|| create.clone())?;
        let url = server.url(name);
        Ok(Self { server, url })
    }

    pub(super) fn url(&self) -> String {
        self.url.clone()
    }

    pub(super) fn kill(&self) {
        self.server.kill();
    }

    pub(super) fn revive(&self) {
        self.server.start();
    }

    /// Kills the server and leaves its data behind.
    pub(super) fn keep(&self) -> PathBuf {
        self.server.keep()
    }

    /// Writes down what is there, so that not even a server that forgets loses it.
    pub(super) async fn make_safe(&self) -> anyhow::Result<()> {
        as_superuser(&self.url, async |client| {
            Ok(client.batch_execute("CHECKPOINT").await?)
        })
        .await
    }

    pub(super) async fn books(&self) -> anyhow::Result<Books> {
        as_superuser(&self.url, read).await
    }
}

/// Does something as the superuser, whom no policy of rows binds.
async fn as_superuser<T>(
    url: &str,
    work: impl AsyncFnOnce(&Client) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    let answer = work(&client).await?;
    drop(client);
    connection
        .await?
        .context("the connection to the database broke")?;
    Ok(answer)
}

async fn read(client: &Client) -> anyhow::Result<Books> {
    let mut books = Books::default();
    for row in client.query("SELECT raw FROM deliveries", &[]).await? {
        *books.bodies.entry(row.try_get(0)?).or_default() += 1;
    }
    let lines = "SELECT provider_message_id FROM room_lines";
    for row in client.query(lines, &[]).await? {
        *books.room_lines.entry(row.try_get(0)?).or_default() += 1;
    }
    let doubted = "SELECT replace(outbox_id::text, '-', ''), recipient, purpose, state FROM outbox
        WHERE unknown_attempts >= 2";
    for row in client.query(doubted, &[]).await? {
        let state: String = row.try_get(3)?;
        books.note_doubted(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, &state);
    }
    let refused = "SELECT replace(outbox_id::text, '-', ''), recipient, purpose FROM outbox
        WHERE state = 'failed' AND unknown_attempts < 2 AND error_code IS NOT NULL";
    for row in client.query(refused, &[]).await? {
        books.note_refused(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    }
    for row in client.query("SELECT lane FROM inbox WHERE buried", &[]).await? {
        let lane: String = row.try_get(0)?;
        books.note_dead_letter(&lane);
    }
    let unknown = "SELECT coalesce(sum(unknown_attempts), 0)::bigint FROM outbox";
    let unknown: i64 = client.query_one(unknown, &[]).await?.try_get(0)?;
    books.unknown_attempts = u64::try_from(unknown)?;
    Ok(books)
}
