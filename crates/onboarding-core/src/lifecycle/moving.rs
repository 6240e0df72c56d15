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

/// Whether rooms may stay on the number: a secondary in use that WhatsApp has not taken away.
fn carries_rooms(company: &Company, account: OfficialAccountId, now: Timestamp) -> bool {
    company.is_secondary_in_use(account)
        && company
            .account(account)
            .is_some_and(|account| !company.is_banned(account, now))
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
    if carries_rooms(company, room.account, now) {
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
    let banned = company
        .account(room.account)
        .is_some_and(|account| company.is_banned(account, now));
    let what = if banned {
        "is banned by WhatsApp"
    } else {
        "is out of use"
    };
    let finding = format!(
        "The number {from} of the room {} of {} {what}.",
        room.id,
        named(user)
    );
    act.trace.note(Stage::Request, finding);
    let end = RoomEnd {
        by,
        reason: CloseReason::NumberRetired,
        note: banned.then(|| "WhatsApp has banned the number".to_owned()),
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
