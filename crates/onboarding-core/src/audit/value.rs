//! What something was, as an entry keeps it.

use std::{collections::BTreeMap, fmt::Write as _};

/// A value of an entry: what JSON can say, in one way only.
///
/// Members are in order of their names and numbers are whole, so that one value has one text on every store. It holds
/// no client's name, number or words (`docs/audit.md`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditValue {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
    /// A list in its order.
    List(Vec<AuditValue>),
    /// Members by name.
    Object(BTreeMap<String, AuditValue>),
}

impl AuditValue {
    /// An object; a member that is [`AuditValue::Null`] is left out.
    pub fn object<'a>(members: impl IntoIterator<Item = (&'a str, Self)>) -> Self {
        let members = members.into_iter().filter(|(_, value)| *value != Self::Null);
        Self::Object(members.map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The text of something that prints itself.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers give ids and references to texts alike"
    )]
    pub fn shown(value: impl ToString) -> Self {
        Self::Text(value.to_string())
    }

    /// The text of something that may be missing.
    pub fn shown_or_null(value: Option<impl ToString>) -> Self {
        value.map_or(Self::Null, Self::shown)
    }

    /// A list whose order means nothing: in the order of the alphabet.
    pub fn set(values: impl IntoIterator<Item = impl ToString>) -> Self {
        let mut texts: Vec<_> = values.into_iter().map(|value| value.to_string()).collect();
        texts.sort_unstable();
        Self::List(texts.into_iter().map(Self::Text).collect())
    }

    /// Of two objects only the members that differ. Of anything else both as they are.
    pub fn difference(before: Self, after: Self) -> (Self, Self) {
        match (before, after) {
            (Self::Object(mut before), Self::Object(mut after)) => {
                before.retain(|name, value| {
                    let same = after.get(name) == Some(value);
                    if same {
                        after.remove(name);
                    }
                    !same
                });
                (Self::Object(before), Self::Object(after))
            }
            other => other,
        }
    }

    /// The one JSON text of this value: no spaces, members in order, and of all characters only quotes, backslashes
    /// and control characters escaped. No two values have the same text.
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        self.write(&mut json);
        json
    }

    fn write(&self, json: &mut String) {
        match self {
            Self::Null => json.push_str("null"),
            Self::Bool(value) => json.push_str(if *value { "true" } else { "false" }),
            // Writing into a string cannot fail, here and below.
            Self::Number(value) => {
                let _ = write!(json, "{value}");
            }
            Self::Text(text) => write_text(json, text),
            Self::List(values) => {
                json.push('[');
                for (place, value) in values.iter().enumerate() {
                    separate(json, place);
                    value.write(json);
                }
                json.push(']');
            }
            Self::Object(members) => {
                json.push('{');
                for (place, (name, value)) in members.iter().enumerate() {
                    separate(json, place);
                    write_text(json, name);
                    json.push(':');
                    value.write(json);
                }
                json.push('}');
            }
        }
    }
}

impl From<bool> for AuditValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u32> for AuditValue {
    fn from(value: u32) -> Self {
        Self::Number(value.into())
    }
}

impl From<i64> for AuditValue {
    fn from(value: i64) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for AuditValue {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for AuditValue {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl<T: Into<Self>> From<Option<T>> for AuditValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

fn separate(json: &mut String, place: usize) {
    if place > 0 {
        json.push(',');
    }
}

fn write_text(json: &mut String, text: &str) {
    json.push('"');
    for char in text.chars() {
        match char {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            control if control < ' ' => {
                let _ = write!(json, "\\u{:04x}", u32::from(control));
            }
            other => json.push(other),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values() -> impl Strategy<Value = AuditValue> {
        let leaf = prop_oneof![
            Just(AuditValue::Null),
            any::<bool>().prop_map(AuditValue::Bool),
            any::<i64>().prop_map(AuditValue::Number),
            ".{0,6}".prop_map(AuditValue::Text),
            "[\"\\\\,\\[\\]{}:\u{0}\n]{0,4}".prop_map(AuditValue::Text),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(AuditValue::List),
                proptest::collection::btree_map("[a\",:]{0,2}", inner, 0..3).prop_map(AuditValue::Object),
            ]
        })
    }

    /// The same value by somebody else's reader.
    fn read(json: &serde_json::Value) -> AuditValue {
        match json {
            serde_json::Value::Null => AuditValue::Null,
            serde_json::Value::Bool(value) => AuditValue::Bool(*value),
            serde_json::Value::Number(value) => AuditValue::Number(value.as_i64().unwrap()),
            serde_json::Value::String(text) => AuditValue::Text(text.clone()),
            serde_json::Value::Array(values) => AuditValue::List(values.iter().map(read).collect()),
            serde_json::Value::Object(members) => AuditValue::Object(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), read(value)))
                    .collect(),
            ),
        }
    }

    proptest! {
        #[test]
        fn its_text_is_json_that_says_the_same(value in values()) {
            let json: serde_json::Value = serde_json::from_str(&value.to_json()).unwrap();
            prop_assert_eq!(read(&json), value);
        }
    }

    #[test]
    fn only_what_differs_is_told() {
        let object = |members: &[(&str, i64)]| {
            AuditValue::object(members.iter().map(|(name, value)| (*name, (*value).into())))
        };
        let (before, after) = AuditValue::difference(
            object(&[("same", 1), ("other", 2), ("gone", 3)]),
            object(&[("same", 1), ("other", 4), ("new", 5)]),
        );
        assert_eq!(before.to_json(), r#"{"gone":3,"other":2}"#);
        assert_eq!(after.to_json(), r#"{"new":5,"other":4}"#);
    }
}
