//! Whether the changes, taken together, may stand.

use std::collections::BTreeSet;

use onboarding_core::{CompanyId, Extension, config::ConfigChange};

use super::super::world::{AccountRow, CompanyRows, ProfileRow, World};

/// The first number that another company has in use.
pub(super) fn taken_elsewhere(world: &World, company: &CompanyId, wished: &CompanyRows) -> Option<String> {
    let others = world
        .companies
        .iter()
        .filter(|(id, _)| *id != company)
        .flat_map(|(_, rows)| in_use(rows));
    let others: Vec<_> = others.map(|row| &row.account).collect();
    in_use(wished).map(|row| &row.account).find_map(|own| {
        let same_number = others.iter().any(|other| other.phone_number == own.phone_number);
        let same_id = others
            .iter()
            .any(|other| other.phone_number_id == own.phone_number_id);
        (same_number || same_id).then(|| own.phone_number.to_string())
    })
}

/// The first profile that is to go and has a room, or is part of a merge.
pub(super) fn needed_by_the_record<'a>(rows: &CompanyRows, changes: &'a [ConfigChange]) -> Option<&'a str> {
    let is_needed = |row: &ProfileRow| {
        let id = row.profile.id;
        let has_room = rows.rooms.iter().any(|room| room.profile == id);
        let stands_for = rows.profiles.iter().any(|other| other.merged_into == Some(id));
        has_room || stands_for || row.merged_into.is_some()
    };
    changes.iter().find_map(|change| match change {
        ConfigChange::RemoveClientProfile(key) => {
            let mut with_key = rows
                .profiles
                .iter()
                .filter(|row| row.profile.key.as_ref() == Some(key));
            with_key.any(is_needed).then_some(key.as_str())
        }
        _ => None,
    })
}

/// Whether the company agrees with itself: `config::mistakes` told people so before, this is the last line.
pub(super) fn consistent(rows: &CompanyRows) -> Result<(), String> {
    let active = || rows.users.iter().filter(|user| user.active);
    let extensions = || active().filter_map(|user| user.extension.as_ref());
    unique("extension", extensions().map(Extension::to_string))?;
    unique("look of an extension", extensions().map(Extension::skeleton))?;
    unique(
        "phone number id",
        in_use(rows).map(|row| row.account.phone_number_id.clone()),
    )?;
    let members = || {
        rows.pools
            .iter()
            .flat_map(|pool| pool.secondaries.iter().chain([&pool.primary]))
    };
    unique("account in pools", members().map(ToString::to_string))?;
    if members().any(|id| in_use(rows).all(|row| row.account.id != *id)) {
        return Err("a pool has an account that is out of use".to_owned());
    }
    let units = active()
        .map(|user| &user.org_unit)
        .chain(rows.pools.iter().flat_map(|pool| &pool.org_units));
    match units
        .into_iter()
        .find(|id| rows.org_units.iter().all(|unit| unit.id != **id))
    {
        Some(unit) => Err(format!("no unit {unit}")),
        None => Ok(()),
    }
}

fn in_use(rows: &CompanyRows) -> impl Iterator<Item = &AccountRow> {
    rows.accounts.iter().filter(|row| row.in_use)
}

fn unique(what: &str, keys: impl Iterator<Item = String>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    match keys.into_iter().find(|key| !seen.insert(key.clone())) {
        Some(twice) => Err(format!("{what} {twice} is there twice")),
        None => Ok(()),
    }
}
