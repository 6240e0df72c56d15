//! Pools of official accounts.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{CompanyId, CountryCode, OrgUnitId, Pool, PoolId};
use serde_json::Value;

use crate::{
    error::{Error, Place},
    key::Key,
    schema::{pool_members, pool_org_units, pools},
    text::from_json,
};

/// A member: its pool, the account, whether it is the primary, whether it is draining.
type Member = (String, Key, String, bool);

/// Every pool, in order of the ids.
pub(super) async fn load(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
) -> Result<Vec<Pool>, Error> {
    let rows: Vec<(String, Option<String>, bool, Value)> = pools::table
        .filter(pools::company_id.eq(company.as_str()))
        .order(pools::pool_id)
        .select((
            pools::pool_id,
            pools::default_country,
            pools::fallback_upward,
            pools::geography_mapping,
        ))
        .load(connection)
        .await?;
    let members: Vec<Member> = pool_members::table
        .filter(pool_members::company_id.eq(company.as_str()))
        .order(pool_members::place)
        .select((
            pool_members::pool_id,
            pool_members::account_id,
            pool_members::role,
            pool_members::draining,
        ))
        .load(connection)
        .await?;
    let units: Vec<(String, String)> = pool_org_units::table
        .filter(pool_org_units::company_id.eq(company.as_str()))
        .order(pool_org_units::place)
        .select((pool_org_units::pool_id, pool_org_units::org_unit_id))
        .load(connection)
        .await?;
    let mut pools = Vec::with_capacity(rows.len());
    for (id, default_country, fallback_upward, mapping) in rows {
        let place = Place {
            table: "pools",
            row: &id,
        };
        let of_pool = || members.iter().filter(|(pool, ..)| *pool == id);
        let primary = of_pool()
            .find(|(_, _, role, _)| role == "primary")
            .map(|(_, account, ..)| *account);
        let secondaries = || of_pool().filter(|(_, _, role, _)| role == "secondary");
        let org_units = units
            .iter()
            .filter(|(pool, _)| *pool == id)
            .map(|(_, unit)| OrgUnitId::parse(unit).ok());
        pools.push(Pool {
            id: place.read("pool_id", PoolId::parse(&id))?,
            org_units: place.read("org_unit_id of pool_org_units", org_units.collect::<Option<_>>())?,
            primary: place.read("role = primary of pool_members", primary)?.into(),
            secondaries: secondaries().map(|(_, account, ..)| (*account).into()).collect(),
            draining: secondaries()
                .filter(|(.., draining)| *draining)
                .map(|(_, account, ..)| (*account).into())
                .collect(),
            default_country: default_country
                .map(|country| place.read("default_country", CountryCode::parse(&country)))
                .transpose()?,
            fallback_upward,
            geography_mapping: place.read("geography_mapping", geography_mapping(mapping))?,
        });
    }
    Ok(pools)
}

fn geography_mapping(json: Value) -> Option<BTreeMap<CountryCode, CountryCode>> {
    let json: BTreeMap<String, String> = from_json(json)?;
    let entry =
        |(from, to): (String, String)| Some((CountryCode::parse(&from).ok()?, CountryCode::parse(&to).ok()?));
    json.into_iter().map(entry).collect()
}
