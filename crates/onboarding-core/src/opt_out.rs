//! Opting out: the words by which a client asks for no more messages, and for messages again.

use std::collections::BTreeMap;

use crate::{Language, extension::normalise};

/// What a client says about being written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptOutChange {
    /// No more messages.
    Out,
    /// Messages again.
    In,
}

/// The words of one language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OptOutWordList {
    /// By which a client opts out.
    pub stop: Vec<String>,
    /// By which they reverse it.
    pub start: Vec<String>,
}

/// The words that the company chose, by language; a language that it left open has ours.
///
/// The words of every language hold for every client: nobody is written to because they said it in the wrong one.
///
/// ```
/// use onboarding_core::{OptOutChange, OptOutWords};
///
/// let words = OptOutWords::default();
/// assert_eq!(words.read("Stop!"), Some(OptOutChange::Out));
/// assert_eq!(words.read("退訂"), Some(OptOutChange::Out));
/// assert_eq!(words.read("please do not stop"), None);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OptOutWords(BTreeMap<Language, OptOutWordList>);

/// Ours: language, words that stop, words that start.
const DEFAULTS: &[(&str, &[&str], &[&str])] = &[
    (
        "en",
        &["stop", "stop all", "unsubscribe", "opt out"],
        &["start", "unstop", "subscribe"],
    ),
    (
        "de",
        &["stopp", "abmelden", "abbestellen"],
        &["starten", "anmelden"],
    ),
    (
        "fr",
        &["arrêt", "arret", "désabonner", "desabonner"],
        &["démarrer", "demarrer"],
    ),
    (
        "es",
        &["parar", "cancelar suscripción", "cancelar suscripcion"],
        &["iniciar", "empezar"],
    ),
    ("pt", &["parar", "descadastrar"], &["iniciar", "começar"]),
    ("zh-HK", &["停止", "退訂", "取消訂閱"], &["開始", "重新訂閱"]),
    ("zh-CN", &["停止", "退订", "取消订阅"], &["开始", "重新订阅"]),
];

impl OptOutWords {
    /// Sets the words of one language in place of ours.
    pub fn set(&mut self, language: Language, words: OptOutWordList) {
        self.0.insert(language, words);
    }

    /// Our words of a language, which hold where a company set none of its own.
    pub fn ours(language: &Language) -> Option<OptOutWordList> {
        let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let entry = DEFAULTS.iter().find(|entry| entry.0 == language.as_str())?;
        Some(OptOutWordList {
            stop: texts(entry.1),
            start: texts(entry.2),
        })
    }

    /// What the company set.
    pub fn iter(&self) -> impl Iterator<Item = (&Language, &OptOutWordList)> {
        self.0.iter()
    }

    /// What the text asks for, if it is one of the words and nothing else. Case, width, accents' spelling, punctuation
    /// around it and what cannot be seen do not matter; a `#` makes it an extension. To stop wins where a word stands
    /// for both.
    pub fn read(&self, text: &str) -> Option<OptOutChange> {
        // Longer than any word: not worth normalising.
        if text.len() > 400 || normalise(text).contains('#') {
            return None;
        }
        let said = bare(text);
        if said.is_empty() {
            None
        } else if self.has(&said, |list| &list.stop, |(_, stop, _)| stop) {
            Some(OptOutChange::Out)
        } else if self.has(&said, |list| &list.start, |(_, _, start)| start) {
            Some(OptOutChange::In)
        } else {
            None
        }
    }

    fn has(
        &self,
        said: &str,
        own: impl Fn(&OptOutWordList) -> &Vec<String>,
        ours: impl Fn(&(&str, &'static [&'static str], &'static [&'static str])) -> &'static [&'static str],
    ) -> bool {
        let of_company = self.0.values().flat_map(own).any(|word| bare(word) == said);
        let left_open = |language: &str| self.0.keys().all(|own| own.as_str() != language);
        let defaults = DEFAULTS.iter().filter(|entry| left_open(entry.0));
        of_company || defaults.flat_map(ours).any(|word| bare(word) == said)
    }
}

/// The words of a text alone: folded, without punctuation at the ends, one space between two.
pub(crate) fn bare(text: &str) -> String {
    let folded = normalise(text);
    let trimmed = folded.trim_matches(|c: char| !c.is_alphanumeric());
    trimmed.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_known_in_any_dress_and_only_alone() {
        let words = OptOutWords::default();
        for text in [
            "STOP",
            " stop. ",
            "ＳＴＯＰ",
            "“Stop”",
            "Stopp!",
            "ABMELDEN",
            "停止",
            "s\u{200b}top",
            "Stop  all",
        ] {
            assert_eq!(words.read(text), Some(OptOutChange::Out), "{text}");
        }
        for text in ["Start", "開始", "démarrer", "de\u{301}marrer"] {
            assert_eq!(words.read(text), Some(OptOutChange::In), "{text}");
        }
        for text in ["", "!", "stopping", "stop #dom", "#stop", "bus stop", "起動"] {
            assert_eq!(words.read(text), None, "{text}");
        }
    }

    #[test]
    fn own_words_replace_ours_of_their_language_only() {
        let mut words = OptOutWords::default();
        let own = OptOutWordList {
            stop: vec!["Schluss".to_owned()],
            start: vec!["Weiter".to_owned()],
        };
        words.set(Language::parse("de").unwrap(), own);
        assert_eq!(words.read("schluss!"), Some(OptOutChange::Out));
        assert_eq!(words.read("weiter"), Some(OptOutChange::In));
        assert_eq!(words.read("abmelden"), None);
        assert_eq!(words.read("stop"), Some(OptOutChange::Out));
    }
}
