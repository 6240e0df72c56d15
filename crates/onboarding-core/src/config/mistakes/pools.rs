//! Mistakes of the WhatsApp numbers and their pools.

use std::collections::{BTreeMap, btree_map::Entry};

use super::{
    Findings, also_at,
    places::{check_country, check_possible},
    units::check_org_unit,
};
use crate::{
    OrgUnitId, PhoneNumber,
    config::{CompanyConfig, PoolConfig},
};

pub(super) fn check_official_accounts(config: &CompanyConfig, findings: &mut Findings) {
    let accounts = config.official_accounts.iter().enumerate();
    let at = |index: usize, key: &str| format!("official_accounts[{index}].{key}");
    let numbers = accounts
        .clone()
        .map(|(index, account)| (at(index, "phone_number"), &account.phone_number));
    findings.refuse_repeated(numbers, also_at);
    let ids = accounts
        .clone()
        .map(|(index, account)| (at(index, "phone_number_id"), &account.phone_number_id));
    findings.refuse_repeated(ids, also_at);
    for (index, account) in accounts {
        check_possible(&account.phone_number, at(index, "phone_number"), findings);
        findings.check_line(at(index, "phone_number_id"), &account.phone_number_id);
        findings.check_line(at(index, "waba_id"), &account.waba_id);
    }
}

pub(super) fn check_pools(config: &CompanyConfig, findings: &mut Findings) {
    let pools = config.pools.iter().enumerate();
    let ids = pools
        .clone()
        .map(|(index, pool)| (format!("pools[{index}].id"), &pool.id));
    findings.refuse_repeated(ids, also_at);
    let mut places = Places::default();
    for (index, pool) in pools {
        check_org_units(config, index, &mut places, findings);
        check_numbers(config, index, &mut places, findings);
        check_draining(pool, index, findings);
        check_countries(pool, index, findings);
    }
}

/// The pool, by its place in the list, in which a unit or a number was met first.
#[derive(Default)]
struct Places<'a> {
    of_units: BTreeMap<&'a OrgUnitId, usize>,
    of_numbers: BTreeMap<&'a PhoneNumber, usize>,
}

fn check_org_units<'a>(
    config: &'a CompanyConfig,
    index: usize,
    places: &mut Places<'a>,
    findings: &mut Findings,
) {
    let pool = &config.pools[index];
    if pool.org_units.is_empty() {
        findings.add(
            format!("pools[{index}].org_units"),
            "the pool serves no org unit; list one at least",
        );
    }
    for (place, unit) in pool.org_units.iter().enumerate() {
        let path = format!("pools[{index}].org_units[{place}]");
        check_org_unit(config, unit, &path, findings);
        match places.of_units.entry(unit) {
            Entry::Vacant(entry) => drop(entry.insert(index)),
            Entry::Occupied(entry) if *entry.get() == index => {
                findings.add(path, format!("`{unit}` stands in this list twice; remove one"));
            }
            Entry::Occupied(entry) => {
                let other = &config.pools[*entry.get()].id;
                let message =
                    format!("`{unit}` is served by pool `{other}`; a unit has one pool, take it off one");
                findings.add(path, message);
            }
        }
    }
}

fn check_numbers<'a>(
    config: &'a CompanyConfig,
    index: usize,
    places: &mut Places<'a>,
    findings: &mut Findings,
) {
    let pool = &config.pools[index];
    if pool.secondaries.is_empty() {
        let message = "the pool has no secondary, so no conversation could open; list one at least";
        findings.add(format!("pools[{index}].secondaries"), message);
    }
    let primary = std::iter::once((format!("pools[{index}].primary"), &pool.primary));
    let secondaries = pool.secondaries.iter().enumerate();
    let secondaries =
        secondaries.map(|(place, number)| (format!("pools[{index}].secondaries[{place}]"), number));
    for (path, number) in primary.chain(secondaries) {
        if !config
            .official_accounts
            .iter()
            .any(|account| account.phone_number == *number)
        {
            let message =
                format!("{number} is no official account; add it to official_accounts or correct it");
            findings.add(path.as_str(), message);
        }
        match places.of_numbers.entry(number) {
            Entry::Vacant(entry) => drop(entry.insert(index)),
            Entry::Occupied(entry) => findings.add(path, used_before(config, index, *entry.get(), number)),
        }
    }
}

fn used_before(config: &CompanyConfig, index: usize, first: usize, number: &PhoneNumber) -> String {
    let pool = &config.pools[index];
    if first != index {
        let other = &config.pools[first].id;
        format!("{number} is in pool `{other}`; a number belongs to one pool, take it out of one")
    } else if pool.primary == *number {
        format!(
            "{number} is the primary of this pool, which never carries a conversation; take it off this list"
        )
    } else {
        format!("{number} stands in this list twice; remove one")
    }
}

fn check_draining(pool: &PoolConfig, index: usize, findings: &mut Findings) {
    let path = format!("pools[{index}].draining");
    findings.refuse_twice(&path, &pool.draining);
    for (place, number) in pool.draining.iter().enumerate() {
        if !pool.secondaries.contains(number) {
            let message =
                format!("{number} is no secondary of this pool; add it to secondaries or take it off here");
            findings.add(format!("{path}[{place}]"), message);
        }
    }
    let drains = |number| pool.draining.contains(number);
    if !pool.secondaries.is_empty() && pool.secondaries.iter().all(drains) {
        let message = "every secondary of the pool is draining, so no conversation could open; leave one out, add \
                       another number, or take the pool away";
        findings.add(path, message);
    }
}

fn check_countries(pool: &PoolConfig, index: usize, findings: &mut Findings) {
    if let Some(country) = pool.default_country {
        check_country(country, format!("pools[{index}].default_country"), findings);
    }
    for (from, to) in &pool.geography_mapping {
        let path = format!("pools[{index}].geography_mapping.{from}");
        check_country(*from, path.as_str(), findings);
        if to != from {
            check_country(*to, path, findings);
        }
    }
}
