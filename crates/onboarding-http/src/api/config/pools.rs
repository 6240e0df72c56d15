//! `/api/v1/pools`, with how far each is used up.

use actix_web::web;
use onboarding_core::{
    Utilisation,
    access::Action,
    config::{CompanyConfig, ConfigChange, PoolConfig},
    service::{PoolPorts, PoolService},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Moment,
    collection::{Form, Removable, collection, removal},
    present,
};
use crate::{
    api::{Answer, Api, Caller, Endpoint, Policy, endpoint, written as json},
    problem::Problem,
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let mut all = [common_endpoints(), removal_endpoints()].concat();
    all.push(endpoint!(Policy::May(Action::SeeConfig), show_utilisation));
    all
}

collection! {
    PoolForm at "/api/v1/pools" and "/api/v1/pools/{id}" by "id", tagged "pools",
    see SeeConfig, change ChangeConfig;
    list "The pools, by id.", create "Add a pool.", show "One pool.", replace "Replace a pool."
}

removal! {
    PoolForm at "/api/v1/pools/{id}" by "id", tagged "pools", change ChangeConfig;
    "Take a pool away. Its numbers stay with the company."
}

/// Numbers given to units: one that clients write to first, and those that carry the conversations.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "id": "hk",
    "org_units": ["hk"],
    "primary": "+85256428035",
    "secondaries": ["+85251079302", "+85251079303"],
    "draining": [],
    "default_country": "HK",
    "fallback_upward": true,
    "geography_mapping": { "MO": "HK", "CN": "HK" }
}))]
pub(super) struct PoolForm {
    id: json::PoolId,
    /// Whom it serves; one at least, and a unit has one pool.
    org_units: Vec<json::OrgUnitId>,
    /// The number that clients write to first; it carries no conversation.
    primary: json::Phone,
    /// The numbers that carry the conversations; one at least.
    secondaries: Vec<json::Phone>,
    /// Secondaries that take no new room.
    #[serde(default)]
    draining: Vec<json::Phone>,
    /// Whose numbers are preferred when neither the client's country nor a mapped one has any.
    default_country: Option<json::CountryCode>,
    /// Whether the pools of the units above may help out.
    #[serde(default)]
    fallback_upward: bool,
    /// The client's country to the number's.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, json::CountryCode>)]
    geography_mapping: json::Map<json::CountryCode, json::CountryCode>,
}

impl Form for PoolForm {
    type Of = PoolConfig;
    const LIST: &'static str = "pools";
    const ADDRESS: &'static str = "pools";
    const KEY: &'static str = "id";

    fn all(config: &CompanyConfig) -> &Vec<PoolConfig> {
        &config.pools
    }

    fn all_mut(config: &mut CompanyConfig) -> &mut Vec<PoolConfig> {
        &mut config.pools
    }

    fn shown(one: &PoolConfig) -> Self {
        let phones = |list: &[_]| list.iter().cloned().map(json::Phone).collect();
        let mapped = one.geography_mapping.iter();
        let mapped = mapped.map(|(from, to)| (json::CountryCode(*from), json::CountryCode(*to)));
        Self {
            id: json::PoolId(one.id.clone()),
            org_units: one.org_units.iter().cloned().map(json::OrgUnitId).collect(),
            primary: json::Phone(one.primary.clone()),
            secondaries: phones(&one.secondaries),
            draining: phones(&one.draining),
            default_country: one.default_country.map(json::CountryCode),
            fallback_upward: one.fallback_upward,
            geography_mapping: json::Map(mapped.collect()),
        }
    }

    fn read(self) -> PoolConfig {
        let phones = |list: Vec<json::Phone>| list.into_iter().map(|one| one.0).collect();
        let mapped = self.geography_mapping.0.into_iter();
        PoolConfig {
            id: self.id.0,
            org_units: self.org_units.into_iter().map(|unit| unit.0).collect(),
            primary: self.primary.0,
            secondaries: phones(self.secondaries),
            draining: phones(self.draining),
            default_country: self.default_country.map(|country| country.0),
            fallback_upward: self.fallback_upward,
            geography_mapping: mapped.map(|(from, to)| (from.0, to.0)).collect(),
        }
    }

    fn key(one: &PoolConfig) -> String {
        one.id.to_string()
    }

    fn put(one: PoolConfig, _: &mut Moment) -> ConfigChange {
        ConfigChange::PutPool(one)
    }
}

impl Removable for PoolForm {
    fn remove(one: &PoolConfig) -> ConfigChange {
        ConfigChange::RemovePool(one.id.clone())
    }
}

/// How far a pool is used up.
#[derive(Debug, Serialize, ToSchema)]
struct PoolUtilisation {
    id: json::PoolId,
    /// As of when.
    at: json::Moment,
    /// By the country of the clients; nothing before the first client.
    countries: Vec<CountryUtilisation>,
}

/// How far a pool is used up for the clients of one country. A number serves any number of clients, but a client has
/// one user on it: so a pool is as full as it is for its fullest client.
#[derive(Debug, Serialize, ToSchema)]
struct CountryUtilisation {
    /// None where the clients' country is unknown.
    country: Option<json::CountryCode>,
    /// Clients with a number of the pool.
    clients: usize,
    /// Secondaries that take rooms.
    numbers: usize,
    /// How many of them the fullest client has used up.
    fullest: usize,
    /// The same in percent of `numbers`.
    percent: u8,
    /// Clients for whom none is left.
    without_a_free_number: usize,
    /// 70, 85 or 95, once so many percent are reached.
    alarm: Option<u8>,
}

/// How far a pool is used up.
#[utoipa::path(
    get,
    path = "/api/v1/pools/{id}/utilisation",
    tag = "pools",
    params(("id" = String, Path, description = "its id")),
    responses((status = 200, description = "by country", body = PoolUtilisation), (status = 404, description = "none here"))
)]
async fn show_utilisation(
    api: web::Data<Api>,
    caller: Caller,
    id: web::Path<String>,
) -> Answer<web::Json<PoolUtilisation>> {
    let (config, _) = present(&api, &caller).await?;
    let mut pools = config.pools.iter();
    let pool = pools.find(|pool| pool.id.as_str() == id.as_str());
    let pool = pool.ok_or_else(Problem::not_found)?.id.clone();
    let ports = PoolPorts::on_store(&api.store, api.clock.clone(), api.entropy.clone());
    let found = PoolService::new(ports)
        .utilisation(&caller.principal.company)
        .await?;
    let countries = found.iter().filter(|one| one.pool == pool).map(told);
    Ok(web::Json(PoolUtilisation {
        id: json::PoolId(pool.clone()),
        at: json::Moment(api.clock.now()),
        countries: countries.collect(),
    }))
}

fn told(one: &Utilisation) -> CountryUtilisation {
    CountryUtilisation {
        percent: one.percent(),
        alarm: one.alarm(),
        country: one.country.map(json::CountryCode),
        clients: one.clients,
        numbers: one.numbers,
        fullest: one.fullest,
        without_a_free_number: one.without_a_free_number,
    }
}
