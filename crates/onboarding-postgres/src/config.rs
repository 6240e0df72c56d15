//! The configuration of a company as a whole.

mod account;
pub(crate) mod apply;
mod logo;
mod pool;
mod profile;
mod unit;
mod user;

use std::collections::BTreeMap;

use async_trait::async_trait;
use diesel_async::AsyncPgConnection;
use onboarding_core::{
    ClientProfile, CompanyId, ExternalIdentity, Logo, OfficialAccountId, PhoneNumber, Pool, Timestamp, User,
    audit::Origin,
    config::{
        ClientProfileConfig, CompanyConfig, ConfigChange, OfficialAccountConfig, PoolConfig, UserConfig,
    },
    ports::{ApplyOutcome, CompanyAdministration, StoreError},
};

use crate::{
    PostgresStore, company,
    error::{Error, Place},
    transaction::{Scope, transaction},
};

#[async_trait]
impl CompanyAdministration for PostgresStore {
    async fn config(&self, company: &CompanyId) -> Result<Option<(CompanyConfig, u64)>, StoreError> {
        let mut attempts = self.read("load the configuration", Scope::Company(company));
        transaction!(attempts, |connection| load(connection, company))
    }

    async fn logo(&self, company: &CompanyId) -> Result<Option<Logo>, StoreError> {
        let mut attempts = self.read("load the logo", Scope::Company(company));
        transaction!(attempts, |connection| logo::load(connection, company))
    }

    async fn apply(
        &self,
        company: &CompanyId,
        expected_revision: Option<u64>,
        changes: Vec<ConfigChange>,
        by: &Origin,
        now: Timestamp,
    ) -> Result<ApplyOutcome, StoreError> {
        let mut attempts = self.write("change the configuration", Scope::Company(company));
        let changes = &changes;
        transaction!(attempts, |connection| apply::apply(
            connection,
            company,
            expected_revision,
            changes,
            by,
            now
        ))
    }
}

/// Everything that is set, each list in order of its keys.
async fn load(
    connection: &mut AsyncPgConnection,
    id: &CompanyId,
) -> Result<Option<(CompanyConfig, u64)>, Error> {
    let Some(company) = company::load(connection, id).await? else {
        return Ok(None);
    };
    let users = crate::user::active(connection, id).await?;
    let mut identities = crate::user_identity::of_all(connection, id).await?;
    let profiles = crate::profile::with_key(connection, id).await?;
    let mut assigned = profile::assigned_by_config(connection, id).await?;
    let client_profiles = profiles
        .into_iter()
        .map(|profile| {
            let assigned_to = assigned.remove(&profile.id.into()).unwrap_or_default();
            profile_config(profile, assigned_to)
        })
        .collect();
    let numbers: BTreeMap<_, _> = company
        .accounts
        .iter()
        .map(|account| (account.id, account.phone_number.clone()))
        .collect();
    let pools = company
        .pools
        .into_iter()
        .map(|pool| pool_config(pool, &numbers))
        .collect::<Result<_, _>>()?;
    let account = |account: onboarding_core::OfficialAccount| OfficialAccountConfig {
        phone_number: account.phone_number,
        phone_number_id: account.phone_number_id,
        waba_id: account.waba_id,
    };
    let config = CompanyConfig {
        settings: company.settings,
        org_units: company.org_units,
        external_companies: company.external_companies,
        users: users
            .into_iter()
            .map(|user| {
                let own = identities.remove(&user.id).unwrap_or_default();
                user_config(user, own)
            })
            .collect(),
        leavers: Vec::new(),
        client_profiles,
        official_accounts: company.accounts.into_iter().map(account).collect(),
        pools,
    };
    Ok(Some((config, company.revision)))
}

fn user_config(user: User, identities: Vec<ExternalIdentity>) -> UserConfig {
    UserConfig {
        username: user.username,
        name: user.name,
        email: user.email,
        title: user.title,
        org_unit: user.org_unit,
        extension: user.extension,
        external_companies: user.external_companies,
        roles: user.roles,
        identities,
    }
}

fn profile_config(profile: ClientProfile, assigned_to: Vec<String>) -> ClientProfileConfig {
    ClientProfileConfig {
        key: profile.key.unwrap_or_default(),
        name: profile.name,
        phone_number: profile.phone_number,
        org_unit: profile.org_unit,
        external_company: profile.external_company,
        assigned_to,
    }
}

fn pool_config(pool: Pool, numbers: &BTreeMap<OfficialAccountId, PhoneNumber>) -> Result<PoolConfig, Error> {
    let place = Place {
        table: "pools",
        row: &pool.id,
    };
    let number =
        |account: &OfficialAccountId| place.read("account_id of pool_members", numbers.get(account).cloned());
    Ok(PoolConfig {
        primary: number(&pool.primary)?,
        secondaries: pool.secondaries.iter().map(number).collect::<Result<_, _>>()?,
        draining: pool.draining.iter().map(number).collect::<Result<_, _>>()?,
        id: pool.id.clone(),
        org_units: pool.org_units,
        default_country: pool.default_country,
        fallback_upward: pool.fallback_upward,
        geography_mapping: pool.geography_mapping,
    })
}
