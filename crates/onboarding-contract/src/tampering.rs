//! What somebody does to the audit who can write everything, and what of it is found.
//!
//! A store runs it by saying how it is written past its ports:
//!
//! ```ignore
//! onboarding_contract::tampering_contract!(OnADatabase);
//! ```

use std::{fmt::Write as _, sync::Arc};

use onboarding_core::{
    CompanyId, Timestamp,
    audit::{AuditEntry, AuditFilter, AuditFinding, AuditHash, AuditHead, Checkpoint, chain_hash},
    ports::OnboardingStore,
    service::{verify_audit, verify_records},
};
use onboarding_testkit::{SeededEntropy, acme, acme_id, create};

use crate::{
    Harness,
    bench::{Bench, ignored},
};

/// A store that can be written past its ports, as its owner.
pub trait Backdoor: Harness {
    /// Runs statements with everything switched off that would refuse them.
    fn execute(&self, sql: &str) -> impl Future<Output = ()> + Send;

    /// These hexadecimal digits as a value of a column of bytes.
    fn bytes(hex: &str) -> String;
}

/// Makes a test of each kind of tampering.
#[macro_export]
macro_rules! tampering_contract {
    ($harness:ty) => {
        $crate::tampering_contract!($harness:
            a_changed_entry_is_found, a_deleted_entry_is_found, an_inserted_entry_is_found, moved_entries_are_found,
            a_cut_off_end_is_found, a_rewritten_chain_is_found, a_company_without_its_audit_is_found,
            a_changed_record_of_a_decision_is_found);
    };
    ($harness:ty: $($case:ident),+) => {$(
        #[$crate::tokio::test(flavor = "multi_thread", crate = "onboarding_contract::tokio")]
        async fn $case() {
            $crate::tampering::$case::<$harness>().await;
        }
    )+};
}

/// Takes the place from one entry and moves all behind it up.
const SHIFT: &str = "UPDATE audit_events SET sequence = -sequence WHERE sequence >= 5;
    UPDATE audit_events SET sequence = 1 - sequence WHERE sequence < 0;";

struct Victim<B> {
    harness: B,
    store: Arc<dyn OnboardingStore>,
    entries: Vec<AuditEntry>,
}

impl<B: Backdoor> Victim<B> {
    /// A company with entries and a whole chain.
    async fn start() -> Self {
        let harness = B::start().await;
        let store = harness.store();
        create(
            store.as_ref(),
            &acme_id(),
            &acme(),
            &mut SeededEntropy::new(7).draw(),
        )
        .await;
        let all = AuditFilter::default();
        let entries = store.audit_entries(&acme_id(), &all, 0, 1_000).await.unwrap();
        assert!(entries.len() > 10);
        let victim = Self {
            harness,
            store,
            entries,
        };
        assert_eq!(victim.findings(&[victim.checkpoint()]).await, []);
        victim
    }

    /// Of the end as it was before anybody tampered with it.
    fn checkpoint(&self) -> Checkpoint {
        let last = self.entries.last().unwrap();
        Checkpoint {
            company: acme_id(),
            head: AuditHead {
                sequence: last.sequence,
                hash: last.hash,
            },
            at: Timestamp::EPOCH,
        }
    }

    async fn findings(&self, checkpoints: &[Checkpoint]) -> Vec<AuditFinding> {
        let found = verify_audit(self.store.as_ref(), &acme_id(), checkpoints).await;
        found.unwrap()
    }

    /// What is found after the statements, without and with a checkpoint.
    async fn after(&self, sql: &str) -> (Vec<AuditFinding>, Vec<AuditFinding>) {
        self.harness.execute(sql).await;
        (
            self.findings(&[]).await,
            self.findings(&[self.checkpoint()]).await,
        )
    }

    fn last(&self) -> u64 {
        self.entries.len() as u64
    }
}

/// One word in the past.
pub async fn a_changed_entry_is_found<B: Backdoor>() {
    for column in [
        "at",
        "actor_kind",
        "actor_id",
        "address",
        "action",
        "subject_kind",
        "subject_id",
        "before_value",
        "after_value",
    ] {
        let victim = Victim::<B>::start().await;
        let value = if column == "at" { "5" } else { "'mallory'" };
        let change = format!("UPDATE audit_events SET {column} = {value} WHERE sequence = 5");
        let changed = vec![AuditFinding::Unlinked { sequence: 5 }];
        assert_eq!(
            victim.after(&change).await,
            (changed.clone(), changed),
            "{column}"
        );
    }
}

/// An entry taken out.
pub async fn a_deleted_entry_is_found<B: Backdoor>() {
    let victim = Victim::<B>::start().await;
    let gone = vec![AuditFinding::Missing { from: 5, to: 5 }];
    let found = victim.after("DELETE FROM audit_events WHERE sequence = 5").await;
    assert_eq!(found, (gone.clone(), gone));
}

/// An entry put in between, with everything behind it moved up and the kept end too.
pub async fn an_inserted_entry_is_found<B: Backdoor>() {
    let victim = Victim::<B>::start().await;
    let insert = format!(
        "{SHIFT} INSERT INTO audit_events SELECT company_id, 5, hash, at, actor_kind, actor_id, address, action,
            subject_kind, 'mallory', before_value, after_value FROM audit_events WHERE sequence = 4;
         UPDATE audit_heads SET sequence = sequence + 1"
    );
    let (alone, _) = victim.after(&insert).await;
    assert!(
        alone.contains(&AuditFinding::Unlinked { sequence: 5 }),
        "{alone:?}"
    );
}

