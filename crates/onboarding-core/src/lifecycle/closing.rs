//! The end of a room.

use super::{Obstacle, RoomContext, number, window_open, writer};
use crate::{
    Act, ActKind, Actor, CloseReason, Closing, Draw, NoticeKind, RoomEnd, Stage, TextKey, Timestamp,
    flow::decide::named,
};

/// Closes a room: its number is free again, for its user alone (INV-31). The client is told in the room as long as free
/// text reaches them there; the user, where somebody else did it.
pub fn close_room(
    context: &RoomContext,
    end: RoomEnd,
    now: Timestamp,
    draw: &mut Draw,
) -> Result<Act, Obstacle> {
    let RoomContext {
        company,
        room,
        user,
        client,
        ..
    } = context;
    if !room.state.is_live() {
        return Err(Obstacle::Over);
    }
    let mut act = Act::new(ActKind::RoomClosed, end.by, user.id, room.identity);
    act.trace.note(
        Stage::Request,
        format!(
            "The room {} of {} on {} is closed by the {}: {}.",
            room.id,
            named(user),
            number(company, room.account),
            end.by,
            end.reason.sentence(),
        ),
    );
    let reachable = client.opted_out_at.is_none()
        && company.account(room.account).is_some()
        && window_open(context.wrote_to_secondary, now);
    if reachable {
        let writer = writer(company, client, room.identity, now);
        let text = writer.text(draw, room.account, TextKey::RoomEnded, context.about());
        act.messages.extend(text);
    }
    let told = if reachable {
        "The client is told in the room."
    } else {
        "The client is told when they write there again."
    };
    act.trace.note(Stage::Completion, told);
    if user.active && end.by != Actor::User(user.id) {
        let text = format!(
            "Your room with a client on {} was closed.",
            number(company, room.account)
        );
        act.notify(
            user.id,
            NoticeKind::RoomClosed,
            (context.subject(), text),
            now,
            draw,
        );
    }
    act.closing = Some(Closing { room: room.id, end });
    Ok(act)
}

impl CloseReason {
    /// For people, as a part of a sentence.
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::Ended => "the conversation is over",
            Self::UserLeft => "its user left",
            Self::HandedOver => "another user goes on with the client",
            Self::NumberRetired => "its number is out of use",
            Self::OptedOut => "the client wants no more messages",
            Self::IdentityChanged => "the record of who the client is was put right",
            Self::Declined => "the client declined the invitation",
            Self::LinkUnused => "its client did not use the link",
        }
    }
}
