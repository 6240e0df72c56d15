//! Changes that are neither a message nor a status.

use std::fmt;

use crate::json::{Object, repair};

/// A change of another webhook field. Its value is read by name: which members there are depends on the field, changes
/// with time, and is only sometimes as documented.
#[derive(Clone, PartialEq, Eq)]
pub struct Update {
    /// Name of the field.
    pub field: String,
    /// The account (WABA) that it concerns.
    pub waba_id: Option<String>,
    /// When, in seconds since 1970.
    pub time: Option<i64>,
    value: String,
}

impl Update {
    pub(super) fn read(field: String, change: &Object<'_>) -> Self {
        let value = change
            .raw("value")
            .map_or("null", serde_json::value::RawValue::get);
        Self {
            field,
            waba_id: change.identifier("waba_id"),
            time: change.integer("time"),
            value: value.to_owned(),
        }
    }

    /// The words at a path of members such as `ban_info.waba_ban_state`; numbers as written.
    pub fn text(&self, path: &str) -> Option<String> {
        let (parent, key) = self.parent(path)?;
        Object::parse(&parent)?.text(key)
    }

    /// The whole number at a path.
    pub fn integer(&self, path: &str) -> Option<i64> {
        let (parent, key) = self.parent(path)?;
        Object::parse(&parent)?.integer(key)
    }

    /// The objects of the array at a path, each to be read in the same way.
    pub fn list(&self, path: &str) -> Vec<Self> {
        let Some((parent, key)) = self.parent(path) else {
            return Vec::new();
        };
        let Some(parent) = Object::parse(&parent) else {
            return Vec::new();
        };
        let item = |raw: &serde_json::value::RawValue| Self {
            value: raw.get().to_owned(),
            ..self.clone()
        };
        parent
            .list(key)
            .unwrap_or_default()
            .into_iter()
            .map(item)
            .collect()
    }

    /// The object that holds the last member of a path, and the name of the member.
    fn parent<'a>(&self, path: &'a str) -> Option<(String, &'a str)> {
        let mut json = repair(self.value.as_bytes()).into_owned();
        let (parents, key) = path.rsplit_once('.').unwrap_or(("", path));
        for parent in parents.split('.').filter(|parent| !parent.is_empty()) {
            json = Object::parse(&json)?.raw(parent)?.get().to_owned();
        }
        Some((json, key))
    }
}

impl fmt::Debug for Update {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Update")
            .field("field", &self.field)
            .field("waba_id", &self.waba_id)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}
