//! What clients write, as PostgreSQL can keep it.

use std::borrow::Cow;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::error::Error;

/// The text without U+0000, which WhatsApp lets through and no column of type text takes. Questions are cleaned like
/// answers, so that what was stored is found again.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{FFFD}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A document of ours, clean in all its texts.
pub(crate) fn to_json(value: &impl Serialize) -> Result<Value, Error> {
    let mut json = serde_json::to_value(value)?;
    clean_all(&mut json);
    Ok(json)
}

/// The document, if it is one of this kind.
pub(crate) fn from_json<T: DeserializeOwned>(json: Value) -> Option<T> {
    serde_json::from_value(json).ok()
}

fn clean_all(json: &mut Value) {
    match json {
        Value::String(text) if text.contains('\0') => *text = clean(text).into_owned(),
        Value::Array(values) => values.iter_mut().for_each(clean_all),
        // Keys are names of ours, never a client's words.
        Value::Object(members) => members.values_mut().for_each(clean_all),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_becomes_the_replacement_character_everywhere() {
        assert_eq!(clean("a\0b"), "a\u{FFFD}b");
        assert!(matches!(clean("ab"), Cow::Borrowed("ab")));
        let json = to_json(&serde_json::json!({ "a": ["\0", { "b": "x\0" }], "c": 1 })).unwrap();
        assert_eq!(
            json,
            serde_json::json!({ "a": ["\u{FFFD}", { "b": "x\u{FFFD}" }], "c": 1 })
        );
    }
}
