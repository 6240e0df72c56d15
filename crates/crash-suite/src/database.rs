//! What the service keeps its books in, and what they say at the end.
//!
//! A further database is a variant here with a module of its own: how it is made, how it is killed with everything that
//! belongs to it, how it comes back, and how its books are read.

mod postgres;
mod sqlite;

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::ValueEnum;
use postgres_cluster::{DURABLE, Victim};

use crate::{
    database::{postgres::Postgres, sqlite::Sqlite},
    plan,
};

/// What makes a server lose what it has committed last: it says so before it has written it. A kill loses only what lies
/// in its memory, so it is to write as late as it can.
const FORGETFUL: &[&str] = &[
    "synchronous_commit=off",
    "wal_writer_delay=10s",
    "wal_writer_flush_after=1GB",
    "wal_buffers=64MB",
    "bgwriter_lru_maxpages=0",
    "autovacuum=off",
];

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// One embedded file
    Sqlite,
    /// A server of its own, which is killed too
    Postgres,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        })
    }
}

impl Kind {
    /// Whether a place is passed with this database. Only SQLite's writer puts several jobs into one transaction, and only
    /// on PostgreSQL a commit may be seen before it is durable.
    pub(crate) fn passes(self, place: &str) -> bool {
        match place {
            "store.between_jobs" => self == Self::Sqlite,
            plan::BEFORE_DURABLE => self == Self::Postgres,
            _ => true,
        }
    }

    /// Whether several processes may serve on it at once.
    pub(crate) fn serves_many(self) -> bool {
        self == Self::Postgres
    }

    /// Whether it has processes of its own that can be killed.
    pub(crate) fn can_be_killed(self) -> bool {
        self == Self::Postgres
    }
}

/// Where databases are made.
pub(crate) enum Databases<'a> {
    Sqlite(&'a Path),
    Postgres(Arc<Victim>),
}

impl<'a> Databases<'a> {
    /// In this folder, or on a server of their own; one that forgets, if that is wanted.
    pub(crate) fn new(kind: Kind, folder: &'a Path, forgetful: bool) -> Self {
        match kind {
            Kind::Sqlite => Self::Sqlite(folder),
            Kind::Postgres => {
                let settings = if forgetful { FORGETFUL } else { DURABLE };
                Self::Postgres(Arc::new(Victim::new(settings)))
            }
        }
    }

    /// A new and empty one.
    pub(crate) async fn make(&self, name: &str) -> anyhow::Result<Database> {
        Ok(match self {
            Self::Sqlite(folder) => Database::Sqlite(Sqlite::new(folder, name)),
            Self::Postgres(server) => Database::Postgres(Postgres::new(Arc::clone(server), name).await?),
        })
    }
}

/// A database of its own for one run.
pub(crate) enum Database {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Database {
    /// Where the service finds it.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(sqlite) => sqlite.url(),
            Self::Postgres(postgres) => postgres.url(),
        }
    }

    /// Kills it with everything that belongs to it. A file cannot be killed.
    pub(crate) fn kill(&self) {
        match self {
            Self::Sqlite(_) => {}
            Self::Postgres(postgres) => postgres.kill(),
        }
    }

    /// Brings it back, if it was killed.
    pub(crate) fn revive(&self) {
        match self {
            Self::Sqlite(_) => {}
            Self::Postgres(postgres) => postgres.revive(),
        }
    }

    /// Leaves it behind for people to look at, and says where, unless it lies in the folder of the run anyway.
    pub(crate) fn keep(&self) -> Option<PathBuf> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(postgres) => Some(postgres.keep()),
        }
    }

    /// What is in it now is there to stay, even if it is one that forgets.
    pub(crate) async fn make_safe(&self) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(postgres) => postgres.make_safe().await,
        }
    }

    /// What it says, while the service does not run.
    pub(crate) async fn books(&self) -> anyhow::Result<Books> {
        match self {
            Self::Sqlite(sqlite) => sqlite.books(),
            Self::Postgres(postgres) => postgres.books().await,
        }
    }
}

/// What the service wrote down. Never the only witness: it is held against what Meta and the phones saw.
#[derive(Debug, Default)]
pub(crate) struct Books {
    /// How often each body was stored.
    pub(crate) bodies: HashMap<Vec<u8>, u64>,
    /// How often each message of a client is kept in a room, by its id at WhatsApp.
    pub(crate) room_lines: HashMap<String, u64>,
    /// Messages that were given up because two attempts ended in the dark, by recipient and purpose; each by its id, as
    /// hexadecimal digits.
    pub(crate) given_up: HashMap<(String, String), HashSet<String>>,
    /// Messages that failed for good because Meta refused them, by recipient and purpose; each by its id, as hexadecimal
    /// digits.
    pub(crate) refused: HashMap<(String, String), HashSet<String>>,
    /// Messages of which two attempts ended in the dark, whatever became of them later, by recipient and purpose.
    pub(crate) doubted: HashMap<(String, String), u64>,
    /// Attempts whose end was not known.
    pub(crate) unknown_attempts: u64,
    /// Elements that were given up, by whom they are from: the last part of their lane.
    pub(crate) dead_letters: HashMap<String, u64>,
    /// What the database says of its own state; empty if it is sound.
    pub(crate) damage: String,
}

impl Books {
    fn note_doubted(&mut self, id: String, recipient: String, purpose: String, state: &str) {
        let key = (recipient, purpose);
        if state == "failed" {
            self.given_up.entry(key.clone()).or_default().insert(id);
        }
        *self.doubted.entry(key).or_default() += 1;
    }

    fn note_refused(&mut self, id: String, recipient: String, purpose: String) {
        self.refused.entry((recipient, purpose)).or_default().insert(id);
    }

    fn note_dead_letter(&mut self, lane: &str) {
        let who = lane.rsplit('/').next().unwrap_or_default();
        *self.dead_letters.entry(who.to_owned()).or_default() += 1;
    }
}
