//! Forms that change the configuration: what they show, and what comes of them when they are sent.
//!
//! A form is filled from the JSON that the API shows of the thing, and sent to the API's own functions as JSON again;
//! their refusals are told at the fields that they point to.

mod fields;
mod sheets;
mod specs;

use actix_web::{HttpResponse, http::StatusCode, web};
use onboarding_core::{access::Action, config::CompanyConfig};
use onboarding_pages::admin::{Field, FormPage, Refused, Section};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use self::fields::{Typed, fields_of, write_into};
pub(super) use self::{
    fields::{Kind, Spec},
    sheets::{Sheet, switches},
    specs::Thing,
};
use super::shell;
use crate::{
    api::{Answer, Api, Things},
    pages::visit::Visit,
    problem::Problem,
};

/// What a form sent: its fields in their order.
pub(super) struct Sent(Typed);

impl Sent {
    /// Reads the body of a form; the gate has taken no longer one.
    pub(super) fn of(body: &web::Bytes) -> Self {
        let text = std::str::from_utf8(body).unwrap_or_default();
        let fields = web::Query::<Typed>::from_query(text);
        Self(fields.map(web::Query::into_inner).unwrap_or_default())
    }

    /// The first field of this name.
    pub(super) fn get(&self, name: &str) -> &str {
        let field = self.0.iter().find(|(known, _)| known == name);
        field.map_or("", |(_, value)| value)
    }

    /// Puts what the form did not send.
    pub(super) fn put(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// The tag of what the reader saw.
    pub(super) fn tag(&self) -> crate::api::IfMatch {
        crate::api::IfMatch::of_form(self.get("tag"))
    }

    /// Writes what the fields say into JSON.
    pub(super) fn write_into(&self, specs: &[Spec], form: &mut serde_json::Value) {
        write_into(specs, &self.0, form);
    }
}

/// What is around the fields of a form.
pub(super) struct Around<'a> {
    pub(super) section: Section,
    pub(super) title: &'a str,
    pub(super) about: Option<&'a str>,
    pub(super) action: &'a str,
    pub(super) button: &'a str,
    pub(super) danger: bool,
    pub(super) also: &'a [(String, &'a str)],
    pub(super) removal: Option<(&'a str, &'a str)>,
}

/// Whether the reader may change the configuration.
pub(super) fn may_edit(visit: &Visit) -> bool {
    visit.caller.principal.may(Action::ChangeConfig).is_ok()
}

/// The configuration of the company.
pub(super) async fn config_of(api: &Api, visit: &Visit) -> Answer<CompanyConfig> {
    let config = api.store.config(&visit.company.id).await?;
    config.map(|(config, _)| config).ok_or_else(Problem::not_found)
}

/// Where a thing is changed.
pub(super) fn place_of(section: Section, key: &str) -> String {
    format!(
        "{}/{}",
        section.path(),
        utf8_percent_encode(key, NON_ALPHANUMERIC)
    )
}

/// A form as it is before anything is sent.
pub(super) fn fresh(
    visit: &Visit,
    around: &Around<'_>,
    specs: &[Spec],
    (form, tag): (&serde_json::Value, &str),
) -> Answer<HttpResponse> {
    let typed = fields::typed_of(specs, form);
    let (fields, _) = fields_of(specs, &typed, &[]);
    page(visit, around, &fields, tag, None)
}

/// The form with what was typed, and why it came to nothing; what no form can mend stays a problem.
pub(super) fn refused(
    visit: &Visit,
    around: &Around<'_>,
    specs: &[Spec],
    sent: &Sent,
    problem: Problem,
) -> Answer<HttpResponse> {
    let (fields, why) = told(specs, sent, problem)?;
    let why = why.as_deref().map_or(Refused::Stale, Refused::Mistakes);
    let status = match why {
        Refused::Stale => StatusCode::PRECONDITION_FAILED,
        Refused::Mistakes(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let mut answer = page(visit, around, &fields, sent.get("tag"), Some(why))?;
    *answer.status_mut() = status;
    Ok(answer)
}

/// The fields with what is wrong at each, and what is wrong with none of them; `None` there: somebody else was faster.
pub(super) fn told(
    specs: &[Spec],
    sent: &Sent,
    problem: Problem,
) -> Answer<(Vec<Field>, Option<Vec<String>>)> {
    let is_mistake = !problem.field_problems().is_empty()
        || matches!(
            problem.status(),
            StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::PRECONDITION_FAILED
        );
    if !is_mistake {
        return Err(problem);
    }
    let (fields, mut others) = fields_of(specs, &sent.0, problem.field_problems());
    if problem.status() == StatusCode::PRECONDITION_FAILED {
        return Ok((fields, None));
    }
    if problem.field_problems().is_empty() {
        others.push(problem.to_string());
    }
    Ok((fields, Some(others)))
}

fn page(
    visit: &Visit,
    around: &Around<'_>,
    fields: &[Field],
    tag: &str,
    refused: Option<Refused<'_>>,
) -> Answer<HttpResponse> {
    visit.page(&FormPage {
        shell: shell(visit),
        section: around.section,
        title: around.title,
        about: around.about,
        action: around.action,
        tag,
        fields,
        refused,
        button: around.button,
        danger: around.danger,
        also: around.also,
        removal: around.removal,
    })
}

/// Which thing a list is of.
pub(super) fn section_of(things: Things) -> Section {
    match things {
        Things::Users => Section::Users,
        Things::OrgUnits => Section::OrgUnits,
        Things::ExternalCompanies => Section::ExternalCompanies,
        Things::Pools => Section::Pools,
        Things::Accounts => Section::Accounts,
    }
}
