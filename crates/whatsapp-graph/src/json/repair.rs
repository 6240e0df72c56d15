//! Makes bytes that are almost JSON parseable without changing what they say.

use std::borrow::Cow;

/// Turns a body into text a strict parser accepts wherever the defect is one of these:
///
/// - invalid UTF-8, replaced by U+FFFD; a byte order mark, dropped;
/// - half a surrogate pair (`\ud83d` alone: people's phones cut emoji in two), replaced by `\ufffd`;
/// - a raw control character inside a string, replaced by its escape.
///
/// Everything else, `\u0000` included, stays as it is. Borrows when there was nothing to do.
pub(crate) fn repair(body: &[u8]) -> Cow<'_, str> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match String::from_utf8_lossy(body) {
        Cow::Borrowed(text) => mend(text).map_or(Cow::Borrowed(text), Cow::Owned),
        Cow::Owned(text) => Cow::Owned(mend(&text).unwrap_or(text)),
    }
}

/// `None` when nothing needs mending.
fn mend(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut mended = String::new();
    // Everything before `copied` is in `mended` already.
    let mut copied = 0;
    let mut at = 0;
    let mut in_string = false;
    while let Some(&byte) = bytes.get(at) {
        let (width, replacement) = match byte {
            b'"' => {
                in_string = !in_string;
                (1, None)
            }
            b'\\' if in_string => escape(&bytes[at..]),
            0..0x20 if in_string => (1, Some(format!("\\u{byte:04x}"))),
            _ => (1, None),
        };
        if let Some(replacement) = replacement {
            mended.push_str(&text[copied..at]);
            mended.push_str(&replacement);
            copied = at + width;
        }
        at += width;
    }
    if copied == 0 {
        return None;
    }
    mended.push_str(&text[copied..]);
    Some(mended)
}

/// The width of the escape at the start of `rest`, and what to write instead if it is half a surrogate pair.
fn escape(rest: &[u8]) -> (usize, Option<String>) {
    match code_unit(rest) {
        Some(0xd800..=0xdbff) => match code_unit(&rest[6..]) {
            Some(0xdc00..=0xdfff) => (12, None),
            _ => (6, Some("\\ufffd".to_owned())),
        },
        Some(0xdc00..=0xdfff) => (6, Some("\\ufffd".to_owned())),
        Some(_) => (6, None),
        // `\"`, `\\`, `\n` and so on. A defective `\u` is left for the parser to refuse. The byte after the
        // backslash is skipped only if ASCII, so that slices stay on character boundaries.
        None => (
            if rest.get(1).is_some_and(u8::is_ascii) {
                2
            } else {
                1
            },
            None,
        ),
    }
}

fn code_unit(rest: &[u8]) -> Option<u16> {
    let digits = rest.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, digit| {
        let value = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(value).ok()?)
    })
}
