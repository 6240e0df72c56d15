//! What a decision came to, in words.

use super::{AdminWords, Mark};

/// The outcome with this name (`onboarding_core::Outcome::name`) as people read it, and how it is marked; a name that
/// this version does not know stands for itself.
pub fn outcome_words<'a>(name: &'a str, words: &AdminWords) -> (Mark, &'a str) {
    let (mark, told): (Mark, &'static str) = match name {
        "ignored" => (Mark::Quiet, words.out_ignored),
        "no_extension" => (Mark::Quiet, words.out_no_extension),
        "extension_not_found" => (Mark::Waiting, words.out_extension_not_found),
        "other_unit" => (Mark::Waiting, words.out_other_unit),
        "guessing_locked" => (Mark::Bad, words.out_guessing_locked),
        "number_of_room" => (Mark::Quiet, words.out_number_of_room),
        "number_ours" => (Mark::Quiet, words.out_number_ours),
        "number_not_ours" => (Mark::Waiting, words.out_number_not_ours),
        "declined" => (Mark::Waiting, words.out_declined),
        "reminded" => (Mark::Good, words.out_reminded),
        "reminder_throttled" => (Mark::Quiet, words.out_reminder_throttled),
        "onboarded" => (Mark::Good, words.out_onboarded),
        "prospect_received" => (Mark::Waiting, words.out_prospect_received),
        "profile_hidden" => (Mark::Waiting, words.out_profile_hidden),
        "no_secondary_number" => (Mark::Bad, words.out_no_secondary_number),
        "messaging_limit_reached" => (Mark::Bad, words.out_messaging_limit_reached),
        "account_unhealthy" => (Mark::Bad, words.out_account_unhealthy),
        "room_message" => (Mark::Quiet, words.out_room_message),
        "room_closed" => (Mark::Quiet, words.out_room_closed),
        "opted_out" => (Mark::Waiting, words.out_opted_out),
        "opted_in" => (Mark::Good, words.out_opted_in),
        "still_opted_out" => (Mark::Quiet, words.out_still_opted_out),
        unknown => return (Mark::Quiet, unknown),
    };
    (mark, told)
}

#[cfg(test)]
mod tests {
    use onboarding_core::{
        ChatRoomId, ClientProfileId, IgnoreReason, OfficialAccountId, Outcome, ProspectId, UserId,
    };
    use uuid::Uuid;

    use super::*;
    use crate::Tongue;

    /// The one after it; the compiler asks for a new one here.
    fn next(outcome: Outcome) -> Option<Outcome> {
        let id = Uuid::nil();
        let (user, room) = (UserId::from_uuid(id), ChatRoomId::from_uuid(id));
        let (profile, account) = (ClientProfileId::from_uuid(id), OfficialAccountId::from_uuid(id));
        let prospect = ProspectId::from_uuid(id);
        Some(match outcome {
            Outcome::Ignored(_) => Outcome::NoExtension,
            Outcome::NoExtension => Outcome::ExtensionNotFound,
            Outcome::ExtensionNotFound => Outcome::OtherUnit { user },
            Outcome::OtherUnit { .. } => Outcome::GuessingLocked,
            Outcome::GuessingLocked => Outcome::NumberOfRoom { user, room },
            Outcome::NumberOfRoom { .. } => Outcome::NumberOurs,
            Outcome::NumberOurs => Outcome::NumberNotOurs,
            Outcome::NumberNotOurs => Outcome::Declined { user, room },
            Outcome::Declined { .. } => Outcome::Reminded { user, room },
            Outcome::Reminded { .. } => Outcome::ReminderThrottled { user, room },
            Outcome::ReminderThrottled { .. } => Outcome::Onboarded {
                user,
                room,
                profile,
                account,
            },
            Outcome::Onboarded { .. } => Outcome::ProspectReceived { user, prospect },
            Outcome::ProspectReceived { .. } => Outcome::ProfileHidden { user },
            Outcome::ProfileHidden { .. } => Outcome::NoSecondaryNumber { user },
            Outcome::NoSecondaryNumber { .. } => Outcome::MessagingLimitReached { user },
            Outcome::MessagingLimitReached { .. } => Outcome::AccountUnhealthy { user },
            Outcome::AccountUnhealthy { .. } => Outcome::RoomMessage { user, room },
            Outcome::RoomMessage { .. } => Outcome::RoomClosed,
            Outcome::RoomClosed => Outcome::OptedOut,
            Outcome::OptedOut => Outcome::OptedIn,
            Outcome::OptedIn => Outcome::StillOptedOut,
            Outcome::StillOptedOut => return None,
        })
    }

    #[test]
    fn no_outcome_is_shown_as_a_code() {
        let words = Tongue::English.admin_words();
        let first = Outcome::Ignored(IgnoreReason::Group);
        for outcome in std::iter::successors(Some(first), |outcome| next(*outcome)) {
            let (_, told) = outcome_words(outcome.name(), words);
            assert_ne!(told, outcome.name());
        }
    }
}
