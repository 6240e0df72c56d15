//! A client who wants no more messages, or wants them again.

use super::{
    Decision, Outcome, Situation,
    decide::Case,
    messages::{About, Writer},
};
use crate::{
    Actor, Audience, CloseReason, Closing, MessageKind, NoticeKind, OfficialAccountId, OptOutChange, RoomEnd,
    Stage, TextKey, find_tokens,
};

impl Case<'_> {
    /// What the message says of being written to, if it says that and nothing else.
    pub(super) fn opt_out_word(&self) -> Option<OptOutChange> {
        let message = &self.request.message;
        let words = &self.facts.company.settings.opt_out;
        match message.kind {
            MessageKind::Content(_) => message.texts.iter().find_map(|text| words.read(text)),
            MessageKind::Silent(_) => None,
        }
    }

    /// Every live room of the client is over; told once, from the number that the client wrote to.
    pub(super) fn opt_out(mut self) -> Decision {
        let rooms = &self.facts.client.live_rooms;
        let finding = format!(
            "The client wants no more messages. Live rooms that are closed with this: {}.",
            rooms.len()
        );
        self.trace.note(Stage::Completion, finding);
        let close = |room: &crate::ChatRoom| Closing {
            room: room.id,
            end: RoomEnd {
                by: Actor::Client,
                reason: CloseReason::OptedOut,
                note: None,
            },
        };
        let closings = rooms.iter().map(close).collect();
        for room in rooms {
            let text = "A client of yours wants no more messages; your room with them is closed.".to_owned();
            let subject = format!("client {}", self.identity.id);
            self.notify(
                Audience::User(room.user),
                NoticeKind::ClientOptedOut,
                subject,
                text,
            );
        }
        self.confirm(TextKey::OptedOut);
        let kept_in_room = match &self.facts.situation {
            Situation::Secondary { room } => room.as_ref().map(|room| room.id),
            _ => None,
        };
        Decision {
            closings,
            opt_out: Some(OptOutChange::Out),
            kept_in_room,
            ..self.close(Outcome::OptedOut)
        }
    }

    pub(super) fn opt_in(mut self) -> Decision {
        self.trace
            .note(Stage::Completion, "The client wants messages again.");
        self.confirm(TextKey::OptedIn);
        Decision {
            opt_out: Some(OptOutChange::In),
            ..self.close(Outcome::OptedIn)
        }
    }

    /// Somebody who opted out and asks for a user is told how to come back; anything else has no answer.
    pub(super) fn answer_opted_out(mut self) -> Decision {
        let on_primary = matches!(self.facts.situation, Situation::Primary { .. });
        let asks = self
            .request
            .message
            .texts
            .iter()
            .any(|text| !find_tokens(text).is_empty());
        if on_primary && asks {
            self.reply(TextKey::StillOptedOut, About::default());
        } else {
            let finding = "The client wanted no more messages, so there is no answer.";
            self.trace.note(Stage::Completion, finding);
        }
        self.close(Outcome::StillOptedOut)
    }

    /// Not held back by the limit on automatic replies: it is said once.
    fn confirm(&mut self, key: TextKey) {
        if self.not_answered_here().is_some() {
            return;
        }
        let writer = Writer {
            company: &self.facts.company,
            client: &self.identity.aliases,
            identity: self.identity.id,
            now: self.now,
        };
        let about = About {
            primary: self.primary_here(),
            ..About::default()
        };
        let confirmation = writer.text(self.draw, self.request.account, key, about);
        self.messages.extend(confirmation);
    }

    fn primary_here(&self) -> Option<OfficialAccountId> {
        self.facts
            .company
            .pool_of(self.request.account)
            .map(|pool| pool.primary)
    }
}
