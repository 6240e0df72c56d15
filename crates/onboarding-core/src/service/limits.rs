//! The messaging limit of a portfolio, against what was sent.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    AccountUsage, Company, CompanyId, MESSAGING_LIMIT_SPAN, OfficialAccountId, Timestamp,
    ports::{PlatformRecord, StoreError},
};

/// Above this a count may be used again for a while.
const PLENTY: u32 = 1_000;

/// More people than a company is onboarded to in a second, on all replicas together.
const MOST_A_SECOND: u32 = 500;

/// How long a count is used at the most.
const LONGEST: Duration = Duration::from_secs(30);

/// What was counted of portfolios that have plenty left. Counting reads a row for each message of a day; far from the limit
/// no decision depends on it.
#[derive(Default)]
pub(super) struct CountedLately(Mutex<HashMap<Portfolio, (Timestamp, u32)>>);

type Portfolio = (CompanyId, Vec<OfficialAccountId>);

impl CountedLately {
    fn written(&self, portfolio: &Portfolio, limit: u32, now: Timestamp) -> Option<u32> {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, written) = *counted.get(portfolio)?;
        is_good_enough(at, limit.saturating_sub(written), now).then_some(written)
    }

    fn keep(&self, portfolio: Portfolio, written: u32, now: Timestamp) {
        /// More than there are companies; what changed its numbers is forgotten with the rest.
        const MOST: usize = 10_000;
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() >= MOST {
            counted.clear();
        }
        counted.insert(portfolio, (now, written));
    }
}

/// Whether a count from then serves now: not half of those who were left can have been written to since.
fn is_good_enough(at: Timestamp, left: u32, now: Timestamp) -> bool {
    let good_for = Duration::from_secs(u64::from(left / (2 * MOST_A_SECOND))).min(LONGEST);
    left >= PLENTY && at <= now && now.since(at) < good_for
}

/// Tells of each account to how many more people its portfolio may write first: exactly, or from what was counted lately
/// where so many are left that it makes no difference.
pub(super) async fn count_limits(
    record: &dyn PlatformRecord,
    counts: &CountedLately,
    company: &Company,
    usage: &mut [AccountUsage],
    now: Timestamp,
) -> Result<(), StoreError> {
    // Most numbers share one portfolio, which is counted once.
    let mut counted: Vec<(Vec<OfficialAccountId>, u32)> = Vec::new();
    for one in usage {
        let account = company.account(one.account);
        let Some((account, limit)) = account.and_then(|own| Some((own, company.messaging_limit_of(own)?)))
        else {
            continue;
        };
        let portfolio = (company.id.clone(), company.portfolio_of(account));
        let known = counted.iter().find(|(of, _)| *of == portfolio.1);
        let known = known.map(|(_, written)| *written);
        let lately = known.or_else(|| counts.written(&portfolio, limit, now));
        let written = if let Some(written) = lately {
            written
        } else {
            let since = now - MESSAGING_LIMIT_SPAN;
            let written = record
                .clients_written_first(&company.id, &portfolio.1, since)
                .await?;
            counts.keep(portfolio.clone(), written, now);
            written
        };
        counted.push((portfolio.1, written));
        one.limit_left = Some(limit.saturating_sub(written));
    }
    Ok(())
}

/// Of each WhatsApp Business Account whose messaging limit is known: the limit, and to how many more people its portfolio
/// may write first now.
pub async fn messaging_left(
    record: &dyn PlatformRecord,
    company: &Company,
    now: Timestamp,
) -> Result<Vec<(String, u32, u32)>, StoreError> {
    let since = now - MESSAGING_LIMIT_SPAN;
    let mut left: Vec<(String, u32, u32)> = Vec::new();
    for account in &company.accounts {
        let Some(limit) = company.messaging_limit_of(account) else {
            continue;
        };
        if left.iter().all(|(waba, ..)| *waba != account.waba_id) {
            let mates = company.portfolio_of(account);
            let written = record.clients_written_first(&company.id, &mates, since).await?;
            left.push((account.waba_id.clone(), limit, limit.saturating_sub(written)));
        }
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_serves_as_long_as_it_makes_no_difference() {
        let at = Timestamp::from_micros(1_000_000_000);
        let later = |seconds| at + Duration::from_secs(seconds);
        assert!(is_good_enough(at, 100_000, later(29)));
        assert!(!is_good_enough(at, 100_000, later(30)));
        assert!(is_good_enough(at, 2_000, later(1)));
        assert!(!is_good_enough(at, 2_000, later(2)));
        assert!(!is_good_enough(at, 999, at), "near the limit each is counted");
        assert!(!is_good_enough(later(1), 100_000, at), "the clock was put back");
    }
}
