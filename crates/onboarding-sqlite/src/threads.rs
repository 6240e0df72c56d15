//! The threads that own the connections: one writes, two read.
//!
//! SQLite takes one writer at a time, and a durable commit costs a flush of the disk. So the writer takes all jobs that
//! wait, up to [`GROUP`], into one transaction, each in its own savepoint, and tells their answers after the commit.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

use diesel::{SqliteConnection, connection::SimpleConnection};
use tokio::sync::mpsc;

use crate::{
    connection::{Access, connect},
    error::Error,
    job::{Job, Verdict},
};

/// How many jobs share a commit at the most.
const GROUP: usize = 64;

/// How many jobs wait at the most before those who ask are made to wait.
const QUEUE: usize = 1024;

const READERS: usize = 2;

/// The running threads. Dropping it lets them finish what is queued and waits for their end, so that the file is closed
/// and free for the next who opens it.
pub(crate) struct Threads {
    writes: Option<mpsc::Sender<Box<dyn Job>>>,
    reads: Option<mpsc::Sender<Box<dyn Job>>>,
    handles: Vec<JoinHandle<()>>,
}

impl Threads {
    /// Starts them on a database that is open and migrated; `writer` becomes the writer's connection.
    pub(crate) fn start(file: &str, writer: SqliteConnection) -> Result<Self, Error> {
        let (to_write, queue) = mpsc::channel(QUEUE);
        let kept = Kept {
            file: file.to_owned(),
            access: Access::Write,
            connection: Some(writer),
        };
        let mut handles = vec![spawn("sqlite-writer", move || serve_writes(kept, queue))?];
        let (to_read, queue) = mpsc::channel(QUEUE);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..READERS {
            let connection = Some(connect(file, Access::Read)?);
            let kept = Kept {
                file: file.to_owned(),
                access: Access::Read,
                connection,
            };
            let queue = Arc::clone(&queue);
            handles.push(spawn("sqlite-reader", move || serve_reads(kept, &queue))?);
        }
        Ok(Self {
            writes: Some(to_write),
            reads: Some(to_read),
            handles,
        })
    }

    /// Queues a job.
    pub(crate) async fn queue(&self, access: Access, job: Box<dyn Job>) -> Result<(), Error> {
        let queue = match access {
            Access::Write => self.writes.as_ref(),
            Access::Read => self.reads.as_ref(),
        };
        queue
            .ok_or(Error::Stopped)?
            .send(job)
            .await
            .map_err(|_| Error::Stopped)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.reads = None;
        // The writer is the first of them and ends last: only a connection that may write empties the WAL when it
        // closes.
        while let Some(handle) = self.handles.pop() {
            if self.handles.is_empty() {
                self.writes = None;
            }
            if handle.join().is_err() {
                tracing::error!("a thread of the store panicked");
            }
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Error> {
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(work);
    thread.map_err(|error| Error::Impossible(format!("cannot start a thread: {error}")))
}

/// A connection that is opened anew after it failed.
///
/// After a full disk or an I/O error SQLite may have rolled back on its own, and nobody knows where the connection
/// stands. A fresh one is always right, and needs no restart.
struct Kept {
    file: String,
    access: Access,
    connection: Option<SqliteConnection>,
}

impl Kept {
    fn get(&mut self) -> Result<&mut SqliteConnection, Error> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect(&self.file, self.access)?,
        };
        Ok(self.connection.insert(connection))
    }

    fn discard(&mut self) {
        self.connection = None;
    }
}

fn serve_writes(mut kept: Kept, mut queue: mpsc::Receiver<Box<dyn Job>>) {
    while let Some(first) = queue.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP
            && let Ok(job) = queue.try_recv()
        {
            group.push(job);
        }
        let failed = match kept
            .get()
            .and_then(|connection| commit_together(connection, &mut group))
        {
            Ok(()) => None,
            Err(error) => {
                tracing::error!(%error, jobs = group.len(), "a write transaction failed and was undone");
                kept.discard();
                Some(Arc::new(error))
            }
        };
        for job in group {
            job.tell(failed.clone());
        }
    }
}

fn commit_together(connection: &mut SqliteConnection, group: &mut [Box<dyn Job>]) -> Result<(), Error> {
    onboarding_core::crash_point!("store.before_begin");
    connection.batch_execute("BEGIN IMMEDIATE")?;
    for job in group {
        connection.batch_execute("SAVEPOINT job")?;
        let end = match job.run(connection) {
            Verdict::Keep => "RELEASE job",
            Verdict::Undo => "ROLLBACK TO job; RELEASE job",
        };
        connection.batch_execute(end)?;
        onboarding_core::crash_point!("store.between_jobs");
    }
    onboarding_core::crash_point!("store.before_commit");
    connection.batch_execute("COMMIT")?;
    onboarding_core::crash_point!("store.after_commit");
    Ok(())
}

fn serve_reads(mut kept: Kept, queue: &Mutex<mpsc::Receiver<Box<dyn Job>>>) {
    loop {
        let next = queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .blocking_recv();
        let Some(mut job) = next else { return };
        let failed = match kept.get().and_then(|connection| look(connection, job.as_mut())) {
            Ok(()) => None,
            Err(error) => {
                tracing::error!(%error, "a read transaction failed");
                kept.discard();
                Some(Arc::new(error))
            }
        };
        job.tell(failed);
    }
}

/// In one transaction, so that all that a job reads is of one moment.
fn look(connection: &mut SqliteConnection, job: &mut dyn Job) -> Result<(), Error> {
    connection.batch_execute("BEGIN")?;
    job.run(connection);
    Ok(connection.batch_execute("ROLLBACK")?)
}

#[cfg(test)]
mod tests;
