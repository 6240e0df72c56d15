//! Filling a template, with Meta's complaints.

use serde_json::{Map, Value};

use super::error::GraphError;
use crate::config::{Template, TemplateStatus};
use crate::world::{Action, ActionKind, Content, World};

/// The longest body after the parameters were filled in.
const MAX_BODY: usize = 1_024;

/// What the client sees of a template message.
pub(super) fn fill(
    world: &World,
    account: usize,
    message: &Map<String, Value>,
) -> Result<Content, GraphError> {
    let asked = message
        .get("template")
        .and_then(Value::as_object)
        .ok_or_else(|| GraphError::parameter("The parameter template is required."))?;
    let name = text(asked.get("name"))
        .ok_or_else(|| GraphError::parameter("The parameter template['name'] is required."))?;
    let language = asked
        .get("language")
        .and_then(|language| text(language.get("code")))
        .ok_or_else(|| GraphError::parameter("The parameter template['language'] is required."))?;
    let missing = || {
        GraphError::detailed(
            132_001,
            format!("template name ({name}) does not exist in {language}"),
        )
    };
    let template = world.template(account, name, language).ok_or_else(missing)?;
    match template.status {
        TemplateStatus::Approved => {}
        TemplateStatus::Pending | TemplateStatus::Rejected => return Err(missing()),
        TemplateStatus::Paused => return Err(GraphError::of(132_015)),
        TemplateStatus::Disabled => return Err(GraphError::of(132_016)),
    }
    let no_components = Vec::new();
    let components = asked
        .get("components")
        .and_then(Value::as_array)
        .unwrap_or(&no_components);
    let parameters_of = |kind: &str| {
        let component = components
            .iter()
            .find(|component| text(component.get("type")).is_some_and(|own| own.eq_ignore_ascii_case(kind)));
        component
            .and_then(|component| component.get("parameters"))
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default()
    };
    let header = parameters_of("header").len();
    if header > 0 {
        return Err(count_mismatch("header", header, 0));
    }
    let body = fill_body(&template.body, parameters_of("body"))?;
    if body.chars().count() > MAX_BODY {
        return Err(GraphError::of(132_005));
    }
    Ok(Content {
        kind: "template".to_owned(),
        text: body,
        actions: buttons(template, components)?,
        ..Content::default()
    })
}

fn fill_body(body: &str, parameters: &[Value]) -> Result<String, GraphError> {
    let names = placeholders(body);
    if names.len() != parameters.len() {
        return Err(count_mismatch("body", parameters.len(), names.len()));
    }
    let positional = names.iter().all(|name| name.parse::<u32>().is_ok());
    let mut values = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        let parameter = if positional {
            // Placeholders count from 1, in whatever order the text uses them.
            let place = name.parse::<usize>().unwrap_or(index + 1).wrapping_sub(1);
            parameters
                .get(place)
                .filter(|parameter| parameter.get("parameter_name").is_none())
        } else {
            parameters
                .iter()
                .find(|parameter| text(parameter.get("parameter_name")) == Some(name))
        };
        let parameter = parameter.ok_or_else(|| {
            GraphError::detailed(132_012, format!("body: Parameter {name} is missing or misnamed"))
        })?;
        values.push((name, parameter_text(parameter)?));
    }
    // Filled in one pass over the template, so that braces inside a value stay what they are.
    let mut filled = String::with_capacity(body.len());
    let mut rest = body;
    while let Some((before, name, after)) = next_placeholder(rest) {
        filled.push_str(before);
        if let Some((_, value)) = values.iter().find(|(own, _)| own.as_str() == name) {
            filled.push_str(value);
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The text of a parameter, of any of the types that a body takes.
fn parameter_text(parameter: &Value) -> Result<String, GraphError> {
    let kind = text(parameter.get("type")).unwrap_or("text");
    let value = match kind {
        "text" => text(parameter.get("text")),
        "currency" | "date_time" => parameter
            .get(kind)
            .and_then(|value| text(value.get("fallback_value"))),
        _ => None,
    };
    let value = value.ok_or_else(|| {
        GraphError::detailed(
            131_008,
            format!("body: Parameter of type {kind} is missing text value"),
        )
    })?;
    if value.is_empty() {
        return Err(GraphError::detailed(
            131_008,
            "body: Parameter of type text is missing text value",
        ));
    }
    if value.contains(['\n', '\r', '\t']) || value.contains("     ") {
        return Err(GraphError::of(132_018));
    }
    Ok(value.to_owned())
}

fn buttons(template: &Template, components: &[Value]) -> Result<Vec<Action>, GraphError> {
    let mut actions: Vec<_> = template
        .buttons
        .iter()
        .map(|title| Action {
            kind: ActionKind::QuickReply,
            // Without a payload Meta sends the button's title.
            id: title.clone(),
            title: title.clone(),
        })
        .collect();
    for component in components {
        if !text(component.get("type")).is_some_and(|kind| kind.eq_ignore_ascii_case("button")) {
            continue;
        }
        let index = match component.get("index") {
            Some(Value::String(index)) => index.parse().ok(),
            Some(Value::Number(index)) => index.as_u64().and_then(|index| usize::try_from(index).ok()),
            _ => None,
        };
        let action = index.and_then(|index: usize| actions.get_mut(index));
        let Some(action) = action else {
            return Err(GraphError::detailed(
                132_012,
                "buttons: Button at this index does not exist",
            ));
        };
        let payload = component.pointer("/parameters/0/payload").and_then(Value::as_str);
        if let Some(payload) = payload {
            payload.clone_into(&mut action.id);
        }
    }
    Ok(actions)
}

fn count_mismatch(part: &str, given: usize, expected: usize) -> GraphError {
    GraphError::detailed(
        132_000,
        format!(
            "{part}: number of localizable_params ({given}) does not match the expected number of params ({expected})"
        ),
    )
}

/// The distinct placeholders, in the order of their first use.
fn placeholders(body: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = body;
    while let Some((_, name, after)) = next_placeholder(rest) {
        if !names.iter().any(|own| own == name) {
            names.push(name.to_owned());
        }
        rest = after;
    }
    names
}

/// Text before the next `{{name}}`, the name, and the text after it.
fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (name, after) = rest.split_once("}}")?;
    Some((before, name.trim(), after))
}

fn text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str)
}
