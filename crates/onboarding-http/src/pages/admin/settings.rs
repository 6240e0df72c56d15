//! Settings of which a company has one set, form by form; and the switches, one at a time.

use actix_web::{HttpRequest, HttpResponse, http::Method, web};
use onboarding_core::access::Action;
use onboarding_pages::admin::{AdminWords, Cell, ListPage, Row, Section};
use serde_json::Value;

use super::{
    Found, Wanted,
    edit::{Around, Sent, Sheet, Spec, fresh, may_edit, refused, switches},
    found, see, shell, texts_of,
};
use crate::{
    api::{Answer, Api, Endpoint, Policy, Settings},
    pages::visit::Visit,
    problem::Problem,
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    type Data = web::Data<Api>;
    let (see, change) = (Policy::May(Action::SeeConfig), Policy::May(Action::ChangeConfig));
    let secrets = Policy::May(Action::SetSecrets);
    let switch = "/admin/features/{switch}";
    let mut all = vec![
        Endpoint::page(Method::GET, "/admin/company", see, || web::route().to(list)),
        Endpoint::page(Method::GET, switch, change, || web::route().to(show_switch)),
        Endpoint::page(Method::POST, switch, change, || web::route().to(set_switch)),
    ];
    let sheets = [
        ("name", change),
        ("limits", change),
        ("qr", change),
        ("sign-in", secrets),
        ("secrets", secrets),
        ("templates/{part}", change),
        ("opt-out/{part}", change),
    ];
    for (place, policy) in sheets {
        let place = format!("/admin/company/{place}");
        all.push(Endpoint::page(Method::GET, &place, policy, || {
            web::route().to(|api: Data, visit, request| show(api, visit, request))
        }));
        all.push(Endpoint::page(Method::POST, &place, policy, || {
            web::route().to(|api: Data, visit, request, body| save(api, visit, request, body))
        }));
    }
    all
}

/// The sets with what they hold, each a way to its form.
async fn list(visit: Visit, wanted: web::Query<Wanted>) -> Answer<HttpResponse> {
    let shell = shell(&visit);
    let (a, e) = (shell.tongue.admin_words(), shell.tongue.edit_words());
    let settings = &visit.company.settings;
    let mut rows = Vec::new();
    for sheet in Sheet::all(settings, shell.tongue) {
        let form = sheet.settings.of(settings);
        let way = if may_edit(&visit) {
            Cell::Link(sheet.place.clone(), sheet.title.clone())
        } else {
            Cell::Text(sheet.title.clone())
        };
        // Among what was searched for each row stands alone.
        let repeats = !wanted.q.trim().is_empty();
        let mut is_first = true;
        let mut row = |label: &str, value| {
            let leads = std::mem::replace(&mut is_first, false) || repeats;
            let first = if leads {
                way.clone()
            } else {
                Cell::Text(String::new())
            };
            rows.push(Row {
                cells: vec![first, Cell::Text(label.to_owned()), value],
            });
        };
        let mut is_empty = true;
        for spec in &sheet.specs {
            if let Some(value) = held(spec, &form, a) {
                is_empty = false;
                row(spec.label, value);
            }
        }
        if is_empty {
            row("", Cell::Text(a.none.to_owned()));
        }
    }
    let logo = settings.qr_logo.is_some();
    rows.push(Row {
        cells: vec![
            if may_edit(&visit) {
                Cell::Link("/admin/company/logo".to_owned(), e.logo.to_owned())
            } else {
                Cell::Text(e.logo.to_owned())
            },
            Cell::Text(String::new()),
            Cell::Text(if logo { a.on } else { a.none }.to_owned()),
        ],
    });
    let Found { shown: rows, next } = found(Section::Company, &wanted, rows, texts_of);
    visit.page(&ListPage {
        shell,
        section: Section::Company,
        search: Some(&wanted.q),
        filters: &[],
        columns: &[a.company_settings, a.name, e.value],
        rows: &rows,
        next: next.as_deref(),
        next_words: a.next_page,
        said: (wanted.said == "saved").then_some((true, e.saved)),
        footnote: (!may_edit(&visit)).then_some(e.only_admins),
        acts: &[],
        remark: None,
    })
}

/// What a field holds, to be read; nothing of one that holds nothing.
fn held(spec: &Spec, form: &Value, words: &AdminWords) -> Option<Cell> {
    match form.pointer(&format!("/{}", spec.name))? {
        Value::Null => None,
        Value::String(text) if spec.code => Some(Cell::Code(text.clone())),
        Value::String(text) => Some(Cell::Text(text.clone())),
        Value::Array(all) => {
            let all: Vec<_> = all.iter().filter_map(Value::as_str).collect();
            (!all.is_empty()).then(|| Cell::Code(all.join(", ")))
        }
        Value::Bool(on) => Some(Cell::Text(if *on { words.on } else { words.off }.to_owned())),
        other => Some(Cell::Code(other.to_string())),
    }
}

/// The form of the address; a language that the company has not, or no purpose of templates, is not there.
fn sheet_of(visit: &Visit, request: &HttpRequest) -> Answer<Sheet> {
    let all = Sheet::all(&visit.company.settings, shell(visit).tongue);
    let found = all.into_iter().find(|sheet| sheet.place == request.path());
    found.ok_or_else(Problem::not_found)
}

fn around<'a>(sheet: &'a Sheet, visit: &Visit) -> Around<'a> {
    Around {
        section: Section::Company,
        title: &sheet.title,
        about: sheet.about.as_deref(),
        action: &sheet.place,
        button: shell(visit).tongue.edit_words().save,
        danger: false,
        also: &[],
        removal: None,
    }
}

async fn show(api: web::Data<Api>, visit: Visit, request: HttpRequest) -> Answer<HttpResponse> {
    let sheet = sheet_of(&visit, &request)?;
    let seen = sheet.settings.seen(&api, &visit.caller).await?;
    let around = around(&sheet, &visit);
    fresh(&visit, &around, &sheet.specs, (&seen.form, &seen.tag.to_string()))
}

async fn save(
    api: web::Data<Api>,
    visit: Visit,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer<HttpResponse> {
    let sheet = sheet_of(&visit, &request)?;
    let sent = Sent::of(&body);
    let mut form = sheet.settings.seen(&api, &visit.caller).await?.form;
    sent.write_into(&sheet.specs, &mut form);
    sheet.tidy(&mut form);
    let tag = sent.tag();
    match sheet.settings.replace(&api, &visit.caller, &tag, &form).await {
        Ok(()) => Ok(see("/admin/company?said=saved".to_owned())),
        Err(problem) => refused(&visit, &around(&sheet, &visit), &sheet.specs, &sent, problem),
    }
}

/// The field of one switch.
fn spec_of(switch: &str, visit: &Visit) -> Answer<Spec> {
    let specs = switches(shell(visit).tongue);
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
        also: &[],
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
