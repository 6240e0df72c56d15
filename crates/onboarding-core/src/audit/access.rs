//! The entries of who comes in, and of who is refused.

use super::{AuditAction, AuditSubject, AuditValue, NewAuditEntry, Origin, SubjectKind};
use crate::{
    CompanyId, Timestamp,
    access::{ApiToken, Denial, Session},
    ports::{SetUpReport, SetUpState},
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

/// Somebody was given a link to set up how they sign in.
pub fn link_made_entry(by: &Origin, username: &str, expires_at: Timestamp, now: Timestamp) -> NewAuditEntry {
    let subject = AuditSubject::new(SubjectKind::LocalAccount, username);
    NewAuditEntry::new(by, AuditAction::Create, &subject, now).after(&AuditValue::object([(
        "link_until",
        AuditValue::shown(expires_at),
    )]))
}

/// A user set up how they sign in. Neither password nor second factor is in the entry.
pub fn account_set_up_entry(
    by: &Origin,
    username: &str,
    second_factor: bool,
    now: Timestamp,
) -> NewAuditEntry {
    let subject = AuditSubject::new(SubjectKind::LocalAccount, username);
    NewAuditEntry::new(by, AuditAction::Change, &subject, now).after(&AuditValue::object([(
        "second_factor",
        AuditValue::Bool(second_factor),
    )]))
}

/// Somebody whom the company's identity provider sent was not let in. `reason` names nobody and no token.
pub fn provider_sign_in_refused_entry(by: &Origin, reason: &str, now: Timestamp) -> NewAuditEntry {
    let subject = AuditSubject::new(SubjectKind::Request, "GET /sign-in/callback");
    let reason = AuditValue::object([("reason", AuditValue::shown(reason))]);
    NewAuditEntry::new(by, AuditAction::Deny, &subject, now).after(&reason)
}

/// A sign-in with the name of this user was refused.
pub fn sign_in_refused_entry(by: &Origin, username: &str, now: Timestamp) -> NewAuditEntry {
    let subject = AuditSubject::new(SubjectKind::LocalAccount, username);
    NewAuditEntry::new(by, AuditAction::Deny, &subject, now)
}

/// The company was set up at WhatsApp: what was changed there.
pub fn set_up_entry(by: &Origin, company: &CompanyId, report: &SetUpReport, now: Timestamp) -> NewAuditEntry {
    let subject = AuditSubject::new(SubjectKind::Company, company);
    let done = report.steps.iter().filter(|step| step.state == SetUpState::Done);
    NewAuditEntry::new(by, AuditAction::Change, &subject, now).after(&AuditValue::object([(
        "set_up_at_whatsapp",
        AuditValue::set(done.map(|step| &step.text)),
    )]))
}
