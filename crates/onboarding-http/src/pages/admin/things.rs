//! Things of which a company has many: a form for a new one, for each, and a question before one goes.

use std::collections::HashMap;

use actix_web::{HttpResponse, http::Method, web};
use onboarding_core::{AccountUsage, access::Action, ports::RoomsOf};
use serde_json::{Map, Value};

use super::{
    edit::{Around, Kind, Sent, Spec, Thing, config_of, fresh, place_of, refused, section_of},
    see, shell, user_access,
};
use crate::{
    api::{Answer, Api, Endpoint, Policy, Things},
    pages::{WaysIn, visit::Visit},
    problem::Problem,
};

const ALL: [Things; 5] = [
    Things::Users,
    Things::OrgUnits,
    Things::ExternalCompanies,
    Things::Pools,
    Things::Accounts,
];

/// The field with who goes on with a user's clients.
const SUCCESSOR: &str = "hand_over_to";

/// The field that says how many chats are open on what would go.
const OPEN_CHATS: &str = "open_chats";

/// So many chats of a user are counted.
const MOST_CHATS: u32 = 1_000;

pub(super) fn endpoints() -> Vec<Endpoint> {
    ALL.into_iter().flat_map(of).collect()
}

/// A key may be any word, so that the form for a new one cannot stand among the keys.
fn blank_place(things: Things) -> String {
    section_of(things).path().replacen("/admin/", "/admin/new/", 1)
}

fn removal_place(things: Things, key: &str) -> String {
    format!("{}/removal", place_of(section_of(things), key))
}

fn of(things: Things) -> [Endpoint; 6] {
    type Data = web::Data<Api>;
    type Ways = web::Data<WaysIn>;
    type Key = web::Path<String>;
    let may = Policy::May(Action::ChangeConfig);
    let (new, all) = (blank_place(things), section_of(things).path());
    let (one, removal) = (format!("{all}/{{key}}"), format!("{all}/{{key}}/removal"));
    [
        Endpoint::page(Method::GET, &new, may, move || {
            web::route().to(move |api: Data, visit| blank(things, api, visit))
        }),
        Endpoint::page(Method::POST, &new, may, move || {
            web::route().to(move |api: Data, visit, body| create(things, api, visit, body))
        }),
        Endpoint::page(Method::GET, &one, may, move || {
            web::route()
                .to(move |api: Data, ways: Ways, visit, key: Key| show(things, (api, ways), visit, key))
        }),
        Endpoint::page(Method::POST, &one, may, move || {
            web::route().to(move |api: Data, ways: Ways, visit, key: Key, body| {
                save(things, (api, ways), visit, key, body)
            })
        }),
        Endpoint::page(Method::GET, &removal, may, move || {
            web::route().to(move |api: Data, visit, key: Key| ask(things, api, visit, key))
        }),
        Endpoint::page(Method::POST, &removal, may, move || {
            web::route().to(move |api: Data, visit, key: Key, body| remove(things, api, visit, key, body))
        }),
    ]
}

async fn thing(things: Things, api: &Api, visit: &Visit) -> Answer<Thing> {
    let config = config_of(api, visit).await?;
    let tongue = shell(visit).tongue;
    let mut thing = Thing::of(things, &config, tongue);
    if things == Things::Pools {
        let words = tongue.edit_words().chats_count;
        let open = open_by_number(api, visit).await?;
        thing.relabel(&["secondaries", "draining"], |number| {
            Some(format!("{number} · {words}: {}", open.get(number)?))
        });
    }
    Ok(thing)
}

/// How many chats are open on each number of the company.
async fn open_by_number(api: &Api, visit: &Visit) -> Answer<HashMap<String, u32>> {
    let company = &visit.company;
    let ids: Vec<_> = company.accounts.iter().map(|account| account.id).collect();
    let usage = api.store.usage_of(&company.id, None, &ids).await?;
    let number = |usage: &AccountUsage| {
        let account = company.account(usage.account)?;
        Some((account.phone_number.to_string(), usage.live_rooms))
    };
    Ok(usage.iter().filter_map(number).collect())
}

