//! Official accounts and the pools they form.

use std::collections::BTreeMap;

use crate::{CountryCode, OfficialAccountId, OrgUnitId, PhoneNumber, PoolId, named::named_enum};

named_enum! {
    /// Whether an account can be used, as far as we know.
    Health {
        /// Nothing was heard yet; used like a healthy one.
        Unknown = "unknown",
        /// It works.
        Healthy = "healthy",
        /// It works with restrictions; it takes no new room.
        Limited = "limited",
        /// It can neither send nor receive.
        Blocked = "blocked",
    }
}

impl Health {
    /// Whether a new room may be opened on it.
    pub fn takes_new_rooms(self) -> bool {
        matches!(self, Self::Unknown | Self::Healthy)
    }
}

/// A WhatsApp business number of the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficialAccount {
    /// Its id.
    pub id: OfficialAccountId,
    /// The number that clients see.
    pub phone_number: PhoneNumber,
    /// Its id in the Graph API, an opaque string.
    pub phone_number_id: String,
    /// The WhatsApp Business Account that it belongs to.
    pub waba_id: String,
    /// Given up by an admin: it takes no new room, and its rooms move to other numbers.
    pub retired: bool,
}

/// Official accounts given to org units: one primary, any number of secondaries, and the selection rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// Its id.
    pub id: PoolId,
    /// The units that it serves.
    pub org_units: Vec<OrgUnitId>,
    /// The number that clients first write to; it never carries a conversation.
    pub primary: OfficialAccountId,
    /// The numbers that carry the conversations.
    pub secondaries: Vec<OfficialAccountId>,
    /// Secondaries that take no new room.
    pub draining: Vec<OfficialAccountId>,
    /// The default region: fourth rung of the ladder.
    pub default_country: Option<CountryCode>,
    /// Whether the pools of the units above may help out.
    pub fallback_upward: bool,
    /// Client country to number country: third rung of the ladder.
    pub geography_mapping: BTreeMap<CountryCode, CountryCode>,
}
