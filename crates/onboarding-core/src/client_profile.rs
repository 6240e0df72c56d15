//! Client profiles: the company's records of its clients.

use crate::{
    ClientIdentityId, ClientProfileId, ExternalCompanyId, OrgUnitId, PhoneNumber, Timestamp, UserId,
};

/// The company's record of a client. Several may carry the same phone (multi-client-profile).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientProfile {
    /// Its id.
    pub id: ClientProfileId,
    /// The id that the company gave it in its manifest, if it came from there.
    pub key: Option<String>,
    /// The client's name as the company knows it.
    pub name: String,
    /// The phone that the company recorded.
    pub phone_number: Option<PhoneNumber>,
    /// When the company recorded that phone.
    pub phone_recorded_at: Timestamp,
    /// Whose profile it is, since a client was onboarded with it; until then it is found by its phone.
    pub identity: Option<ClientIdentityId>,
    /// The unit that it belongs to.
    pub org_unit: OrgUnitId,
    /// The outside firm it is grouped under.
    pub external_company: Option<ExternalCompanyId>,
    /// The users it is assigned to.
    pub assigned_to: Vec<UserId>,
    /// When one of its rooms last carried a message.
    pub last_active_at: Option<Timestamp>,
}
