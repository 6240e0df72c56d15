//! Small random companies, and a store of one company that checks references at once.

use proptest::{collection::vec, option, prelude::*, sample::subsequence};

use super::*;
use crate::{
    ExternalCompany, ExternalCompanyId, PhoneNumber,
    config::{OfficialAccountConfig, UserConfig},
};

const UNITS: [&str; 4] = ["hk", "sg", "jp", "hk-private"];
const COMPANIES: [&str; 2] = ["globex", "initech"];
const USERS: [&str; 3] = ["dom", "kate", "max"];
const NUMBERS: [&str; 4] = ["+85256428035", "+85251079302", "+85251079303", "+85251079304"];

/// Keys are taken from short lists, so that two companies have some in common.
pub(super) fn config() -> impl Strategy<Value = CompanyConfig> {
    let parts = (
        "[AB]",
        (
            subsequence(&UNITS, 1..=4).prop_shuffle(),
            vec(any::<Option<u8>>(), 4),
        ),
        subsequence(&COMPANIES, 0..=2).prop_shuffle(),
        subsequence(&NUMBERS, 2..=4).prop_shuffle(),
        0..3_usize,
    );
    parts
        .prop_flat_map(|(name, (units, parents), companies, numbers, pools)| {
            let units = tree(&units, &parents);
            let companies: Vec<_> = companies
                .into_iter()
                .map(|id| ExternalCompanyId::parse(id).unwrap())
                .collect();
            let numbers: Vec<PhoneNumber> = numbers.into_iter().map(phone).collect();
            let users = subsequence(&USERS, 0..=3).prop_shuffle();
            let users = users.prop_flat_map({
                let (units, companies) = (units.clone(), companies.clone());
                move |names| {
                    names
                        .into_iter()
                        .map(|name| a_user(name, &units, &companies))
                        .collect::<Vec<_>>()
                }
            });
            let profiles = subsequence(&["cp-1", "cp-2"], 0..=2).prop_flat_map({
                let (units, companies) = (units.clone(), companies.clone());
                move |keys| {
                    keys.into_iter()
                        .map(|key| a_profile(key, &units, &companies))
                        .collect::<Vec<_>>()
                }
            });
            let pools: Vec<_> = ["hk", "sg"]
                .iter()
                .take(pools)
                .map(|id| a_pool(id, &units, &numbers))
                .collect();
            (
                Just((name, units, companies, numbers)),
                users,
                profiles,
                pools,
                "[AB]",
            )
        })
        .prop_map(
            |((name, org_units, companies, numbers), users, client_profiles, pools, suffix)| {
                let mut config = sample();
                config.settings.name = name;
                config.org_units = org_units;
                let named = |id| ExternalCompany {
                    id,
                    name: suffix.clone(),
                };
                config.external_companies = companies.into_iter().map(named).collect();
                let account = |number: PhoneNumber| OfficialAccountConfig {
                    waba_id: suffix.clone(),
                    ..account(number.as_str())
                };
                config.official_accounts = numbers.into_iter().map(account).collect();
                config.users = users;
                config.client_profiles = client_profiles;
                config.pools = pools;
                config
            },
        )
}

/// Every unit hangs on one before it, in an order that differs from company to company.
fn tree(ids: &[&str], parents: &[Option<u8>]) -> Vec<OrgUnit> {
    let above = |index: usize| match parents[index] {
        Some(pick) if index > 0 => Some(ids[usize::from(pick) % index]),
        _ => None,
    };
    // Children first: the plan has to find the parents itself.
    ids.iter()
        .enumerate()
        .map(|(index, id)| unit(id, above(index)))
        .rev()
        .collect()
}

