//! Profiles as people look at them and change them.

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper, SqliteConnection,
    dsl::exists,
};

use onboarding_core::{
    ClientProfile, ClientProfileId, CompanyId, ExternalCompanyId, PhoneNumber, ProfileChange,
    ProfileCompletion, ProfileObstacle, ProfileStanding, Timestamp,
    audit::Origin,
    check_profile_change,
    ports::{ClientProfiles, ProfileOutcome, StoreError},
};

use super::{ProfileRow, find};
use crate::{SqliteStore, audit, error::Error, key::Key, schema::client_profiles};

#[async_trait]
impl ClientProfiles for SqliteStore {
    async fn profiles(
        &self,
        company: &CompanyId,
        after: Option<ClientProfileId>,
        limit: u32,
    ) -> Result<Vec<ClientProfile>, StoreError> {
        let company = company.clone();
        self.read("list the profiles", move |connection| {
            list(connection, &company, after.map(Key::from), limit)
        })
        .await
    }

    async fn change_profile(
        &self,
        company: &CompanyId,
        profile: ClientProfileId,
        change: ProfileChange,
        by: &Origin,
        now: Timestamp,
    ) -> Result<ProfileOutcome, StoreError> {
        let (company, by) = (company.clone(), by.clone());
        self.write("change the profile", move |connection| {
            store(connection, &company, profile, &change, &by, now)
        })
        .await
    }
}

fn list(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    after: Option<Key>,
    limit: u32,
) -> Result<Vec<ClientProfile>, Error> {
    let mut wanted = client_profiles::table
        .filter(client_profiles::company_id.eq(company.as_str()))
        .into_boxed();
    if let Some(after) = after {
        wanted = wanted.filter(client_profiles::profile_id.gt(after));
    }
    let rows: Vec<ProfileRow> = wanted
        .order(client_profiles::profile_id)
        .limit(limit.into())
        .select(ProfileRow::as_select())
        .load(connection)?;
    rows.into_iter()
        .map(|row| super::read(connection, company, row))
        .collect()
}

fn store(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    id: ClientProfileId,
    change: &ProfileChange,
    by: &Origin,
    now: Timestamp,
) -> Result<ProfileOutcome, Error> {
    let Some(profile) = find(connection, company, id.into())? else {
        return Ok(ProfileOutcome::Refused(ProfileObstacle::Unknown));
    };
    if change.is_made(&profile) {
        return Ok(ProfileOutcome::Changed);
    }
    let into = match change {
        ProfileChange::Merge { into } => find(connection, company, (*into).into())?,
        _ => None,
    };
    let standing = ProfileStanding {
        profile: &profile,
        into: into.as_ref(),
        holds_others: holds_others(connection, company, id)?,
        phone_is_anothers: phone_is_anothers(connection, company, id, change)?,
    };
    if let Err(obstacle) = check_profile_change(standing, change) {
        return Ok(ProfileOutcome::Refused(obstacle));
    }
    let this = client_profiles::table.find((company.as_str(), Key::from(id)));
    match change {
        ProfileChange::Merge { into } => {
            diesel::update(this)
                .set(client_profiles::merged_into.eq(Key::from(*into)))
                .execute(connection)?;
        }
        ProfileChange::Separate => {
            diesel::update(this)
                .set(client_profiles::merged_into.eq(None::<Key>))
                .execute(connection)?;
        }
        ProfileChange::Complete(told) => complete(connection, company, id, told, now)?,
    }
    audit::append(connection, company, &[change.audit_entry(&profile, by, now)])?;
    Ok(ProfileOutcome::Changed)
}

fn holds_others(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    profile: ClientProfileId,
) -> Result<bool, Error> {
    let others = client_profiles::table
        .filter(client_profiles::company_id.eq(company.as_str()))
        .filter(client_profiles::merged_into.eq(Key::from(profile)));
    Ok(diesel::select(exists(others)).get_result(connection)?)
}

/// Whether another profile that stands for itself has the phone that is to be filled in.
fn phone_is_anothers(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    profile: ClientProfileId,
    change: &ProfileChange,
) -> Result<bool, Error> {
    let ProfileChange::Complete(ProfileCompletion {
        phone_number: Some(phone),
        ..
    }) = change
    else {
        return Ok(false);
    };
    let another = client_profiles::profile_id
        .ne(Key::from(profile))
        .and(client_profiles::merged_into.is_null());
    let others = client_profiles::table
        .filter(client_profiles::company_id.eq(company.as_str()))
        .filter(client_profiles::phone_match_key.eq(phone.match_key()))
        .filter(another);
    Ok(diesel::select(exists(others)).get_result(connection)?)
}

fn complete(
    connection: &mut SqliteConnection,
    company: &CompanyId,
    profile: ClientProfileId,
    told: &ProfileCompletion,
    now: Timestamp,
) -> Result<(), Error> {
    let this = client_profiles::table.find((company.as_str(), Key::from(profile)));
    if let Some(name) = told.name.as_deref() {
        diesel::update(this)
            .set((
                client_profiles::name.eq(name),
                client_profiles::named_by_company.eq(true),
            ))
            .execute(connection)?;
    }
    if let Some(phone) = &told.phone_number {
        diesel::update(this)
            .set((
                client_profiles::phone_number.eq(PhoneNumber::as_str(phone)),
                client_profiles::phone_match_key.eq(phone.match_key()),
                client_profiles::phone_recorded_at.eq(now.as_micros()),
            ))
            .execute(connection)?;
    }
    if let Some(firm) = &told.external_company {
        diesel::update(this)
            .set(client_profiles::external_company_id.eq(ExternalCompanyId::as_str(firm)))
            .execute(connection)?;
    }
    Ok(())
}
