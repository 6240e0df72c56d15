//! Profiles as people look at them and change them.

use async_trait::async_trait;
use onboarding_core::{
    ClientProfile, ClientProfileId, CompanyId, PhoneNumber, ProfileChange, ProfileCompletion,
    ProfileObstacle, ProfileStanding, Timestamp,
    audit::Origin,
    check_profile_change,
    ports::{ClientProfiles, ProfileOutcome},
};

use super::{
    Answer, MemoryStore,
    questions::as_profile,
    world::{CompanyRows, ProfileRow},
};

#[async_trait]
impl ClientProfiles for MemoryStore {
    async fn profiles(
        &self,
        company: &CompanyId,
        after: Option<ClientProfileId>,
        limit: u32,
    ) -> Answer<Vec<ClientProfile>> {
        let world = self.world();
        let Some(rows) = world.company(company) else {
            return Ok(Vec::new());
        };
        let mut wanted: Vec<_> = rows
            .profiles
            .iter()
            .filter(|row| after.is_none_or(|after| row.profile.id > after))
            .collect();
        wanted.sort_by_key(|row| row.profile.id);
        let first = wanted
            .into_iter()
            .take(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(first.map(|row| as_profile(&world, company, rows, row)).collect())
    }

    async fn change_profile(
        &self,
        company: &CompanyId,
        profile: ClientProfileId,
        change: ProfileChange,
        by: &Origin,
        now: Timestamp,
    ) -> Answer<ProfileOutcome> {
        let mut world = self.world();
        let find = |id: ClientProfileId| {
            let rows = world.company(company)?;
            let row = rows.profiles.iter().find(|row| row.profile.id == id)?;
            Some(as_profile(&world, company, rows, row))
        };
        let Some(known) = find(profile) else {
            return Ok(ProfileOutcome::Refused(ProfileObstacle::Unknown));
        };
        if change.is_made(&known) {
            return Ok(ProfileOutcome::Changed);
        }
        let into = match &change {
            ProfileChange::Merge { into } => find(*into),
            _ => None,
        };
        let rows = world.company(company).into_iter();
        let mut others = rows.flat_map(|rows| &rows.profiles);
        let standing = ProfileStanding {
            profile: &known,
            into: into.as_ref(),
            holds_others: others.clone().any(|row| row.merged_into == Some(profile)),
            phone_is_anothers: others.any(|row| has_the_phone(row, profile, &change)),
        };
        if let Err(obstacle) = check_profile_change(standing, &change) {
            return Ok(ProfileOutcome::Refused(obstacle));
        }
        let entry = change.audit_entry(&known, by, now);
        if let Some(rows) = world.companies.get_mut(company) {
            store(rows, profile, change, now);
        }
        world.record(company, [entry]);
        Ok(ProfileOutcome::Changed)
    }
}

/// Whether another profile that stands for itself has the phone that is to be filled in.
fn has_the_phone(row: &ProfileRow, profile: ClientProfileId, change: &ProfileChange) -> bool {
    let told = match change {
        ProfileChange::Complete(told) => told.phone_number.as_ref().map(PhoneNumber::match_key),
        _ => None,
    };
    let known = row.profile.phone_number.as_ref().map(PhoneNumber::match_key);
    row.profile.id != profile && row.merged_into.is_none() && told.is_some() && told == known
}

fn store(rows: &mut CompanyRows, profile: ClientProfileId, change: ProfileChange, now: Timestamp) {
    let Some(row) = rows.profiles.iter_mut().find(|row| row.profile.id == profile) else {
        return;
    };
    match change {
        ProfileChange::Merge { into } => row.merged_into = Some(into),
        ProfileChange::Separate => row.merged_into = None,
        ProfileChange::Complete(told) => complete(&mut row.profile, told, now),
    }
}

fn complete(profile: &mut ClientProfile, told: ProfileCompletion, now: Timestamp) {
    if let Some(name) = told.name {
        profile.name = name;
        profile.named_by_company = true;
    }
    if let Some(phone) = told.phone_number {
        profile.phone_number = Some(phone);
        profile.phone_recorded_at = now;
    }
    profile.external_company = told.external_company.or(profile.external_company.take());
}
