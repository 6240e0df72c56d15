//! What only this store promises: its file, its schema. What every store promises is in the contract.

mod audit;
mod config;
mod flow;
mod opening;
mod schema;
mod verification;

use std::path::{Path, PathBuf};

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use onboarding_sqlite::SqliteStore;
use tempfile::TempDir;

/// A store in a folder of its own.
fn fresh() -> (TempDir, SqliteStore) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(&file_in(&folder)).expect("a store");
    (folder, store)
}

fn file_in(folder: &TempDir) -> PathBuf {
    folder.path().join("data").join("onboarding.sqlite")
}

/// A connection past the store, as an operator with a shell has it.
fn connection(file: &Path) -> SqliteConnection {
    SqliteConnection::establish(file.to_str().expect("Unicode")).expect("a connection")
}

fn execute(file: &Path, sql: &str) {
    connection(file).batch_execute(sql).expect("the statement works");
}
