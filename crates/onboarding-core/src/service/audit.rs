//! Verify: read a company's chain from its beginning and judge it.

use crate::{
    CompanyId,
    audit::{AuditFilter, AuditFinding, ChainCheck, Checkpoint},
    ports::{AuditLog, StoreError},
};

/// How many entries are read at once.
const PAGE: u32 = 1_000;

/// Everything that is wrong with a company's audit, by itself and against checkpoints whose signatures hold. Entries that
/// come while it reads are no finding. Without an entry the company need not exist: its checkpoints then say what is gone.
pub async fn verify_audit(
    log: &dyn AuditLog,
    company: &CompanyId,
    checkpoints: &[Checkpoint],
) -> Result<Vec<AuditFinding>, StoreError> {
    let mut check = ChainCheck::new(company.clone(), log.audit_head(company).await?, checkpoints);
    let mut place = 0;
    loop {
        let page = log
            .audit_entries(company, &AuditFilter::default(), place, PAGE)
            .await?;
        for entry in &page {
            check.read(entry);
        }
        match page.last() {
            Some(last) => place = last.sequence,
            None => return Ok(check.finish(log.audit_head(company).await?)),
        }
    }
}
