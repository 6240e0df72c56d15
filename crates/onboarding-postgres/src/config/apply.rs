//! Makes changes of the configuration, all or none.
//!
//! Uniqueness is judged at the end of an apply, but PostgreSQL judges each statement. So what may change hands
//! (extensions, number ids, memberships of pools) is let go by everybody first and taken afterwards. What refers to
//! something else comes after it, in whatever order the changes are given.

use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
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

/// Any number that nobody else uses will do.
const LOCK: &str = "SELECT pg_advisory_xact_lock(1869506149)";

/// What the changes are made in.
pub(super) struct Change<'a> {
    pub(super) connection: &'a mut AsyncPgConnection,
    pub(super) company: &'a CompanyId,
    pub(super) now: Timestamp,
}

/// Makes the changes, if the company is at the expected revision.
pub(crate) async fn apply(
    connection: &mut AsyncPgConnection,
    id: &CompanyId,
    expected: Option<u64>,
    changes: &[ConfigChange],
    by: &Origin,
    now: Timestamp,
) -> Result<ApplyOutcome, Undo<ApplyOutcome>> {
    // One apply at a time: two companies might take one number, and a company that is made has no row to lock yet.
    diesel::sql_query(LOCK).execute(connection).await?;
    if company::revision_to_change(connection, id).await? != expected {
        return Err(Undo::Answer(ApplyOutcome::Stale));
    }
    let before = super::load(connection, id).await?.map(|(config, _)| config);
    let revision = expected.unwrap_or(0) + 1;
    let mut change = Change {
        connection,
        company: id,
        now,
    };
    put_company(&mut change, revision, expected.is_none(), changes).await?;
    if let Some(number) = account::owned_by_another(&mut change, changes).await? {
        let message = format!("the number {number} or its phone_number_id belongs to another company");
        return Err(Undo::Answer(ApplyOutcome::Taken(message)));
    }
    if let Some(key) = profile::needed_by_the_record(&mut change, changes).await? {
        return Err(Undo::Answer(ApplyOutcome::InUse(profile_in_use(key))));
    }
    let_go(&mut change, changes).await?;
    unit::put_all(&mut change, changes).await?;
    for one in changes {
        put(&mut change, one).await?;
    }
    for one in changes {
        put_dependent(&mut change, one).await?;
    }
    // Nothing is stored that could not be read again.
    if let Some((after, _)) = super::load(change.connection, id).await? {
        let mut entries = config_entries(by, id, before.as_ref(), &after, now);
        entries.extend(changes_beyond_config(by, changes, now));
        audit::append(change.connection, id, &entries).await?;
    }
    Ok(ApplyOutcome::Applied(revision))
}

async fn put_company(
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
                .execute(change.connection)
                .await?;
        }
        (Some((_, row)), false) => {
            diesel::update(companies::table.filter(id))
                .set((numbers, row))
                .execute(change.connection)
                .await?;
        }
        (None, false) => {
            diesel::update(companies::table.filter(id))
                .set(numbers)
                .execute(change.connection)
                .await?;
        }
        (None, true) => return Err(Error::Impossible("a new company needs its settings".to_owned())),
    }
    match wished {
        Some((_, settings)) => logo::put(change, settings).await,
        None => Ok(()),
    }
}

/// What leaves, and what whoever changes holds.
async fn let_go(change: &mut Change<'_>, changes: &[ConfigChange]) -> Result<(), Error> {
    for one in changes {
        match one {
            ConfigChange::RemoveOrgUnit(id) => unit::remove_org_unit(change, id).await?,
            ConfigChange::RemoveExternalCompany(id) => unit::remove_external_company(change, id).await?,
            ConfigChange::DeactivateUser { username, .. } => {
                user::deactivate(change, username).await?;
                user_identity::release(change.connection, change.company, username).await?;
            }
            ConfigChange::PutUser { user, .. } => {
                user::release_extension(change, &user.username).await?;
                user_identity::release(change.connection, change.company, &user.username).await?;
            }
            ConfigChange::RemoveOfficialAccount(number) => account::remove(change, number).await?,
            ConfigChange::PutOfficialAccount { account, .. } => {
                account::release(change, &account.phone_number).await?;
            }
            ConfigChange::PutPool(pool) => pool::clear(change, &pool.id).await?,
            ConfigChange::RemovePool(id) => pool::remove(change, id).await?,
            ConfigChange::RemoveClientProfile(key) => profile::remove(change, key).await?,
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
async fn put(change: &mut Change<'_>, one: &ConfigChange) -> Result<(), Error> {
    match one {
        ConfigChange::PutUser { new_id, user } => user::put(change, *new_id, user).await,
        ConfigChange::PutOfficialAccount { new_id, account } => account::put(change, *new_id, account).await,
        _ => Ok(()),
    }
}

/// What refers to users and accounts.
async fn put_dependent(change: &mut Change<'_>, one: &ConfigChange) -> Result<(), Error> {
    match one {
        ConfigChange::PutClientProfile { new_id, profile } => profile::put(change, *new_id, profile).await,
        ConfigChange::PutPool(pool) => pool::put(change, pool).await,
        ConfigChange::DeactivateUser {
            username,
            successor: Some(successor),
        } => user::name_successor(change, username, successor).await,
        ConfigChange::RetireOfficialAccount {
            phone_number,
            retired,
        } => account::retire(change, phone_number, *retired).await,
        _ => Ok(()),
    }
}
