//! The configuration of a company as people write it: the wished state, its mistakes, and the changes that
//! lead there.
//!
//! Here things are named by the keys that people write (usernames, phone numbers, slugs); the ids that the
//! flow uses are the store's.

mod admins;
mod mistakes;
mod plan;
mod secrets;

use std::collections::BTreeMap;

use crate::{
    ButtonKey, ClientProfileId, CompanySettings, CountryCode, Extension, ExternalCompany, ExternalCompanyId,
    ExternalIdentity, OfficialAccountId, OrgUnit, OrgUnitId, PhoneNumber, PoolId, Role, UserId,
};

pub use admins::loses_last_admin;
pub(crate) use mistakes::extension_clash;
pub use mistakes::{Mistake, bounds, mistakes};
pub use plan::{PlannedChange, plan};
pub use secrets::{ForeignSecret, may_refer};

/// Everything that can be set for a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyConfig {
    /// Name, languages, features, limits, texts.
    pub settings: CompanySettings,
    /// The tree of org units.
    pub org_units: Vec<OrgUnit>,
    /// The external companies.
    pub external_companies: Vec<ExternalCompany>,
    /// The active users.
    pub users: Vec<UserConfig>,
    /// Who goes on with the clients of users who are not among the active ones any more. Only wished: empty in what a
    /// store tells.
    pub leavers: Vec<Leaver>,
    /// The profiles that the company keeps by key. Those that the flow created have none and are not here.
    pub client_profiles: Vec<ClientProfileConfig>,
    /// The WhatsApp numbers.
    pub official_accounts: Vec<OfficialAccountConfig>,
    /// The pools.
    pub pools: Vec<PoolConfig>,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserConfig {
    /// The key.
    pub username: String,
    /// As clients read it.
    pub name: String,
    /// Where mail reaches them.
    pub email: Option<String>,
    /// Their position.
    pub title: Option<String>,
    /// Where they stand.
    pub org_unit: OrgUnitId,
    /// By which clients ask for them.
    pub extension: Option<Extension>,
    /// The external companies whose profiles they see.
    pub external_companies: Vec<ExternalCompanyId>,
    /// What they may do.
    pub roles: Vec<Role>,
    /// Under which names identity providers know them; each is one user's.
    pub identities: Vec<ExternalIdentity>,
}

/// A user who leaves, or left, and whose clients go to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaver {
    /// Who leaves.
    pub username: String,
    /// Who goes on.
    pub hand_over_to: String,
}

/// A client profile that the company keeps by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientProfileConfig {
    /// The key.
    pub key: String,
    /// The client's name.
    pub name: String,
    /// The client's phone.
    pub phone_number: Option<PhoneNumber>,
    /// The unit that it belongs to.
    pub org_unit: OrgUnitId,
    /// The outside firm.
    pub external_company: Option<ExternalCompanyId>,
    /// Usernames of those it is assigned to.
    pub assigned_to: Vec<String>,
}

/// A WhatsApp number; the phone number is the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficialAccountConfig {
    /// The key.
    pub phone_number: PhoneNumber,
    /// Its id in the Graph API.
    pub phone_number_id: String,
    /// The WhatsApp Business Account.
    pub waba_id: String,
}

/// A pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolConfig {
    /// The key.
    pub id: PoolId,
    /// The units that it serves.
    pub org_units: Vec<OrgUnitId>,
    /// The number that clients first write to.
    pub primary: PhoneNumber,
    /// The numbers that carry the conversations.
    pub secondaries: Vec<PhoneNumber>,
    /// Secondaries that take no new room.
    pub draining: Vec<PhoneNumber>,
    /// The default region.
    pub default_country: Option<CountryCode>,
    /// Whether the pools of the units above may help out.
    pub fallback_upward: bool,
    /// Client country to number country.
    pub geography_mapping: BTreeMap<CountryCode, CountryCode>,
}

/// One change of the configuration. A store makes all changes of one apply in a single transaction and judges
/// uniqueness at its end: two users may swap extensions, two pools may swap numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigChange {
    /// Creates the company or sets its settings.
    PutCompany {
        /// The key that signs its buttons, should the company be new.
        new_key: ButtonKey,
        /// The settings.
        settings: Box<CompanySettings>,
    },
    /// Creates or changes a unit.
    PutOrgUnit(OrgUnit),
    /// Takes a unit away.
    RemoveOrgUnit(OrgUnitId),
    /// Creates or changes an external company.
    PutExternalCompany(ExternalCompany),
    /// Takes an external company away.
    RemoveExternalCompany(ExternalCompanyId),
    /// Creates or changes a user and makes them active.
    PutUser {
        /// The id, should the username be new.
        new_id: UserId,
        /// The user.
        user: UserConfig,
    },
    /// The user left: inactive from now on, their extension dead. The record keeps them.
    DeactivateUser {
        /// Who.
        username: String,
        /// The username of the active user who goes on with their clients.
        successor: Option<String>,
    },
    /// Creates or changes a profile.
    PutClientProfile {
        /// The id, should the key be new.
        new_id: ClientProfileId,
        /// The profile.
        profile: ClientProfileConfig,
    },
    /// Takes the profile with this key away. Not part of a wished configuration, which leaves the profiles that it does not
    /// name; refused while the record needs it ([`crate::ports::ApplyOutcome::InUse`]).
    RemoveClientProfile(String),
    /// Creates or changes an account.
    PutOfficialAccount {
        /// The id, should the phone number be new.
        new_id: OfficialAccountId,
        /// The account.
        account: OfficialAccountConfig,
    },
    /// The account is out of use. The record keeps it.
    RemoveOfficialAccount(PhoneNumber),
    /// Gives the account up, or takes it up again. Not part of a wished configuration, which leaves it as it is.
    RetireOfficialAccount {
        /// Which.
        phone_number: PhoneNumber,
        /// Whether it is given up.
        retired: bool,
    },
    /// Creates or changes a pool with its members.
    PutPool(PoolConfig),
    /// Takes a pool away; its accounts stay.
    RemovePool(PoolId),
}
