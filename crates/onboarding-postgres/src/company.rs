//! Companies, with their org units, accounts and pools.

pub(crate) mod account;
mod pool;

use std::sync::Arc;

use async_trait::async_trait;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use onboarding_core::{
    ButtonKey, Company, CompanyId, ExternalCompany, ExternalCompanyId, OrgUnit, OrgUnitId,
    ports::{CompanyDirectory, StoreError},
};

use crate::{
    PostgresStore,
    error::{Error, Place},
    schema::{companies, external_companies, org_units},
    settings::SettingsRow,
    store::CompanyCache,
    transaction::{Scope, transaction},
};

#[async_trait]
impl CompanyDirectory for PostgresStore {
    async fn company(&self, id: &CompanyId) -> Result<Option<Arc<Company>>, StoreError> {
        let mut attempts = self.read("load the company", Scope::Company(id));
        transaction!(attempts, |connection| cached(connection, self.companies(), id))
    }

    async fn company_ids(&self) -> Result<Vec<CompanyId>, StoreError> {
        let mut attempts = self.read("list the companies", Scope::Installation);
        transaction!(attempts, |connection| ids(connection))
    }
}

async fn ids(connection: &mut AsyncPgConnection) -> Result<Vec<CompanyId>, Error> {
    let ids: Vec<String> = companies::table
        .select(companies::company_id)
        .order(companies::company_id)
        .load(connection)
        .await?;
    let read = |id: &String| {
        Place {
            table: "companies",
            row: id,
        }
        .read("company_id", CompanyId::parse(id))
    };
    Ok(ids.iter().map(read).collect::<Result<_, _>>()?)
}

/// The company as it is now: from memory when its revision is still the same.
pub(crate) async fn cached(
    connection: &mut AsyncPgConnection,
    cache: &CompanyCache,
    id: &CompanyId,
) -> Result<Option<Arc<Company>>, Error> {
    let Some(revision) = revision(connection, id).await? else {
        return Ok(None);
    };
    if let Some(company) = cache.at(id, revision) {
        return Ok(Some(company));
    }
    let company = load(connection, id).await?.map(Arc::new);
    if let Some(company) = &company {
        cache.keep(Arc::clone(company));
    }
    Ok(company)
}

/// The revision of the company, if there is one.
pub(crate) async fn revision(
    connection: &mut AsyncPgConnection,
    id: &CompanyId,
) -> Result<Option<u64>, Error> {
    let found = companies::table.find(id.as_str()).select(companies::revision);
    read_revision(id, found.first(connection).await.optional()?)
}

/// The same, which no admin changes before this transaction ends; waits for one who is about to.
pub(crate) async fn locked_revision(
    connection: &mut AsyncPgConnection,
    id: &CompanyId,
) -> Result<Option<u64>, Error> {
    let found = companies::table
        .find(id.as_str())
        .select(companies::revision)
        .for_share();
    read_revision(id, found.first(connection).await.optional()?)
}

/// The same for the admin, who waits for all decisions that rest on it.
pub(crate) async fn revision_to_change(
    connection: &mut AsyncPgConnection,
    id: &CompanyId,
) -> Result<Option<u64>, Error> {
    let found = companies::table
        .find(id.as_str())
        .select(companies::revision)
        .for_update();
    read_revision(id, found.first(connection).await.optional()?)
}

fn read_revision(id: &CompanyId, revision: Option<i64>) -> Result<Option<u64>, Error> {
    let place = Place {
        table: "companies",
        row: id,
    };
    let read = |number| place.read("revision", u64::try_from(number));
    Ok(revision.map(read).transpose()?)
}

/// Reads the whole company.
pub(crate) async fn load(
    connection: &mut AsyncPgConnection,
    id: &CompanyId,
) -> Result<Option<Company>, Error> {
    let Some(revision) = revision(connection, id).await? else {
        return Ok(None);
    };
    let (settings, button_key): (SettingsRow, Vec<u8>) = companies::table
        .find(id.as_str())
        .select((SettingsRow::as_select(), companies::button_key))
        .first(connection)
        .await?;
    let place = Place {
        table: "companies",
        row: id,
    };
    Ok(Some(Company {
        id: id.clone(),
        revision,
        button_key: ButtonKey::from_bytes(place.read("button_key", button_key.try_into().ok())?),
        settings: settings.settings(place)?,
        org_units: load_org_units(connection, id).await?,
        external_companies: load_external_companies(connection, id).await?,
        accounts: account::load(connection, id).await?,
        pools: pool::load(connection, id).await?,
        platform: crate::platform::load(connection, id).await?,
    }))
}

async fn load_org_units(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
) -> Result<Vec<OrgUnit>, Error> {
    let rows: Vec<(String, String, Option<String>)> = org_units::table
        .filter(org_units::company_id.eq(company.as_str()))
        .filter(org_units::removed_at.is_null())
        .order(org_units::org_unit_id)
        .select((org_units::org_unit_id, org_units::name, org_units::parent_id))
        .load(connection)
        .await?;
    let mut units = Vec::with_capacity(rows.len());
    for (id, name, parent) in rows {
        let place = Place {
            table: "org_units",
            row: &id,
        };
        let parent = parent
            .map(|parent| place.read("parent_id", OrgUnitId::parse(&parent)))
            .transpose()?;
        units.push(OrgUnit {
            id: place.read("org_unit_id", OrgUnitId::parse(&id))?,
            name,
            parent,
        });
    }
    Ok(units)
}

async fn load_external_companies(
    connection: &mut AsyncPgConnection,
    company: &CompanyId,
) -> Result<Vec<ExternalCompany>, Error> {
    let rows: Vec<(String, String)> = external_companies::table
        .filter(external_companies::company_id.eq(company.as_str()))
        .filter(external_companies::removed_at.is_null())
        .order(external_companies::external_company_id)
        .select((external_companies::external_company_id, external_companies::name))
        .load(connection)
        .await?;
    let mut firms = Vec::with_capacity(rows.len());
    for (id, name) in rows {
        let place = Place {
            table: "external_companies",
            row: &id,
        };
        let id = place.read("external_company_id", ExternalCompanyId::parse(&id))?;
        firms.push(ExternalCompany { id, name });
    }
    Ok(firms)
}
