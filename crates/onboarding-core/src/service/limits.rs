//! The messaging limit of a portfolio, against what was sent.

use crate::{
    AccountUsage, Company, MESSAGING_LIMIT_SPAN, OfficialAccountId, Timestamp,
    ports::{PlatformRecord, StoreError},
};

/// Tells of each account to how many more people its portfolio may write first.
pub(super) async fn count_limits(
    record: &dyn PlatformRecord,
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
        let mates = company.portfolio_of(account);
        let known = counted
            .iter()
            .find(|(of, _)| *of == mates)
            .map(|(_, written)| *written);
        let written = if let Some(written) = known {
            written
        } else {
            let since = now - MESSAGING_LIMIT_SPAN;
            let written = record.clients_written_first(&company.id, &mates, since).await?;
            counted.push((mates, written));
            written
        };
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
