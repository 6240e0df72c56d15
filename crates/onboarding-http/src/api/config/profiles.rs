//! `/api/v1/client-profiles`: the profiles that the company keeps by a key of its own.

use onboarding_core::{
    ClientProfileId,
    access::{Reach, Who},
    config::{ClientProfileConfig, CompanyConfig, ConfigChange},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Moment,
    collection::{Form, Removable, collection, removal},
};
use crate::{
    api::{Answer, Caller, Endpoint, written as json},
    problem::Problem,
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    [common_endpoints(), removal_endpoints()].concat()
}

collection! {
    ClientProfileForm at "/api/v1/client-profiles" and "/api/v1/client-profiles/{id}" by "id",
    tagged "client-profiles", see SeeRooms, change ChangeRooms;
    list "The client profiles that the company keeps by key. Those that the flow created have none.",
    create "Add a client profile.", show "One client profile.", replace "Replace a client profile."
}

removal! {
    ClientProfileForm at "/api/v1/client-profiles/{id}" by "id", tagged "client-profiles", change ChangeRooms;
    "Take a client profile away. One with chat rooms, or that was merged, stays: the record needs it."
}

/// The company's record of a client.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "id": "cp-7",
    "name": "Jane Roe",
    "phone_number": "+85291234567",
    "org_unit": "hk-private",
    "external_company": null,
    "assigned_to": ["dom"]
}))]
struct ClientProfileForm {
    /// The company's own key.
    id: String,
    name: String,
    phone_number: Option<json::Phone>,
    org_unit: json::OrgUnitId,
    external_company: Option<json::ExternalCompanyId>,
    /// Usernames.
    #[serde(default)]
    assigned_to: Vec<String>,
}

impl Form for ClientProfileForm {
    type Of = ClientProfileConfig;
    const LIST: &'static str = "client_profiles";
    const ADDRESS: &'static str = "client-profiles";
    const KEY: &'static str = "id";

    fn all(config: &CompanyConfig) -> &Vec<ClientProfileConfig> {
        &config.client_profiles
    }

    fn all_mut(config: &mut CompanyConfig) -> &mut Vec<ClientProfileConfig> {
        &mut config.client_profiles
    }

    fn shown(one: &ClientProfileConfig) -> Self {
        Self {
            id: one.key.clone(),
            name: one.name.clone(),
            phone_number: one.phone_number.clone().map(json::Phone),
            org_unit: json::OrgUnitId(one.org_unit.clone()),
            external_company: one.external_company.clone().map(json::ExternalCompanyId),
            assigned_to: one.assigned_to.clone(),
        }
    }

    fn read(self) -> ClientProfileConfig {
        ClientProfileConfig {
            key: self.id,
            name: self.name,
            phone_number: self.phone_number.map(|phone| phone.0),
            org_unit: self.org_unit.0,
            external_company: self.external_company.map(|firm| firm.0),
            assigned_to: self.assigned_to,
        }
    }

    fn key(one: &ClientProfileConfig) -> String {
        one.key.clone()
    }

    fn put(profile: ClientProfileConfig, moment: &mut Moment) -> ConfigChange {
        ConfigChange::PutClientProfile {
            new_id: ClientProfileId::from_uuid(moment.draw.uuid(moment.now)),
            profile,
        }
    }

    /// Users see and change the profiles that are assigned to them.
    fn is_within_reach(one: &ClientProfileConfig, caller: &Caller) -> bool {
        match (caller.reach, &caller.principal.who) {
            (Reach::Company, _) => true,
            (Reach::Own, Who::Person(person)) => one.assigned_to.contains(&person.username),
            (Reach::Own, Who::Service(_)) => false,
        }
    }

    fn check_right(
        _before: Option<&ClientProfileConfig>,
        after: Option<&ClientProfileConfig>,
        caller: &Caller,
    ) -> Answer<()> {
        if after.is_none_or(|after| Self::is_within_reach(after, caller)) {
            return Ok(());
        }
        let mend = "you keep only profiles of your own; name yourself here";
        Err(Problem::field("/assigned_to", mend))
    }
}

impl Removable for ClientProfileForm {
    fn remove(one: &ClientProfileConfig) -> ConfigChange {
        ConfigChange::RemoveClientProfile(one.key.clone())
    }
}
