//! “Is this number yours?”: a client asks the primary about a number that writes in our name.

use super::{AskedNumber, Decision, Outcome, decide::Case, messages::About};
use crate::{Stage, TextKey};

impl Case<'_> {
    /// Tells whether the number is the company's, and whom the client talks to there; nothing of other clients. A question
    /// about any number but that of a room of their own counts as a guess.
    pub(super) fn tell_whose_number(mut self, asked: &AskedNumber) -> Decision {
        let (finding, key, outcome) = match (asked.account, &asked.room) {
            (Some(_), Some((room, _))) => (
                "The client asks about the number of a room of theirs.",
                TextKey::NumberOfRoom,
                Outcome::NumberOfRoom {
                    user: room.user,
                    room: room.id,
                },
            ),
            (Some(_), None) => (
                "The client asks about a number of ours where they have no room.",
                TextKey::NumberOurs,
                Outcome::NumberOurs,
            ),
            (None, _) => (
                "The client asks about a number that is not ours.",
                TextKey::NumberNotOurs,
                Outcome::NumberNotOurs,
            ),
        };
        self.trace.note(Stage::ExtensionLookup, finding);
        let key = if outcome.is_wrong_extension() {
            self.unless_locked(key)
        } else {
            key
        };
        let ours = asked.account.and_then(|id| self.facts.company.account(id));
        let digits = ours.map_or(asked.written.digits(), |account| account.phone_number.digits());
        let about = About {
            user: asked.room.as_ref().map(|(_, user)| user),
            asked: Some(digits),
            ..About::default()
        };
        self.reply(key, about);
        self.close(outcome)
    }
}
