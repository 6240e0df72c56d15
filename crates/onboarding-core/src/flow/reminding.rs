//! Step 3: the user and the client have a room already.

use super::{
    CUSTOMER_SERVICE_WINDOW, Decision, Outcome, REMINDER_PAUSE, RoomUpdate,
    decide::{Case, named},
    messages::{About, Writer},
};
use crate::{ChatRoom, Stage, TemplatePurpose, TextKey, Timestamp, User};

impl Case<'_> {
    /// Step 3: never a second room, never silence.
    pub(super) fn remind(
        mut self,
        user: &User,
        room: &ChatRoom,
        client_last_wrote_at: Option<Timestamp>,
    ) -> Decision {
        let number = self.number(room.account);
        let finding = format!(
            "{} and the client have the room {} on {number}, {}.",
            named(user),
            room.id,
            room.state
        );
        self.trace.note(Stage::ChatRoomCheck, finding);
        if room
            .last_reminded_at
            .is_some_and(|at| self.now.since(at) < REMINDER_PAUSE)
        {
            self.trace.note(
                Stage::Completion,
                "The client was reminded of it a moment ago; not again so soon.",
            );
            return self.close(Outcome::ReminderThrottled {
                user: user.id,
                room: room.id,
            });
        }
        let about = About {
            user: Some(user),
            primary: Some(self.request.account),
            secondary: Some(room.account),
            room: Some(room.id),
            ..About::default()
        };
        if room.waits_for_link() {
            return self.send_link_again(user, room, about);
        }
        let window_open = client_last_wrote_at.is_some_and(|at| self.now.since(at) < CUSTOMER_SERVICE_WINDOW);
        let writer = Writer {
            company: &self.facts.company,
            client: &self.identity.aliases,
            identity: self.identity.id,
            now: self.now,
        };
        let reminder = if window_open {
            writer.text(self.draw, room.account, TextKey::RoomReminder, about)
        } else {
            writer.template(self.draw, room.account, TemplatePurpose::RoomReminder, about)
        };
        let how = match (&reminder, window_open) {
            (Some(_), true) => "Reminded in the room; the client's 24-hour window is open there.",
            (Some(_), false) => {
                "Reminded in the room by template, because the 24-hour window is shut there; the primary points to it."
            }
            (None, _) => {
                "The company has no reminder template and the 24-hour window is shut; the primary points to the room."
            }
        };
        self.trace.note(Stage::Completion, how);
        self.messages.extend(reminder);
        if !window_open {
            self.reply(TextKey::RoomPointer, About { room: None, ..about });
        }
        Decision {
            room_update: Some(RoomUpdate::Reminded {
                room: room.id,
                at: self.now,
            }),
            ..self.close(Outcome::Reminded {
                user: user.id,
                room: room.id,
            })
        }
    }

    /// The room waits for its client to come by the link, so there is no thread to remind them in.
    fn send_link_again(mut self, user: &User, room: &ChatRoom, about: About<'_>) -> Decision {
        let finding = "The client did not use the link to the room yet; they get it once more.";
        self.trace.note(Stage::Completion, finding);
        let writer = Writer {
            company: &self.facts.company,
            client: &self.identity.aliases,
            identity: self.identity.id,
            now: self.now,
        };
        let link = writer.text(self.draw, self.request.account, TextKey::HandOffLink, about);
        self.messages.extend(link);
        Decision {
            room_update: Some(RoomUpdate::LinkSentAgain {
                room: room.id,
                at: self.now,
                until: self.now + self.facts.company.settings.limits.link_expires_after,
            }),
            ..self.close(Outcome::Reminded {
                user: user.id,
                room: room.id,
            })
        }
    }
}
