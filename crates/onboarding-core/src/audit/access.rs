//! The entries of who comes in, and of who is refused.

use super::{AuditAction, AuditSubject, AuditValue, NewAuditEntry, Origin, SubjectKind};
use crate::{
    Timestamp,
    access::{ApiToken, Denial, Session},
};

/// Somebody signed in; `by` is they.
pub fn sign_in_entry(by: &Origin, username: &str, session: &Session) -> NewAuditEntry {
    let subject = AuditSubject::new(SubjectKind::User, username);
    NewAuditEntry::new(by, AuditAction::SignIn, &subject, session.signed_in_at).after(&AuditValue::object([
        ("means", AuditValue::shown(session.means)),
        ("second_factor", AuditValue::Bool(session.second_factor)),
    ]))
}

/// A session of the user was ended: by themselves, by an admin, or by the service because it held no longer.
pub fn sign_out_entry(by: &Origin, username: &str, now: Timestamp) -> NewAuditEntry {
    let subject = AuditSubject::new(SubjectKind::User, username);
    NewAuditEntry::new(by, AuditAction::SignOut, &subject, now)
}

/// A token is new. Its secret and the hash of it are in no entry.
pub fn token_created_entry(by: &Origin, token: &ApiToken) -> NewAuditEntry {
    let subject = AuditSubject::new(SubjectKind::ApiToken, token.id);
    NewAuditEntry::new(by, AuditAction::Create, &subject, token.created_at).after(&AuditValue::object([
        ("name", AuditValue::shown(&token.name)),
        ("scopes", AuditValue::set(&token.scopes)),
        ("expires_at", AuditValue::shown(token.expires_at)),
    ]))
}

/// A token was taken back.
pub fn token_revoked_entry(by: &Origin, token: &ApiToken, now: Timestamp) -> NewAuditEntry {
    let subject = AuditSubject::new(SubjectKind::ApiToken, token.id);
    let before = AuditValue::object([("name", AuditValue::shown(&token.name))]);
    NewAuditEntry::new(by, AuditAction::Remove, &subject, now).before(&before)
}

/// Somebody who is known asked for what they may not have. `request` is method and address as the table of endpoints
/// writes them, without what was asked about.
pub fn denied_entry(by: &Origin, request: &str, denial: Denial, now: Timestamp) -> NewAuditEntry {
    let subject = AuditSubject::new(SubjectKind::Request, request);
    let reason = AuditValue::object([("reason", AuditValue::shown(denial))]);
    NewAuditEntry::new(by, AuditAction::Deny, &subject, now).after(&reason)
}
