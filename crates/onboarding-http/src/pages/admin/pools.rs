//! Pools: numbers, rules, how full they are, and whether they will do.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use actix_web::{HttpResponse, web};
use onboarding_core::{
    AccountState, Company, Health, OfficialAccount, OfficialAccountId, OrgUnitId, Pool, SizingPlan,
    Timestamp, Utilisation,
    ports::StoreError,
    service::{PoolPorts, PoolService},
};
use onboarding_pages::admin::{AdminWords, Bar, Forecast, Mark, Member, PoolCard, PoolsPage, Section};

use super::{Found, Wanted, accounts::name_of, edit::may_edit, found, said, shell};
use crate::{
    api::{Answer, Api},
    pages::visit::Visit,
};

/// At most this share of the clients may be turned away.
const TARGET: f64 = 0.01;

pub(super) async fn show(
    api: web::Data<Api>,
    visit: Visit,
    wanted: web::Query<Wanted>,
) -> Answer<HttpResponse> {
    let (shell, company) = (shell(&visit), &visit.company);
    let words = shell.tongue.admin_words();
    let ports = PoolPorts::on_store(&api.store, api.clock.clone(), api.entropy.clone());
    let service = PoolService::new(ports);
    let loads = service.utilisation(&company.id).await?;
    let plans = service.plan(&company.id, TARGET).await?;
    let card = |pool: &Pool| {
        let loads = loads.iter().filter(|load| load.pool == pool.id);
        let plan = plans.iter().find(|plan| plan.pool == pool.id);
        PoolCard {
            bars: loads.map(|load| bar(load, words)).collect(),
            forecast: plan.map(forecast),
            ..card(&visit, pool, words)
        }
    };
    let texts = |card: &PoolCard| {
        let numbers = card.members.iter().map(|member| member.number.clone());
        [card.id.clone(), card.serves.clone()]
            .into_iter()
            .chain(numbers)
            .collect()
    };
    let all = company.pools.iter().map(card).collect();
    let Found { shown: pools, next } = found(Section::Pools, &wanted, all, texts);
    let e = shell.tongue.edit_words();
    let seen = state(&api, company, visit.now).await?;
    visit.page(&PoolsPage {
        shell,
        events: &format!("/app/events?of=pools&seen={seen}"),
        pools: &pools,
        search: &wanted.q,
        next: next.as_deref(),
        said: said(&wanted, e),
        may_edit: may_edit(&visit),
    })
}

/// Names how full the pools are and how their numbers do.
pub(in crate::pages) async fn state(
    api: &Api,
    company: &Company,
    now: Timestamp,
) -> Result<String, StoreError> {
    let ports = PoolPorts::on_store(&api.store, api.clock.clone(), api.entropy.clone());
    let loads = PoolService::new(ports).utilisation(&company.id).await?;
    let mut hasher = DefaultHasher::new();
    company.revision.hash(&mut hasher);
    for account in &company.accounts {
        name_of(company.state_of(account, now).health).hash(&mut hasher);
    }
    for load in loads {
        (
            load.pool.as_str(),
            load.clients,
            load.fullest,
            load.without_a_free_number,
        )
            .hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn card(visit: &Visit, pool: &Pool, words: &AdminWords) -> PoolCard {
    let name = |id: &OrgUnitId| {
        let unit = visit.company.org_units.iter().find(|unit| unit.id == *id);
        unit.map_or_else(|| id.to_string(), |unit| unit.name.clone())
    };
    let units: Vec<_> = pool.org_units.iter().map(name).collect();
    let mapped = pool.geography_mapping.iter();
    let mapped: Vec<_> = mapped.map(|(from, to)| format!("{from} → {to}")).collect();
    let numbers = std::iter::once(&pool.primary).chain(&pool.secondaries);
    PoolCard {
        id: pool.id.to_string(),
        serves: units.join(", "),
        members: numbers.filter_map(|id| member(visit, pool, *id, words)).collect(),
        default_region: pool
            .default_country
            .map_or_else(|| words.none.to_owned(), |country| country.to_string()),
        fallback: pool.fallback_upward,
        geography: if mapped.is_empty() {
            words.none.to_owned()
        } else {
            mapped.join(", ")
        },
        bars: Vec::new(),
        forecast: None,
    }
}

/// The state of an account as it is shown.
pub(super) fn health(health: Health, words: &AdminWords) -> (Mark, &'static str) {
    match health {
        Health::Unknown => (Mark::Quiet, words.account_unknown),
        Health::Healthy => (Mark::Good, words.account_healthy),
        Health::Limited => (Mark::Waiting, words.account_limited),
        Health::Blocked => (Mark::Bad, words.account_blocked),
    }
}

/// How a number of a pool is, in words.
pub(super) fn member_state(
    state: &AccountState,
    account: &OfficialAccount,
    draining: bool,
    words: &AdminWords,
) -> (Mark, &'static str) {
    match (account.retired, draining) {
        (true, _) => (Mark::Quiet, words.retired),
        (false, true) => (Mark::Waiting, words.draining),
        (false, false) => health(state.health, words),
    }
}

fn member(visit: &Visit, pool: &Pool, id: OfficialAccountId, words: &AdminWords) -> Option<Member> {
    let account = visit.company.account(id)?;
    let state = visit.company.state_of(account, visit.now);
    let (mark, said) = member_state(&state, account, pool.draining.contains(&id), words);
    let findings = state.findings.into_iter().map(|finding| match finding.remedy {
        Some(remedy) => format!("{} {remedy}", finding.reason),
        None => finding.reason,
    });
    Some(Member {
        number: account.phone_number.to_string(),
        primary: id == pool.primary,
        mark,
        state: said,
        findings: findings.collect(),
    })
}

fn bar(load: &Utilisation, words: &AdminWords) -> Bar {
    let percent = load.percent();
    let country = load.country.map(|country| country.to_string());
    Bar {
        country: country.unwrap_or_else(|| words.unknown_country.to_owned()),
        percent,
        mark: match load.alarm() {
            None => Mark::Good,
            Some(level) if level < 85 => Mark::Waiting,
            Some(_) => Mark::Bad,
        },
        words: format!(
            "{percent} %, {} {}, {} {}",
            load.clients, words.clients_count, load.without_a_free_number, words.without_number
        ),
    }
}

fn forecast(plan: &SizingPlan) -> Forecast {
    Forecast {
        is_short: plan.is_short(),
        numbers: plan.numbers,
        needed: plan.needed,
        turned_away: format!("{:.2} %", plan.blocking * 100.0),
        used_up: plan.used_up,
    }
}
