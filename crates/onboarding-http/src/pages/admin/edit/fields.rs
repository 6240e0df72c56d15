//! Fields of forms: from JSON to what stands in them, and back.

use std::borrow::Cow;

use onboarding_pages::admin::{Choice, Field, Input};
use serde_json::{Map, Value};

use crate::problem::FieldProblem;

/// What a form sends: names and values in their order.
pub(super) type Typed = Vec<(String, String)>;

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pages::admin) enum Kind {
    /// The key of the thing: it stands there to be read.
    Fixed,
    /// A text that has to be there.
    Line,
    /// A text, or nothing.
    Optional,
    /// A whole number.
    Number,
    /// A text of several lines.
    Text,
    /// The same, or nothing.
    Words,
    /// A list of texts, one a line.
    Lines,
    /// From one text to another, one pair a line with `=` between.
    Pairs,
    /// One of these; with words for none where that can be.
    One(Vec<Choice>, Option<&'static str>),
    /// Any of these.
    Many(Vec<Choice>),
    /// On or off.
    Switch,
}

/// A field, and where it stands in the JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pages::admin) struct Spec {
    /// The JSON pointer without its first `/`.
    pub(in crate::pages::admin) name: Cow<'static, str>,
    pub(in crate::pages::admin) label: &'static str,
    pub(in crate::pages::admin) hint: Option<&'static str>,
    pub(in crate::pages::admin) kind: Kind,
    /// Whether it runs from left to right in every language.
    pub(in crate::pages::admin) code: bool,
}

impl Spec {
    pub(in crate::pages::admin) fn new(
        name: impl Into<Cow<'static, str>>,
        label: &'static str,
        kind: Kind,
    ) -> Self {
        Self {
            name: name.into(),
            label,
            hint: None,
            kind,
            code: false,
        }
    }

    pub(in crate::pages::admin) fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    pub(in crate::pages::admin) fn code(mut self) -> Self {
        self.code = true;
        self
    }

    /// What a browser would send of the value.
    fn typed(&self, value: &Value) -> Vec<String> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let texts = || value.as_array().into_iter().flatten().filter_map(text);
        match &self.kind {
            Kind::Fixed | Kind::Line | Kind::Optional | Kind::Text | Kind::Words | Kind::One(..) => {
                text(value).into_iter().collect()
            }
            Kind::Number => vec![value.to_string()],
            Kind::Lines => vec![texts().collect::<Vec<_>>().join("\n")],
            Kind::Many(_) => texts().collect(),
            Kind::Pairs => {
                let pairs = value.as_object().into_iter().flatten();
                let pairs = pairs.filter_map(|(from, to)| Some(format!("{from} = {}", to.as_str()?)));
                vec![pairs.collect::<Vec<_>>().join("\n")]
            }
            Kind::Switch => value
                .as_bool()
                .filter(|on| *on)
                .map(|_| "on".to_owned())
                .into_iter()
                .collect(),
        }
    }

    /// The value of what was sent; `None` for what is not sent.
    fn value(&self, typed: &[&str]) -> Option<Value> {
        let one = typed.first().copied().unwrap_or_default();
        let lines = || one.lines().map(str::trim).filter(|line| !line.is_empty());
        Some(match &self.kind {
            Kind::Fixed => return None,
            Kind::Optional | Kind::Words | Kind::One(_, Some(_)) if one.trim().is_empty() => Value::Null,
            Kind::Line | Kind::Optional | Kind::One(..) => Value::from(one.trim()),
            // What is no number is told by whoever wants one.
            Kind::Number => one
                .trim()
                .parse::<u64>()
                .map_or_else(|_| Value::from(one), Value::from),
            Kind::Text | Kind::Words => Value::from(one.replace("\r\n", "\n")),
            Kind::Lines => lines().collect(),
            Kind::Many(_) => typed.iter().copied().collect(),
            Kind::Pairs => Value::Object(lines().map(pair).collect::<Map<_, _>>()),
            Kind::Switch => Value::from(!typed.is_empty()),
        })
    }

    /// How the field looks with what was typed.
    fn input(&self, typed: &[&str]) -> Input {
        let one = typed.first().copied().unwrap_or_default().to_owned();
        match &self.kind {
            Kind::Fixed => Input::Fixed(one),
            Kind::Line | Kind::Optional => Input::Line(one, self.code),
            Kind::Number => Input::Number(one),
            Kind::Text | Kind::Words => Input::Area(one, self.code),
            Kind::Lines | Kind::Pairs => Input::Area(one, true),
            Kind::One(choices, none) => Input::One(choices.clone(), one, *none),
            Kind::Many(choices) => {
                let chosen: Vec<_> = typed.iter().map(|one| (*one).to_owned()).collect();
                Input::Many(chosen_first(choices, &chosen), chosen)
            }
            Kind::Switch => Input::Switch(!typed.is_empty()),
        }
    }

    fn is_needed(&self) -> bool {
        matches!(self.kind, Kind::Line | Kind::Number | Kind::Text)
    }

    /// Whether a pointer of the API means this field or a part of it.
    fn is_meant_by(&self, pointer: &str) -> bool {
        let pointer = pointer.strip_prefix('/').unwrap_or(pointer);
        let rest = pointer.strip_prefix(&*self.name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

fn pair(line: &str) -> (String, Value) {
    let (from, to) = line.split_once('=').unwrap_or((line, ""));
    (from.trim().to_owned(), Value::from(to.trim()))
}

/// A form sends what is chosen in the order of the page: in that of the thing, so that looking changes nothing.
fn chosen_first(choices: &[Choice], chosen: &[String]) -> Vec<Choice> {
    let label = |value: &String| choices.iter().find(|choice| choice.value == *value).cloned();
    let known = chosen.iter().filter_map(label);
    let rest = choices.iter().filter(|choice| !chosen.contains(&choice.value));
    known.chain(rest.cloned()).collect()
}

/// What a browser would send of a form filled with this JSON.
pub(super) fn typed_of(specs: &[Spec], form: &Value) -> Typed {
    let of = |spec: &Spec| {
        let value = form.pointer(&format!("/{}", spec.name)).unwrap_or(&Value::Null);
        let typed = spec.typed(value).into_iter();
        typed
            .map(|text| (spec.name.to_string(), text))
            .collect::<Vec<_>>()
    };
    specs.iter().flat_map(of).collect()
}

/// Writes what was sent into the JSON.
pub(super) fn write_into(specs: &[Spec], typed: &Typed, form: &mut Value) {
    for spec in specs {
        if let Some(value) = spec.value(&values_of(spec, typed)) {
            set(form, &spec.name, value);
        }
    }
}

fn set(form: &mut Value, name: &str, value: Value) {
    let mut place = form;
    for part in name.split('/') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[part];
    }
    *place = value;
}

fn values_of<'a>(spec: &Spec, typed: &'a Typed) -> Vec<&'a str> {
    let here = typed.iter().filter(|(name, _)| *name == spec.name);
    here.map(|(_, value)| value.as_str()).collect()
}

