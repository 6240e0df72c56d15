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
use diesel::SqliteConnection;
use onboarding_core::{
    ClientProfile, CompanyId, ExternalIdentity, Logo, OfficialAccountId, PhoneNumber, Pool, Timestamp, User,
    audit::Origin,
    config::{
        ClientProfileConfig, CompanyConfig, ConfigChange, OfficialAccountConfig, PoolConfig, UserConfig,
    },
    ports::{ApplyOutcome, CompanyAdministration, StoreError},
};

use crate::{
    SqliteStore, company,
    error::{Error, Place},
};

#[async_trait]
impl CompanyAdministration for SqliteStore {
    async fn config(&self, company: &CompanyId) -> Result<Option<(CompanyConfig, u64)>, StoreError> {
        let id = company.clone();
        self.read("load the configuration", move |connection| load(connection, &id))
            .await
    }

    async fn logo(&self, company: &CompanyId) -> Result<Option<Logo>, StoreError> {
        let id = company.clone();
        self.read("load the logo", move |connection| logo::load(connection, &id))
            .await
    }

    async fn apply(
        &self,
        company: &CompanyId,
        expected_revision: Option<u64>,
        changes: Vec<ConfigChange>,
        by: &Origin,
        now: Timestamp,
    ) -> Result<ApplyOutcome, StoreError> {
        let (id, by) = (company.clone(), by.clone());
        self.write_or_undo("change the configuration", move |connection| {
            apply::apply(connection, &id, expected_revision, &changes, &by, now)
        })
        .await
    }
}

/// Everything that is set, each list in order of its keys.
fn load(connection: &mut SqliteConnection, id: &CompanyId) -> Result<Option<(CompanyConfig, u64)>, Error> {
    let Some(company) = company::load(connection, id)? else {
        return Ok(None);
    };
    let users = crate::user::active(connection, id)?;
    let mut identities = crate::user_identity::of_all(connection, id)?;
    let profiles = crate::profile::with_key(connection, id)?;
    let mut client_profiles = Vec::with_capacity(profiles.len());
    for profile in profiles {
        let assigned_to = profile::assigned_by_config(connection, id, profile.id.into())?;
        client_profiles.push(profile_config(profile, assigned_to));
    }
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