fn a_user(
    username: &str,
    units: &[OrgUnit],
    companies: &[ExternalCompanyId],
) -> impl Strategy<Value = UserConfig> + use<> {
    let user = user(username, None);
    let chosen = (
        option::of("#[a-c]"),
        option::of("[AB]"),
        proptest::sample::select(units.to_vec()),
        subsequence(companies.to_vec(), 0..=companies.len()).prop_shuffle(),
        subsequence(Role::ALL.to_vec(), 1..=3).prop_shuffle(),
    );
    chosen.prop_map(
        move |(extension, title, unit, external_companies, roles)| UserConfig {
            extension: extension.map(|text| Extension::parse(&text).unwrap()),
            title,
            org_unit: unit.id,
            external_companies,
            roles,
            ..user.clone()
        },
    )
}

fn a_profile(
    key: &str,
    units: &[OrgUnit],
    companies: &[ExternalCompanyId],
) -> impl Strategy<Value = ClientProfileConfig> + use<> {
    let profile = profile(key, NUMBERS[0]);
    let chosen = (
        "[AB]",
        option::of(proptest::sample::select(&NUMBERS)),
        proptest::sample::select(units.to_vec()),
        subsequence(companies.to_vec(), 0..=companies.len()),
        subsequence(&USERS, 0..=3).prop_shuffle(),
    );
    chosen.prop_map(
        move |(name, number, unit, companies, assigned_to)| ClientProfileConfig {
            name,
            phone_number: number.map(phone),
            org_unit: unit.id,
            external_company: companies.into_iter().next(),
            assigned_to: assigned_to.into_iter().map(str::to_owned).collect(),
            ..profile.clone()
        },
    )
}

fn a_pool(
    id: &str,
    units: &[OrgUnit],
    numbers: &[PhoneNumber],
) -> impl Strategy<Value = crate::config::PoolConfig> + use<> {
    let pool = pool(id, &[], numbers[0].as_str(), &[]);
    let units: Vec<_> = units.iter().map(|unit| unit.id.clone()).collect();
    let chosen = (
        subsequence(units.clone(), 0..=units.len()).prop_shuffle(),
        subsequence(numbers.to_vec(), 0..=numbers.len()).prop_shuffle(),
        subsequence(numbers.to_vec(), 0..=numbers.len()).prop_shuffle(),
        any::<bool>(),
    );
    chosen.prop_map(
        move |(org_units, secondaries, draining, fallback_upward)| crate::config::PoolConfig {
            org_units,
            secondaries,
            draining,
            fallback_upward,
            ..pool.clone()
        },
    )
}

/// The company after the changes; panics where a database with foreign keys would refuse one of them.
pub(super) fn applied(
    current: Option<&CompanyConfig>,
    changes: impl IntoIterator<Item = ConfigChange>,
) -> CompanyConfig {
    let mut config = current.cloned().unwrap_or_else(|| CompanyConfig {
        org_units: Vec::new(),
        external_companies: Vec::new(),
        users: Vec::new(),
        client_profiles: Vec::new(),
        official_accounts: Vec::new(),
        pools: Vec::new(),
        ..sample()
    });
    for change in changes {
        apply(&mut config, change);
    }
    config
}

