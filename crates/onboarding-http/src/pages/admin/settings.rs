//! Settings of which a company has one set: its profile, limits and QR text; and the switches, one at a time.

use actix_web::{HttpResponse, http::Method, web};
use onboarding_core::access::Action;
use onboarding_pages::{
    Tongue,
    admin::{Cell, ListPage, Row, Section},
};
use serde::Deserialize;

use super::{
    edit::{Around, Sent, Spec, fresh, may_edit, refused, settings_specs},
    see, shell,
};
use crate::{
    api::{Answer, Api, Endpoint, Policy, Settings},
    pages::visit::Visit,
    problem::Problem,
};

/// The sets that are changed whole, with their places.
const SETS: [(Settings, &str); 3] = [
    (Settings::Company, "/admin/company/name"),
    (Settings::Limits, "/admin/company/limits"),
    (Settings::Qr, "/admin/company/qr"),
];

pub(super) fn endpoints() -> Vec<Endpoint> {
    type Data = web::Data<Api>;
    let (see, change) = (Policy::May(Action::SeeConfig), Policy::May(Action::ChangeConfig));
    let switch = "/admin/features/{switch}";
    let mut all = vec![
        Endpoint::page(Method::GET, "/admin/company", see, || web::route().to(list)),
        Endpoint::page(Method::GET, switch, change, || web::route().to(show_switch)),
        Endpoint::page(Method::POST, switch, change, || web::route().to(set_switch)),
    ];
    for (settings, place) in SETS {
        all.push(Endpoint::page(Method::GET, place, change, move || {
            web::route().to(move |api: Data, visit| show((settings, place), api, visit))
        }));
        all.push(Endpoint::page(Method::POST, place, change, move || {
            web::route().to(move |api: Data, visit, body| save((settings, place), api, visit, body))
        }));
    }
    all
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    said: String,
}

fn title(settings: Settings, tongue: Tongue) -> &'static str {
    let e = tongue.edit_words();
    match settings {
        Settings::Company => e.company_one,
        Settings::Limits => e.limits,
        Settings::Qr => e.qr,
        Settings::Features => tongue.admin_words().features,
        Settings::Texts => tongue.admin_words().texts,
    }
}

/// The sets with what they hold, each a way to its form.
async fn list(api: web::Data<Api>, visit: Visit, wanted: web::Query<Wanted>) -> Answer<HttpResponse> {
    let shell = shell(&visit);
    let (a, e) = (shell.tongue.admin_words(), shell.tongue.edit_words());
    let mut rows = Vec::new();
    for (settings, place) in SETS {
        let seen = settings.seen(&api, &visit.caller).await?;
        let heading = title(settings, shell.tongue).to_owned();
        let way = if may_edit(&visit) {
            Cell::Link(place.to_owned(), heading)
        } else {
            Cell::Text(heading)
        };
        for (at, spec) in settings_specs(settings, shell.tongue).iter().enumerate() {
            let first = if at == 0 {
                way.clone()
            } else {
                Cell::Text(String::new())
            };
            rows.push(Row {
                cells: vec![first, Cell::Text(spec.label.to_owned()), held(spec, &seen.form)],
            });
        }
    }
    visit.page(&ListPage {
        shell,
        section: Section::Company,
        search: None,
        filter: None,
        columns: &[a.company_settings, a.name, e.value],
        rows: &rows,
        next: None,
        next_words: a.next_page,
        said: (wanted.said == "saved").then_some((true, e.saved)),
        footnote: (!may_edit(&visit)).then_some(e.only_admins),
        act: None,
    })
}

/// What a field holds, to be read.
fn held(spec: &Spec, form: &serde_json::Value) -> Cell {
    let value = form.pointer(&format!("/{}", spec.name));
    match value {
        Some(serde_json::Value::String(text)) if spec.code => Cell::Code(text.clone()),
        Some(serde_json::Value::String(text)) => Cell::Text(text.clone()),
        Some(serde_json::Value::Array(all)) => {
            let all: Vec<_> = all.iter().filter_map(serde_json::Value::as_str).collect();
            Cell::Code(all.join(", "))
        }
        Some(other) => Cell::Code(other.to_string()),
        None => Cell::Text(String::new()),
    }
}

fn around(settings: Settings, visit: &Visit, action: &'static str) -> Around<'static> {
    let tongue = shell(visit).tongue;
    let e = tongue.edit_words();
    Around {
        section: Section::Company,
        title: title(settings, tongue),
        about: (settings == Settings::Limits).then_some(e.limits_hint),
        action,
        button: e.save,
        danger: false,
        removal: None,
    }
}

async fn show(
    (settings, place): (Settings, &'static str),
    api: web::Data<Api>,
    visit: Visit,
) -> Answer<HttpResponse> {
    let seen = settings.seen(&api, &visit.caller).await?;
    let specs = settings_specs(settings, shell(&visit).tongue);
    let around = around(settings, &visit, place);
    fresh(&visit, &around, &specs, (&seen.form, &seen.tag.to_string()))
}

async fn save(
    (settings, place): (Settings, &'static str),
    api: web::Data<Api>,
    visit: Visit,
    body: web::Bytes,
) -> Answer<HttpResponse> {
    let specs = settings_specs(settings, shell(&visit).tongue);
    let sent = Sent::of(&body);
    let mut form = settings.seen(&api, &visit.caller).await?.form;
    sent.write_into(&specs, &mut form);
    match settings.replace(&api, &visit.caller, &sent.tag(), &form).await {
        Ok(()) => Ok(see("/admin/company?said=saved".to_owned())),
        Err(problem) => refused(&visit, &around(settings, &visit, place), &specs, &sent, problem),
    }
}

/// The field of one switch.
fn spec_of(switch: &str, visit: &Visit) -> Answer<Spec> {
    let specs = settings_specs(Settings::Features, shell(visit).tongue);
    let spec = specs.into_iter().find(|spec| spec.name == switch);
    spec.ok_or_else(Problem::not_found)
}

fn around_switch<'a>(spec: &Spec, visit: &Visit, action: &'a str) -> Around<'a> {
    Around {
        section: Section::Features,
        title: spec.label,
        about: None,
        action,
        button: shell(visit).tongue.edit_words().save,
        danger: false,
        removal: None,
    }
}

async fn show_switch(api: web::Data<Api>, visit: Visit, switch: web::Path<String>) -> Answer<HttpResponse> {
    let spec = spec_of(&switch, &visit)?;
    let seen = Settings::Features.seen(&api, &visit.caller).await?;
    let action = format!("/admin/features/{}", spec.name);
    let around = around_switch(&spec, &visit, &action);
    let seen = (&seen.form, &*seen.tag.to_string());
    fresh(&visit, &around, std::slice::from_ref(&spec), seen)
}

async fn set_switch(
    api: web::Data<Api>,
    visit: Visit,
    switch: web::Path<String>,
    body: web::Bytes,
) -> Answer<HttpResponse> {
    let spec = spec_of(&switch, &visit)?;
    let specs = std::slice::from_ref(&spec);
    let sent = Sent::of(&body);
    let mut form = Settings::Features.seen(&api, &visit.caller).await?.form;
    sent.write_into(specs, &mut form);
    let tag = sent.tag();
    match Settings::Features.replace(&api, &visit.caller, &tag, &form).await {
        Ok(()) => Ok(see("/admin/features?said=saved".to_owned())),
        Err(problem) => {
            let action = format!("/admin/features/{}", spec.name);
            refused(
                &visit,
                &around_switch(&spec, &visit, &action),
                specs,
                &sent,
                problem,
            )
        }
    }
}
