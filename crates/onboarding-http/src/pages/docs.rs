//! `/docs`: the description of the API, for people.

use std::{collections::BTreeMap, sync::LazyLock};

use actix_web::{HttpResponse, http::Method, http::StatusCode, web};
use askama::Template as _;
use onboarding_pages::{ApiAnswer, ApiField, ApiForm, ApiGroup, ApiOperation, ApiPage, ApiType};
use serde_json::Value;

use super::html;
use crate::{
    api::{self, Answer, Endpoint, Policy},
    problem::Problem,
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let everybody = Policy::Open("the description of the API tells nothing of any company");
    vec![Endpoint::page(Method::GET, "/docs", everybody, || {
        web::route().to(show)
    })]
}

/// Made once: the table does not change while the service runs.
async fn show() -> Answer<HttpResponse> {
    static PAGE: LazyLock<Option<String>> = LazyLock::new(|| {
        let document = serde_json::to_value(api::document(&api::endpoints())).ok()?;
        let (groups, forms) = (groups(&document), forms(&document));
        let page = ApiPage {
            groups: &groups,
            forms: &forms,
        };
        page.render().ok()
    });
    let page = PAGE.clone().ok_or_else(|| {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the page cannot be made",
        )
    })?;
    Ok(html(page))
}

/// In the order of the alphabet, and within a resource in that of the addresses.
fn groups(document: &Value) -> Vec<ApiGroup> {
    let mut by_name: BTreeMap<String, Vec<ApiOperation>> = BTreeMap::new();
    for (path, methods) in members(&document["paths"]) {
        for (method, described) in members(methods) {
            let group = by_name.entry(text(&described["tags"][0])).or_default();
            group.push(operation(method, path, described));
        }
    }
    let groups = by_name.into_iter();
    groups
        .map(|(name, operations)| ApiGroup { name, operations })
        .collect()
}

fn operation(method: &str, path: &str, described: &Value) -> ApiOperation {
    let parameters = described["parameters"].as_array().into_iter().flatten();
    let answers = members(&described["responses"]).map(|(status, answer)| ApiAnswer {
        status: status.clone(),
        text: text(&answer["description"]),
        body: content(answer),
    });
    ApiOperation {
        id: text(&described["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&described["summary"]),
        description: plain(&described["description"]),
        parameters: parameters
            .map(|one| ApiField {
                name: text(&one["name"]),
                kind: kind(&one["schema"]),
                place: text(&one["in"]),
                needed: one["required"] == true,
                text: plain(&one["description"]),
            })
            .collect(),
        body: content(&described["requestBody"]),
        answers: answers.collect(),
    }
}

fn forms(document: &Value) -> Vec<ApiForm> {
    let all = members(&document["components"]["schemas"]);
    all.map(|(name, schema)| form(name, schema)).collect()
}

fn form(name: &str, schema: &Value) -> ApiForm {
    let needed = |field: &str| {
        let mut names = schema["required"].as_array().into_iter().flatten();
        names.any(|name| name == field)
    };
    // What is put together of others is told by its parts.
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let whole = parts.chain([schema]);
    let fields = whole.flat_map(|part| {
        let extends = part["$ref"].is_string().then(|| ApiField {
            name: "…".to_owned(),
            kind: kind(part),
            place: String::new(),
            needed: true,
            text: "all of its fields".to_owned(),
        });
        let own = members(&part["properties"]).map(|(name, field)| ApiField {
            name: name.clone(),
            kind: kind(field),
            place: String::new(),
            needed: needed(name),
            text: meaning(field),
        });
        extends.into_iter().chain(own)
    });
    let example = &schema["example"];
    ApiForm {
        name: name.to_owned(),
        text: plain(&schema["description"]),
        fields: fields.collect(),
        example: (!example.is_null()).then(|| serde_json::to_string_pretty(example).unwrap_or_default()),
    }
}

/// What is sent or answered with.
fn content(part: &Value) -> Option<ApiType> {
    let (_, content) = members(&part["content"]).next()?;
    Some(kind(&content["schema"]))
}

/// What a schema lets through, in words.
fn kind(schema: &Value) -> ApiType {
    let named = |words: &str, schema: &Value| {
        let ApiType { words: rest, form } = kind(schema);
        ApiType {
            words: format!("{words}{rest}"),
            form,
        }
    };
    if let Some(form) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return ApiType {
            words: String::new(),
            form: Some(form.to_owned()),
        };
    }
    let alternatives = schema["oneOf"].as_array().into_iter().flatten();
    if let Some(one) = alternatives.clone().find(|one| one["type"] != "null") {
        return named("nothing or ", one);
    }
    if schema["items"].is_object() {
        return named("list of ", &schema["items"]);
    }
    if schema["additionalProperties"].is_object() {
        return named("by key: ", &schema["additionalProperties"]);
    }
    let words = match &schema["type"] {
        Value::Array(kinds) => {
            let kinds: Vec<_> = kinds.iter().filter_map(Value::as_str).collect();
            kinds.join(" or ")
        }
        Value::String(kind) => kind.clone(),
        _ => "anything".to_owned(),
    };
    let format = schema["format"].as_str().map(|format| format!(" ({format})"));
    ApiType {
        words: words + &format.unwrap_or_default(),
        form: None,
    }
}

/// Of a field, wherever the schema says it.
fn meaning(schema: &Value) -> String {
    let alternatives = schema["oneOf"].as_array().into_iter().flatten();
    let told = alternatives.chain([schema]).map(|one| plain(&one["description"]));
    told.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Without the marks of code, which a reader does without.
fn plain(value: &Value) -> String {
    text(value).replace('`', "").trim().to_owned()
}
