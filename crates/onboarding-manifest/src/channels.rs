//! `[[official_accounts]]` and `[[pools]]`.

use std::collections::BTreeMap;

use onboarding_core::{
    CountryCode, PhoneNumber, PoolId,
    config::{OfficialAccountConfig, PoolConfig},
};

use crate::{
    people::org_unit_id,
    reader::{Item, Table},
};

pub(crate) fn official_account(table: &mut Table<'_>) -> OfficialAccountConfig {
    OfficialAccountConfig {
        phone_number: table.required("phone_number", phone_number),
        phone_number_id: table.required("phone_number_id", Item::string),
        waba_id: table.required("waba_id", Item::string),
    }
}

fn phone_number(item: &Item<'_>) -> Option<PhoneNumber> {
    item.parsed(PhoneNumber::parse)
}

pub(crate) fn pool(table: &mut Table<'_>) -> PoolConfig {
    PoolConfig {
        id: table.required("id", |item| item.parsed(PoolId::parse)),
        org_units: table.required_list("org_units", org_unit_id),
        primary: table.required("primary", phone_number),
        secondaries: table.required_list("secondaries", phone_number),
        draining: table.optional_list("draining", phone_number).unwrap_or_default(),
        default_country: table.optional("default_country", |item| item.parsed(CountryCode::parse)),
        fallback_upward: table.optional("fallback_upward", Item::switch).unwrap_or(false),
        geography_mapping: table
            .take("geography_mapping")
            .map(|item| item.table(geography_mapping))
            .unwrap_or_default(),
    }
}

fn geography_mapping(table: &mut Table<'_>) -> BTreeMap<CountryCode, CountryCode> {
    let mut mapping = BTreeMap::new();
    for (from, item) in table.rest() {
        let to =
            item.parsed(|text| CountryCode::parse(text).map_err(|error| format!("the value is {error}")));
        match CountryCode::parse(from) {
            Err(error) => item.refuse(format!("the key is {error}")),
            Ok(from) if mapping.contains_key(&from) => {
                item.refuse(format!(
                    "`{from}` stands here under two spellings of it; keep one"
                ));
            }
            Ok(from) => mapping.extend(to.map(|to| (from, to))),
        }
    }
    mapping
}
