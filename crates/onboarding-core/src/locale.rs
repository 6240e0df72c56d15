//! Countries, languages, and which of a company's languages a client is answered in.

use std::fmt;

use icu_locale::{LanguageIdentifier, LocaleExpander, subtags};

/// An ISO 3166-1 alpha-2 country code in upper case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode([u8; 2]);

/// Why a string is not a [`CountryCode`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a country code: write the two letters of ISO 3166, for example HK")]
pub struct InvalidCountryCode;

impl CountryCode {
    /// Parses two ASCII letters of any case.
    pub fn parse(text: &str) -> Result<Self, InvalidCountryCode> {
        match text.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Ok(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => Err(InvalidCountryCode),
        }
    }

    /// The two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The calling code of the country, for the country rungs of the allocation ladder.
    pub fn calling_code(self) -> Option<u16> {
        let id = self.as_str().parse::<phonenumber::country::Id>().ok()?;
        Some(phonenumber::metadata::DATABASE.by_id(id.as_ref())?.country_code())
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A BCP 47 language tag in its canonical spelling, such as `en` or `zh-HK`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(String);

/// Why a string is not a [`Language`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a language tag: write for example en or zh-HK")]
pub struct InvalidLanguage;

impl Language {
    /// English, the language of the built-in texts.
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    /// Parses a tag; `zh_hk` and `zh-HK` are the same.
    pub fn parse(text: &str) -> Result<Self, InvalidLanguage> {
        let id = LanguageIdentifier::try_from_str(&text.replace('_', "-")).map_err(|_| InvalidLanguage)?;
        if id.language.is_unknown() {
            Err(InvalidLanguage)
        } else {
            Ok(Self(id.to_string()))
        }
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn identifier(&self) -> LanguageIdentifier {
        LanguageIdentifier::try_from_str(&self.0).unwrap_or(LanguageIdentifier::UNKNOWN)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Picks the language for a client: the one made for the client's country, else the one that is mainly
/// written there (Unicode CLDR's likely subtags), else the company's default (domain.md, "Texts").
///
/// ```
/// use onboarding_core::{CountryCode, Language, language_for};
///
/// let tags = ["en", "zh-HK", "pt"].map(|tag| Language::parse(tag).expect("a tag"));
/// let pick = |country: &str| language_for(CountryCode::parse(country).ok(), &tags, &tags[0]).to_string();
/// assert_eq!(pick("HK"), "zh-HK");
/// assert_eq!(pick("BR"), "pt");
/// assert_eq!(pick("SE"), "en");
/// ```
pub fn language_for<'a>(
    country: Option<CountryCode>,
    languages: &'a [Language],
    default: &'a Language,
) -> &'a Language {
    let Some(country) = country else { return default };
    let Ok(region) = subtags::Region::try_from_str(country.as_str()) else {
        return default;
    };
    let made_for = languages
        .iter()
        .find(|language| language.identifier().region == Some(region));
    made_for
        .or_else(|| {
            languages
                .iter()
                .find(|language| is_main_language(language, region))
        })
        .unwrap_or(default)
}

fn is_main_language(language: &Language, region: subtags::Region) -> bool {
    let expander = LocaleExpander::new_common();
    let mut main = LanguageIdentifier {
        region: Some(region),
        ..LanguageIdentifier::UNKNOWN
    };
    expander.maximize(&mut main);
    let mut offered = language.identifier();
    // A tag for another country (`en-GB` for a client from Ireland) is still the right language.
    offered.region = None;
    expander.maximize(&mut offered);
    !main.language.is_unknown() && main.language == offered.language && main.script == offered.script
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_of_another_country_serves_when_it_is_the_main_one() {
        let languages = ["zh-HK", "en-GB"].map(|tag| Language::parse(tag).unwrap());
        let pick =
            |country| language_for(CountryCode::parse(country).ok(), &languages, &languages[0]).as_str();
        assert_eq!(pick("US"), "en-GB");
        assert_eq!(pick("FR"), "zh-HK", "the default");
    }

    #[test]
    fn tags_and_codes_are_canonical() {
        assert_eq!(Language::parse("ZH_hk").unwrap().as_str(), "zh-HK");
        assert_eq!(CountryCode::parse("hk").unwrap().as_str(), "HK");
        assert_eq!(CountryCode::parse("HK").unwrap().calling_code(), Some(852));
        assert!(Language::parse("und").is_err());
        assert!(CountryCode::parse("HKG").is_err());
    }
}