/// Two entries in each other's place.
pub async fn moved_entries_are_found<B: Backdoor>() {
    let victim = Victim::<B>::start().await;
    let swap = "UPDATE audit_events SET sequence = -1 WHERE sequence = 5;
        UPDATE audit_events SET sequence = 5 WHERE sequence = 6;
        UPDATE audit_events SET sequence = 6 WHERE sequence = -1";
    let (alone, _) = victim.after(swap).await;
    assert!(
        alone.contains(&AuditFinding::Unlinked { sequence: 5 }),
        "{alone:?}"
    );
    assert!(
        alone.contains(&AuditFinding::Unlinked { sequence: 6 }),
        "{alone:?}"
    );
}

/// The latest entries gone; with the kept end set back nothing shows it but a checkpoint.
pub async fn a_cut_off_end_is_found<B: Backdoor>() {
    let victim = Victim::<B>::start().await;
    let (was, last) = (victim.last(), victim.last() - 2);
    let (alone, _) = victim
        .after(&format!("DELETE FROM audit_events WHERE sequence > {last}"))
        .await;
    assert_eq!(alone, [AuditFinding::WrongEnd { kept: was, last }]);
    let hide = format!(
        "UPDATE audit_heads SET sequence = {last},
            hash = (SELECT hash FROM audit_events WHERE company_id = 'acme' AND sequence = {last})"
    );
    let (alone, with_checkpoint) = victim.after(&hide).await;
    assert_eq!(alone, [], "whoever can write everything hides it");
    let at = Timestamp::EPOCH;
    let cut = AuditFinding::Truncated {
        checkpoint: was,
        at,
        last,
    };
    assert_eq!(with_checkpoint, [cut]);
}

/// One word in the past, and everything behind it hashed anew; nothing shows it but a checkpoint.
pub async fn a_rewritten_chain_is_found<B: Backdoor>() {
    let victim = Victim::<B>::start().await;
    let (mut previous, mut sql) = (AuditHash::NONE, String::new());
    for mut entry in victim.entries.clone() {
        if entry.sequence == 5 {
            entry.content.actor_id = Some("mallory".to_owned());
            sql.push_str("UPDATE audit_events SET actor_id = 'mallory' WHERE sequence = 5;");
        }
        previous = chain_hash(
            &acme_id(),
            entry.sequence,
            &previous,
            &entry.content.canonical_bytes(),
        );
        let (hash, sequence) = (B::bytes(&previous.to_string()), entry.sequence);
        write!(
            sql,
            "UPDATE audit_events SET hash = {hash} WHERE sequence = {sequence};"
        )
        .unwrap();
    }
    write!(
        sql,
        "UPDATE audit_heads SET hash = {}",
        B::bytes(&previous.to_string())
    )
    .unwrap();
    let (alone, with_checkpoint) = victim.after(&sql).await;
    assert_eq!(alone, [], "whoever can write everything hides it");
    let sequence = victim.last();
    let at = Timestamp::EPOCH;
    assert_eq!(with_checkpoint, [AuditFinding::Rewritten { sequence, at }]);
}

/// Everything gone, or given to another company.
pub async fn a_company_without_its_audit_is_found<B: Backdoor>() {
    let victim = Victim::<B>::start().await;
    let last = victim.last();
    let give_away = "UPDATE audit_events SET company_id = 'initech'; DELETE FROM audit_heads";
    let (alone, with_checkpoint) = victim.after(give_away).await;
    assert_eq!(alone, [], "whoever can write everything hides it");
    let at = Timestamp::EPOCH;
    let cut = AuditFinding::Truncated {
        checkpoint: last,
        at,
        last: 0,
    };
    assert_eq!(with_checkpoint, [cut]);
    let initech = CompanyId::parse("initech").unwrap();
    let theirs = verify_audit(victim.store.as_ref(), &initech, &[]).await.unwrap();
    assert_eq!(
        theirs[0],
        AuditFinding::Unlinked { sequence: 1 },
        "it was written for another"
    );
}

/// What the client wrote, or what was decided; the chain alone does not show it. What was erased is no finding.
pub async fn a_changed_record_of_a_decision_is_found<B: Backdoor>() {
    let harness = B::start().await;
    let bench = Bench::on(harness.store()).await;
    for _ in 0..2 {
        bench.decided(bench.account(0).await, ignored()).await;
    }
    let findings = async || {
        verify_records(bench.store.as_ref(), &bench.company)
            .await
            .unwrap()
    };
    assert_eq!(findings().await, []);
    let changed = &bench.store.latest_onboardings(&bench.company, 1).await.unwrap()[0];
    let place = format!(
        "place = (SELECT max(place) FROM onboardings WHERE company_id = '{}')",
        bench.company
    );
    for (column, was) in [("text", &changed.text), ("outcome", &changed.outcome)] {
        let set = |value: &str| format!("UPDATE onboardings SET {column} = '{value}' WHERE {place}");
        harness.execute(&set("another")).await;
        let found = findings().await;
        assert!(
            matches!(found[..], [AuditFinding::ChangedRecord { onboarding, .. }] if onboarding == changed.id),
            "{column}: {found:?}"
        );
        assert!(found[0].to_string().contains("it was changed"), "{}", found[0]);
        let whole = verify_audit(bench.store.as_ref(), &bench.company, &[]).await;
        assert_eq!(whole.unwrap(), [], "the chain is whole");
        harness.execute(&set(&was.replace('\'', "''"))).await;
        assert_eq!(findings().await, [], "{column} is as it was");
    }
    harness
        .execute(&format!("DELETE FROM onboardings WHERE {place}"))
        .await;
    assert_eq!(findings().await, []);
}
