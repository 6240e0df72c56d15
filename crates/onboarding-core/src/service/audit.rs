//! Verify: read a company's chain from its beginning and judge it, and the records that it vouches for.

use uuid::Uuid;

use crate::{
    CompanyId, OnboardingId,
    audit::{
        AuditAction, AuditEntry, AuditFilter, AuditFinding, AuditHash, ChainCheck, Checkpoint, SubjectKind,
    },
    ports::{AuditLog, Listings, StoreError},
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

/// Every decision whose record is not the one that was written down with it: what the client wrote, the outcome or the
/// trace was changed since. A record that is not there any more is no finding, because records go when the duty to keep
/// them ends.
pub async fn verify_records<S>(store: &S, company: &CompanyId) -> Result<Vec<AuditFinding>, StoreError>
where
    S: AuditLog + Listings + ?Sized,
{
    let decisions = AuditFilter {
        action: Some(AuditAction::Decide.to_string()),
        subject_kind: Some(SubjectKind::Onboarding.to_string()),
        ..AuditFilter::default()
    };
    let (mut findings, mut place) = (Vec::new(), 0);
    loop {
        let page = store.audit_entries(company, &decisions, place, PAGE).await?;
        for entry in &page {
            let Some((onboarding, digest)) = vouched_for(entry) else {
                continue;
            };
            let record = store.onboarding(company, onboarding).await?;
            if record.is_some_and(|record| record.digest() != digest) {
                findings.push(AuditFinding::ChangedRecord {
                    sequence: entry.sequence,
                    onboarding,
                });
            }
        }
        match page.last() {
            Some(last) => place = last.sequence,
            None => return Ok(findings),
        }
    }
}

/// The decision that the entry tells of, and the digest of its record. In the JSON of an entry a quotation mark within a
/// text is escaped, so that no text can look like the member.
fn vouched_for(entry: &AuditEntry) -> Option<(OnboardingId, AuditHash)> {
    let id = Uuid::parse_str(&entry.content.subject_id).ok()?;
    let (_, behind) = entry.content.after.as_deref()?.split_once("\"record\":\"")?;
    let digest = AuditHash::from_hex(behind.split('"').next()?)?;
    Some((OnboardingId::from_uuid(id), digest))
}
