//! Extensions: the strings that identify a user to a client, and how they are found in what a client writes.
//!
//! The grammar and its normalisation are those of domain.md, "Which strings are extensions?".

use std::fmt;

use icu_casemap::CaseMapper;
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{BidiControl, DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup},
};
use unicode_normalization::UnicodeNormalization;
use unicode_security::{MixedScript, skeleton};

/// How many characters follow the `#` at the most.
pub const MAX_LENGTH: usize = 64;

/// How many `#` tokens of one message are looked at; the rest is read by nobody.
const MAX_TOKENS: usize = 64;

/// The normal form under which a user is looked up: without `#`, NFKC, case folded, nothing invisible.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExtensionKey(String);

impl ExtensionKey {
    /// The key as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes a key that a store kept; it was made by [`Extension::parse`] when it was written.
    pub fn from_store(key: String) -> Self {
        Self(key)
    }
}

impl fmt::Display for ExtensionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// An extension that an admin gave to a user, such as `#michael`.
///
/// ```
/// use onboarding_core::{Extension, ExtensionError};
///
/// let extension = Extension::parse("＃Michael").expect("a good extension");
/// assert_eq!(extension.key().as_str(), "michael");
/// assert_eq!(extension.to_string(), "#michael");
/// // A Cyrillic і among Latin letters: it would look like another person's extension.
/// assert_eq!(Extension::parse("#mіchael"), Err(ExtensionError::MixedScript));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Extension {
    key: ExtensionKey,
}

/// Why a string cannot be an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExtensionError {
    /// The first visible character is not `#`.
    #[error("an extension begins with #, for example #michael")]
    NoHash,
    /// Nothing, or more than [`MAX_LENGTH`] characters, after the `#`.
    #[error("an extension has 1 to 64 characters after the #")]
    Length,
    /// Something else than letters, digits, `.`, `_` and `-`.
    #[error("an extension has only letters, digits, `.`, `_` and `-` after the #")]
    Character,
    /// Letters of several scripts that could pass for another extension (UTS #39).
    #[error("the extension mixes letters of several scripts; write it with letters of one script")]
    MixedScript,
}

impl Extension {
    /// Parses what an admin entered. Refuses more than a client's text is refused: see [`ExtensionError`].
    pub fn parse(text: &str) -> Result<Self, ExtensionError> {
        let normal = normalise(text);
        let name = normal.trim().strip_prefix('#').ok_or(ExtensionError::NoHash)?;
        if !(1..=MAX_LENGTH).contains(&name.chars().count()) {
            return Err(ExtensionError::Length);
        }
        if !name.chars().all(is_extension_char) {
            return Err(ExtensionError::Character);
        }
        if !name.is_single_script() {
            return Err(ExtensionError::MixedScript);
        }
        Ok(Self {
            key: ExtensionKey(name.to_owned()),
        })
    }

    /// The key under which it is looked up.
    pub fn key(&self) -> &ExtensionKey {
        &self.key
    }

    /// The UTS #39 skeleton: two extensions of one company never share it, because they look alike
    /// (`#rnichael` and `#michael`).
    pub fn skeleton(&self) -> String {
        skeleton(self.key.as_str()).collect()
    }
}

/// The normal form with its `#`.
impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)
    }
}

/// One `#` token of a client's text with the keys that it may mean, the longest first: `#dom123456!` and
/// `#dom.` mean what stands before the punctuation, unless somebody has exactly `#dom.`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionToken {
    keys: Vec<ExtensionKey>,
}

impl ExtensionToken {
    /// The keys to look up, in order of preference. Empty for a token that nobody can have, such as one of
    /// more than [`MAX_LENGTH`] characters or one with combining marks.
    pub fn keys(&self) -> &[ExtensionKey] {
        &self.keys
    }
}

/// Finds the `#` tokens of a client's words, in order. No token means: the text names no extension.
///
/// ```
/// use onboarding_core::find_tokens;
///
/// let tokens = find_tokens("Hi, \u{200f}＃Dom\u{200b}123456!");
/// assert_eq!(tokens[0].keys()[0].as_str(), "dom123456");
/// assert!(find_tokens("Hi there # you").is_empty());
/// ```
pub fn find_tokens(text: &str) -> Vec<ExtensionToken> {
    let normal = normalise(text);
    normal
        .split('#')
        .skip(1)
        .filter_map(token_at_start)
        .take(MAX_TOKENS)
        .collect()
}

fn token_at_start(rest: &str) -> Option<ExtensionToken> {
    let end = rest
        .find(|c| !is_extension_char(c) && !is_mark(c))
        .unwrap_or(rest.len());
    let name = &rest[..end];
    if !name.chars().any(char::is_alphanumeric) {
        return None;
    }
    if name.chars().count() > MAX_LENGTH || name.chars().any(is_mark) {
        return Some(ExtensionToken { keys: Vec::new() });
    }
    let mut keys = vec![ExtensionKey(name.to_owned())];
    let mut shorter = name;
    while let Some(cut) = shorter.strip_suffix(['.', '_', '-']) {
        keys.push(ExtensionKey(cut.to_owned()));
        shorter = cut;
    }
    Some(ExtensionToken { keys })
}

