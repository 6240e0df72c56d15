//! A link that nobody used.

use super::{Obstacle, RoomContext, number};
use crate::{
    Act, ActKind, Actor, CloseReason, Closing, Draw, NoticeKind, RoomEnd, Stage, Timestamp,
    flow::decide::named,
};

/// Ends a room whose client did not come by the link in time: its number is free again, for everybody, because no thread
/// began there. The user is told; the client may send the extension again.
pub fn expire_link(context: &RoomContext, now: Timestamp, draw: &mut Draw) -> Result<Act, Obstacle> {
    let RoomContext {
        company, room, user, ..
    } = context;
    if !room.state.is_live() {
        return Err(Obstacle::Over);
    }
    if !room.waits_for_link() || room.link_until.is_some_and(|until| now < until) {
        return Err(Obstacle::InUse);
    }
    let by = Actor::Service;
    let mut act = Act::new(ActKind::LinkExpired, by, user.id, room.identity);
    let on = number(company, room.account);
    let finding = format!(
        "The client did not use the link to the room {} of {} on {on}; the number is free again.",
        room.id,
        named(user)
    );
    act.trace.note(Stage::Completion, finding);
    let end = RoomEnd {
        by,
        reason: CloseReason::LinkUnused,
        note: None,
    };
    act.closing = Some(Closing { room: room.id, end });
    if user.active {
        let text = format!(
            "A client who asked for you did not use the link to your chat on {on}; they can send your extension again."
        );
        let kind = NoticeKind::InvitationFailed;
        act.notify(user.id, kind, (context.subject(), text), now, draw);
    }
    Ok(act)
}
