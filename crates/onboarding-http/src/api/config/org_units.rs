//! `/api/v1/org-units`.

use onboarding_core::{
    OrgUnit,
    config::{CompanyConfig, ConfigChange},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Moment,
    collection::{Form, Removable, collection, removal},
};
use crate::api::{Endpoint, written as json};

pub(super) fn endpoints() -> Vec<Endpoint> {
    [common_endpoints(), removal_endpoints()].concat()
}

collection! {
    OrgUnitForm at "/api/v1/org-units" and "/api/v1/org-units/{id}" by "id", tagged "org-units",
    see SeeConfig, change ChangeConfig;
    list "The units of the company's tree, by id.", create "Add a unit.",
    show "One unit.", replace "Replace a unit."
}

removal! {
    OrgUnitForm at "/api/v1/org-units/{id}" by "id", tagged "org-units", change ChangeConfig;
    "Take a unit away. Nothing may stand in it or below it."
}

/// A unit of the company's tree.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "id": "hk-private", "name": "Private clients", "parent": "hk" }))]
pub(super) struct OrgUnitForm {
    id: json::OrgUnitId,
    /// As people read it.
    name: String,
    /// The unit above; none at the top.
    parent: Option<json::OrgUnitId>,
}

impl Form for OrgUnitForm {
    type Of = OrgUnit;
    const LIST: &'static str = "org_units";
    const ADDRESS: &'static str = "org-units";
    const KEY: &'static str = "id";

    fn all(config: &CompanyConfig) -> &Vec<OrgUnit> {
        &config.org_units
    }

    fn all_mut(config: &mut CompanyConfig) -> &mut Vec<OrgUnit> {
        &mut config.org_units
    }

    fn shown(one: &OrgUnit) -> Self {
        Self {
            id: json::OrgUnitId(one.id.clone()),
            name: one.name.clone(),
            parent: one.parent.clone().map(json::OrgUnitId),
        }
    }

    fn read(self) -> OrgUnit {
        OrgUnit {
            id: self.id.0,
            name: self.name,
            parent: self.parent.map(|parent| parent.0),
        }
    }

    fn key(one: &OrgUnit) -> String {
        one.id.to_string()
    }

    fn put(one: OrgUnit, _: &mut Moment) -> ConfigChange {
        ConfigChange::PutOrgUnit(one)
    }
}

impl Removable for OrgUnitForm {
    fn remove(one: &OrgUnit) -> ConfigChange {
        ConfigChange::RemoveOrgUnit(one.id.clone())
    }
}
