//! The way from the present configuration to the wished one.

mod difference;
mod summary;
#[cfg(test)]
mod tests;

use std::{cmp::Reverse, collections::HashMap, hash::Hash};

use difference::Difference;

use super::{ClientProfileConfig, CompanyConfig, ConfigChange};
use crate::{ButtonKey, ClientProfileId, Draw, OfficialAccountId, OrgUnit, OrgUnitId, Timestamp, UserId};

/// A change with the line that tells people about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedChange {
    /// What the store is to do.
    pub change: ConfigChange,
    /// For people: begins with `+` (new), `~` (changed) or `-` (gone). Holds no secret and no client's number.
    pub summary: String,
}

/// What must change so that the company becomes what is wished; nothing if it is so already. `current` is
/// `None` for a company that does not exist yet; `wished` has no [`super::mistakes`].
///
/// Users, units, accounts, pools and external companies that are not wished go: users are deactivated, the
/// rest is removed. Client profiles that are not wished stay as they are, because usually the flow created
/// them; of a wished profile only the settings that are given count: one without a phone number keeps the number
/// that it has, one that is assigned to nobody keeps its users.
///
/// The order suits a store that checks references at once: what is new comes before what refers to it, units
/// parents first; what goes, goes after everything that could have referred to it, units children first.
/// Lists without a meaning in their order (units and numbers of a pool, external companies and roles of a
/// user, users of a profile) are compared as sets.
pub fn plan(
    current: Option<&CompanyConfig>,
    wished: &CompanyConfig,
    now: Timestamp,
    draw: &mut Draw,
) -> Vec<PlannedChange> {
    let mut plan = Plan(Vec::new());
    plan.put_company(current, wished, draw);
    plan.put_org_units(part(current, |config| &config.org_units), &wished.org_units);
    plan.put_external_companies(current, wished);
    plan.put_official_accounts(current, wished, now, draw);
    plan.put_pools(current, wished);
    plan.put_users(current, wished, now, draw);
    plan.put_client_profiles(
        part(current, |config| &config.client_profiles),
        &wished.client_profiles,
        now,
        draw,
    );
    if let Some(current) = current {
        plan.remove(current, wished);
    }
    plan.0
}

/// A list of the present configuration; empty for a company that does not exist yet.
fn part<T>(current: Option<&CompanyConfig>, list: impl Fn(&CompanyConfig) -> &Vec<T>) -> &[T] {
    current.map_or(&[], |config| list(config))
}

