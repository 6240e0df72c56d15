//! Org units and external companies. A removed one stays in its table, because the record refers to it.

use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use onboarding_core::{ExternalCompany, ExternalCompanyId, OrgUnit, OrgUnitId, config::ConfigChange};

use super::apply::Change;
use crate::{
    error::Error,
    schema::{external_companies, org_units},
    text::clean,
};

/// Puts every unit and external company of the changes. Parents are set when all units are there, so that a child may
/// come before its parent.
pub(super) async fn put_all(change: &mut Change<'_>, changes: &[ConfigChange]) -> Result<(), Error> {
    for one in changes {
        match one {
            ConfigChange::PutOrgUnit(unit) => put_org_unit(change, unit).await?,
            ConfigChange::PutExternalCompany(firm) => put_external_company(change, firm).await?,
            _ => {}
        }
    }
    for one in changes {
        if let ConfigChange::PutOrgUnit(unit) = one {
            diesel::update(org_units::table.find((change.company.as_str(), unit.id.as_str())))
                .set(org_units::parent_id.eq(unit.parent.as_ref().map(OrgUnitId::as_str)))
                .execute(change.connection)
                .await?;
        }
    }
    Ok(())
}

async fn put_org_unit(change: &mut Change<'_>, unit: &OrgUnit) -> Result<(), Error> {
    diesel::insert_into(org_units::table)
        .values((
            org_units::company_id.eq(change.company.as_str()),
            org_units::org_unit_id.eq(unit.id.as_str()),
            org_units::name.eq(clean(&unit.name)),
        ))
        .on_conflict((org_units::company_id, org_units::org_unit_id))
        .do_update()
        .set((
            org_units::name.eq(clean(&unit.name)),
            org_units::removed_at.eq(None::<i64>),
        ))
        .execute(change.connection)
        .await?;
    Ok(())
}

async fn put_external_company(change: &mut Change<'_>, firm: &ExternalCompany) -> Result<(), Error> {
    diesel::insert_into(external_companies::table)
        .values((
            external_companies::company_id.eq(change.company.as_str()),
            external_companies::external_company_id.eq(firm.id.as_str()),
            external_companies::name.eq(clean(&firm.name)),
        ))
        .on_conflict((
            external_companies::company_id,
            external_companies::external_company_id,
        ))
        .do_update()
        .set((
            external_companies::name.eq(clean(&firm.name)),
            external_companies::removed_at.eq(None::<i64>),
        ))
        .execute(change.connection)
        .await?;
    Ok(())
}

pub(super) async fn remove_org_unit(change: &mut Change<'_>, id: &OrgUnitId) -> Result<(), Error> {
    diesel::update(org_units::table.find((change.company.as_str(), id.as_str())))
        .set(org_units::removed_at.eq(change.now.as_micros()))
        .execute(change.connection)
        .await?;
    Ok(())
}

pub(super) async fn remove_external_company(
    change: &mut Change<'_>,
    id: &ExternalCompanyId,
) -> Result<(), Error> {
    diesel::update(external_companies::table.find((change.company.as_str(), id.as_str())))
        .set(external_companies::removed_at.eq(change.now.as_micros()))
        .execute(change.connection)
        .await?;
    Ok(())
}
