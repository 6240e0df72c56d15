//! Pools and their members.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::RunQueryDsl;
use onboarding_core::{CountryCode, PhoneNumber, PoolId, config::PoolConfig};

use super::apply::Change;
use crate::{
    error::Error,
    key::Key,
    schema::{official_accounts, pool_members, pool_org_units, pools},
    text::to_json,
};

/// Lets go of everything that the pool holds.
pub(super) async fn clear(change: &mut Change<'_>, pool: &PoolId) -> Result<(), Error> {
    diesel::delete(pool_members::table)
        .filter(pool_members::company_id.eq(change.company.as_str()))
        .filter(pool_members::pool_id.eq(pool.as_str()))
        .execute(change.connection)
        .await?;
    diesel::delete(pool_org_units::table)
        .filter(pool_org_units::company_id.eq(change.company.as_str()))
        .filter(pool_org_units::pool_id.eq(pool.as_str()))
        .execute(change.connection)
        .await?;
    Ok(())
}

/// Takes the pool away; nothing in the record refers to it.
pub(super) async fn remove(change: &mut Change<'_>, pool: &PoolId) -> Result<(), Error> {
    clear(change, pool).await?;
    diesel::delete(pools::table.find((change.company.as_str(), pool.as_str())))
        .execute(change.connection)
        .await?;
    Ok(())
}

/// Creates or changes the pool with its members. What is known of the messaging limit stays.
pub(super) async fn put(change: &mut Change<'_>, pool: &PoolConfig) -> Result<(), Error> {
    let company = change.company.as_str();
    let mapping: BTreeMap<&str, &str> = pool
        .geography_mapping
        .iter()
        .map(|(from, to)| (from.as_str(), to.as_str()))
        .collect();
    let mapping = to_json(&mapping)?;
    let set = (
        pools::default_country.eq(pool.default_country.as_ref().map(CountryCode::as_str)),
        pools::fallback_upward.eq(pool.fallback_upward),
        pools::geography_mapping.eq(&mapping),
    );
    diesel::insert_into(pools::table)
        .values((
            pools::company_id.eq(company),
            pools::pool_id.eq(pool.id.as_str()),
            set,
        ))
        .on_conflict((pools::company_id, pools::pool_id))
        .do_update()
        .set(set)
        .execute(change.connection)
        .await?;
    for (place, unit) in (0_i64..).zip(&pool.org_units) {
        diesel::insert_into(pool_org_units::table)
            .values((
                pool_org_units::company_id.eq(company),
                pool_org_units::pool_id.eq(pool.id.as_str()),
                pool_org_units::org_unit_id.eq(unit.as_str()),
                pool_org_units::place.eq(place),
            ))
            .execute(change.connection)
            .await?;
    }
    add(change, &pool.id, &pool.primary, "primary", false, 0).await?;
    for (place, number) in (1_i64..).zip(&pool.secondaries) {
        add(
            change,
            &pool.id,
            number,
            "secondary",
            pool.draining.contains(number),
            place,
        )
        .await?;
    }
    Ok(())
}

async fn add(
    change: &mut Change<'_>,
    pool: &PoolId,
    number: &PhoneNumber,
    role: &str,
    draining: bool,
    place: i64,
) -> Result<(), Error> {
    let account: Option<Key> = official_accounts::table
        .filter(official_accounts::company_id.eq(change.company.as_str()))
        .filter(official_accounts::phone_number.eq(number.as_str()))
        .filter(official_accounts::removed_at.is_null())
        .select(official_accounts::account_id)
        .first(change.connection)
        .await
        .optional()?;
    let unknown = || {
        Error::Impossible(format!(
            "the pool {pool} has the number {number}, which is no account in use"
        ))
    };
    diesel::insert_into(pool_members::table)
        .values((
            pool_members::company_id.eq(change.company.as_str()),
            pool_members::account_id.eq(account.ok_or_else(unknown)?),
            pool_members::pool_id.eq(pool.as_str()),
            pool_members::role.eq(role),
            pool_members::draining.eq(draining),
            pool_members::place.eq(place),
        ))
        .execute(change.connection)
        .await?;
    Ok(())
}