fn by_key<'a, T, K: Eq + Hash>(list: &'a [T], key: impl Fn(&'a T) -> K) -> HashMap<K, &'a T> {
    list.iter().map(|one| (key(one), one)).collect()
}

struct Plan(Vec<PlannedChange>);

impl Plan {
    /// Plans to put something: `new` says what is created, `difference` is what differs from what is there.
    fn put(
        &mut self,
        subject: &str,
        new: impl FnOnce() -> String,
        difference: Option<Difference>,
        change: ConfigChange,
    ) {
        let summary = match difference {
            None => format!("+ {subject} ({})", new()),
            Some(difference) if difference.is_empty() => return,
            Some(difference) => format!("~ {subject}: {difference}"),
        };
        self.0.push(PlannedChange { change, summary });
    }

    fn put_company(&mut self, current: Option<&CompanyConfig>, wished: &CompanyConfig, draw: &mut Draw) {
        let settings = &wished.settings;
        let difference = current.map(|current| summary::settings(&current.settings, settings));
        let change = ConfigChange::PutCompany {
            new_key: ButtonKey::mint(draw),
            settings: Box::new(settings.clone()),
        };
        self.put("company", || settings.name.clone(), difference, change);
    }

    fn put_org_units(&mut self, current: &[OrgUnit], wished: &[OrgUnit]) {
        let there = by_key(current, |unit| &unit.id);
        let depth = depths(wished);
        let mut units: Vec<_> = wished.iter().collect();
        units.sort_by_key(|unit| depth[&unit.id]);
        for unit in units {
            let difference = there.get(&unit.id).map(|there| summary::org_unit(there, unit));
            let subject = format!("org unit {}", unit.id);
            self.put(
                &subject,
                || unit.name.clone(),
                difference,
                ConfigChange::PutOrgUnit(unit.clone()),
            );
        }
    }

    fn put_external_companies(&mut self, current: Option<&CompanyConfig>, wished: &CompanyConfig) {
        let there = by_key(part(current, |config| &config.external_companies), |company| {
            &company.id
        });
        for company in &wished.external_companies {
            let difference = there
                .get(&company.id)
                .map(|there| summary::external_company(there, company));
            let change = ConfigChange::PutExternalCompany(company.clone());
            self.put(
                &format!("external company {}", company.id),
                || company.name.clone(),
                difference,
                change,
            );
        }
    }

    fn put_official_accounts(
        &mut self,
        current: Option<&CompanyConfig>,
        wished: &CompanyConfig,
        now: Timestamp,
        draw: &mut Draw,
    ) {
        let there = by_key(part(current, |config| &config.official_accounts), |account| {
            &account.phone_number
        });
        for account in &wished.official_accounts {
            let difference = there
                .get(&account.phone_number)
                .map(|there| summary::official_account(there, account));
            let new_id = OfficialAccountId::from_uuid(draw.uuid(now));
            let change = ConfigChange::PutOfficialAccount {
                new_id,
                account: account.clone(),
            };
            let subject = format!("official account {}", account.phone_number);
            self.put(
                &subject,
                || format!("id {}", account.phone_number_id),
                difference,
                change,
            );
        }
    }

    fn put_pools(&mut self, current: Option<&CompanyConfig>, wished: &CompanyConfig) {
        let there = by_key(part(current, |config| &config.pools), |pool| &pool.id);
        for pool in &wished.pools {
            let difference = there.get(&pool.id).map(|there| summary::pool(there, pool));
            let new = || {
                format!(
                    "primary {}, secondaries +{}",
                    pool.primary,
                    pool.secondaries.len()
                )
            };
            self.put(
                &format!("pool {}", pool.id),
                new,
                difference,
                ConfigChange::PutPool(pool.clone()),
            );
        }
    }

    fn put_users(
        &mut self,
        current: Option<&CompanyConfig>,
        wished: &CompanyConfig,
        now: Timestamp,
        draw: &mut Draw,
    ) {
        let there = by_key(part(current, |config| &config.users), |user| &user.username);
        for user in &wished.users {
            let difference = there.get(&user.username).map(|there| summary::user(there, user));
            let new_id = UserId::from_uuid(draw.uuid(now));
            let change = ConfigChange::PutUser {
                new_id,
                user: user.clone(),
            };
            let new = || match &user.extension {
                Some(extension) => format!("{}, {extension}", user.name),
                None => user.name.clone(),
            };
            self.put(&format!("user {}", user.username), new, difference, change);
        }
    }

    fn put_client_profiles(
        &mut self,
        current: &[ClientProfileConfig],
        wished: &[ClientProfileConfig],
        now: Timestamp,
        draw: &mut Draw,
    ) {
        let there = by_key(current, |profile| &profile.key);
        for profile in wished {
            let there = there.get(&profile.key);
            let profile = there.map_or_else(|| profile.clone(), |there| with_kept_settings(profile, there));
            let difference = there.map(|there| summary::client_profile(there, &profile));
            let subject = format!("client profile {}", profile.key);
            let name = profile.name.clone();
            let new_id = ClientProfileId::from_uuid(draw.uuid(now));
            self.put(
                &subject,
                || name,
                difference,
                ConfigChange::PutClientProfile { new_id, profile },
            );
        }
    }

    fn remove(&mut self, current: &CompanyConfig, wished: &CompanyConfig) {
        let stays = by_key(&wished.users, |user| &user.username);
        for user in current
            .users
            .iter()
            .filter(|user| !stays.contains_key(&user.username))
        {
            let dead = if user.extension.is_some() {
                "leaves: extension dead at once"
            } else {
                "leaves"
            };
            let successor = wished
                .leavers
                .iter()
                .find(|leaver| leaver.username == user.username)
                .map(|leaver| leaver.hand_over_to.clone());
            let rooms = match &successor {
                Some(successor) => format!("rooms handed over to {successor}"),
                None => "rooms closed".to_owned(),
            };
            let summary = format!("- user {} ({dead}, {rooms})", user.username);
            self.0.push(PlannedChange {
                change: ConfigChange::DeactivateUser {
                    username: user.username.clone(),
                    successor,
                },
                summary,
            });
        }
        let stays = by_key(&wished.pools, |pool| &pool.id);
        for pool in current.pools.iter().filter(|pool| !stays.contains_key(&pool.id)) {
            let summary = format!("- pool {} (its accounts stay)", pool.id);
            self.0.push(PlannedChange {
                change: ConfigChange::RemovePool(pool.id.clone()),
                summary,
            });
        }
        let stays = by_key(&wished.official_accounts, |account| &account.phone_number);
        for account in current
            .official_accounts
            .iter()
            .filter(|one| !stays.contains_key(&one.phone_number))
        {
            let number = &account.phone_number;
            let summary = format!("- official account {number} (out of use)");
            self.0.push(PlannedChange {
                change: ConfigChange::RemoveOfficialAccount(number.clone()),
                summary,
            });
        }
        let stays = by_key(&wished.external_companies, |company| &company.id);
        for company in current
            .external_companies
            .iter()
            .filter(|company| !stays.contains_key(&company.id))
        {
            let summary = format!("- external company {}", company.id);
            self.0.push(PlannedChange {
                change: ConfigChange::RemoveExternalCompany(company.id.clone()),
                summary,
            });
        }
        let stays = by_key(&wished.org_units, |unit| &unit.id);
        let depth = depths(&current.org_units);
        let mut gone: Vec<_> = current
            .org_units
            .iter()
            .filter(|unit| !stays.contains_key(&unit.id))
            .collect();
        gone.sort_by_key(|unit| Reverse(depth[&unit.id]));
        for unit in gone {
            let summary = format!("- org unit {}", unit.id);
            self.0.push(PlannedChange {
                change: ConfigChange::RemoveOrgUnit(unit.id.clone()),
                summary,
            });
        }
    }
}

/// The wished profile, with what it leaves open taken from what is there.
fn with_kept_settings(wished: &ClientProfileConfig, there: &ClientProfileConfig) -> ClientProfileConfig {
    let mut profile = wished.clone();
    profile.phone_number = profile.phone_number.or_else(|| there.phone_number.clone());
    profile.external_company = profile
        .external_company
        .or_else(|| there.external_company.clone());
    if profile.assigned_to.is_empty() {
        profile.assigned_to.clone_from(&there.assigned_to);
    }
    profile
}

/// How many units stand above each one. In a ring, which [`super::mistakes`] refuses, the walk ends too.
fn depths(units: &[OrgUnit]) -> HashMap<&OrgUnitId, usize> {
    let parents: HashMap<_, _> = units
        .iter()
        .map(|unit| (&unit.id, unit.parent.as_ref()))
        .collect();
    let depth = |unit: &OrgUnit| {
        let above = |id: &&OrgUnitId| parents.get(id).copied().flatten();
        std::iter::successors(unit.parent.as_ref(), above)
            .take(units.len())
            .count()
    };
    units.iter().map(|unit| (&unit.id, depth(unit))).collect()
}
