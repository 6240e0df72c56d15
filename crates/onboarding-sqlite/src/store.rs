//! The store: the threads, and what is kept in memory.

use std::{
    collections::HashMap,
    fs::File,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use diesel::SqliteConnection;
use onboarding_core::{Company, CompanyId, ports::StoreError};

use crate::{
    connection::Access,
    error::{Error, Undo},
    job::job,
    migrate::Migrations,
    open::{OpenError, open},
    threads::Threads,
};

/// All ports of the onboarding service on one SQLite file. Cheap to clone; when the last clone is dropped, what is
/// queued is finished and the file is closed.
///
/// ```no_run
/// # fn main() -> Result<(), onboarding_sqlite::OpenError> {
/// let store = onboarding_sqlite::SqliteStore::open("data/onboarding.sqlite".as_ref())?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

struct Inner {
    threads: Threads,
    companies: CompanyCache,
    // Dropped last, when the threads have closed their connections.
    _lock: File,
}

impl SqliteStore {
    /// Opens the file for this process alone, makes it if there is none, and applies pending migrations.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_with(path, Migrations::Apply)
    }

    /// Opens the file for this process alone and makes it if there is none.
    pub fn open_with(path: &Path, migrations: Migrations) -> Result<Self, OpenError> {
        let opened = open(path, migrations)?;
        let threads =
            Threads::start(&opened.file, opened.connection).map_err(|error| OpenError::Database {
                path: path.to_owned(),
                source: error.into(),
            })?;
        let inner = Inner {
            threads,
            companies: CompanyCache::default(),
            _lock: opened.lock,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Applies pending migrations and gives their versions, oldest first; empty when there is nothing to do.
    pub fn migrate(path: &Path) -> Result<Vec<String>, OpenError> {
        Ok(open(path, Migrations::Apply)?.migrated)
    }

    /// Reads in one transaction.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run(Access::Read, operation, |connection| {
            work(connection).map_err(Undo::Error)
        })
        .await
    }

    /// Writes: all of it, or nothing after an error. Gives the answer when it is durable.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run(Access::Write, operation, |connection| {
            work(connection).map_err(Undo::Error)
        })
        .await
    }

    /// Writes, with answers that undo what was written.
    pub(crate) async fn write_or_undo<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T, Undo<T>> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run(Access::Write, operation, work).await
    }

    async fn run<T: Send + 'static>(
        &self,
        access: Access,
        operation: &'static str,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T, Undo<T>> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (job, answer) = job(work);
        let queued = self.inner.threads.queue(access, job).await;
        queued.map_err(|error| error.while_trying_to(operation))?;
        let answer = answer.await.unwrap_or(Err(Error::Stopped));
        answer.map_err(|error| error.while_trying_to(operation))
    }

    /// The companies that were loaded.
    pub(crate) fn companies(&self) -> CompanyCache {
        self.inner.companies.clone()
    }
}

/// Companies by id, each at the revision at which it was loaded.
#[derive(Clone, Default)]
pub(crate) struct CompanyCache(Arc<Mutex<HashMap<CompanyId, Arc<Company>>>>);

impl CompanyCache {
    /// The company, if it is known at this revision.
    pub(crate) fn at(&self, id: &CompanyId, revision: u64) -> Option<Arc<Company>> {
        let companies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        companies
            .get(id)
            .filter(|company| company.revision == revision)
            .cloned()
    }

    /// Keeps a company that was loaded.
    pub(crate) fn keep(&self, company: Arc<Company>) {
        let mut companies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        companies.insert(company.id.clone(), company);
    }
}