fn listed(things: Things, said: &str) -> HttpResponse {
    see(format!("{}?said={said}", section_of(things).path()))
}

fn around_new<'a>(things: Things, thing: &'a Thing, visit: &Visit, action: &'a str) -> Around<'a> {
    Around {
        section: section_of(things),
        title: thing.new,
        about: None,
        action,
        button: shell(visit).tongue.edit_words().add,
        danger: false,
        also: &[],
        removal: None,
    }
}

async fn blank(things: Things, api: web::Data<Api>, visit: Visit) -> Answer<HttpResponse> {
    let thing = thing(things, &api, &visit).await?;
    let action = blank_place(things);
    let form = match things {
        Things::Users => serde_json::json!({ "roles": ["user"] }),
        _ => Value::Object(Map::new()),
    };
    let around = around_new(things, &thing, &visit, &action);
    fresh(&visit, &around, &thing.specs, (&form, ""))
}

async fn create(things: Things, api: web::Data<Api>, visit: Visit, body: web::Bytes) -> Answer<HttpResponse> {
    let thing = thing(things, &api, &visit).await?;
    let sent = Sent::of(&body);
    let mut form = Value::Object(Map::new());
    sent.write_into(&thing.specs, &mut form);
    match things.create(&api, &visit.caller, &form).await {
        Ok(()) => Ok(listed(things, "saved")),
        Err(problem) => {
            let action = blank_place(things);
            let around = around_new(things, &thing, &visit, &action);
            refused(&visit, &around, &thing.specs, &sent, problem)
        }
    }
}

fn around_one<'a>(
    things: Things,
    thing: &'a Thing,
    visit: &Visit,
    (action, also, removal): (&'a str, &'a [(String, &'a str)], &'a str),
) -> Around<'a> {
    Around {
        section: section_of(things),
        title: thing.one,
        about: None,
        action,
        button: shell(visit).tongue.edit_words().save,
        danger: false,
        also,
        removal: Some((removal, thing.remove)),
    }
}

/// What else the reader may do with it.
async fn also(
    things: Things,
    api: &Api,
    ways: &WaysIn,
    visit: &Visit,
    key: &str,
) -> Answer<Vec<(String, &'static str)>> {
    match things {
        Things::Users => user_access::ways(api, ways, visit, key).await,
        _ => Ok(Vec::new()),
    }
}

async fn show(
    things: Things,
    (api, ways): (web::Data<Api>, web::Data<WaysIn>),
    visit: Visit,
    key: web::Path<String>,
) -> Answer<HttpResponse> {
    let seen = things.seen(&api, &visit.caller, &key).await?;
    let thing = thing(things, &api, &visit).await?.with_fixed(things.key());
    let also = also(things, &api, &ways, &visit, &key).await?;
    let places = (place_of(section_of(things), &key), removal_place(things, &key));
    let around = around_one(things, &thing, &visit, (&places.0, &also, &places.1));
    fresh(&visit, &around, &thing.specs, (&seen.form, &seen.tag.to_string()))
}

async fn save(
    things: Things,
    (api, ways): (web::Data<Api>, web::Data<WaysIn>),
    visit: Visit,
    key: web::Path<String>,
    body: web::Bytes,
) -> Answer<HttpResponse> {
    let thing = thing(things, &api, &visit).await?.with_fixed(things.key());
    let mut sent = Sent::of(&body);
    let mut form = Value::Object(Map::new());
    sent.write_into(&thing.specs, &mut form);
    form[things.key()] = Value::from(key.as_str());
    let tag = sent.tag();
    match things.replace(&api, &visit.caller, (&key, &tag), &form).await {
        Ok(()) => Ok(listed(things, "saved")),
        Err(problem) => {
            sent.put(things.key(), &key);
            let also = also(things, &api, &ways, &visit, &key).await?;
            let places = (place_of(section_of(things), &key), removal_place(things, &key));
            let around = around_one(things, &thing, &visit, (&places.0, &also, &places.1));
            refused(&visit, &around, &thing.specs, &sent, problem)
        }
    }
}

