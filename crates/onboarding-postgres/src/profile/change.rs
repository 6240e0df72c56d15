//! Profiles as people look at them and change them.

use async_trait::async_trait;
use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, SelectableHelper, dsl::exists};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    ClientProfile, ClientProfileId, CompanyId, ExternalCompanyId, PhoneNumber, ProfileChange,
    ProfileCompletion, ProfileObstacle, ProfileStanding, Timestamp,
    audit::Origin,
    check_profile_change,
    ports::{ClientProfiles, ProfileOutcome, StoreError},
};

use super::{ProfileRow, find};
use crate::{
    PostgresStore, audit,
    error::Error,
    key::Key,
    schema::client_profiles,
    text::clean,
    transaction::{Scope, transaction},
};

#[async_trait]
impl ClientProfiles for PostgresStore {
    async fn profiles(
        &self,
        company: &CompanyId,
        after: Option<ClientProfileId>,
        limit: u32,
    ) -> Result<Vec<ClientProfile>, StoreError> {
        let mut attempts = self.read("list the profiles", Scope::Company(company));
        let after = after.map(Key::from);
        transaction!(attempts, |connection| list(connection, company, after, limit))
    }

    async fn change_profile(
        &self,
        company: &CompanyId,
        profile: ClientProfileId,
        change: ProfileChange,
        by: &Origin,
        now: Timestamp,
    ) -> Result<ProfileOutcome, StoreError> {
        let mut attempts = self.write("change the profile", Scope::Company(company));
        let change = &change;
        transaction!(attempts, |connection| store(
            connection, company, profile, change, by, now
        ))
    }
}

async fn list(
    connection: &mut AsyncPgConnection,
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
        .load(connection)
        .await?;
    super::read_all(connection, company, rows).await
}

async fn store(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    id: ClientProfileId,
    change: &ProfileChange,
    by: &Origin,
    now: Timestamp,
) -> Result<ProfileOutcome, Error> {
    lock(connection, company, id, change).await?;
    let Some(profile) = find(connection, company, id.into()).await? else {
        return Ok(ProfileOutcome::Refused(ProfileObstacle::Unknown));
    };
    if change.is_made(&profile) {
        return Ok(ProfileOutcome::Changed);
    }
    let into = match change {
        ProfileChange::Merge { into } => find(connection, company, (*into).into()).await?,
        _ => None,
    };
    let standing = ProfileStanding {
        profile: &profile,
        into: into.as_ref(),
        holds_others: holds_others(connection, company, id).await?,
        phone_is_anothers: phone_is_anothers(connection, company, id, change).await?,
    };
    if let Err(obstacle) = check_profile_change(standing, change) {
        return Ok(ProfileOutcome::Refused(obstacle));
    }
    let this = client_profiles::table.find((company.as_str(), Key::from(id)));
    match change {
        ProfileChange::Merge { into } => {
            diesel::update(this)
                .set(client_profiles::merged_into.eq(Key::from(*into)))
                .execute(connection)
                .await?;
        }
        ProfileChange::Separate => {
            diesel::update(this)
                .set(client_profiles::merged_into.eq(None::<Key>))
                .execute(connection)
                .await?;
        }
        ProfileChange::Complete(told) => complete(connection, company, id, told, now).await?,
    }
    audit::append(connection, company, &[change.audit_entry(&profile, by, now)]).await?;
    Ok(ProfileOutcome::Changed)
}

async fn holds_others(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    profile: ClientProfileId,
) -> Result<bool, Error> {
    let others = client_profiles::table
        .filter(client_profiles::company_id.eq(company.as_str()))
        .filter(client_profiles::merged_into.eq(Key::from(profile)));
    Ok(diesel::select(exists(others)).get_result(connection).await?)
}

/// Whether another profile that stands for itself has the phone that is to be filled in.
async fn phone_is_anothers(
    connection: &mut AsyncPgConnection,
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
    Ok(diesel::select(exists(others)).get_result(connection).await?)
}

async fn complete(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    profile: ClientProfileId,
    told: &ProfileCompletion,
    now: Timestamp,
) -> Result<(), Error> {
    let this = client_profiles::table.find((company.as_str(), Key::from(profile)));
    if let Some(name) = told.name.as_deref().map(clean) {
        diesel::update(this)
            .set((
                client_profiles::name.eq(name),
                client_profiles::named_by_company.eq(true),
            ))
            .execute(connection)
            .await?;
    }
    if let Some(phone) = &told.phone_number {
        diesel::update(this)
            .set((
                client_profiles::phone_number.eq(PhoneNumber::as_str(phone)),
                client_profiles::phone_match_key.eq(phone.match_key()),
                client_profiles::phone_recorded_at.eq(now.as_micros()),
            ))
            .execute(connection)
            .await?;
    }
    if let Some(firm) = &told.external_company {
        diesel::update(this)
            .set(client_profiles::external_company_id.eq(ExternalCompanyId::as_str(firm)))
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// Nobody else changes either profile until this is done. In one order, so that two who merge the same pair wait for each
/// other instead of locking each other out.
async fn lock(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
    profile: ClientProfileId,
    change: &ProfileChange,
) -> Result<(), Error> {
    let mut both = vec![Key::from(profile)];
    if let ProfileChange::Merge { into } = change {
        both.push((*into).into());
    }
    let _: Vec<Key> = client_profiles::table
        .filter(client_profiles::company_id.eq(company.as_str()))
        .filter(client_profiles::profile_id.eq_any(both))
        .order(client_profiles::profile_id)
        .select(client_profiles::profile_id)
        .for_update()
        .load(connection)
        .await?;
    Ok(())
}
