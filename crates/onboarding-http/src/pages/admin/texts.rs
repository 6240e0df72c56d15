//! What clients are told, in each language: a list, and a page for each text with a preview.

use actix_web::{HttpResponse, http::Method, http::StatusCode, web};
use onboarding_core::{Company, Language, Placeholder, TextKey, TextTemplate, Values, access::Action};
use onboarding_pages::admin::{
    Cell, Choice, Filter, Input, ListPage, Mark, Preview, Refused, Row, Section, TextPage,
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    edit::{Kind, Sent, Spec, may_edit, told},
    in_query, on_page, see, shell,
};
use crate::{
    api::{Answer, Api, Endpoint, Policy, Settings},
    pages::visit::Visit,
    problem::Problem,
};

/// The field with the text.
const FIELD: &str = "texts";

/// How much of a text its list shows, in characters.
const SHOWN: usize = 160;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let (see, change) = (Policy::May(Action::SeeConfig), Policy::May(Action::ChangeConfig));
    let one = "/admin/texts/{language}/{key}";
    vec![
        Endpoint::page(Method::GET, "/admin/texts", see, || web::route().to(list)),
        Endpoint::page(Method::GET, one, change, || web::route().to(show)),
        Endpoint::page(Method::POST, one, change, || web::route().to(save)),
    ]
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    page: usize,
    #[serde(default)]
    said: String,
}

/// One text of the company.
struct One<'a> {
    company: &'a Company,
    language: &'a Language,
    key: TextKey,
}

impl One<'_> {
    fn template(&self) -> TextTemplate {
        let settings = &self.company.settings;
        settings
            .texts
            .template(self.key, self.language, &settings.default_language)
    }

    fn is_own(&self) -> bool {
        self.company.settings.texts.own(self.key, self.language).is_some()
    }

    fn place(&self) -> String {
        format!("/admin/texts/{}/{}", self.language, self.key)
    }
}

async fn list(visit: Visit, wanted: web::Query<Wanted>) -> Answer<HttpResponse> {
    let (shell, company) = (shell(&visit), &*visit.company);
    let (a, e) = (shell.tongue.admin_words(), shell.tongue.edit_words());
    let languages = company.settings.languages.iter();
    let chosen = languages.filter(|one| wanted.language.is_empty() || one.as_str() == wanted.language);
    let all = chosen.flat_map(|language| {
        TextKey::ALL.iter().map(move |key| One {
            company,
            language,
            key: *key,
        })
    });
    let words = wanted.q.trim().to_lowercase();
    let fits = |one: &One<'_>| {
        let text = one.template().source().to_lowercase();
        one.key.as_str().contains(&words) || text.contains(&words)
    };
    let page = wanted.page.max(1);
    let (found, more) = on_page(all.filter(fits).collect(), page);
    let row = |one: &One<'_>| {
        let key = one.key.to_string();
        let (mark, whose) = if one.is_own() {
            (Mark::Good, e.text_own)
        } else {
            (Mark::Quiet, e.text_ours)
        };
        Row {
            cells: vec![
                if may_edit(&visit) {
                    Cell::Link(one.place(), key)
                } else {
                    Cell::Code(key)
                },
                Cell::Code(one.language.to_string()),
                Cell::Text(shortened(one.template().source())),
                Cell::Mark(mark, whose.to_owned()),
            ],
        }
    };
    let rows: Vec<_> = found.iter().map(row).collect();
    let (q, language) = (in_query(&wanted.q), in_query(&wanted.language));
    let next = more.then(|| format!("/admin/texts?q={q}&language={language}&page={}", page + 1));
    let choices = company.settings.languages.iter().map(|language| Choice {
        value: language.to_string(),
        label: language.to_string(),
    });
    let filter = Filter {
        name: "language",
        label: e.language,
        choices: choices.collect(),
        chosen: wanted.language.clone(),
    };
    visit.page(&ListPage {
        shell,
        section: Section::Texts,
        search: Some(&wanted.q),
        filters: std::slice::from_ref(&filter),
        columns: &[e.purpose, e.language, e.text, a.state],
        rows: &rows,
        next: next.as_deref(),
        next_words: a.next_page,
        said: (wanted.said == "saved").then_some((true, e.saved)),
        footnote: (!may_edit(&visit)).then_some(e.only_admins),
        acts: &[],
        remark: None,
    })
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// The text of the address; what is no language of the company or no text is not there.
fn one<'a>(company: &'a Company, (language, key): &(String, String)) -> Answer<One<'a>> {
    let mut languages = company.settings.languages.iter();
    let language = languages.find(|one| one.as_str() == language);
    Ok(One {
        company,
        language: language.ok_or_else(Problem::not_found)?,
        key: TextKey::from_name(key).ok_or_else(Problem::not_found)?,
    })
}

async fn show(api: web::Data<Api>, visit: Visit, path: web::Path<(String, String)>) -> Answer<HttpResponse> {
    let one = one(&visit.company, &path)?;
    let seen = Settings::Texts.seen(&api, &visit.caller).await?;
    let text = one.template().source().to_owned();
    page(&visit, &one, (&text, &seen.tag.to_string()), None)
}

