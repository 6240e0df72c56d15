//! `/api/v1/external-companies`.

use onboarding_core::{
    ExternalCompany,
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
    ExternalCompanyForm at "/api/v1/external-companies" and "/api/v1/external-companies/{id}" by "id",
    tagged "external-companies", see SeeConfig, change ChangeConfig;
    list "The external companies, by id.", create "Add an external company.",
    show "One external company.", replace "Replace an external company."
}

removal! {
    ExternalCompanyForm at "/api/v1/external-companies/{id}" by "id", tagged "external-companies",
    change ChangeConfig;
    "Take an external company away. No user and no profile may name it."
}

/// An outside firm whose client profiles are seen only by those it is assigned to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "id": "initrode", "name": "Initrode" }))]
pub(super) struct ExternalCompanyForm {
    id: json::ExternalCompanyId,
    /// As people read it.
    name: String,
}

impl Form for ExternalCompanyForm {
    type Of = ExternalCompany;
    const LIST: &'static str = "external_companies";
    const ADDRESS: &'static str = "external-companies";
    const KEY: &'static str = "id";

    fn all(config: &CompanyConfig) -> &Vec<ExternalCompany> {
        &config.external_companies
    }

    fn all_mut(config: &mut CompanyConfig) -> &mut Vec<ExternalCompany> {
        &mut config.external_companies
    }

    fn shown(one: &ExternalCompany) -> Self {
        Self {
            id: json::ExternalCompanyId(one.id.clone()),
            name: one.name.clone(),
        }
    }

    fn read(self) -> ExternalCompany {
        ExternalCompany {
            id: self.id.0,
            name: self.name,
        }
    }

    fn key(one: &ExternalCompany) -> String {
        one.id.to_string()
    }

    fn put(one: ExternalCompany, _: &mut Moment) -> ConfigChange {
        ConfigChange::PutExternalCompany(one)
    }
}

impl Removable for ExternalCompanyForm {
    fn remove(one: &ExternalCompany) -> ConfigChange {
        ConfigChange::RemoveExternalCompany(one.id.clone())
    }
}
