//! Companies, with their org units, accounts and pools.

pub(crate) mod account;
mod pool;

use std::sync::Arc;

use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, RunQueryDsl, SelectableHelper,
    SqliteConnection, sql_types::Text,
};
use onboarding_core::{
    ButtonKey, Company, CompanyId, ExternalCompany, ExternalCompanyId, OrgUnit, OrgUnitId,
    ports::{CompanyDirectory, StoreError},
};

use crate::{
    SqliteStore,
    error::{Error, Place},
    prepared::Prepared,
    schema::{companies, external_companies, org_units},
    settings::SettingsRow,
    store::CompanyCache,
};

#[async_trait]
impl CompanyDirectory for SqliteStore {
    async fn company(&self, id: &CompanyId) -> Result<Option<Arc<Company>>, StoreError> {
        let (id, cache) = (id.clone(), self.companies());
        self.read("load the company", move |connection| {
            cached(connection, &cache, &id)
        })
        .await
    }

    async fn company_ids(&self) -> Result<Vec<CompanyId>, StoreError> {
        self.read("list the companies", |connection| {
            let ids: Vec<String> = companies::table
                .select(companies::company_id)
                .order(companies::company_id)
                .load(connection)?;
            let read = |id: &String| {
                Place {
                    table: "companies",
                    row: id,
                }
                .read("company_id", CompanyId::parse(id))
            };
            Ok(ids.iter().map(read).collect::<Result<_, _>>()?)
        })
        .await
    }
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    company_id: String,
}

/// The companies that a query names in its column `company_id`.
pub(crate) fn named_by(connection: &mut SqliteConnection, query: &str) -> Result<Vec<String>, Error> {
    let rows: Vec<Named> = Prepared(diesel::sql_query(query)).load(connection)?;
    Ok(rows.into_iter().map(|row| row.company_id).collect())
}

/// The company as it is now: from memory when its revision is still the same.
pub(crate) fn cached(
    connection: &mut SqliteConnection,
    cache: &CompanyCache,
    id: &CompanyId,
) -> Result<Option<Arc<Company>>, Error> {
    let Some(revision) = revision(connection, id)? else {
        return Ok(None);
    };
    if let Some(company) = cache.at(id, revision) {
        return Ok(Some(company));
    }
    let company = load(connection, id)?.map(Arc::new);
    if let Some(company) = &company {
        cache.keep(Arc::clone(company));
    }
    Ok(company)
}

/// The revision of the company, if there is one.
pub(crate) fn revision(connection: &mut SqliteConnection, id: &CompanyId) -> Result<Option<u64>, Error> {
    let found = companies::table.find(id.as_str()).select(companies::revision);
    let revision: Option<i64> = found.first(connection).optional()?;
    let place = Place {
        table: "companies",
        row: id,
    };
    Ok(revision
        .map(|number| place.read("revision", u64::try_from(number)))
        .transpose()?)
}

/// Reads the whole company.
pub(crate) fn load(connection: &mut SqliteConnection, id: &CompanyId) -> Result<Option<Company>, Error> {
    let Some(revision) = revision(connection, id)? else {
        return Ok(None);
    };
    let (settings, button_key): (SettingsRow, Vec<u8>) = companies::table
        .find(id.as_str())
        .select((SettingsRow::as_select(), companies::button_key))
        .first(connection)?;
    let place = Place {
        table: "companies",
        row: id,
    };
    Ok(Some(Company {
        id: id.clone(),
        revision,
        button_key: ButtonKey::from_bytes(place.read("button_key", button_key.try_into().ok())?),
        settings: settings.settings(place)?,
        org_units: load_org_units(connection, id)?,
        external_companies: load_external_companies(connection, id)?,
        accounts: account::load(connection, id)?,
        pools: pool::load(connection, id)?,
        platform: crate::platform::load(connection, id)?,
    }))
}

fn load_org_units(connection: &mut SqliteConnection, company: &CompanyId) -> Result<Vec<OrgUnit>, Error> {
    let rows: Vec<(String, String, Option<String>)> = org_units::table
        .filter(org_units::company_id.eq(company.as_str()))
        .filter(org_units::removed_at.is_null())
        .order(org_units::org_unit_id)
        .select((org_units::org_unit_id, org_units::name, org_units::parent_id))
        .load(connection)?;
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

fn load_external_companies(
    connection: &mut SqliteConnection,
    company: &CompanyId,
) -> Result<Vec<ExternalCompany>, Error> {
    let rows: Vec<(String, String)> = external_companies::table
        .filter(external_companies::company_id.eq(company.as_str()))
        .filter(external_companies::removed_at.is_null())
        .order(external_companies::external_company_id)
        .select((external_companies::external_company_id, external_companies::name))
        .load(connection)?;
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
