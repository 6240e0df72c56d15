//! Reading JSON that may hold anything, one level at a time.
//!
//! A derived type refuses a whole document for one surprising member. Here every level stays raw text until somebody
//! asks for a member, so a surprise costs that member and nothing else. Nothing recurses over the input: nesting of any
//! depth is skipped by `serde_json` with a loop.

mod repair;

use std::collections::BTreeMap;

use serde_json::value::RawValue;

pub(crate) use repair::repair;

/// Longest identifier believed, in bytes. Meta documents at most 131 (a business-scoped user id) and shows message ids
/// of about 60; a longer one would not fit a database index and is treated as absent.
pub(crate) const MAX_IDENTIFIER: usize = 512;

/// The members of one object. Of a repeated key the last one counts.
pub(crate) struct Object<'a>(BTreeMap<String, &'a RawValue>);

/// A member that should be an array and is neither that nor null.
#[derive(Debug)]
pub(crate) struct NotAList;

impl<'a> Object<'a> {
    /// `None` when `text` is anything but one JSON object.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    pub(crate) fn raw(&self, key: &str) -> Option<&'a RawValue> {
        self.0.get(key).copied()
    }

    pub(crate) fn object(&self, key: &str) -> Option<Object<'a>> {
        Self::parse(self.raw(key)?.get())
    }

    /// Words: a string, or a number or boolean as written. Never empty, never with U+0000, which `PostgreSQL` refuses
    /// in text: U+FFFD stands in its place.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        let raw = self.raw(key)?.get();
        let text = match raw.as_bytes().first()? {
            b'"' => serde_json::from_str::<String>(raw).ok()?,
            b'-' | b'0'..=b'9' | b't' | b'f' => raw.to_owned(),
            _ => return None,
        };
        (!text.is_empty()).then(|| text.replace('\0', "\u{fffd}"))
    }

    /// Like [`Object::text`], and at most [`MAX_IDENTIFIER`] bytes.
    pub(crate) fn identifier(&self, key: &str) -> Option<String> {
        self.text(key).filter(|id| id.len() <= MAX_IDENTIFIER)
    }

    /// A whole number, also when written as a string or with a fraction of zero.
    pub(crate) fn integer(&self, key: &str) -> Option<i64> {
        let text = self.text(key)?;
        let text = text.trim();
        text.parse().ok().or_else(|| whole(text.parse().ok()?))
    }

    /// A finite number, also when written as a string.
    pub(crate) fn decimal(&self, key: &str) -> Option<f64> {
        self.text(key)?
            .trim()
            .parse()
            .ok()
            .filter(|n: &f64| n.is_finite())
    }

    /// True for `true`, `"true"`, `1` and `"1"`; false for everything else.
    pub(crate) fn flag(&self, key: &str) -> bool {
        self.text(key)
            .is_some_and(|t| t == "1" || t.eq_ignore_ascii_case("true"))
    }

    /// The items of an array, each still raw. An absent member and null are empty arrays.
    pub(crate) fn list(&self, key: &str) -> Result<Vec<&'a RawValue>, NotAList> {
        match self.raw(key).map(RawValue::get) {
            None | Some("null") => Ok(Vec::new()),
            Some(raw) => serde_json::from_str(raw).map_err(|_| NotAList),
        }
    }

    /// The objects of an array; whatever else stands in it is left out.
    pub(crate) fn objects(&self, key: &str) -> Vec<Object<'a>> {
        let items = self.list(key).unwrap_or_default();
        items
            .into_iter()
            .filter_map(|raw| Self::parse(raw.get()))
            .collect()
    }
}

/// `text` as a JSON string with its quotes.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn whole(number: f64) -> Option<i64> {
    // Above 2^53 a float no longer tells neighbours apart, and no timestamp or code is that large.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked to be whole and within 2^53"
    )]
    (number.fract() == 0.0 && number.abs() < EXACT).then_some(number as i64)
}

#[cfg(test)]
mod tests;
