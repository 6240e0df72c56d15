//! Things of which a company has many: a form for a new one, for each, and a question before one goes.

use actix_web::{HttpResponse, http::Method, web};
use onboarding_core::access::Action;
use serde_json::{Map, Value};

use super::{
    edit::{Around, Kind, Sent, Spec, Thing, config_of, fresh, place_of, refused, section_of},
    see, shell,
};
use crate::{
    api::{Answer, Api, Endpoint, Policy, Things},
    pages::visit::Visit,
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
            web::route().to(move |api: Data, visit, key: Key| show(things, api, visit, key))
        }),
        Endpoint::page(Method::POST, &one, may, move || {
            web::route().to(move |api: Data, visit, key: Key, body| save(things, api, visit, key, body))
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
    Ok(Thing::of(things, &config, shell(visit).tongue))
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
    (action, removal): (&'a str, &'a str),
) -> Around<'a> {
    Around {
        section: section_of(things),
        title: thing.one,
        about: None,
        action,
        button: shell(visit).tongue.edit_words().save,
        danger: false,
        removal: Some((removal, thing.remove)),
    }
}

async fn show(
    things: Things,
    api: web::Data<Api>,
    visit: Visit,
    key: web::Path<String>,
) -> Answer<HttpResponse> {
    let seen = things.seen(&api, &visit.caller, &key).await?;
    let thing = thing(things, &api, &visit).await?.with_fixed(things.key());
    let places = (place_of(section_of(things), &key), removal_place(things, &key));
    let around = around_one(things, &thing, &visit, (&places.0, &places.1));
    fresh(&visit, &around, &thing.specs, (&seen.form, &seen.tag.to_string()))
}

async fn save(
    things: Things,
    api: web::Data<Api>,
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
            let places = (place_of(section_of(things), &key), removal_place(things, &key));
            let around = around_one(things, &thing, &visit, (&places.0, &places.1));
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
        removal: None,
    }
}

/// What is asked before one goes: whose it is, and who goes on with a user's clients.
fn removal_specs(things: Things, thing: &Thing, visit: &Visit) -> Vec<Spec> {
    let e = shell(visit).tongue.edit_words();
    let key = thing.specs.iter().filter(|spec| spec.kind == Kind::Fixed);
    let mut specs: Vec<_> = key.cloned().collect();
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
    let seen = things.seen(&api, &visit.caller, &key).await?;
    let thing = thing(things, &api, &visit).await?.with_fixed(things.key());
    let action = removal_place(things, &key);
    let specs = removal_specs(things, &thing, &visit);
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
    let specs = removal_specs(things, &thing, &visit);
    refused(
        &visit,
        &around_removal(things, &thing, &action),
        &specs,
        &sent,
        problem,
    )
}
