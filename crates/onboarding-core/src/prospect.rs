//! Prospects: contacts that wait, for a user to promote them or for a number.

use crate::{
    Actor, ChatRoomId, ClientIdentityId, OfficialAccountId, ProspectId, Timestamp, UserId, named::named_enum,
};

named_enum! {
    /// What a contact waits for.
    WaitsFor {
        /// That the user or an admin promotes it, because automatic promotion is off.
        Promotion = "promotion",
        /// That a secondary number is free for it: the waiting list.
        Number = "number",
    }
}

named_enum! {
    /// Where a prospect stands.
    ProspectState {
        /// It waits.
        Waiting = "waiting",
        /// It has its room.
        Promoted = "promoted",
        /// The user or an admin does not want it.
        Rejected = "rejected",
        /// It waited too long.
        Expired = "expired",
        /// It was the same client's as another that waits for the user.
        Joined = "joined",
    }
}

/// A contact that waits, or waited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prospect {
    /// Its id.
    pub id: ProspectId,
    /// For whom.
    pub user: UserId,
    /// Who.
    pub identity: ClientIdentityId,
    /// The primary that the client wrote to.
    pub primary: OfficialAccountId,
    /// What the client wrote when it began to wait.
    pub text: String,
    /// What it waits for.
    pub waits_for: WaitsFor,
    /// Where it stands.
    pub state: ProspectState,
    /// Since when it waits.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Who ended it.
    pub ended_by: Option<Actor>,
    /// The room that it came to.
    pub room: Option<ChatRoomId>,
}

/// What the flow needs of a prospect that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingProspect {
    /// Its id.
    pub id: ProspectId,
    /// For whom.
    pub user: UserId,
    /// What it waits for.
    pub waits_for: WaitsFor,
}

/// What becomes of a prospect that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProspectChange {
    /// It ends.
    Ends {
        /// The prospect.
        prospect: ProspectId,
        /// As what; never [`ProspectState::Waiting`].
        state: ProspectState,
        /// By whom.
        by: Actor,
        /// The room that it came to.
        room: Option<ChatRoomId>,
    },
    /// It is promoted and waits for a number now.
    WaitsForNumber {
        /// The prospect.
        prospect: ProspectId,
    },
}

impl ProspectChange {
    /// The prospect.
    pub fn prospect(self) -> ProspectId {
        let (Self::Ends { prospect, .. } | Self::WaitsForNumber { prospect }) = self;
        prospect
    }
}

/// The place of a prospect on the waiting list, from one; where it would stand if it is not there yet.
///
/// Numbers are free for one client or another, never for all alike: a client competes only with their own earlier
/// requests. `waits` are all of one client, the longest waiting first.
pub fn waiting_position(waits: &[WaitingProspect], user: UserId) -> usize {
    let mut listed = waits.iter().filter(|wait| wait.waits_for == WaitsFor::Number);
    let ahead = listed.position(|wait| wait.user == user);
    let all = waits.iter().filter(|wait| wait.waits_for == WaitsFor::Number);
    ahead.unwrap_or_else(|| all.count()) + 1
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_client_stands_behind_their_own_earlier_requests() {
        let user = |n| UserId::from_uuid(Uuid::from_u128(n));
        let wait = |n, waits_for| WaitingProspect {
            id: ProspectId::from_uuid(Uuid::from_u128(n)),
            user: user(n),
            waits_for,
        };
        let waits = [
            wait(1, WaitsFor::Number),
            wait(2, WaitsFor::Promotion),
            wait(3, WaitsFor::Number),
        ];
        assert_eq!(waiting_position(&[], user(9)), 1);
        assert_eq!(waiting_position(&waits, user(3)), 2);
        assert_eq!(waiting_position(&waits, user(9)), 3);
    }
}
