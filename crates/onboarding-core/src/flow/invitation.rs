//! What follows when an invitation cannot be delivered.

use std::sync::Arc;

use super::messages::{About, Writer};
use crate::{ChatRoom, ClientAliases, Company, Draw, NewOutbound, SendRefusal, TextKey, Timestamp, User};

/// The room whose invitation failed, and who stands in it.
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
}

/// What changes with a failed invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationFailure {
    /// The room, which is `failed` from now on; its number is free again.
    pub room: ChatRoom,
    /// Why, for the user and the admin.
    pub reason: String,
    /// Tells the client through the primary.
    pub notice: Option<NewOutbound>,
}

/// Decides on an invitation that failed for good; `None` when the room lives on because the client wrote in
/// it, or when it is over already.
pub fn invitation_failed(
    context: &InvitationContext,
    refusal: &SendRefusal,
    now: Timestamp,
    draw: &mut Draw,
) -> Option<InvitationFailure> {
    let room = &context.room;
    if context.client_wrote || !room.state.is_live() {
        return None;
    }
    let writer = Writer {
        company: &context.company,
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
    let notice = writer.text(draw, room.primary, TextKey::InvitationFailed, about);
    let reason = format!(
        "the invitation was not delivered: {} (WhatsApp {})",
        refusal.reason, refusal.code
    );
    Some(InvitationFailure {
        room: room.clone(),
        reason,
        notice,
    })
}
