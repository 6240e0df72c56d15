//! Makes changes of the configuration, all or none.
//!
//! Uniqueness is judged at the end of an apply, but SQLite judges each statement. So what may change hands
//! (extensions, number ids, memberships of pools) is let go by everybody first and taken afterwards. What refers to
//! something else comes after it, in whatever order the changes are given.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SqliteConnection};
use onboarding_core::{
    CompanyId, Timestamp,
    audit::{Origin, changes_beyond_config, config_entries},
    config::ConfigChange,
    ports::{ApplyOutcome, profile_in_use},
};

use super::{account, logo, pool, profile, unit, user};
use crate::{
    audit, company,
    error::{Error, Undo},
    schema::companies,
    settings::SettingsRow,
    user_identity,
};

/// What the changes are made in.
pub(super) struct Change<'a> {
    pub(super) connection: &'a mut SqliteConnection,
    pub(super) company: &'a CompanyId,
    pub(super) now: Timestamp,
}

/// Makes the changes, if the company is at the expected revision.
pub(crate) fn apply(
    connection: &mut SqliteConnection,
    id: &CompanyId,
    expected: Option<u64>,
    changes: &[ConfigChange],
    by: &Origin,
    now: Timestamp,
) -> Result<ApplyOutcome, Undo<ApplyOutcome>> {
    if company::revision(connection, id)? != expected {
        return Err(Undo::Answer(ApplyOutcome::Stale));
    }
    let before = super::load(connection, id)?.map(|(config, _)| config);
    let revision = expected.unwrap_or(0) + 1;
    let mut change = Change {
        connection,
        company: id,
        now,
    };
    put_company(&mut change, revision, expected.is_none(), changes)?;
    if let Some(number) = account::owned_by_another(&mut change, changes)? {
        let message = format!("the number {number} or its phone_number_id belongs to another company");
        return Err(Undo::Answer(ApplyOutcome::Taken(message)));
    }
    if let Some(key) = profile::needed_by_the_record(&mut change, changes)? {
        return Err(Undo::Answer(ApplyOutcome::InUse(profile_in_use(key))));
    }
    let_go(&mut change, changes)?;
    unit::put_all(&mut change, changes)?;
    for one in changes {
        put(&mut change, one)?;
    }
    for one in changes {
        put_dependent(&mut change, one)?;
    }
    // Nothing is stored that could not be read again.
    if let Some((after, _)) = super::load(change.connection, id)? {
        let mut entries = config_entries(by, id, before.as_ref(), &after, now);
        entries.extend(changes_beyond_config(by, changes, now));
        audit::append(change.connection, id, &entries)?;
    }
    Ok(ApplyOutcome::Applied(revision))
}

fn put_company(
    change: &mut Change<'_>,
    revision: u64,
    is_new: bool,
    changes: &[ConfigChange],
) -> Result<(), Error> {
    let revision =
        i64::try_from(revision).map_err(|_| Error::Impossible("the revision is too large".to_owned()))?;
    let wished = changes.iter().rev().find_map(|one| match one {
        ConfigChange::PutCompany { new_key, settings } => Some((new_key, settings)),
        _ => None,
    });
    let row = wished
        .map(|(key, settings)| Ok::<_, Error>((key, SettingsRow::of(settings)?)))
        .transpose()?;
    let id = companies::company_id.eq(change.company.as_str());
    let numbers = (
        companies::revision.eq(revision),
        companies::changed_at.eq(change.now.as_micros()),
    );
    match (row, is_new) {
        (Some((key, row)), true) => {
            let key = companies::button_key.eq(key.as_bytes().as_slice());
            diesel::insert_into(companies::table)
                .values((id, numbers, key, row))
                .execute(change.connection)?;
        }
        (Some((_, row)), false) => {
            diesel::update(companies::table.filter(id))
                .set((numbers, row))
                .execute(change.connection)?;
        }
        (None, false) => {
            diesel::update(companies::table.filter(id))
                .set(numbers)
                .execute(change.connection)?;
        }
        (None, true) => return Err(Error::Impossible("a new company needs its settings".to_owned())),
    }
    match wished {
        Some((_, settings)) => logo::put(change, settings),
        None => Ok(()),
    }
}

/// What leaves, and what whoever changes holds.
fn let_go(change: &mut Change<'_>, changes: &[ConfigChange]) -> Result<(), Error> {
    for one in changes {
        match one {
            ConfigChange::RemoveOrgUnit(id) => unit::remove_org_unit(change, id)?,
            ConfigChange::RemoveExternalCompany(id) => unit::remove_external_company(change, id)?,
            ConfigChange::DeactivateUser { username, .. } => {
                user::deactivate(change, username)?;
                user_identity::release(change.connection, change.company, username)?;
            }
            ConfigChange::PutUser { user, .. } => {
                user::release_extension(change, &user.username)?;
                user_identity::release(change.connection, change.company, &user.username)?;
            }
            ConfigChange::RemoveOfficialAccount(number) => account::remove(change, number)?,
            ConfigChange::PutOfficialAccount { account, .. } => {
                account::release(change, &account.phone_number)?;
            }
            ConfigChange::PutPool(pool) => pool::clear(change, &pool.id)?,
            ConfigChange::RemovePool(id) => pool::remove(change, id)?,
            ConfigChange::RemoveClientProfile(key) => profile::remove(change, key)?,
            ConfigChange::PutCompany { .. }
            | ConfigChange::PutOrgUnit(_)
            | ConfigChange::PutExternalCompany(_)
            | ConfigChange::RetireOfficialAccount { .. }
            | ConfigChange::PutClientProfile { .. } => {}
        }
    }
    Ok(())
}

/// What refers to units and external companies only.
fn put(change: &mut Change<'_>, one: &ConfigChange) -> Result<(), Error> {
    match one {
        ConfigChange::PutUser { new_id, user } => user::put(change, *new_id, user),
        ConfigChange::PutOfficialAccount { new_id, account } => account::put(change, *new_id, account),
        _ => Ok(()),
    }
}

/// What refers to users and accounts.
fn put_dependent(change: &mut Change<'_>, one: &ConfigChange) -> Result<(), Error> {
    match one {
        ConfigChange::PutClientProfile { new_id, profile } => profile::put(change, *new_id, profile),
        ConfigChange::PutPool(pool) => pool::put(change, pool),
        ConfigChange::DeactivateUser {
            username,
            successor: Some(successor),
        } => user::name_successor(change, username, successor),
        ConfigChange::RetireOfficialAccount {
            phone_number,
            retired,
        } => account::retire(change, phone_number, *retired),
        _ => Ok(()),
    }
}
