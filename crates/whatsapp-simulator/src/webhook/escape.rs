//! JSON as Meta writes it on the wire.

use std::fmt::Write;

use serde_json::Value;

/// Serialises with every character beyond ASCII as `\uXXXX`, in lower-case hex and surrogate pairs.
///
/// Meta signs this form, and receivers exist that hash the escaped text instead of the bytes.
pub(crate) fn to_ascii_json(value: &Value) -> String {
    let plain = value.to_string();
    let mut escaped = String::with_capacity(plain.len());
    for character in plain.chars() {
        if character.is_ascii() {
            escaped.push(character);
            continue;
        }
        // Outside ASCII only string contents occur, so the escape is always inside quotes.
        for unit in character.encode_utf16(&mut [0; 2]) {
            write!(escaped, "\\u{unit:04x}").expect("a String takes every write");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::to_ascii_json;

    #[test]
    fn other_scripts_and_emoji_are_escaped_and_read_back() {
        let value = json!({"body": "José 你好 👋 \"a/b\"\n<c>"});
        let text = to_ascii_json(&value);
        assert_eq!(
            text,
            r#"{"body":"Jos\u00e9 \u4f60\u597d \ud83d\udc4b \"a/b\"\n<c>"}"#
        );
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
