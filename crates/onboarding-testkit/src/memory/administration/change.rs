//! One change after the other.

use std::collections::BTreeMap;

use onboarding_core::{
    ButtonKey, ClientProfile, ClientProfileId, CompanySettings, OfficialAccount, OfficialAccountId,
    PhoneNumber, Platform, Pool, Timestamp, User, UserId,
    config::{ClientProfileConfig, ConfigChange, OfficialAccountConfig, PoolConfig, UserConfig},
};

use super::super::world::{AccountRow, CompanyRows, ProfileRow};

/// The company after the changes, not yet judged; an error names a key that does not exist.
pub(super) fn apply_all(
    present: Option<CompanyRows>,
    changes: Vec<ConfigChange>,
    now: Timestamp,
) -> Result<CompanyRows, String> {
    let settings = changes.iter().find_map(|change| match change {
        ConfigChange::PutCompany { new_key, settings } => Some((new_key.clone(), settings.as_ref().clone())),
        _ => None,
    });
    let mut rows = present
        .or(settings.map(|(key, settings)| empty(key, settings)))
        .ok_or("a new company needs its settings")?;
    changes
        .into_iter()
        .try_for_each(|change| apply(&mut rows, change, now))?;
    Ok(rows)
}

fn empty(button_key: ButtonKey, settings: CompanySettings) -> CompanyRows {
    CompanyRows {
        revision: 0,
        settings,
        button_key,
        org_units: Vec::new(),
        external_companies: Vec::new(),
        users: Vec::new(),
        known_as: BTreeMap::new(),
        accounts: Vec::new(),
        pools: Vec::new(),
        platform: Platform::default(),
        profiles: Vec::new(),
        identities: BTreeMap::new(),
        released: BTreeMap::new(),
        identity_events: Vec::new(),
        disputes: Vec::new(),
        taken_over: BTreeMap::new(),
        aliases: BTreeMap::new(),
        rooms: Vec::new(),
        room_lines: Vec::new(),
        windows: BTreeMap::new(),
        ends: BTreeMap::new(),
        failures: BTreeMap::new(),
        prospects: BTreeMap::new(),
        opted_out: BTreeMap::new(),
        successors: BTreeMap::new(),
        acts: Vec::new(),
        notices: Vec::new(),
        onboardings: Vec::new(),
    }
}

/// The picture of a logo that is there already stays.
fn put_settings(rows: &mut CompanyRows, mut settings: CompanySettings) -> Result<(), String> {
    if let Some(logo) = settings.qr_logo.take_if(|logo| logo.picture().is_none()) {
        let stored = rows.settings.qr_logo.take().filter(|stored| *stored == logo);
        settings.qr_logo = Some(
            stored
                .filter(|stored| stored.picture().is_some())
                .ok_or("a logo came without its picture")?,
        );
    }
    rows.settings = settings;
    Ok(())
}

fn apply(rows: &mut CompanyRows, change: ConfigChange, now: Timestamp) -> Result<(), String> {
    match change {
        ConfigChange::PutCompany { settings, .. } => put_settings(rows, *settings)?,
        ConfigChange::PutOrgUnit(unit) => put(&mut rows.org_units, unit, |one| one.id.clone()),
        ConfigChange::RemoveOrgUnit(id) => rows.org_units.retain(|unit| unit.id != id),
        ConfigChange::PutExternalCompany(external) => {
            put(&mut rows.external_companies, external, |one| one.id.clone());
        }
        ConfigChange::RemoveExternalCompany(id) => rows.external_companies.retain(|one| one.id != id),
        ConfigChange::PutUser { new_id, user } => put_user(rows, new_id, user),
        ConfigChange::DeactivateUser { username, successor } => {
            let successor = successor.map(|name| user_id(rows, &name)).transpose()?;
            let user = rows.users.iter_mut().find(|user| user.username == username);
            let user = user.ok_or_else(|| format!("no user {username}"))?;
            user.active = false;
            let leaver = user.id;
            rows.known_as.retain(|_, known| *known != leaver);
            match successor {
                Some(successor) => rows.successors.insert(leaver, successor),
                None => rows.successors.remove(&leaver),
            };
        }
        ConfigChange::RetireOfficialAccount {
            phone_number,
            retired,
        } => {
            let mut in_use = rows.accounts.iter_mut().filter(|row| row.in_use);
            let row = in_use.find(|row| row.account.phone_number == phone_number);
            row.ok_or_else(|| format!("no account {phone_number}"))?
                .account
                .retired = retired;
        }
        ConfigChange::PutClientProfile { new_id, profile } => put_profile(rows, new_id, profile, now)?,
        ConfigChange::RemoveClientProfile(key) => {
            rows.profiles.retain(|row| row.profile.key.as_ref() != Some(&key));
        }
        ConfigChange::PutOfficialAccount { new_id, account } => put_account(rows, new_id, account),
        ConfigChange::RemoveOfficialAccount(number) => {
            let row = rows
                .accounts
                .iter_mut()
                .find(|row| row.account.phone_number == number);
            row.ok_or_else(|| format!("no account {number}"))?.in_use = false;
        }
        ConfigChange::PutPool(config) => {
            let pool = pool(rows, config)?;
            put(&mut rows.pools, pool, |one| one.id.clone());
        }
        ConfigChange::RemovePool(id) => rows.pools.retain(|pool| pool.id != id),
    }
    Ok(())
}

