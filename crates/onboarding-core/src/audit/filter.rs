//! Which entries somebody wants to see.

use crate::Timestamp;

/// What every given part is true of; the default asks for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// [`super::ActorKind`].
    pub actor_kind: Option<String>,
    /// Which actor.
    pub actor_id: Option<String>,
    /// [`super::AuditAction`].
    pub action: Option<String>,
    /// [`super::SubjectKind`].
    pub subject_kind: Option<String>,
    /// Which subject.
    pub subject_id: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

impl AuditFilter {
    /// Whether the entry is one of them.
    pub fn takes(&self, entry: &super::NewAuditEntry) -> bool {
        let is = |wanted: &Option<String>, value: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| value == Some(wanted))
        };
        is(&self.actor_kind, Some(&entry.actor_kind))
            && is(&self.actor_id, entry.actor_id.as_deref())
            && is(&self.action, Some(&entry.action))
            && is(&self.subject_kind, Some(&entry.subject_kind))
            && is(&self.subject_id, Some(&entry.subject_id))
            && self.from.is_none_or(|from| entry.at >= from)
            && self.until.is_none_or(|until| entry.at < until)
    }
}