/// The fields with what was typed and what is wrong with each; and what is wrong with none of them.
pub(super) fn fields_of(
    specs: &[Spec],
    typed: &Typed,
    problems: &[FieldProblem],
) -> (Vec<Field>, Vec<String>) {
    let field = |spec: &Spec| {
        let mistakes = problems.iter().filter(|one| spec.is_meant_by(&one.field));
        Field {
            name: spec.name.to_string(),
            label: spec.label,
            hint: spec.hint,
            input: spec.input(&values_of(spec, typed)),
            needed: spec.is_needed(),
            mistakes: mistakes.map(|one| one.detail.clone()).collect(),
        }
    };
    let meant = |one: &&FieldProblem| !specs.iter().any(|spec| spec.is_meant_by(&one.field));
    let others = problems.iter().filter(meant);
    let others = others.map(|one| format!("{}: {}", one.field, one.detail));
    (specs.iter().map(field).collect(), others.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn specs() -> Vec<Spec> {
        let choices = ["a", "b", "c"].map(|name| Choice {
            value: name.to_owned(),
            label: name.to_uppercase(),
        });
        vec![
            Spec::new("name", "", Kind::Line),
            Spec::new("title", "", Kind::Optional),
            Spec::new("within/deep/count", "", Kind::Number),
            Spec::new("list", "", Kind::Lines),
            Spec::new("map", "", Kind::Pairs),
            Spec::new("one", "", Kind::One(choices.to_vec(), Some("none"))),
            Spec::new("many", "", Kind::Many(choices.to_vec())),
            Spec::new("on", "", Kind::Switch),
            Spec::new("off", "", Kind::Switch),
        ]
    }

    #[test]
    fn a_form_that_is_sent_as_it_was_shown_changes_nothing() {
        for one in [json!(null), json!("b")] {
            let form = json!({
                "name": "Mia", "title": one, "within": { "deep": { "count": 7 } }, "list": ["en", "zh-HK"],
                "map": { "MO": "HK" }, "one": one, "many": ["c", "a"], "on": true, "off": false,
            });
            let mut sent = json!({});
            let typed = typed_of(&specs(), &form);
            let (fields, _) = fields_of(&specs(), &typed, &[]);
            write_into(&specs(), &typed, &mut sent);
            assert_eq!(sent, form);
            let Input::Many(choices, _) = &fields[6].input else {
                panic!("{:?}", fields[6]);
            };
            let order: Vec<_> = choices.iter().map(|choice| choice.value.as_str()).collect();
            assert_eq!(order, ["c", "a", "b"]);
        }
    }

    #[test]
    fn what_the_api_points_to_stands_at_its_field_and_the_rest_stands_above() {
        let problem = |field: &str| FieldProblem {
            field: field.to_owned(),
            detail: format!("wrong {field}"),
        };
        let problems = ["/list/1", "/within/deep/count", "name", "/names", ""].map(problem);
        let (fields, others) = fields_of(&specs(), &Typed::new(), &problems);
        let wrong: Vec<_> = fields.iter().filter(|one| !one.mistakes.is_empty()).collect();
        assert_eq!(
            wrong.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(),
            ["name", "within/deep/count", "list"]
        );
        assert_eq!(others, ["/names: wrong /names", ": wrong "]);
    }
}
