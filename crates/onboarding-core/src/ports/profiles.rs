//! Client profiles as people look at them and change them.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    ClientProfile, ClientProfileId, CompanyId, ProfileChange, ProfileObstacle, Timestamp, audit::Origin,
};

/// What became of a change of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileOutcome {
    /// It is stored.
    Changed,
    /// It cannot be; nothing changed.
    Refused(ProfileObstacle),
}

/// Lists client profiles and changes those that exist.
#[cfg_attr(any(test, feature = "mocks"), mockall::automock)]
#[async_trait]
pub trait ClientProfiles: Send + Sync {
    /// The profiles of the company in the order of their ids, behind `after`, at most `limit`. One that went up in another
    /// is listed too, with that other.
    async fn profiles(
        &self,
        company: &CompanyId,
        after: Option<ClientProfileId>,
        limit: u32,
    ) -> Result<Vec<ClientProfile>, StoreError>;

    /// Changes the profile in one transaction, together with its audit entry, if [`crate::check_profile_change`] finds
    /// nothing against it as it stands then.
    async fn change_profile(
        &self,
        company: &CompanyId,
        profile: ClientProfileId,
        change: ProfileChange,
        by: &Origin,
        now: Timestamp,
    ) -> Result<ProfileOutcome, StoreError>;
}
