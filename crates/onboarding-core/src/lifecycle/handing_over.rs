//! Another user goes on with a client.

use super::{Obstacle, RoomContext, primary_for, window_open, writer};
use crate::{
    AccountUsage, Act, ActKind, ChatRoom, ClientProfile, Closing, Draw, NoticeKind, RoomEnd, Stage,
    Timestamp, User, allocate,
    flow::{
        decide::named,
        limit_is_spent,
        opening::{Announcement, Opening},
    },
};

/// Who goes on, and how they stand with the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Successor {
    /// The user.
    pub user: User,
    /// The profile of the room.
    pub profile: ClientProfile,
    /// The room that the two have already.
    pub room: Option<ChatRoom>,
    /// How the secondaries that serve the successor are used, by this client too.
    pub usage: Vec<AccountUsage>,
}

/// Closes the room and opens one of the successor, on a number that the ladder finds for them: never the same (INV-31). The
/// profile is assigned to the successor; the client is told who goes on and which number will write. A successor who has
/// a room with the client goes on there.
pub fn hand_over(
    context: &RoomContext,
    to: &Successor,
    end: RoomEnd,
    now: Timestamp,
    draw: &mut Draw,
) -> Result<Act, Obstacle> {
    let RoomContext {
        company,
        room,
        client,
        ..
    } = context;
    refuse(context, to)?;
    let mut act = Act::new(ActKind::RoomHandedOver, end.by, to.user.id, room.identity);
    let finding = format!(
        "The room {} of {} is handed over to {} by the {}: {}.",
        room.id,
        named(&context.user),
        named(&to.user),
        end.by,
        end.reason.sentence(),
    );
    act.trace.note(Stage::Request, finding);
    act.closing = Some(Closing { room: room.id, end });
    let assigned = to.profile.assigned_to.contains(&to.user.id);
    act.assignment = (!assigned).then_some((to.profile.id, to.user.id));
    let text = format!("{} handed a client over to you.", named(&context.user));
    act.notify(
        to.user.id,
        NoticeKind::RoomReceived,
        (context.subject(), text),
        now,
        draw,
    );
    if let Some(existing) = &to.room {
        let finding = format!("The two have the room {} already and go on there.", existing.id);
        act.trace.note(Stage::ChatRoomCheck, finding);
        return Ok(act);
    }
    act.binds = Some(to.profile.id).filter(|_| to.profile.identity.is_none());
    let allocation = allocate(company, &to.user, &client.aliases, &to.usage, now, &mut act.trace);
    let account = allocation.map_err(Obstacle::NoNumber)?.account;
    let opening = Opening {
        writer: writer(company, client, room.identity, now),
        user: &to.user,
        profile: to.profile.id,
        primary: primary_for(company, &to.user, room.primary),
        account,
        announcement: Announcement::RoomHandedOver,
        primary_window_open: window_open(context.wrote_to_primary, now),
        limit_spent: limit_is_spent(&to.usage, account),
    };
    opening.open(&mut act, draw)?;
    Ok(act)
}

fn refuse(context: &RoomContext, to: &Successor) -> Result<(), Obstacle> {
    let hidden = to
        .profile
        .external_company
        .as_ref()
        .is_some_and(|firm| !to.user.external_companies.contains(firm));
    if !context.room.state.is_live() {
        Err(Obstacle::Over)
    } else if to.user.id == context.room.user {
        Err(Obstacle::SameUser)
    } else if !to.user.active {
        Err(Obstacle::UserLeft)
    } else if context.client.opted_out_at.is_some() {
        Err(Obstacle::OptedOut)
    } else if hidden {
        Err(Obstacle::ProfileHidden)
    } else {
        Ok(())
    }
}

impl Opening<'_> {
    /// Opens the room within the act, with its invitation.
    pub(super) fn open(&self, act: &mut Act, draw: &mut Draw) -> Result<(), Obstacle> {
        let room = self.room(draw);
        let messages = self.messages(&room, draw);
        if messages.is_empty() {
            return Err(Obstacle::Unreachable);
        }
        let announced = messages.iter().any(|message| message.account == self.primary);
        let how = if announced {
            "The client is told through the primary."
        } else {
            "The 24-hour window of the primary is shut and the company has no template for this; the invitation is sent \
             alone."
        };
        let finding = format!(
            "Opened the room {} of {} and the client on {}, {}. {how}",
            room.id,
            named(self.user),
            super::number(self.writer.company, room.account),
            room.state,
        );
        act.trace.note(Stage::Completion, finding);
        act.messages.extend(messages);
        act.new_room = Some(room);
        Ok(())
    }
}
