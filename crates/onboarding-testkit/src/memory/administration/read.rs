//! The present configuration.

use onboarding_core::{
    OfficialAccountId, PhoneNumber, Pool, User, UserId,
    config::{ClientProfileConfig, CompanyConfig, OfficialAccountConfig, PoolConfig, UserConfig},
};

use super::super::world::{CompanyRows, ProfileRow};

pub(super) fn config(rows: &CompanyRows) -> CompanyConfig {
    let accounts = rows
        .accounts
        .iter()
        .filter(|row| row.in_use)
        .map(|row| OfficialAccountConfig {
            phone_number: row.account.phone_number.clone(),
            phone_number_id: row.account.phone_number_id.clone(),
            waba_id: row.account.waba_id.clone(),
        });
    CompanyConfig {
        settings: rows.settings_as_loaded(),
        org_units: rows.org_units.clone(),
        external_companies: rows.external_companies.clone(),
        users: rows
            .users
            .iter()
            .filter(|user| user.active)
            .map(|user| user_config(rows, user))
            .collect(),
        leavers: Vec::new(),
        client_profiles: rows
            .profiles
            .iter()
            .filter_map(|row| profile_config(rows, row))
            .collect(),
        official_accounts: accounts.collect(),
        pools: rows.pools.iter().map(|pool| pool_config(rows, pool)).collect(),
    }
}

fn user_config(rows: &CompanyRows, user: &User) -> UserConfig {
    let own = rows.known_as.iter().filter(|(_, known)| **known == user.id);
    UserConfig {
        identities: own.map(|(identity, _)| identity.clone()).collect(),
        username: user.username.clone(),
        name: user.name.clone(),
        email: user.email.clone(),
        title: user.title.clone(),
        org_unit: user.org_unit.clone(),
        extension: user.extension.clone(),
        external_companies: user.external_companies.clone(),
        roles: user.roles.clone(),
    }
}

fn profile_config(rows: &CompanyRows, row: &ProfileRow) -> Option<ClientProfileConfig> {
    let profile = &row.profile;
    let username = |id: &UserId| {
        rows.users
            .iter()
            .find(|user| user.id == *id)
            .map(|user| user.username.clone())
    };
    Some(ClientProfileConfig {
        key: profile.key.clone()?,
        name: profile.name.clone(),
        phone_number: profile.phone_number.clone(),
        org_unit: profile.org_unit.clone(),
        external_company: profile.external_company.clone(),
        assigned_to: row.configured.iter().filter_map(username).collect(),
    })
}

fn pool_config(rows: &CompanyRows, pool: &Pool) -> PoolConfig {
    let number = |id: &OfficialAccountId| {
        let account = rows.accounts.iter().find(|row| row.account.id == *id);
        account
            .expect("accounts are never deleted")
            .account
            .phone_number
            .clone()
    };
    let numbers = |ids: &[OfficialAccountId]| -> Vec<PhoneNumber> { ids.iter().map(number).collect() };
    PoolConfig {
        id: pool.id.clone(),
        org_units: pool.org_units.clone(),
        primary: number(&pool.primary),
        secondaries: numbers(&pool.secondaries),
        draining: numbers(&pool.draining),
        default_country: pool.default_country,
        fallback_upward: pool.fallback_upward,
        geography_mapping: pool.geography_mapping.clone(),
    }
}
