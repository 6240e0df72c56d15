//! `rooms`: list, close, hand over.

use std::process::ExitCode;

use anyhow::Context;
use onboarding_core::{
    Actor, ChatRoomId, CloseReason, RoomEnd,
    ports::{RoomView, RoomsOf},
    service::Wish,
};

use super::{acting::Acting, say, table::say_table};
use crate::{
    cli::{RoomsArgs, RoomsCommand},
    settings::Settings,
};

pub(super) async fn run(settings: &Settings, args: &RoomsArgs) -> anyhow::Result<ExitCode> {
    let acting = Acting::on(settings, args.company.as_deref()).await?;
    match &args.command {
        RoomsCommand::List {
            user,
            all,
            stuck,
            limit,
        } => {
            let which = match (user, all) {
                (Some(user), _) => RoomsOf::User(acting.user(user).await?.id),
                (None, true) => RoomsOf::Anybody,
                (None, false) => RoomsOf::Live,
            };
            let views = if *stuck {
                acting.upkeep.rooms_to_move(acting.id()).await?
            } else {
                acting.store.rooms(acting.id(), which, *limit).await?
            };
            list(&acting, views).await?;
        }
        RoomsCommand::Close { room, note } => {
            let room = ChatRoomId::from_uuid(*room);
            let end = end(CloseReason::Ended, note.as_ref());
            acting.act("the room", &Wish::CloseRoom { room, end }).await?;
            say(&format!(
                "closed room {room}; its number is free for its user and this client"
            ));
        }
        RoomsCommand::HandOver { room, to, note } => {
            let (room, user) = (ChatRoomId::from_uuid(*room), acting.user(to).await?);
            let end = end(CloseReason::HandedOver, note.as_ref());
            let wish = Wish::HandOverRoom {
                room,
                to: user.id,
                end,
            };
            let act = acting.act("the room", &wish).await?;
            say(&match act.new_room {
                Some(new) => format!(
                    "handed room {room} over to {to}: room {} on {}",
                    new.id,
                    acting.number(new.account)
                ),
                None => format!("handed room {room} over to {to}, who has a room with the client already"),
            });
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn end(reason: CloseReason, note: Option<&String>) -> RoomEnd {
    RoomEnd {
        by: Actor::Operator,
        reason,
        note: note.cloned(),
    }
}

async fn list(acting: &Acting, views: Vec<RoomView>) -> anyhow::Result<()> {
    if views.is_empty() {
        say("no rooms");
        return Ok(());
    }
    let mut rows = Vec::new();
    for view in views {
        let user = acting.store.user(acting.id(), view.room.user).await?;
        let user = user.map_or_else(|| view.room.user.to_string(), |user| user.username);
        rows.push(cells(acting, user, view));
    }
    say_table(["ROOM", "USER", "NUMBER", "STATE", "SINCE", "HOW IT ENDED"], rows);
    Ok(())
}

fn cells(acting: &Acting, user: String, view: RoomView) -> [String; 6] {
    let ended = view.end.map(|end| {
        let note = end.note.map_or_else(String::new, |note| format!(" ({note})"));
        format!("{} by {}{note}", end.reason, end.by)
    });
    [
        view.room.id.to_string(),
        user,
        acting.number(view.room.account),
        view.room.state.to_string(),
        view.room.closed_at.unwrap_or(view.room.created_at).to_string(),
        ended.or(view.failure).unwrap_or_default(),
    ]
}

impl Acting {
    /// The user with this username, active or not.
    pub(super) async fn user(&self, username: &str) -> anyhow::Result<onboarding_core::User> {
        let user = self.store.user_named(self.id(), username).await?;
        user.with_context(|| format!("company {} has no user `{username}`", self.id()))
    }
}