fn apply(config: &mut CompanyConfig, change: ConfigChange) {
    let has_unit =
        |config: &CompanyConfig, id: &OrgUnitId| config.org_units.iter().any(|unit| unit.id == *id);
    match change {
        ConfigChange::PutCompany { settings, .. } => config.settings = *settings,
        ConfigChange::PutOrgUnit(unit) => {
            assert!(
                unit.parent.as_ref().is_none_or(|parent| has_unit(config, parent)),
                "{unit:?}"
            );
            put(&mut config.org_units, unit, |unit| unit.id.clone());
        }
        ConfigChange::RemoveOrgUnit(id) => {
            assert!(
                config
                    .org_units
                    .iter()
                    .all(|unit| unit.parent.as_ref() != Some(&id)),
                "{id} has children"
            );
            assert!(
                config.users.iter().all(|user| user.org_unit != id),
                "{id} has users"
            );
            assert!(
                config.pools.iter().all(|pool| !pool.org_units.contains(&id)),
                "{id} has a pool"
            );
            config.org_units.retain(|unit| unit.id != id);
        }
        ConfigChange::PutExternalCompany(company) => {
            put(&mut config.external_companies, company, |company| {
                company.id.clone()
            });
        }
        ConfigChange::RemoveExternalCompany(id) => {
            assert!(
                config
                    .users
                    .iter()
                    .all(|user| !user.external_companies.contains(&id)),
                "{id} has users"
            );
            config.external_companies.retain(|company| company.id != id);
        }
        ConfigChange::PutUser { user, .. } => {
            assert!(has_unit(config, &user.org_unit), "{user:?}");
            put(&mut config.users, user, |user| user.username.clone());
        }
        ConfigChange::DeactivateUser { username, .. } => {
            config.users.retain(|user| user.username != username);
        }
        ConfigChange::PutClientProfile { profile, .. } => {
            put(&mut config.client_profiles, profile, |profile| {
                profile.key.clone()
            });
        }
        ConfigChange::RemoveClientProfile(key) => config.client_profiles.retain(|profile| profile.key != key),
        ConfigChange::PutOfficialAccount { account, .. } => {
            put(&mut config.official_accounts, account, |account| {
                account.phone_number.clone()
            });
        }
        ConfigChange::RemoveOfficialAccount(number) => {
            let uses = |pool: &crate::config::PoolConfig| {
                pool.primary == number || pool.secondaries.contains(&number)
            };
            assert!(!config.pools.iter().any(uses), "{number} is in a pool");
            config
                .official_accounts
                .retain(|account| account.phone_number != number);
        }
        ConfigChange::PutPool(pool) => {
            assert!(pool.org_units.iter().all(|id| has_unit(config, id)), "{pool:?}");
            put(&mut config.pools, pool, |pool| pool.id.clone());
        }
        ConfigChange::RetireOfficialAccount { .. } => {}
        ConfigChange::RemovePool(id) => config.pools.retain(|pool| pool.id != id),
    }
}

fn put<T, K: PartialEq>(list: &mut Vec<T>, one: T, key: impl Fn(&T) -> K) {
    match list.iter_mut().find(|there| key(there) == key(&one)) {
        Some(there) => *there = one,
        None => list.push(one),
    }
}

/// The profiles that stay, and the wished ones with what they leave open.
pub(super) fn expected_profiles(
    current: Option<&CompanyConfig>,
    wished: &CompanyConfig,
) -> Vec<ClientProfileConfig> {
    let mut profiles = current.map_or_else(Vec::new, |current| current.client_profiles.clone());
    for wish in &wished.client_profiles {
        let mut profile = wish.clone();
        if let Some(there) = profiles.iter().find(|there| there.key == wish.key) {
            profile.phone_number = wish.phone_number.clone().or(there.phone_number.clone());
            profile.external_company = wish.external_company.clone().or(there.external_company.clone());
            if wish.assigned_to.is_empty() {
                profile.assigned_to.clone_from(&there.assigned_to);
            }
        }
        put(&mut profiles, profile, |profile| profile.key.clone());
    }
    profiles
}

/// The company with every list in one order.
pub(super) fn normal(config: &CompanyConfig) -> CompanyConfig {
    let mut config = config.clone();
    config.org_units.sort_by(|a, b| a.id.cmp(&b.id));
    config.external_companies.sort_by(|a, b| a.id.cmp(&b.id));
    config.users.sort_by(|a, b| a.username.cmp(&b.username));
    for user in &mut config.users {
        user.external_companies.sort();
        user.roles.sort();
    }
    config.client_profiles.sort_by(|a, b| a.key.cmp(&b.key));
    for profile in &mut config.client_profiles {
        profile.assigned_to.sort();
    }
    config
        .official_accounts
        .sort_by(|a, b| a.phone_number.cmp(&b.phone_number));
    config.pools.sort_by(|a, b| a.id.cmp(&b.id));
    for pool in &mut config.pools {
        pool.org_units.sort();
        pool.secondaries.sort();
        pool.draining.sort();
    }
    config
}
