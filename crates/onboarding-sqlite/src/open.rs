//! Opens a database file for this process alone.

use std::{
    error::Error as StdError,
    fs::{File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use diesel::SqliteConnection;

use crate::{
    connection::{Access, connect, pragma, sqlite_version},
    error::Error,
    migrate::{Migrations, bring_up_to_date},
};

/// Older ones can damage a database in WAL mode when several connections checkpoint (sqlite.org/wal.html).
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// Why a database cannot be opened, with the mend.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("the database {} is in use by another process; stop it, or use another DATABASE_URL", .0.display())]
    InUse(PathBuf),
    /// The folder or one of the files cannot be made or read.
    #[error("cannot use {}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// SQLite takes only paths that are Unicode.
    #[error("the path {} is not valid Unicode; use another DATABASE_URL", .0.display())]
    NotUnicode(PathBuf),
    /// SQLite cannot open it.
    #[error("cannot open the database {}", path.display())]
    Database {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The binary was linked with a SQLite that may lose data.
    #[error("SQLite {0} is too old, 3.51.3 or newer is needed; build with the bundled one")]
    OldSqlite(String),
    /// A newer version of the service migrated it.
    #[error(
        "the database was migrated by a newer version of this service (step {version}); run that version, or restore the backup made before it"
    )]
    Newer {
        /// The first step that is unknown here.
        version: String,
    },
    /// Migrations are pending and must not be applied.
    #[error("{count} migration(s) of the database are pending; run the migrate command first")]
    Pending {
        /// How many.
        count: usize,
    },
    /// A migration failed; the schema is as it was before it.
    #[error("cannot migrate the database")]
    Migration(#[source] Box<dyn StdError + Send + Sync>),
    /// The check after an unclean exit found damage.
    #[error("the database {} is damaged ({finding}); restore a backup", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// The first finding.
        finding: String,
    },
}

/// A database that is open, checked and migrated.
pub(crate) struct Opened {
    /// The path as SQLite wants it.
    pub(crate) file: String,
    /// The connection that will write.
    pub(crate) connection: SqliteConnection,
    /// Held as long as any connection is open.
    pub(crate) lock: File,
    /// The migrations that were applied.
    pub(crate) migrated: Vec<String>,
}

/// Opens the file, which is made if there is none, with its folder.
pub(crate) fn open(path: &Path, migrations: Migrations) -> Result<Opened, OpenError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| OpenError::Io { path, source }
    };
    // Absolute, because SQLite would take a path such as `file:x` for a URI.
    let path = std::path::absolute(path).map_err(io(path))?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(io(folder))?;
    }
    let file = path
        .to_str()
        .ok_or_else(|| OpenError::NotUnicode(path.clone()))?
        .to_owned();
    let lock = lock(&path)?;
    // The last connection that closes removes the log: one that is there tells of an unclean exit.
    let unclean = std::fs::metadata(beside(&path, "-wal")).is_ok_and(|wal| wal.len() > 0);
    let failed = |source: Error| OpenError::Database {
        path: path.clone(),
        source: source.into(),
    };
    let mut connection = connect(&file, Access::Write).map_err(failed)?;
    let version = sqlite_version(&mut connection).map_err(failed)?;
    refuse_old(version)?;
    use_wal(&mut connection).map_err(failed)?;
    if unclean {
        tracing::warn!("the database was not closed cleanly, checking it");
        let finding = pragma(&mut connection, "quick_check").map_err(failed)?;
        if finding != "ok" {
            return Err(OpenError::Damaged { path, finding });
        }
    }
    let migrated = bring_up_to_date(&mut connection, migrations)?;
    Ok(Opened {
        file,
        connection,
        lock,
        migrated,
    })
}

/// The mode is a property of the file, so it is set once, before anybody else connects.
fn use_wal(connection: &mut SqliteConnection) -> Result<(), Error> {
    use diesel::connection::SimpleConnection as _;
    connection.batch_execute("PRAGMA journal_mode = WAL;")?;
    let mode = pragma(connection, "journal_mode")?;
    let refused = || Error::Impossible(format!("the file system gives no write-ahead log, only `{mode}`"));
    if mode == "wal" { Ok(()) } else { Err(refused()) }
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let lock_path = beside(path, ".lock");
    let failed = |source| OpenError::Io {
        path: lock_path.clone(),
        source,
    };
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&lock_path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// An older library has mistakes that lose what was stored.
fn refuse_old(version: String) -> Result<(), OpenError> {
    if parse_version(&version) < Some(OLDEST_SQLITE) {
        return Err(OpenError::OldSqlite(version));
    }
    Ok(())
}

fn parse_version(text: &str) -> Option<(u32, u32, u32)> {
    let mut numbers = text.split('.').map(|part| part.parse().ok());
    Some((numbers.next()??, numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_library_is_refused_by_its_version_with_the_mend() {
        for good in ["3.51.3", "3.51.10", "3.100.0", "4.0.0"] {
            assert!(refuse_old(good.to_owned()).is_ok(), "{good}");
        }
        for old in ["3.51.2", "3.50.9", "3.9.99", "2.99.99", "", "three"] {
            let told = refuse_old(old.to_owned()).unwrap_err().to_string();
            assert!(told.contains(old) && told.contains("3.51.3"), "{told}");
        }
    }
}