/// NFKC, without anything invisible, case folded. Idempotent.
pub(crate) fn normalise(text: &str) -> String {
    let fold = CaseMapper::new();
    let once = |text: &str| -> String {
        let visible: String = text.chars().filter(|c| !is_invisible(*c)).nfkc().collect();
        fold.fold_string(&visible)
            .chars()
            .filter(|c| !is_invisible(*c))
            .nfkc()
            .collect()
    };
    // Folding may give something that composes anew; the second pass is a fixed point.
    once(&once(text))
}

fn is_extension_char(c: char) -> bool {
    matches!(c, '.' | '_' | '-') || is_letter_or_digit(c)
}

fn is_letter_or_digit(c: char) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    GeneralCategoryGroup::Letter.contains(category) || category == GeneralCategory::DecimalNumber
}

fn is_mark(c: char) -> bool {
    GeneralCategoryGroup::Mark.contains(CodePointMapData::<GeneralCategory>::new().get(c))
}

/// Zero-width, bidi-control and other characters that leave no ink.
pub(crate) fn is_invisible(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
        || CodePointSetData::new::<BidiControl>().contains(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn first_keys(text: &str) -> Vec<String> {
        find_tokens(text)
            .iter()
            .map(|t| t.keys().first().map_or("-", ExtensionKey::as_str).to_owned())
            .collect()
    }

    #[test]
    fn it_is_found_anywhere_and_in_any_dress() {
        for text in [
            "#michael",
            "Hi, #Michael!",
            "＃ＭＩＣＨＡＥＬ",
            "\u{200f}#michael",
            "#mi\u{200b}cha\u{ad}el",
            "#\u{2060}michael\u{fe0f}",
            "\u{202e}#michael\u{202c}",
            "x#michael?",
            "https://wa.me/#michael",
            "＃michael\u{a0}please",
        ] {
            assert_eq!(first_keys(text)[0], "michael", "{text:?}");
        }
    }

    #[test]
    fn look_alikes_are_other_extensions() {
        for text in [
            "#m\u{456}chael",
            "#MÌCHAEL",
            "#rnichael",
            "#michae1",
            "#m\u{131}chael",
        ] {
            assert_ne!(first_keys(text)[0], "michael", "{text:?}");
        }
    }

    #[test]
    fn a_token_with_marks_or_too_long_is_nobodys_rather_than_a_part_of_it() {
        assert_eq!(first_keys("#M\u{130}CHAEL"), ["-"], "not #mi");
        assert_eq!(first_keys(&format!("#{}", "a".repeat(65))), ["-"]);
        assert_eq!(first_keys(&format!("#{}", "a".repeat(64)))[0].len(), 64);
    }

    #[test]
    fn trailing_punctuation_is_given_up_step_by_step() {
        let tokens = find_tokens("#dom_-. #kate");
        let keys: Vec<_> = tokens[0].keys().iter().map(ExtensionKey::as_str).collect();
        assert_eq!(keys, ["dom_-.", "dom_-", "dom_", "dom"]);
        assert_eq!(tokens.len(), 2);
    }

    #[test]
    fn text_without_a_name_has_no_token() {
        for text in [
            "",
            "hello",
            "#",
            "# 1",
            "#!",
            "#...",
            "we are no. #\u{200b} one",
            "🙂#🙂",
        ] {
            assert_eq!(first_keys(text), Vec::<String>::new(), "{text:?}");
        }
        assert_eq!(first_keys("##dom"), ["dom"]);
    }

    #[test]
    fn an_admin_is_told_what_is_wrong() {
        assert_eq!(Extension::parse("michael"), Err(ExtensionError::NoHash));
        assert_eq!(Extension::parse("#"), Err(ExtensionError::Length));
        assert_eq!(Extension::parse("#mi chael"), Err(ExtensionError::Character));
        assert_eq!(
            Extension::parse("#m\u{456}chael"),
            Err(ExtensionError::MixedScript)
        );
        assert_eq!(
            Extension::parse("#小明").map(|e| e.to_string()),
            Ok("#小明".into())
        );
    }

    #[test]
    fn what_looks_alike_shares_a_skeleton() {
        let skeleton = |text: &str| Extension::parse(text).unwrap().skeleton();
        assert_eq!(skeleton("#rnichael"), skeleton("#michael"));
        assert_ne!(skeleton("#dom"), skeleton("#tom"));
    }

    proptest! {
        #[test]
        fn normalising_is_idempotent_and_leaves_nothing_invisible(text in ".{0,40}") {
            let once = normalise(&text);
            prop_assert_eq!(&normalise(&once), &once);
            prop_assert!(!once.chars().any(is_invisible));
        }

        #[test]
        fn what_an_admin_set_is_found_in_any_sentence(
            name in "[a-zA-Z0-9][a-zA-Z0-9._-]{0,20}",
            before in "[^#＃]{0,10}",
            after in "( [a-z]{0,5}|[!?,;:]|)",
        ) {
            let extension = Extension::parse(&format!("#{name}")).unwrap();
            let tokens = find_tokens(&format!("{before}#{name}{after}"));
            prop_assert!(tokens[0].keys().contains(extension.key()));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            for token in find_tokens(&text) {
                for key in token.keys() {
                    prop_assert!((1..=MAX_LENGTH).contains(&key.as_str().chars().count()));
                }
            }
        }
    }
}
