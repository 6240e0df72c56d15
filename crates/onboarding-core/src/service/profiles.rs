//! What people change in client profiles.

use std::sync::Arc;

use crate::{
    ClientProfileId, CompanyId, ProfileChange, ProfileCompletion, ProfileObstacle,
    audit::Origin,
    ports::{ClientProfiles, Clock, CompanyDirectory, ProfileOutcome, StoreError},
};

/// Joins, separates and completes profiles.
pub struct ProfileService {
    companies: Arc<dyn CompanyDirectory>,
    profiles: Arc<dyn ClientProfiles>,
    clock: Arc<dyn Clock>,
}

impl ProfileService {
    /// On these ports.
    pub fn new(
        companies: Arc<dyn CompanyDirectory>,
        profiles: Arc<dyn ClientProfiles>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            companies,
            profiles,
            clock,
        }
    }

    /// Changes the profile; see [`crate::check_profile_change`] for what stands in the way of it. What the company wants of
    /// its profiles is looked up here.
    pub async fn change(
        &self,
        company: &CompanyId,
        profile: ClientProfileId,
        change: ProfileChange,
        by: &Origin,
    ) -> Result<ProfileOutcome, StoreError> {
        let refused = |obstacle| Ok(ProfileOutcome::Refused(obstacle));
        let Some(company) = self.companies.company(company).await? else {
            return refused(ProfileObstacle::Unknown);
        };
        let change = match change {
            ProfileChange::Complete(told) => {
                let firms = &company.external_companies;
                let firm = told.external_company.as_ref();
                if firm.is_some_and(|firm| firms.iter().all(|one| one.id != *firm)) {
                    return refused(ProfileObstacle::UnknownExternalCompany);
                }
                ProfileChange::Complete(ProfileCompletion {
                    one_profile_a_phone: company.settings.features.unique_phone_number,
                    ..told
                })
            }
            other => other,
        };
        let now = self.clock.now();
        self.profiles
            .change_profile(&company.id, profile, change, by, now)
            .await
    }
}
