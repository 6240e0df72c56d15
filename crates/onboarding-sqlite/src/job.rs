//! One piece of work for a thread that owns a connection.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use diesel::SqliteConnection;
use tokio::sync::oneshot;

use crate::error::{Error, Undo};

/// What is to become of what a job wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Keep,
    Undo,
}

/// Work whose answer is told only when its transaction has ended.
pub(crate) trait Job: Send {
    /// Does the work, once.
    fn run(&mut self, connection: &mut SqliteConnection) -> Verdict;

    /// Tells the answer; an error instead, if the transaction as a whole failed.
    fn tell(self: Box<Self>, failed: Option<Arc<Error>>);
}

/// A job with the receiver of its answer.
pub(crate) fn job<T: Send + 'static>(
    work: impl FnOnce(&mut SqliteConnection) -> Result<T, Undo<T>> + Send + 'static,
) -> (Box<dyn Job>, oneshot::Receiver<Result<T, Error>>) {
    let (teller, answer) = oneshot::channel();
    (
        Box::new(Task {
            work: Some(work),
            answer: None,
            teller,
        }),
        answer,
    )
}

struct Task<T, F> {
    work: Option<F>,
    answer: Option<Result<T, Error>>,
    teller: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnOnce(&mut SqliteConnection) -> Result<T, Undo<T>> + Send,
{
    fn run(&mut self, connection: &mut SqliteConnection) -> Verdict {
        let Some(work) = self.work.take() else {
            return Verdict::Undo;
        };
        // The connection is safe to use after a panic: the savepoint around the job is rolled back.
        let (answer, verdict) = match catch_unwind(AssertUnwindSafe(|| work(connection))) {
            Ok(Ok(answer)) => (Ok(answer), Verdict::Keep),
            Ok(Err(Undo::Answer(answer))) => (Ok(answer), Verdict::Undo),
            Ok(Err(Undo::Error(error))) => (Err(error), Verdict::Undo),
            Err(_) => (Err(Error::Panicked), Verdict::Undo),
        };
        self.answer = Some(answer);
        verdict
    }

    fn tell(self: Box<Self>, failed: Option<Arc<Error>>) {
        let answer = match (self.answer, failed) {
            // What the job itself ran into says more than the failure that it caused.
            (Some(Err(error)), _) => Err(error),
            (_, Some(cause)) => Err(Error::Undone(cause)),
            (Some(answer), None) => answer,
            (None, None) => Err(Error::Stopped),
        };
        // Whoever asked may be gone; what was stored stays stored.
        let _ = self.teller.send(answer);
    }
}
