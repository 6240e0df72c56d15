//! Texts of people, made fit to be drawn and written into markup.

use unicode_segmentation::UnicodeSegmentation;

/// More than any name has; what is behind it is cut.
const MOST_GRAPHEMES: usize = 160;

/// The text on one line, without what is invisible and can mislead: controls, characters that turn the reading
/// direction, and what XML does not allow.
pub(crate) fn clean(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !forbidden(*c))
        .collect();
    let words: Vec<&str> = visible.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ").graphemes(true).take(MOST_GRAPHEMES).collect()
}

fn forbidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'
                ..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
        )
}

/// The text for an element's content or a quoted attribute of XML and HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// One or two letters that stand for a person without a picture.
pub(crate) fn initials(name: &str) -> String {
    let first = |word: &str| {
        word.graphemes(true)
            .find(|part| part.chars().next().is_some_and(char::is_alphanumeric))
            .map(str::to_uppercase)
    };
    let letters: Vec<String> = name.split(' ').filter_map(first).collect();
    match letters.as_slice() {
        [] => "#".to_owned(),
        // Joined letters and ideographs do not abbreviate by the first and the last word.
        [first, .., last] if is_alphabet(first) && is_alphabet(last) => format!("{first}{last}"),
        [first, ..] => first.clone(),
    }
}

/// Scripts that are written with initials: Latin, Greek, Cyrillic, Armenian.
fn is_alphabet(letter: &str) -> bool {
    letter.chars().next().is_some_and(|c| c < '\u{0590}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_or_hides_text_is_gone() {
        assert_eq!(
            clean("  Eve\u{202e}gpj.exe\u{0}\n\tFox \u{feff}"),
            "Evegpj.exe Fox"
        );
        assert_eq!(clean("a\u{fffe}b"), "ab");
        // Persian needs the joiners that have a shape.
        assert_eq!(clean("می\u{200c}خواهم"), "می\u{200c}خواهم");
    }

    #[test]
    fn initials_follow_the_script() {
        let pairs = [
            ("Robert Fox", "RF"),
            ("Robert (Bob) de la Fox", "RF"),
            ("zoë", "Z"),
            ("陳大文", "陳"),
            ("محمد علي", "م"),
            ("", "#"),
            ("🦊", "#"),
        ];
        for (name, letters) in pairs {
            assert_eq!(initials(name), letters, "{name}");
        }
    }
}
