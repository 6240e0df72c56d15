//! The client writes where they have a live room, or taps a button there.

use super::{
    Decision, Outcome, RoomUpdate,
    decide::Case,
    messages::{About, Writer},
};
use crate::{
    Actor, Audience, ChatRoom, CloseReason, Closing, InvitationButton, MessageKind, NoticeKind, RoomEnd,
    RoomState, Stage, TextKey, is_button_payload,
};

impl Case<'_> {
    /// INV-32: what a client writes reaches the user of the room or nobody.
    pub(super) fn keep_in(mut self, room: &ChatRoom) -> Decision {
        self.trace.note(
            Stage::ChatRoomCheck,
            format!("The client's live room on this number is {}.", room.id),
        );
        let payload = self.request.message.button.as_deref();
        let key = &self.facts.company.button_key;
        let tapped = payload.and_then(|payload| key.button(payload, room.id, room.account));
        if tapped == Some(InvitationButton::Decline) {
            return self.decline(room);
        }
        // A button that is not of this room says nothing about it, whatever stands on it.
        let strange = tapped.is_none() && payload.is_some_and(is_button_payload);
        let answered = matches!(self.request.message.kind, MessageKind::Content(_)) && !strange;
        let activates = room.state == RoomState::Invited && answered;
        let done = match (tapped, activates) {
            (Some(_), true) => "The client accepted: the room is active now.",
            (Some(_), false) => "The client accepted; the room was active already.",
            (None, true) => "The message is kept in the room, which is active now.",
            (None, false) if strange => "The button is not of this room; the message is kept in the room.",
            (None, false) => "The message is kept in the room.",
        };
        self.trace.note(Stage::Completion, done);
        Decision {
            kept_in_room: Some(room.id),
            room_update: activates.then_some(RoomUpdate::Activated { room: room.id }),
            ..self.close(Outcome::RoomMessage {
                user: room.user,
                room: room.id,
            })
        }
    }

    /// The room is over; its user is told, and the client that it was understood.
    fn decline(mut self, room: &ChatRoom) -> Decision {
        let finding = "The client declined the invitation: the room is closed.";
        self.trace.note(Stage::Completion, finding);
        let text = format!(
            "A client declined to chat with you on {}.",
            self.number(room.account)
        );
        let subject = format!("room {}", room.id);
        let user = Audience::User(room.user);
        self.notify(user, NoticeKind::InvitationDeclined, subject, text);
        if self.not_answered_here().is_none() {
            let writer = Writer {
                company: &self.facts.company,
                client: &self.identity.aliases,
                identity: self.identity.id,
                now: self.now,
            };
            let about = About {
                primary: Some(room.primary),
                secondary: Some(room.account),
                room: Some(room.id),
                ..About::default()
            };
            let answer = writer.text(self.draw, room.account, TextKey::Declined, about);
            self.messages.extend(answer);
        }
        let end = RoomEnd {
            by: Actor::Client,
            reason: CloseReason::Declined,
            note: None,
        };
        Decision {
            kept_in_room: Some(room.id),
            closings: vec![Closing { room: room.id, end }],
            ..self.close(Outcome::Declined {
                user: room.user,
                room: room.id,
            })
        }
    }
}