fn around_removal<'a>(things: Things, thing: &'a Thing, action: &'a str) -> Around<'a> {
    Around {
        section: section_of(things),
        title: thing.remove,
        about: Some(thing.remove_sure),
        action,
        button: thing.remove,
        danger: true,
        also: &[],
        removal: None,
    }
}

/// How many chats are open with a user, on a number, or on the numbers of a pool; nothing for what has no chats.
async fn open_chats(things: Things, api: &Api, visit: &Visit, key: &str) -> Answer<Option<String>> {
    let company = &visit.company;
    let accounts: Vec<_> = match things {
        Things::Users => {
            let user = api.store.user_named(&company.id, key).await?;
            let user = user.ok_or_else(Problem::not_found)?;
            let rooms = api.store.rooms(&company.id, RoomsOf::User(user.id), MOST_CHATS);
            let count = rooms.await?.len();
            let is_more = count >= usize::try_from(MOST_CHATS).unwrap_or(usize::MAX);
            return Ok(Some(format!("{count}{}", if is_more { "+" } else { "" })));
        }
        Things::Accounts => {
            let accounts = company.accounts.iter();
            let found = accounts.filter(|account| account.phone_number.to_string() == key);
            found.map(|account| account.id).collect()
        }
        Things::Pools => {
            let pool = company.pools.iter().find(|pool| pool.id.as_str() == key);
            pool.map(|pool| pool.secondaries.clone()).unwrap_or_default()
        }
        Things::OrgUnits | Things::ExternalCompanies => return Ok(None),
    };
    let usage = api.store.usage_of(&company.id, None, &accounts).await?;
    let open: u64 = usage.iter().map(|usage| u64::from(usage.live_rooms)).sum();
    Ok(Some(open.to_string()))
}

/// What is asked before one goes: whose it is, and who goes on with a user's clients.
fn removal_specs(things: Things, thing: &Thing, visit: &Visit, has_chats: bool) -> Vec<Spec> {
    let e = shell(visit).tongue.edit_words();
    let key = thing.specs.iter().filter(|spec| spec.kind == Kind::Fixed);
    let mut specs: Vec<_> = key.cloned().collect();
    if has_chats {
        specs.push(Spec::new(OPEN_CHATS, e.chats_open, Kind::Fixed));
    }
    if things == Things::Users {
        let successor = Spec::new(SUCCESSOR, e.hand_over_to, Kind::Optional);
        specs.push(successor.hint(e.hand_over_to_hint).code());
    }
    specs
}

async fn ask(
    things: Things,
    api: web::Data<Api>,
    visit: Visit,
    key: web::Path<String>,
) -> Answer<HttpResponse> {
    let mut seen = things.seen(&api, &visit.caller, &key).await?;
    let thing = thing(things, &api, &visit).await?.with_fixed(things.key());
    let action = removal_place(things, &key);
    let open = open_chats(things, &api, &visit, &key).await?;
    let specs = removal_specs(things, &thing, &visit, open.is_some());
    seen.form[OPEN_CHATS] = open.into();
    let around = around_removal(things, &thing, &action);
    fresh(&visit, &around, &specs, (&seen.form, &seen.tag.to_string()))
}

async fn remove(
    things: Things,
    api: web::Data<Api>,
    visit: Visit,
    key: web::Path<String>,
    body: web::Bytes,
) -> Answer<HttpResponse> {
    let mut sent = Sent::of(&body);
    let successor = Some(sent.get(SUCCESSOR).trim().to_owned()).filter(|name| !name.is_empty());
    let tag = sent.tag();
    let removed = things.remove(&api, &visit.caller, (&key, &tag), successor).await;
    let Err(problem) = removed else {
        return Ok(listed(things, "removed"));
    };
    let thing = thing(things, &api, &visit).await?.with_fixed(things.key());
    sent.put(things.key(), &key);
    let action = removal_place(things, &key);
    let open = open_chats(things, &api, &visit, &key).await?;
    let specs = removal_specs(things, &thing, &visit, open.is_some());
    sent.put(OPEN_CHATS, open.as_deref().unwrap_or_default());
    refused(
        &visit,
        &around_removal(things, &thing, &action),
        &specs,
        &sent,
        problem,
    )
}
