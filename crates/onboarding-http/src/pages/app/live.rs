//! Whoever follows a company hears that something of it changed: one question a second for all pages of a company in this
//! process, whatever their number.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use onboarding_core::{
    CompanyId,
    audit::{AuditAction, AuditFilter},
    ports::{ChangeMark, OnboardingStore},
};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};

/// How often it is asked whether something changed (reliability.md 7.4: what ends a session ends its streams within a second).
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// So many entries of the audit are looked at: whether people only read.
const READINGS: u32 = 64;

/// The streams of this process: they end when it stops, since nobody waits for a page to close.
#[derive(Clone)]
pub struct Live {
    stopping: Arc<watch::Sender<bool>>,
    followed: Arc<Mutex<Followed>>,
}

/// The companies that somebody follows, with how often each was heard of.
type Followed = HashMap<CompanyId, watch::Sender<u64>>;

impl Default for Live {
    fn default() -> Self {
        Self {
            stopping: Arc::new(watch::Sender::new(false)),
            followed: Arc::default(),
        }
    }
}

impl Live {
    /// Ends all streams, and those that begin later at once.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Becomes true when all streams end.
    pub(super) fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Changes within a second of each change of the company, whichever replica made it. Ends when the task ends that looks,
    /// which the runtime may drop: follow anew then.
    pub(super) fn follow(
        &self,
        store: &Arc<dyn OnboardingStore>,
        company: &CompanyId,
    ) -> watch::Receiver<u64> {
        let mut followed = self.followed();
        if let Some(sender) = followed.get(company) {
            return sender.subscribe();
        }
        let (sender, receiver) = watch::channel(0);
        followed.insert(company.clone(), sender);
        let following = Following {
            live: self.clone(),
            company: company.clone(),
            is_over: false,
        };
        tokio::spawn(following.look(store.clone()));
        receiver
    }

    fn followed(&self) -> MutexGuard<'_, Followed> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A company that is followed; it is not any more when this goes.
struct Following {
    live: Live,
    company: CompanyId,
    is_over: bool,
}

impl Following {
    async fn look(mut self, store: Arc<dyn OnboardingStore>) {
        let mut every = interval(LOOK_EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last: Option<ChangeMark> = None;
        let mut looks_again = false;
        loop {
            every.tick().await;
            if self.is_alone() {
                return;
            }
            // What the store cannot tell now it tells at the next look.
            let Ok(mark) = store.change_mark(&self.company).await else {
                continue;
            };
            let moved = match &last {
                None => true,
                Some(last) => self.tells_news(store.as_ref(), last, &mark).await,
            };
            // What hid behind another change shows a moment later.
            if moved || looks_again {
                self.tell();
            }
            looks_again = moved;
            last = Some(mark);
        }
    }

    /// Whether nobody follows any more; if so, this goes.
    fn is_alone(&mut self) -> bool {
        let mut followed = self.live.followed();
        let sender = followed.get(&self.company);
        let is_alone = sender.is_none_or(|sender| sender.receiver_count() == 0);
        if is_alone {
            followed.remove(&self.company);
        }
        drop(followed);
        self.is_over = is_alone;
        is_alone
    }

    fn tell(&self) {
        if let Some(sender) = self.live.followed().get(&self.company) {
            sender.send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    /// Whether there is more between the marks than people who read, which shows nobody anything new.
    async fn tells_news(&self, store: &dyn OnboardingStore, last: &ChangeMark, now: &ChangeMark) -> bool {
        if last.others != now.others {
            return true;
        }
        if last.audit == now.audit {
            return false;
        }
        let all = AuditFilter::default();
        let entries = store.audit_entries(&self.company, &all, last.audit, READINGS);
        let Ok(entries) = entries.await else {
            return true;
        };
        let reads = entries
            .iter()
            .filter(|entry| entry.content.action == AuditAction::Read.as_str());
        u64::try_from(reads.count()).is_ok_and(|reads| reads < now.audit - last.audit)
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        if !self.is_over {
            self.live.followed().remove(&self.company);
        }
    }
}

#[cfg(test)]
mod tests {
    use onboarding_core::{
        Timestamp,
        audit::{AuditSubject, NewAuditEntry, Origin, SubjectKind},
    };
    use onboarding_testkit::{MemoryStore, acme_id};

    use super::*;

    fn following(live: &Live) -> Following {
        Following {
            live: live.clone(),
            company: acme_id(),
            is_over: false,
        }
    }

    #[tokio::test]
    async fn reading_is_no_news_and_a_change_among_it_is() {
        let store: Arc<dyn OnboardingStore> = Arc::new(MemoryStore::new());
        let following = following(&Live::default());
        let mark = async || store.change_mark(&acme_id()).await.unwrap();
        let first = mark().await;
        assert!(!following.tells_news(store.as_ref(), &first, &first).await);
        let (by, now) = (Origin::system(), Timestamp::from_micros(1));
        let subject = AuditSubject::new(SubjectKind::User, "dom");
        let reads = vec![NewAuditEntry::read(&by, &subject, now); 3];
        store.record_audit(&acme_id(), reads.clone()).await.unwrap();
        let read = mark().await;
        assert!(!following.tells_news(store.as_ref(), &first, &read).await);
        let change = NewAuditEntry::new(&by, AuditAction::Change, &subject, now);
        let mixed = [reads, vec![change]].concat();
        store.record_audit(&acme_id(), mixed).await.unwrap();
        let changed = mark().await;
        assert!(following.tells_news(store.as_ref(), &read, &changed).await);
        let mut further = changed.clone();
        further.others[0] += 1;
        assert!(following.tells_news(store.as_ref(), &changed, &further).await);
    }

    #[tokio::test]
    async fn all_who_follow_a_company_share_one_look_which_ends_with_the_last() {
        let store: Arc<dyn OnboardingStore> = Arc::new(MemoryStore::new());
        let live = Live::default();
        let (first, second) = (live.follow(&store, &acme_id()), live.follow(&store, &acme_id()));
        assert!(first.same_channel(&second));
        assert_eq!(live.followed().len(), 1);
        drop(first);
        let mut following = following(&live);
        assert!(!following.is_alone());
        following.tell();
        assert!(second.has_changed().unwrap());
        drop(second);
        assert!(following.is_alone() && live.followed().is_empty());
    }

    #[tokio::test]
    async fn who_follows_hears_when_nobody_looks_any_more() {
        let store: Arc<dyn OnboardingStore> = Arc::new(MemoryStore::new());
        let live = Live::default();
        let mut changes = live.follow(&store, &acme_id());
        drop(following(&live));
        assert!(changes.changed().await.is_err());
        assert!(!live.follow(&store, &acme_id()).same_channel(&changes));
    }
}