fn put<T, K: PartialEq>(list: &mut Vec<T>, item: T, key: impl Fn(&T) -> K) {
    match list.iter_mut().find(|old| key(old) == key(&item)) {
        Some(old) => *old = item,
        None => list.push(item),
    }
}

fn user_id(rows: &CompanyRows, username: &str) -> Result<UserId, String> {
    let user = rows.users.iter().find(|user| user.username == username);
    user.map(|user| user.id)
        .ok_or_else(|| format!("no user {username}"))
}

fn put_user(rows: &mut CompanyRows, new_id: UserId, config: UserConfig) {
    let known = rows.users.iter().find(|user| user.username == config.username);
    let user = User {
        id: known.map_or(new_id, |user| user.id),
        username: config.username,
        name: config.name,
        email: config.email,
        title: config.title,
        org_unit: config.org_unit,
        extension: config.extension,
        external_companies: config.external_companies,
        roles: config.roles,
        active: true,
    };
    rows.successors.remove(&user.id);
    rows.known_as.retain(|_, known| *known != user.id);
    rows.known_as
        .extend(config.identities.into_iter().map(|identity| (identity, user.id)));
    put(&mut rows.users, user, |one| one.id);
}

fn put_profile(
    rows: &mut CompanyRows,
    new_id: ClientProfileId,
    config: ClientProfileConfig,
    now: Timestamp,
) -> Result<(), String> {
    let id_of = |username: &String| {
        let user = rows.users.iter().find(|user| user.username == *username);
        user.map(|user| user.id)
            .ok_or_else(|| format!("no user {username}"))
    };
    let configured = config
        .assigned_to
        .iter()
        .map(id_of)
        .collect::<Result<Vec<_>, _>>()?;
    let known = rows
        .profiles
        .iter()
        .find(|row| row.profile.key.as_ref() == Some(&config.key));
    // Another phone is another person's, as far as we know, until they write.
    let key = config.phone_number.as_ref().map(PhoneNumber::match_key);
    let same = known.filter(|row| row.profile.phone_number.as_ref().map(PhoneNumber::match_key) == key);
    let profile = ClientProfile {
        id: known.map_or(new_id, |row| row.profile.id),
        key: Some(config.key),
        name: config.name,
        named_by_company: true,
        phone_number: config.phone_number,
        phone_recorded_at: same.map_or(now, |row| row.profile.phone_recorded_at),
        identity: same.and_then(|row| row.profile.identity),
        org_unit: config.org_unit,
        external_company: config.external_company,
        assigned_to: known
            .map(|row| row.profile.assigned_to.clone())
            .unwrap_or_default(),
        last_active_at: None,
        merged_into: None,
    };
    let row = ProfileRow {
        merged_into: known.and_then(|row| row.merged_into),
        profile,
        configured,
    };
    put(&mut rows.profiles, row, |row| row.profile.id);
    Ok(())
}

fn put_account(rows: &mut CompanyRows, new_id: OfficialAccountId, config: OfficialAccountConfig) {
    let known = rows
        .accounts
        .iter()
        .find(|row| row.account.phone_number == config.phone_number);
    let account = OfficialAccount {
        id: known.map_or(new_id, |row| row.account.id),
        phone_number: config.phone_number,
        phone_number_id: config.phone_number_id,
        waba_id: config.waba_id,
        retired: known.is_some_and(|row| row.account.retired),
    };
    put(
        &mut rows.accounts,
        AccountRow {
            account,
            in_use: true,
        },
        |row| row.account.id,
    );
}

fn pool(rows: &CompanyRows, config: PoolConfig) -> Result<Pool, String> {
    let id_of = |number: &PhoneNumber| {
        let row = rows
            .accounts
            .iter()
            .find(|row| row.account.phone_number == *number);
        row.map(|row| row.account.id)
            .ok_or_else(|| format!("no account {number}"))
    };
    let accounts = |numbers: &[PhoneNumber]| numbers.iter().map(id_of).collect::<Result<Vec<_>, _>>();
    Ok(Pool {
        primary: id_of(&config.primary)?,
        secondaries: accounts(&config.secondaries)?,
        draining: accounts(&config.draining)?,
        id: config.id,
        org_units: config.org_units,
        default_country: config.default_country,
        fallback_upward: config.fallback_upward,
        geography_mapping: config.geography_mapping,
    })
}
