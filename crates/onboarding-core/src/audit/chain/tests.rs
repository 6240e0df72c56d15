use super::*;
use crate::audit::{AuditAction, AuditSubject, AuditValue, NewAuditEntry, Origin, SubjectKind};

fn acme() -> CompanyId {
    CompanyId::parse("acme").unwrap()
}

fn content(number: i64) -> NewAuditEntry {
    let subject = AuditSubject::new(SubjectKind::User, format!("user-{number}"));
    NewAuditEntry::new(
        &Origin::system(),
        AuditAction::Change,
        &subject,
        Timestamp::from_micros(number),
    )
    .after(&AuditValue::Number(number))
}

fn chain(contents: impl IntoIterator<Item = NewAuditEntry>) -> Vec<AuditEntry> {
    let mut previous = AuditHash::NONE;
    let link = |(place, content): (usize, NewAuditEntry)| {
        let sequence = place as u64 + 1;
        let hash = chain_hash(&acme(), sequence, &previous, &content.canonical_bytes());
        previous = hash;
        AuditEntry {
            sequence,
            hash,
            content,
        }
    };
    contents.into_iter().enumerate().map(link).collect()
}

fn nine() -> Vec<AuditEntry> {
    chain((1..=9).map(content))
}

fn head(entries: &[AuditEntry]) -> Option<AuditHead> {
    entries.last().map(|entry| AuditHead {
        sequence: entry.sequence,
        hash: entry.hash,
    })
}

fn checkpoint_of(entries: &[AuditEntry], sequence: u64) -> Checkpoint {
    let entry = entries.iter().find(|entry| entry.sequence == sequence).unwrap();
    Checkpoint {
        company: acme(),
        head: AuditHead {
            sequence,
            hash: entry.hash,
        },
        at: Timestamp::EPOCH,
    }
}

fn judged(entries: &[AuditEntry], kept: Option<AuditHead>, checkpoints: &[Checkpoint]) -> Vec<AuditFinding> {
    let mut check = ChainCheck::new(acme(), kept, checkpoints);
    for entry in entries {
        check.read(entry);
    }
    check.finish(kept)
}

#[test]
fn a_whole_chain_has_nothing_wrong() {
    let entries = nine();
    let checkpoints = [checkpoint_of(&entries, 4), checkpoint_of(&entries, 9)];
    assert_eq!(judged(&entries, head(&entries), &checkpoints), []);
    assert_eq!(judged(&[], None, &[]), []);
}

#[test]
fn entries_that_came_while_it_was_read_are_no_finding() {
    let entries = nine();
    let mut check = ChainCheck::new(acme(), head(&entries[..5]), &[]);
    entries[..7].iter().for_each(|entry| check.read(entry));
    assert_eq!(check.finish(head(&entries)), []);
}

#[test]
fn a_changed_entry_shows() {
    let mut entries = nine();
    entries[4].content.after = Some("0".to_owned());
    assert_eq!(
        judged(&entries, head(&entries), &[]),
        [AuditFinding::Unlinked { sequence: 5 }]
    );
}

#[test]
fn a_changed_last_entry_shows_even_when_it_is_linked_anew() {
    let mut entries = nine();
    let kept = head(&entries);
    entries = chain((1..=8).map(content).chain([content(0)]));
    let end = AuditFinding::WrongEnd { kept: 9, last: 9 };
    assert_eq!(judged(&entries, kept, &[]), [end]);
}

#[test]
fn a_deleted_entry_shows() {
    let mut entries = nine();
    let kept = head(&entries);
    entries.remove(4);
    assert_eq!(
        judged(&entries, kept, &[]),
        [AuditFinding::Missing { from: 5, to: 5 }]
    );
    entries.remove(0);
    assert_eq!(
        judged(&entries, kept, &[])[0],
        AuditFinding::Missing { from: 1, to: 1 }
    );
}

#[test]
fn an_inserted_entry_shows() {
    let mut entries = nine();
    let mut inserted = entries[4].clone();
    inserted.content = content(100);
    entries.insert(4, inserted);
    for (place, entry) in entries.iter_mut().enumerate() {
        entry.sequence = place as u64 + 1;
    }
    assert!(judged(&entries, head(&entries), &[]).contains(&AuditFinding::Unlinked { sequence: 5 }));
}

#[test]
fn moved_entries_show() {
    let mut entries = nine();
    entries.swap(3, 6);
    for (place, entry) in entries.iter_mut().enumerate() {
        entry.sequence = place as u64 + 1;
    }
    let findings = judged(&entries, head(&entries), &[]);
    assert!(
        findings.contains(&AuditFinding::Unlinked { sequence: 4 }),
        "{findings:?}"
    );
    assert!(
        findings.contains(&AuditFinding::Unlinked { sequence: 7 }),
        "{findings:?}"
    );
}

#[test]
fn an_entry_of_another_company_shows() {
    let mut check = ChainCheck::new(CompanyId::parse("initech").unwrap(), None, &[]);
    for entry in &nine() {
        check.read(entry);
    }
    assert_eq!(
        check.finish(head(&nine()))[0],
        AuditFinding::Unlinked { sequence: 1 }
    );
}

#[test]
fn an_end_that_was_cut_off_shows_by_what_is_kept_or_by_a_checkpoint() {
    let entries = nine();
    let cut = &entries[..7];
    let end = AuditFinding::WrongEnd { kept: 9, last: 7 };
    assert_eq!(judged(cut, head(&entries), &[]), [end]);
    assert_eq!(
        judged(cut, head(cut), &[]),
        [],
        "who can write everything hides it"
    );
    let truncated = AuditFinding::Truncated {
        checkpoint: 9,
        at: Timestamp::EPOCH,
        last: 7,
    };
    assert_eq!(judged(cut, head(cut), &[checkpoint_of(&entries, 9)]), [truncated]);
    let nothing = judged(&[], None, &[checkpoint_of(&entries, 1)]);
    assert!(matches!(nothing[..], [AuditFinding::Truncated { last: 0, .. }]));
}

#[test]
fn a_chain_that_was_written_anew_shows_by_a_checkpoint_only() {
    let (old, new) = (
        nine(),
        chain((1..=9).map(|number| content(number + i64::from(number == 2)))),
    );
    assert_eq!(
        judged(&new, head(&new), &[]),
        [],
        "who can write everything hides it"
    );
    let rewritten = AuditFinding::Rewritten {
        sequence: 4,
        at: Timestamp::EPOCH,
    };
    assert_eq!(judged(&new, head(&new), &[checkpoint_of(&old, 4)]), [rewritten]);
}

#[test]
fn entries_beyond_the_kept_end_show() {
    let entries = nine();
    let end = AuditFinding::WrongEnd { kept: 7, last: 9 };
    assert_eq!(judged(&entries, head(&entries[..7]), &[]), [end]);
}

#[test]
fn a_hash_is_read_back_as_it_prints() {
    let hash = AuditHash::of(b"");
    assert_eq!(
        hash.to_string(),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert_eq!(AuditHash::from_hex(&hash.to_string()), Some(hash));
    for bad in [
        "",
        "e3",
        "x3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ] {
        assert_eq!(AuditHash::from_hex(bad), None, "{bad}");
    }
}
