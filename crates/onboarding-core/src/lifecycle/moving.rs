//! A room whose number is out of use.

use super::{Obstacle, RoomContext, number, primary_for, window_open, writer};
use crate::{
    AccountUsage, Act, ActKind, Actor, CloseReason, Closing, Company, Draw, NoticeKind, OfficialAccountId,
    RoomEnd, Stage, Timestamp, allocate,
    flow::{
        decide::named,
        limit_is_spent,
        opening::{Announcement, Opening},
    },
};

/// Whether rooms may stay on the number: it is one of the company's, a secondary of a pool, and not retired.
fn carries_rooms(company: &Company, account: OfficialAccountId) -> bool {
    let in_use = company.account(account).is_some_and(|account| !account.retired);
    in_use
        && company
            .pool_of(account)
            .is_some_and(|pool| pool.primary != account)
}

/// Closes a room on a number that is out of use and opens it anew on one that the ladder finds, for the same user,
/// client and profile. The client is told through the primary and invited from the new number.
pub fn move_room(
    context: &RoomContext,
    usage: &[AccountUsage],
    by: Actor,
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
    if carries_rooms(company, room.account) {
        return Err(Obstacle::InUse);
    }
    if !user.active {
        return Err(Obstacle::UserLeft);
    }
    if client.opted_out_at.is_some() {
        return Err(Obstacle::OptedOut);
    }
    let mut act = Act::new(ActKind::RoomMoved, by, user.id, room.identity);
    let from = number(company, room.account);
    let finding = format!(
        "The number {from} of the room {} of {} is out of use.",
        room.id,
        named(user)
    );
    act.trace.note(Stage::Request, finding);
    let end = RoomEnd {
        by,
        reason: CloseReason::NumberRetired,
        note: None,
    };
    act.closing = Some(Closing { room: room.id, end });
    let allocation = allocate(company, user, &client.aliases, usage, now, &mut act.trace);
    let account = allocation.map_err(Obstacle::NoNumber)?.account;
    let opening = Opening {
        writer: writer(company, client, room.identity, now),
        user,
        profile: room.profile,
        primary: primary_for(company, user, room.primary),
        account,
        announcement: Announcement::RoomMoved,
        primary_window_open: window_open(context.wrote_to_primary, now),
        limit_spent: limit_is_spent(usage, account),
    };
    opening.open(&mut act, draw)?;
    let text = format!(
        "Your room on {from} goes on on {}.",
        number(company, opening.account)
    );
    act.notify(
        user.id,
        NoticeKind::RoomMoved,
        (context.subject(), text),
        now,
        draw,
    );
    Ok(act)
}
