//! Runs work in one transaction, again where the server asks for it.

use diesel::QueryResult;
use diesel_async::{
    AnsiTransactionManager, AsyncPgConnection, TransactionManager,
    pooled_connection::deadpool::{Object, Pool},
};
use onboarding_core::{CompanyId, ports::StoreError};

use crate::{
    durable::Barrier,
    error::{Error, Undo},
};

/// How often the same transaction runs at the most when it meets others.
const MOST_COLLISIONS: u32 = 5;

/// Whose rows a transaction may see; the policies of the tables hold it to that.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scope<'a> {
    /// Those of one company.
    Company(&'a CompanyId),
    /// Everybody's: for the queues, which serve all companies, and for what no company is known yet.
    Installation,
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// All that it reads is of one moment.
    Read,
    /// Each statement sees what was committed before it, so that a row that was in the way can be looked at.
    Write,
}

/// The attempts at one transaction; [`transaction!`] makes them.
pub(crate) struct Attempts<'a> {
    pool: &'a Pool<AsyncPgConnection>,
    operation: &'static str,
    access: Access,
    begin: String,
    barrier: Option<&'a Barrier>,
    collisions: u32,
    reconnected: bool,
    lost_commit: bool,
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(
        pool: &'a Pool<AsyncPgConnection>,
        operation: &'static str,
        access: Access,
        scope: Scope<'_>,
    ) -> Self {
        let mode = match access {
            Access::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Access::Write => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        };
        // Local to the transaction, so that nothing is left on the connection; in the same flight as BEGIN. The id of a
        // company is a slug, which needs no quoting.
        let scope = match scope {
            Scope::Company(id) => format!("SET LOCAL onboarding.company = '{}'", id.as_str()),
            Scope::Installation => "SET LOCAL onboarding.scope = 'installation'".to_owned(),
        };
        Self {
            pool,
            operation,
            access,
            begin: format!("{mode}; {scope}"),
            barrier: None,
            collisions: 0,
            reconnected: false,
            lost_commit: false,
        }
    }

    /// Lets go of its locks before it is durable, and waits for that together with others afterwards. For work that many
    /// do at once on one row; the answer is given as late as ever.
    pub(crate) fn durable_together(mut self, barrier: &'a Barrier) -> Self {
        self.begin.push_str("; SET LOCAL synchronous_commit = off");
        self.barrier = Some(barrier);
        self
    }

    /// Plans what it does anew, though the statements are prepared: a plan that was made while a queue was short is bad when
    /// it is long.
    pub(crate) fn planned_each_time(mut self) -> Self {
        self.begin
            .push_str("; SET LOCAL plan_cache_mode = force_custom_plan");
        self
    }

    /// Whether an earlier attempt may have been committed: its connection broke before the server answered.
    pub(crate) fn may_be_done(&self) -> bool {
        self.lost_commit
    }

    /// Begins the transaction, on another connection should the first one be dead.
    pub(crate) async fn begin(&mut self) -> Result<Session, StoreError> {
        if self.access == Access::Write {
            onboarding_core::crash_point!("store.before_begin");
        }
        loop {
            let object = self
                .pool
                .get()
                .await
                .map_err(|error| self.failed(Error::Pool(error)))?;
            let mut session = Session { object: Some(object) };
            let begun =
                AnsiTransactionManager::begin_transaction_sql(session.connection(), &self.begin).await;
            match begun.map_err(Error::from) {
                Ok(()) => return Ok(session),
                Err(error) if error.was_the_connection() && !self.reconnected => self.reconnected = true,
                Err(error) => return Err(self.failed(error)),
            }
        }
    }

    /// Ends the transaction; `None` means that it has to run once more.
    pub(crate) async fn end<T>(
        &mut self,
        session: Session,
        answer: Result<T, impl Into<Undo<T>>>,
    ) -> Option<Result<T, StoreError>> {
        match answer.map_err(Into::into) {
            Ok(answer) => match self.commit(session).await {
                Ok(()) => Some(Ok(answer)),
                Err(error) => {
                    self.lost_commit = error.was_the_connection();
                    self.again(error)
                }
            },
            Err(Undo::Answer(answer)) => {
                session.roll_back().await;
                Some(Ok(answer))
            }
            Err(Undo::Error(error)) => {
                session.roll_back().await;
                self.again(error)
            }
        }
    }

    async fn commit(&self, session: Session) -> Result<(), Error> {
        if self.access == Access::Write {
            onboarding_core::crash_point!("store.before_commit");
        }
        session.commit().await?;
        if let Some(barrier) = self.barrier {
            onboarding_core::crash_point!("store.before_durable");
            barrier.wait(self.pool).await?;
        }
        if self.access == Access::Write {
            onboarding_core::crash_point!("store.after_commit");
        }
        Ok(())
    }

    fn again<T>(&mut self, error: Error) -> Option<Result<T, StoreError>> {
        if error.was_a_collision() && self.collisions < MOST_COLLISIONS {
            self.collisions += 1;
            return None;
        }
        if error.was_the_connection() && !self.reconnected {
            self.reconnected = true;
            return None;
        }
        Some(Err(self.failed(error)))
    }

    fn failed(&self, error: Error) -> StoreError {
        error.while_trying_to(self.operation)
    }
}

/// A connection with a transaction on it. Dropped before its end, as when nobody waits for the answer any more, it
/// closes the connection: in the pool it would keep its locks until somebody took it out again.
pub(crate) struct Session {
    object: Option<Object<AsyncPgConnection>>,
}

impl Session {
    pub(crate) fn connection(&mut self) -> &mut AsyncPgConnection {
        self.object.as_mut().expect("there until the session is consumed")
    }

    async fn commit(mut self) -> QueryResult<()> {
        AnsiTransactionManager::commit_transaction(self.connection()).await?;
        self.object = None;
        Ok(())
    }

    async fn roll_back(mut self) {
        if AnsiTransactionManager::rollback_transaction(self.connection())
            .await
            .is_ok()
        {
            self.object = None;
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(object) = self.object.take() {
            drop(Object::take(object));
        }
    }
}

/// Runs work in a transaction and gives its answer when it is durable.
///
/// The work gives `Result<T, Error>` or `Result<T, Undo<T>>`, and runs again where the transaction collided with
/// another or its connection broke; so it has no effect but on the database. A macro, because no function can take
/// an async closure and promise that its future is `Send`.
macro_rules! transaction {
    ($attempts:ident, |$connection:ident| $work:expr) => {
        loop {
            let mut session = match $attempts.begin().await {
                Ok(session) => session,
                Err(error) => break Err(error),
            };
            let $connection = session.connection();
            let answer = $work.await;
            if let Some(answer) = $attempts.end(session, answer).await {
                break answer;
            }
        }
    };
    ($attempts:expr, |$connection:ident| $work:expr) => {{
        let mut attempts = $attempts;
        transaction!(attempts, |$connection| $work)
    }};
}
pub(crate) use transaction;
