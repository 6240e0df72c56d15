//! Client profiles: the company's records of its clients.

mod change;

pub use change::{ProfileChange, ProfileCompletion, ProfileObstacle, ProfileStanding, check_profile_change};

use crate::{
    ClientIdentityId, ClientProfileId, ExternalCompanyId, NewProfile, OrgUnitId, PhoneNumber, Timestamp,
    UserId, named::named_enum,
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
    /// Whether the company gave that name; otherwise it is what the client goes by on WhatsApp.
    pub named_by_company: bool,
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
    /// The profile that it went up in ([`ProfileChange::Merge`]): new rooms of the client are for that one. Rooms that it
    /// has stay its own (INV-32).
    pub merged_into: Option<Box<ClientProfile>>,
}

named_enum! {
    /// What a company may want every profile to hold.
    ProfileField {
        /// A name that the company gave it.
        Name = "name",
        /// A phone.
        PhoneNumber = "phone_number",
        /// The outside firm.
        ExternalCompany = "external_company",
    }
}

impl ClientProfile {
    /// Which of the mandatory fields it lacks; a profile that lacks one is incomplete. That never keeps a client waiting.
    pub fn lacks(&self, mandatory: &[ProfileField]) -> Vec<ProfileField> {
        lacking(mandatory, |field| match field {
            ProfileField::Name => self.named_by_company,
            ProfileField::PhoneNumber => self.phone_number.is_some(),
            ProfileField::ExternalCompany => self.external_company.is_some(),
        })
    }

    /// The profile that stands for it: the one that it went up in, with those whom either is assigned to; else itself.
    #[must_use]
    pub fn current(&self) -> Self {
        let Some(kept) = &self.merged_into else {
            return self.clone();
        };
        let mut current = kept.as_ref().clone();
        current.take_on(self);
        current
    }

    /// Adds who a profile that went up in this one is assigned to, and when it was active.
    pub(crate) fn take_on(&mut self, other: &Self) {
        for user in &other.assigned_to {
            if !self.assigned_to.contains(user) {
                self.assigned_to.push(*user);
            }
        }
        self.last_active_at = self.last_active_at.max(other.last_active_at);
    }
}

impl NewProfile {
    /// Which of the mandatory fields it will lack.
    pub fn lacks(&self, mandatory: &[ProfileField]) -> Vec<ProfileField> {
        lacking(mandatory, |field| match field {
            ProfileField::Name => false,
            ProfileField::PhoneNumber => self.phone_number.is_some(),
            ProfileField::ExternalCompany => self.external_company.is_some(),
        })
    }
}

fn lacking(mandatory: &[ProfileField], has: impl Fn(ProfileField) -> bool) -> Vec<ProfileField> {
    mandatory.iter().copied().filter(|field| !has(*field)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    /// As the flow makes one of a client who shows everything that a client can show.
    fn new_profile() -> NewProfile {
        NewProfile {
            id: ClientProfileId::from_uuid(Uuid::from_u128(1)),
            name: "Jane".to_owned(),
            phone_number: PhoneNumber::parse("+85291234567").ok(),
            identity: ClientIdentityId::from_uuid(Uuid::from_u128(2)),
            org_unit: OrgUnitId::parse("hk").expect("a slug"),
            external_company: None,
        }
    }

    #[test]
    fn a_name_counts_only_when_the_company_gave_it() {
        let new = new_profile();
        let mut profile = ClientProfile {
            id: new.id,
            key: None,
            name: new.name.clone(),
            named_by_company: false,
            phone_number: new.phone_number.clone(),
            phone_recorded_at: Timestamp::from_unix_seconds(0),
            identity: Some(new.identity),
            org_unit: new.org_unit.clone(),
            external_company: None,
            assigned_to: Vec::new(),
            last_active_at: None,
            merged_into: None,
        };
        assert_eq!(new.lacks(&[ProfileField::Name]), [ProfileField::Name]);
        assert_eq!(profile.lacks(&[ProfileField::Name]), [ProfileField::Name]);
        profile.named_by_company = true;
        assert_eq!(profile.lacks(&[ProfileField::Name]), []);
    }

    #[test]
    fn what_is_mandatory_and_missing_is_told_in_the_order_of_the_company_and_nothing_else() {
        let mut new = new_profile();
        let both = [ProfileField::ExternalCompany, ProfileField::PhoneNumber];
        assert_eq!(new.lacks(&[]), []);
        assert_eq!(new.lacks(&both), [ProfileField::ExternalCompany]);
        new.phone_number = None;
        assert_eq!(new.lacks(&both), both);
        new.external_company = ExternalCompanyId::parse("globex").ok();
        assert_eq!(new.lacks(&both), [ProfileField::PhoneNumber]);
    }
}
