//! `/api/v1/official-accounts`.

use onboarding_core::OfficialAccountId;
use onboarding_core::config::{CompanyConfig, ConfigChange, OfficialAccountConfig};
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
    OfficialAccountForm at "/api/v1/official-accounts" and "/api/v1/official-accounts/{phone_number}"
    by "phone_number", tagged "official-accounts", see SeeConfig, change ChangeConfig;
    list "The WhatsApp numbers of the company.", create "Add a WhatsApp number.",
    show "One WhatsApp number.", replace "Replace what is known of a WhatsApp number."
}

removal! {
    OfficialAccountForm at "/api/v1/official-accounts/{phone_number}" by "phone_number",
    tagged "official-accounts", change ChangeConfig;
    "Put a WhatsApp number out of use. No pool may hold it. Rooms on it go on on others."
}

/// A WhatsApp number of the company.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "phone_number": "+85251079999",
    "phone_number_id": "100000000000099",
    "waba_id": "200000000000001"
}))]
pub(super) struct OfficialAccountForm {
    /// The number that clients see; it belongs to one company.
    phone_number: json::Phone,
    /// Its id in the Graph API.
    phone_number_id: String,
    /// Its WhatsApp Business Account.
    waba_id: String,
}

impl Form for OfficialAccountForm {
    type Of = OfficialAccountConfig;
    const LIST: &'static str = "official_accounts";
    const ADDRESS: &'static str = "official-accounts";
    const KEY: &'static str = "phone_number";

    fn all(config: &CompanyConfig) -> &Vec<OfficialAccountConfig> {
        &config.official_accounts
    }

    fn all_mut(config: &mut CompanyConfig) -> &mut Vec<OfficialAccountConfig> {
        &mut config.official_accounts
    }

    fn shown(one: &OfficialAccountConfig) -> Self {
        Self {
            phone_number: json::Phone(one.phone_number.clone()),
            phone_number_id: one.phone_number_id.clone(),
            waba_id: one.waba_id.clone(),
        }
    }

    fn read(self) -> OfficialAccountConfig {
        OfficialAccountConfig {
            phone_number: self.phone_number.0,
            phone_number_id: self.phone_number_id,
            waba_id: self.waba_id,
        }
    }

    fn key(one: &OfficialAccountConfig) -> String {
        one.phone_number.to_string()
    }

    fn put(account: OfficialAccountConfig, moment: &mut Moment) -> ConfigChange {
        ConfigChange::PutOfficialAccount {
            new_id: OfficialAccountId::from_uuid(moment.draw.uuid(moment.now)),
            account,
        }
    }
}

impl Removable for OfficialAccountForm {
    fn remove(one: &OfficialAccountConfig) -> ConfigChange {
        ConfigChange::RemoveOfficialAccount(one.phone_number.clone())
    }
}
