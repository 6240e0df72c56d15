//! The store: the pools, and what is kept in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use deadpool::Runtime;
use diesel::ConnectionError;
use diesel_async::{
    AsyncPgConnection,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
        deadpool::{Object, Pool},
    },
};
use futures_util::FutureExt as _;
use onboarding_core::{Company, CompanyId};
use tokio::{runtime::Handle, sync::watch};

use crate::{
    connection::Address,
    durable::Barrier,
    inbox::{self, DeliveriesTogether, OwnersTogether},
    migrate::Migrations,
    open::{self, OpenError},
    outbox::{self, AcceptedTogether},
    transaction::{Access, Attempts, Scope},
    wakeup::{Listener, Queue, Wakeups},
};

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// What to do with pending migrations.
    pub migrations: Migrations,
    /// Connections for decisions and deliveries. More than about twice the server's cores do not help.
    pub pool_size: usize,
    /// Connections that only the ingest of webhooks uses, so that it commits while all others are busy. Deliveries that
    /// arrive at once share them.
    pub ingest_pool_size: usize,
    /// Whether leases and due times go by the server's clock, which all replicas share. Without it they go by the
    /// times that the ports are given, as tests with a clock of their own need it.
    pub database_time: bool,
    /// Opens a database that may lose what it acknowledged. For tests only.
    pub allow_unsafe_durability: bool,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            migrations: Migrations::Apply,
            pool_size: 8,
            ingest_pool_size: 4,
            database_time: true,
            allow_unsafe_durability: false,
        }
    }
}

/// How long work waits for a connection.
const WAIT_TO_WORK: Duration = Duration::from_secs(5);

/// How long ingest waits for one: WhatsApp delivers again what gets no answer.
const WAIT_TO_INGEST: Duration = Duration::from_secs(1);

/// All ports of the onboarding service on a PostgreSQL database that several replicas may share. Cheap to clone.
///
/// ```no_run
/// # async fn open() -> Result<(), onboarding_postgres::OpenError> {
/// use onboarding_postgres::{PostgresOptions, PostgresStore};
///
/// let url = "postgres://onboarding@localhost/onboarding";
/// let store = PostgresStore::connect(url, PostgresOptions::default()).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct PostgresStore {
    inner: Arc<Inner>,
}

struct Inner {
    work: Pool<AsyncPgConnection>,
    ingest: Pool<AsyncPgConnection>,
    owners: OwnersTogether,
    deliveries: DeliveriesTogether,
    accepted: AcceptedTogether,
    companies: CompanyCache,
    barrier: Barrier,
    wakeups: Arc<Wakeups>,
    database_time: bool,
    // Ends with the store.
    _listener: Listener,
}

impl PostgresStore {
    /// Connects, refuses a server that would lose data, and brings the schema up to date. Connections live on the
    /// runtime that this is called on.
    pub async fn connect(url: &str, options: PostgresOptions) -> Result<Self, OpenError> {
        let address = Arc::new(Address::parse(url)?);
        open::examine(&address, options.migrations, options.allow_unsafe_durability).await?;
        let work = pool(&address, options.pool_size, WAIT_TO_WORK)?;
        let ingest = pool(&address, options.ingest_pool_size, WAIT_TO_INGEST)?;
        let mut connection: Object<AsyncPgConnection> = work.get().await.map_err(open::failed)?;
        open::refuse_without_row_security(&mut connection).await?;
        let wakeups = Arc::new(Wakeups::default());
        let inner = Inner {
            accepted: outbox::accepted_together(&work),
            work,
            owners: inbox::owners_together(&ingest),
            deliveries: inbox::deliveries_together(&ingest, options.database_time),
            ingest,
            companies: CompanyCache::default(),
            barrier: Barrier::default(),
            _listener: Listener::start(address, Arc::clone(&wakeups)),
            wakeups,
            database_time: options.database_time,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Applies pending migrations and gives their versions, oldest first; empty when there is nothing to do. Of
    /// several that migrate at once, the others wait for the first.
    pub async fn migrate(url: &str) -> Result<Vec<String>, OpenError> {
        open::examine(&Address::parse(url)?, Migrations::Apply, true).await
    }

    /// Changes whenever something was put into the queue, by this replica or another, and when what others did may
    /// have been missed. A hint that saves waiting: whoever follows it still looks into the queue from time to time.
    pub fn on_work(&self, queue: Queue) -> watch::Receiver<u64> {
        self.inner.wakeups.subscribe(queue)
    }

    pub(crate) fn read<'a>(&'a self, operation: &'static str, scope: Scope<'_>) -> Attempts<'a> {
        Attempts::new(&self.inner.work, operation, Access::Read, scope)
    }

    pub(crate) fn write<'a>(&'a self, operation: &'static str, scope: Scope<'_>) -> Attempts<'a> {
        Attempts::new(&self.inner.work, operation, Access::Write, scope)
    }

    /// For decisions, of which a company has many at once, and each moves the end of its audit on.
    pub(crate) fn decide<'a>(&'a self, operation: &'static str, company: &CompanyId) -> Attempts<'a> {
        self.write(operation, Scope::Company(company))
            .durable_together(&self.inner.barrier)
    }

    /// For the ports between a webhook and its answer.
    pub(crate) fn ingest<'a>(&'a self, operation: &'static str, access: Access) -> Attempts<'a> {
        Attempts::new(&self.inner.ingest, operation, access, Scope::Installation)
    }

    pub(crate) fn owners_together(&self) -> &OwnersTogether {
        &self.inner.owners
    }

    pub(crate) fn deliveries_together(&self) -> &DeliveriesTogether {
        &self.inner.deliveries
    }

    pub(crate) fn accepted_together(&self) -> &AcceptedTogether {
        &self.inner.accepted
    }

    /// The companies that were loaded.
    pub(crate) fn companies(&self) -> &CompanyCache {
        &self.inner.companies
    }

    /// Says that something was put into the queue and is committed.
    pub(crate) fn put_into(&self, queue: Queue) {
        self.inner.wakeups.put_into(queue);
    }

    /// [`PostgresOptions::database_time`].
    pub(crate) fn database_time(&self) -> bool {
        self.inner.database_time
    }
}

fn pool(address: &Arc<Address>, size: usize, wait: Duration) -> Result<Pool<AsyncPgConnection>, OpenError> {
    let (address, runtime) = (Arc::clone(address), Handle::current());
    let mut config = ManagerConfig::default();
    // The default asks the server before each use; a connection that is closed is noticed at its first statement, and
    // the transaction begins on another.
    config.recycling_method = RecyclingMethod::Fast;
    // A connection is driven by the runtime that opened it. Those of web workers end before the service does.
    config.custom_setup = Box::new(move |_| {
        let address = Arc::clone(&address);
        let connecting = runtime.spawn(async move { address.connect_to_work().await });
        async move {
            let connected = connecting.await;
            connected.unwrap_or_else(|error| Err(ConnectionError::BadConnection(error.to_string())))
        }
        .boxed()
    });
    let manager = AsyncDieselConnectionManager::new_with_config("", config);
    let builder = Pool::builder(manager).max_size(size).runtime(Runtime::Tokio1);
    builder.wait_timeout(Some(wait)).build().map_err(open::failed)
}

/// Companies by id, each at the revision at which it was loaded.
#[derive(Default)]
pub(crate) struct CompanyCache(Mutex<HashMap<CompanyId, Arc<Company>>>);

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
