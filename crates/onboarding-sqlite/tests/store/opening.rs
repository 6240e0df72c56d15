//! Who may open a file, and when.

use std::{error::Error, fs, sync::Arc};

use onboarding_core::ports::{CompanyDirectory, Record, Verification};
use onboarding_sqlite::{Migrations, OpenError, SqliteStore};
use onboarding_testkit::{PRIMARY, SeededEntropy, TestService, acme, acme_id, create};

use crate::{execute, file_in, fresh};

#[test]
fn a_second_one_is_refused_and_told_what_to_do() {
    let (folder, _store) = fresh();
    let error = SqliteStore::open(&file_in(&folder)).err().expect("refused");
    let told = error.to_string();
    assert!(
        told.ends_with("is in use by another process; stop it, or use another DATABASE_URL"),
        "{told}"
    );
    let error = SqliteStore::migrate(&file_in(&folder)).expect_err("refused");
    assert!(matches!(error, OpenError::InUse(_)), "{error}");
}

#[tokio::test]
async fn what_is_stored_is_there_again_after_a_clean_end() {
    let (folder, store) = fresh();
    create(&store, &acme_id(), &acme(), &mut SeededEntropy::default().draw()).await;
    let clone = store.clone();
    drop(store);
    assert!(clone.backlog().await.is_ok(), "a clone keeps it open");
    drop(clone);
    assert!(
        !folder.path().join("data/onboarding.sqlite-wal").exists(),
        "closed cleanly"
    );
    let store = SqliteStore::open(&file_in(&folder)).expect("free again");
    assert_eq!(store.company_ids().await.expect("companies"), [acme_id()]);
}

#[tokio::test]
async fn what_was_told_as_stored_survives_a_kill() {
    let (folder, store) = fresh();
    create(&store, &acme_id(), &acme(), &mut SeededEntropy::default().draw()).await;
    // The files as a killed process leaves them: the log is not yet in the database.
    let left = tempfile::tempdir().expect("a folder");
    fs::create_dir(left.path().join("data")).expect("a folder");
    for file in ["onboarding.sqlite", "onboarding.sqlite-wal"] {
        fs::copy(
            folder.path().join("data").join(file),
            left.path().join("data").join(file),
        )
        .expect("copied");
    }
    let store = SqliteStore::open(&file_in(&left)).expect("recovered");
    assert_eq!(store.company_ids().await.expect("companies"), [acme_id()]);
}

/// As after a power cut that tore the log anywhere: what was written before is there, whole, and nothing is half there.
#[tokio::test]
async fn a_log_that_ends_anywhere_gives_a_sound_database() {
    let (folder, store) = fresh();
    let service = TestService::on(Arc::new(store.clone()), acme()).await;
    for (client, words) in [("85291234567", "#dom123456"), ("85291234568", "#kate")] {
        service.client(client).sends(PRIMARY, words).await;
        service.pump().await;
    }
    let (base, log) = ("onboarding.sqlite", "onboarding.sqlite-wal");
    let read = |name: &str| fs::read(folder.path().join("data").join(name)).expect("read");
    let (database, whole) = (read(base), read(log));
    let mut seen = Vec::new();
    // A step that meets frames at ever other places.
    for length in (0..=whole.len()).rev().step_by(whole.len() / 60 + 1) {
        let left = tempfile::tempdir().expect("a folder");
        fs::create_dir(left.path().join("data")).expect("a folder");
        fs::write(left.path().join("data").join(base), &database).expect("written");
        fs::write(left.path().join("data").join(log), &whole[..length]).expect("written");
        let store = SqliteStore::open(&file_in(&left)).expect("recovered");
        assert_eq!(
            store.violations().await.expect("an answer"),
            [],
            "cut at {length}"
        );
        let decided = match store.company_ids().await.expect("companies")[..] {
            [] => 0,
            _ => store
                .latest_onboardings(&acme_id(), 9)
                .await
                .expect("the record")
                .len(),
        };
        seen.push(decided);
    }
    assert_eq!(seen.first(), Some(&2), "the whole log");
    assert!(seen.is_sorted_by(|longer, shorter| longer >= shorter), "{seen:?}");
}

#[test]
fn a_schema_of_a_newer_version_is_refused() {
    let (folder, store) = fresh();
    drop(store);
    let file = file_in(&folder);
    execute(
        &file,
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')",
    );
    let error = SqliteStore::open(&file).err().expect("refused");
    assert!(
        matches!(&error, OpenError::Newer { version } if version == "99990101000000"),
        "{error}"
    );
}

#[test]
fn pending_migrations_can_be_left_to_the_migrate_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = file_in(&folder);
    let error = SqliteStore::open_with(&file, Migrations::Refuse)
        .err()
        .expect("refused");
    let OpenError::Pending { count } = error else {
        panic!("{error}");
    };
    assert_eq!(SqliteStore::migrate(&file).expect("migrated").len(), count);
    assert_eq!(SqliteStore::migrate(&file).expect("nothing to do"), [""; 0]);
    assert!(SqliteStore::open_with(&file, Migrations::Refuse).is_ok());
}

#[test]
fn what_is_no_database_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("notes.txt");
    fs::write(
        &file,
        "this is not a database, and it is long enough to be looked at ".repeat(20),
    )
    .expect("written");
    let error = SqliteStore::open(&file).err().expect("refused");
    assert!(matches!(error, OpenError::Database { .. }), "{error}");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_named() {
    let (folder, store) = fresh();
    create(&store, &acme_id(), &acme(), &mut SeededEntropy::default().draw()).await;
    execute(
        &file_in(&folder),
        "UPDATE companies SET features = '{}', revision = revision + 1",
    );
    let error = store.company(&acme_id()).await.expect_err("refused");
    assert_eq!(error.to_string(), "cannot load the company");
    let source = error.source().expect("a source").to_string();
    assert_eq!(source, "column features of companies cannot be read in row acme");
}
