//! What follows when an invitation, or the link in its place, cannot be delivered.

use std::sync::Arc;

use super::{
    CUSTOMER_SERVICE_WINDOW,
    messages::{About, Writer},
};
use crate::{
    Audience, ChatRoom, ClientAliases, Company, Draw, NewNotice, NewOutbound, NoticeId, NoticeKind, Purpose,
    SendRefusal, TextKey, Timestamp, User,
};

/// The room whose invitation failed, or the link to it, and who stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationContext {
    /// The company.
    pub company: Arc<Company>,
    /// The room.
    pub room: ChatRoom,
    /// Its user.
    pub user: User,
    /// The client.
    pub client: ClientAliases,
    /// Whether the client wrote in the room: then the invitation arrived, whatever its status says.
    pub client_wrote: bool,
    /// Which of the two failed.
    pub failed: Purpose,
    /// Whether the client got another link to the room after the one that failed.
    pub link_again: bool,
    /// When the client last wrote to the primary of the room.
    pub wrote_to_primary: Option<Timestamp>,
}

/// What changes with a failed invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationFailure {
    /// The room as it was.
    pub room: ChatRoom,
    /// The room lives on, `invited`, and waits until then for its client to come by the link. `None`: it is `failed`, and
    /// its number is free again.
    pub link_until: Option<Timestamp>,
    /// Why, for the user and the admin.
    pub reason: String,
    /// Tells the client through the primary: the link, or that there will be no invitation.
    pub notice: Option<NewOutbound>,
    /// Tells the people of the company.
    pub notices: Vec<NewNotice>,
}

/// Decides on an invitation, or a link, that failed for good; `None` when the room lives on because the client wrote in it
/// or has the link, or when it is over.
///
/// Where the company allows it, the client gets the link to the number in place of an invitation, which needs no template and
/// no messaging limit; else the room has failed. It has, too, when the link did not arrive: the client, whom the primary does
/// not reach, is told nothing, and the number is free at once.
pub fn invitation_failed(
    context: &InvitationContext,
    refusal: &SendRefusal,
    now: Timestamp,
    draw: &mut Draw,
) -> Option<InvitationFailure> {
    let InvitationContext { company, room, .. } = context;
    let was_link = context.failed != Purpose::Invitation;
    if context.client_wrote || !room.state.is_live() || room.link_until.is_some() != was_link {
        return None;
    }
    if was_link {
        let unreachable = || failed(context, "the link to the room", refusal, now, draw);
        return (!context.link_again).then(unreachable);
    }
    let writer = Writer {
        company,
        client: &context.client,
        identity: room.identity,
        now,
    };
    let about = About {
        user: Some(&context.user),
        primary: Some(room.primary),
        secondary: Some(room.account),
        room: Some(room.id),
        ..About::default()
    };
    let link = may_send_link(context, refusal, now)
        .then(|| writer.text(draw, room.primary, TextKey::HandOffLink, about))
        .flatten();
    if link.is_some() {
        return Some(InvitationFailure {
            room: room.clone(),
            link_until: Some(now + company.settings.limits.link_expires_after),
            reason: reason("the invitation", refusal),
            notice: link,
            notices: Vec::new(),
        });
    }
    let notice = writer.text(draw, room.primary, TextKey::InvitationFailed, about);
    Some(InvitationFailure {
        notice,
        ..failed(context, "the invitation", refusal, now, draw)
    })
}

/// The room has failed because `what` was not delivered: its user and the admins are told, the client is not.
fn failed(
    context: &InvitationContext,
    what: &str,
    refusal: &SendRefusal,
    now: Timestamp,
    draw: &mut Draw,
) -> InvitationFailure {
    let InvitationContext { room, user, .. } = context;
    let reason = reason(what, refusal);
    let to = user.active.then_some(Audience::User(room.user));
    let notices = to
        .into_iter()
        .chain([Audience::Admins])
        .map(|audience| NewNotice {
            id: NoticeId::from_uuid(draw.uuid(now)),
            audience,
            kind: NoticeKind::InvitationFailed,
            subject: format!("room {}", room.id),
            text: format!("A client could not be connected with {}: {reason}.", user.name),
        });
    InvitationFailure {
        room: room.clone(),
        link_until: None,
        notices: notices.collect(),
        reason,
        notice: None,
    }
}

fn reason(what: &str, refusal: &SendRefusal) -> String {
    format!(
        "{what} was not delivered: {} (WhatsApp {})",
        refusal.reason, refusal.code
    )
}

/// Free text from the primary needs its window; and the number must be able to take what the client writes there.
fn may_send_link(context: &InvitationContext, refusal: &SendRefusal, now: Timestamp) -> bool {
    let InvitationContext { company, room, .. } = context;
    let window_open = context
        .wrote_to_primary
        .is_some_and(|at| now.since(at) < CUSTOMER_SERVICE_WINDOW);
    let in_use = company
        .account(room.account)
        .is_some_and(|account| !account.retired);
    company.settings.features.link_fallback && window_open && in_use && only_the_template_failed(refusal.code)
}

/// Whether it says nothing against a conversation that the client begins. What does: the number, its account or our
/// token are out of order, or somebody barred the client (Meta: error codes).
fn only_the_template_failed(code: i64) -> bool {
    !matches!(
        code,
        // Given up by ourselves, or without a reason.
        0
        // Token, permission, policy.
        | 3 | 10 | 33 | 190 | 200
            ..=299 | 368 | 131_005 | 131_031
        // We blocked the client; the country is barred; the client is a number of ours.
        | 130_403 | 130_497 | 131_021
        // Test number, display name, payment, registration, another partner.
        | 131_030 | 131_037 | 131_042 | 131_045 | 131_070 | 133_010
    )
}