async fn save(
    api: web::Data<Api>,
    visit: Visit,
    path: web::Path<(String, String)>,
    body: web::Bytes,
) -> Answer<HttpResponse> {
    let one = one(&visit.company, &path)?;
    let sent = Sent::of(&body);
    let text = sent.get(FIELD).replace("\r\n", "\n");
    let shown = (text.as_str(), sent.get("tag"));
    let what = sent.get("what");
    if what == "preview" {
        return page(&visit, &one, shown, None);
    }
    let mut form = Settings::Texts.seen(&api, &visit.caller).await?.form;
    write(&mut form, &one, (what != "ours").then_some(&text));
    match Settings::Texts
        .replace(&api, &visit.caller, &sent.tag(), &form)
        .await
    {
        Ok(()) => Ok(see(format!("/admin/texts?language={}&said=saved", one.language))),
        Err(problem) => page(&visit, &one, shown, Some((problem, &sent))),
    }
}

/// Sets the company's own text, or takes it away.
fn write(form: &mut Value, one: &One<'_>, text: Option<&String>) {
    let of_language = &mut form[FIELD][one.language.as_str()];
    if let Some(text) = text {
        of_language[one.key.as_str()] = Value::from(text.as_str());
    } else if let Some(texts) = of_language.as_object_mut() {
        texts.remove(one.key.as_str());
    }
    if let Some(languages) = form[FIELD].as_object_mut() {
        languages.retain(|_, texts| texts.as_object().is_some_and(|texts| !texts.is_empty()));
    }
}

fn page(
    visit: &Visit,
    one: &One<'_>,
    (text, tag): (&str, &str),
    refusal: Option<(Problem, &Sent)>,
) -> Answer<HttpResponse> {
    let shell = shell(visit);
    let e = shell.tongue.edit_words();
    let spec = Spec::new(FIELD, e.text, Kind::Text).hint(e.text_hint);
    let (mut others, mut mistakes, mut stale) = (None, Vec::new(), false);
    if let Some((problem, sent)) = refusal {
        let (fields, why) = told(std::slice::from_ref(&spec), sent, problem)?;
        mistakes = fields.into_iter().flat_map(|field| field.mistakes).collect();
        stale = why.is_none();
        others = why;
    }
    let field = onboarding_pages::admin::Field {
        name: FIELD.to_owned(),
        label: spec.label,
        hint: spec.hint,
        input: Input::Area(text.to_owned(), false),
        needed: true,
        mistakes,
    };
    let refused = match &others {
        Some(others) => Some(Refused::Mistakes(others)),
        None => stale.then_some(Refused::Stale),
    };
    let previews = previews(visit, one, text);
    let previews: Vec<_> = previews
        .iter()
        .map(|(language, text)| Preview { language, text })
        .collect();
    let placeholders: Vec<_> = Placeholder::ALL.iter().map(|one| one.as_str()).collect();
    let mut answer = visit.page(&TextPage {
        shell,
        key: one.key.as_str(),
        language: one.language.as_str(),
        action: &one.place(),
        tag,
        field: &field,
        placeholders: &placeholders,
        previews: &previews,
        is_own: one.is_own(),
        refused,
    })?;
    if refused.is_some() {
        *answer.status_mut() = if stale {
            StatusCode::PRECONDITION_FAILED
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
    }
    Ok(answer)
}

/// The text as it was typed, and the same text in the company's other languages as it is.
fn previews(visit: &Visit, one: &One<'_>, typed: &str) -> Vec<(String, String)> {
    let values = made_up(visit);
    let mut all = Vec::new();
    if let Ok(typed) = TextTemplate::parse(typed) {
        all.push((one.language.to_string(), typed.render(&values)));
    }
    let others = one.company.settings.languages.iter();
    for language in others.filter(|language| *language != one.language) {
        let other = One { language, ..*one };
        all.push((language.to_string(), other.template().render(&values)));
    }
    all
}

/// What stands for real values in a preview.
fn made_up(visit: &Visit) -> Values {
    let company = &visit.company;
    let number = |id| {
        company
            .account(id)
            .map(|account| account.phone_number.to_string())
    };
    let pool = company.pools.first();
    let primary = pool.and_then(|pool| number(pool.primary));
    let secondary = pool.and_then(|pool| number(*pool.secondaries.first()?));
    let primary = primary.unwrap_or_default();
    let link = format!("https://wa.me/{}", primary.trim_start_matches('+'));
    Values::from([
        (Placeholder::UserName, visit.user.name.clone()),
        (
            Placeholder::UserTitle,
            visit.user.title.clone().unwrap_or_default(),
        ),
        (Placeholder::CompanyName, company.settings.name.clone()),
        (Placeholder::Extension, "#kate".to_owned()),
        (Placeholder::AskedNumber, "+85251079302".to_owned()),
        (Placeholder::PrimaryNumber, primary),
        (Placeholder::SecondaryNumber, secondary.unwrap_or_default()),
        (Placeholder::Link, link),
        (Placeholder::Position, "3".to_owned()),
    ])
}
