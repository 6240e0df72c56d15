//! The entries of imports. What a batch changes is told by the entries of configuration, beside these.

use super::{AuditAction, AuditSubject, AuditValue, NewAuditEntry, Origin, SubjectKind};
use crate::{
    ImportId, Timestamp,
    import::{Import, NewImport},
};

/// An import begins.
pub fn import_begun_entry(by: &Origin, import: &NewImport, now: Timestamp) -> NewAuditEntry {
    let counts = import.counts();
    entry(by, AuditAction::Create, import.id, now).after(&AuditValue::object([
        ("rows", AuditValue::Number(counts.total.into())),
        ("refused", AuditValue::Number(counts.refused.into())),
    ]))
}

/// An import ended: every row is done with, or somebody stopped it.
pub fn import_ended_entry(by: &Origin, import: &Import, now: Timestamp) -> NewAuditEntry {
    let count = |rows: u32| AuditValue::Number(rows.into());
    let counts = &import.counts;
    entry(by, AuditAction::Change, import.id, now).after(&AuditValue::object([
        ("state", AuditValue::shown(import.state)),
        ("created", count(counts.created)),
        ("changed", count(counts.changed)),
        ("unchanged", count(counts.unchanged)),
        ("refused", count(counts.refused)),
    ]))
}

fn entry(by: &Origin, action: AuditAction, import: ImportId, now: Timestamp) -> NewAuditEntry {
    NewAuditEntry::new(by, action, &AuditSubject::new(SubjectKind::Import, import), now)
}
