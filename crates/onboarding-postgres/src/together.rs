//! Does together what is asked for at once.
//!
//! A commit costs a flush of the disk, and a statement a way to the server and back, however much they carry. So what
//! is asked for while a group is under way gathers, and is the next group. Nobody waits for a group to fill.

use std::sync::Arc;

use futures_util::future::{BoxFuture, join_all};
use onboarding_core::ports::StoreError;
use tokio::sync::{Mutex, mpsc, oneshot};

/// How many wait at the most before those who ask are made to wait.
const QUEUE: usize = 1024;

/// Does the work of a group: an answer for each that is asked, in their order.
pub(crate) type Work<Ask, Answer> =
    Arc<dyn Fn(Vec<Ask>) -> BoxFuture<'static, Result<Vec<Answer>, StoreError>> + Send + Sync>;

/// Work that is done in groups, by tasks that end with it.
pub(crate) struct Together<Ask, Answer> {
    queue: mpsc::Sender<Job<Ask, Answer>>,
}

struct Job<Ask, Answer> {
    ask: Ask,
    tell: oneshot::Sender<Result<Answer, StoreError>>,
}

/// The store was closed while somebody asked, or the work panicked.
#[derive(Debug, thiserror::Error)]
#[error("nobody does it: the store is closing, or there was a panic")]
struct NoAnswer;

impl<Ask, Answer> Together<Ask, Answer>
where
    Ask: Clone + Send + 'static,
    Answer: Send + 'static,
{
    /// So many groups at a time, of at most so many.
    pub(crate) fn start(groups: usize, most: usize, work: &Work<Ask, Answer>) -> Self {
        let (queue, asked) = mpsc::channel(QUEUE);
        let asked = Arc::new(Mutex::new(asked));
        for _ in 0..groups {
            tokio::spawn(serve(Arc::clone(&asked), most, Arc::clone(work)));
        }
        Self { queue }
    }

    /// Gives the answer when the group is done. What is asked for is done even if nobody waits for the answer any more.
    pub(crate) async fn ask(&self, operation: &'static str, ask: Ask) -> Result<Answer, StoreError> {
        let (tell, told) = oneshot::channel();
        let none = || StoreError::new(operation, NoAnswer);
        self.queue.send(Job { ask, tell }).await.map_err(|_| none())?;
        told.await.unwrap_or_else(|_| Err(none()))
    }
}

async fn serve<Ask, Answer>(
    asked: Arc<Mutex<mpsc::Receiver<Job<Ask, Answer>>>>,
    most: usize,
    work: Work<Ask, Answer>,
) where
    Ask: Clone + Send + 'static,
    Answer: Send + 'static,
{
    loop {
        let mut group = Vec::new();
        if asked.lock().await.recv_many(&mut group, most).await == 0 {
            return;
        }
        let (asks, tells): (Vec<Ask>, Vec<_>) = group.into_iter().map(|job| (job.ask, job.tell)).unzip();
        let work = Arc::clone(&work);
        // A task of its own, so that a panic costs its group an answer, and no more.
        let Ok(answers) = tokio::spawn(async move { answers(asks, &work).await }).await else {
            continue;
        };
        for (answer, tell) in answers.into_iter().zip(tells) {
            // Whoever asked may be gone.
            let _ = tell.send(answer);
        }
    }
}

/// A group that fails is asked one by one, so that one of them does not spoil it for all.
async fn answers<Ask: Clone, Answer>(
    asks: Vec<Ask>,
    work: &Work<Ask, Answer>,
) -> Vec<Result<Answer, StoreError>> {
    let alone = asks.len() == 1;
    match work(asks.clone()).await {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(error) if alone => vec![Err(error)],
        Err(_) => join_all(asks.into_iter().map(|ask| answer(ask, work))).await,
    }
}

async fn answer<Ask, Answer>(ask: Ask, work: &Work<Ask, Answer>) -> Result<Answer, StoreError> {
    let answer = work(vec![ask]).await?.pop();
    answer.ok_or_else(|| StoreError::new("answer", NoAnswer))
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex as StdMutex, PoisonError};

    use super::*;

    /// The groups that there were.
    type Groups = Arc<StdMutex<Vec<Vec<u32>>>>;

    /// Doubles; cannot do 13, nor anything with it. Writes down the groups, and waits for a permit before each.
    fn doubling(permits: &Arc<tokio::sync::Semaphore>) -> (Work<u32, u32>, Groups) {
        let groups = Groups::default();
        let (seen, permits) = (Arc::clone(&groups), Arc::clone(permits));
        let work: Work<u32, u32> = Arc::new(move |asks| {
            seen.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(asks.clone());
            let permits = Arc::clone(&permits);
            Box::pin(async move {
                permits.acquire().await.unwrap().forget();
                if asks.contains(&13) {
                    return Err(StoreError::new("double", NoAnswer));
                }
                Ok(asks.into_iter().map(|ask| ask * 2).collect())
            })
        });
        (work, groups)
    }

    #[tokio::test]
    async fn what_is_asked_while_a_group_is_under_way_is_the_next_group() {
        let permits = Arc::new(tokio::sync::Semaphore::new(0));
        let (work, groups) = doubling(&permits);
        let together = Together::start(1, 3, &work);
        let asked = join_all((1..=6).map(|ask| together.ask("double", ask)));
        let (answers, ()) = tokio::join!(asked, async {
            while groups.lock().unwrap().is_empty() {
                tokio::task::yield_now().await;
            }
            permits.add_permits(3);
        });
        let answers: Vec<u32> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, [2, 4, 6, 8, 10, 12]);
        let groups = groups.lock().unwrap();
        assert!(groups.iter().all(|group| group.len() <= 3), "{groups:?}");
        assert_eq!(groups.concat(), [1, 2, 3, 4, 5, 6]);
        assert!(groups.len() < 6, "{groups:?}");
    }

    #[tokio::test]
    async fn one_that_fails_does_not_spoil_it_for_its_group() {
        let permits = Arc::new(tokio::sync::Semaphore::new(100));
        let (work, _) = doubling(&permits);
        let together = Together::start(1, 10, &work);
        let answers = join_all([1, 13, 2].map(|ask| together.ask("double", ask))).await;
        let answers: Vec<Option<u32>> = answers.into_iter().map(Result::ok).collect();
        assert_eq!(answers, [Some(2), None, Some(4)]);
    }

    #[tokio::test]
    async fn a_panic_costs_its_group_an_answer_and_no_more() {
        let work: Work<u32, u32> = Arc::new(|asks| {
            Box::pin(async move {
                assert!(!asks.contains(&13), "as the test wants it");
                Ok(asks)
            })
        });
        let together = Together::start(1, 1, &work);
        assert!(together.ask("echo", 13).await.is_err());
        assert_eq!(together.ask("echo", 1).await.ok(), Some(1));
    }
}
