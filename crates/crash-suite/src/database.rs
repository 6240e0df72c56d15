//! What the service keeps its books in, and what they say at the end.
//!
//! A further database is a variant here with a module of its own: how it is started, how it is killed with everything
//! that belongs to it, and how its books are read.

mod sqlite;

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use clap::ValueEnum;

use crate::database::sqlite::Sqlite;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// One embedded file
    Sqlite,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "sqlite",
        })
    }
}

/// A database of its own for one run.
pub(crate) enum Database {
    Sqlite(Sqlite),
}

impl Database {
    /// A new and empty one, in this folder.
    pub(crate) fn new(kind: Kind, folder: &Path, name: &str) -> Self {
        match kind {
            Kind::Sqlite => Self::Sqlite(Sqlite::new(folder, name)),
        }
    }

    /// Where the service finds it.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(sqlite) => sqlite.url(),
        }
    }

    /// What it says, while the service does not run.
    pub(crate) fn books(&self) -> anyhow::Result<Books> {
        match self {
            Self::Sqlite(sqlite) => sqlite.books(),
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
    /// Messages of which two attempts ended in the dark, whatever became of them later, by recipient and purpose.
    pub(crate) doubted: HashMap<(String, String), u64>,
    /// Attempts whose end was not known.
    pub(crate) unknown_attempts: u64,
    /// Elements that were given up, by whom they are from: the last part of their lane.
    pub(crate) dead_letters: HashMap<String, u64>,
    /// What the database says of its own state; empty if it is sound.
    pub(crate) damage: String,
}
