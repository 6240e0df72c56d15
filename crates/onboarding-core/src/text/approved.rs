//! The text of a template as Meta approved it.

use super::TextError;

/// What a client reads of a template: the body that Meta approved, with `{{1}}` where the first parameter stands.
///
/// Only Meta knows it; it is told to us so that the record of a chat shows the words that were sent, and no name of a template with
/// its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovedText {
    source: String,
    places: usize,
}

/// Why a string is not an [`ApprovedText`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApprovedTextError {
    /// Empty, or longer than [`ApprovedText::MAX_LENGTH`].
    #[error("the text of a template has 1 to 1024 characters")]
    Length,
    /// No database takes it.
    #[error(transparent)]
    Text(TextError),
    /// Something else than a number in braces.
    #[error(
        "{{{{{0}}}}} is no place for a parameter; write {{{{1}}}} for the first of body, {{{{2}}}} for the second"
    )]
    NotANumber(String),
    /// A place that is not there although a later one is.
    #[error("{{{{{0}}}}} is missing; the places are numbered from 1, each at least once")]
    Missing(usize),
}

/// What stands between two braces, or outside of them.
enum Part<'a> {
    Words(&'a str),
    Place(&'a str),
}

impl ApprovedText {
    /// Characters that the body of a template may have (Meta: template components).
    pub const MAX_LENGTH: usize = 1024;

    /// Parses it. A single brace is itself, as at Meta.
    pub fn parse(source: &str) -> Result<Self, ApprovedTextError> {
        if source.trim().is_empty() || source.chars().count() > Self::MAX_LENGTH {
            return Err(ApprovedTextError::Length);
        }
        if source.contains('\0') {
            return Err(ApprovedTextError::Text(TextError::Nul));
        }
        let mut numbers = Vec::new();
        for part in parts(source) {
            if let Part::Place(name) = part {
                // More parameters than that have no room in a text.
                let number = name
                    .trim()
                    .parse()
                    .ok()
                    .filter(|number| (1..=99).contains(number));
                numbers.push(
                    number.ok_or_else(|| ApprovedTextError::NotANumber(name.chars().take(40).collect()))?,
                );
            }
        }
        let places = numbers.iter().copied().max().unwrap_or(0);
        match (1..=places).find(|place| !numbers.contains(place)) {
            Some(missing) => Err(ApprovedTextError::Missing(missing)),
            None => Ok(Self {
                source: source.to_owned(),
                places,
            }),
        }
    }

    /// As it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// How many parameters it takes.
    pub fn places(&self) -> usize {
        self.places
    }

    /// With the parameters in their places; a place without a parameter stays as it is.
    pub fn filled(&self, parameters: &[String]) -> String {
        let mut filled = String::with_capacity(self.source.len());
        for part in parts(&self.source) {
            match part {
                Part::Words(words) => filled.push_str(words),
                Part::Place(name) => {
                    let number: Option<usize> = name.trim().parse().ok();
                    match number.and_then(|number| parameters.get(number.checked_sub(1)?)) {
                        Some(parameter) => filled.push_str(parameter),
                        None => filled.extend(["{{", name, "}}"]),
                    }
                }
            }
        }
        filled
    }
}

/// The text in its order; braces that do not close are words.
fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    let mut place = None;
    std::iter::from_fn(move || {
        if let Some(name) = place.take() {
            return Some(Part::Place(name));
        }
        if rest.is_empty() {
            return None;
        }
        let found = rest.split_once("{{").and_then(|(words, after)| {
            let (name, after) = after.split_once("}}")?;
            Some((words, name, after))
        });
        let Some((words, name, after)) = found else {
            return Some(Part::Words(std::mem::take(&mut rest)));
        };
        (place, rest) = (Some(name), after);
        Some(Part::Words(words))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        ApprovedText::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn parameters_stand_where_their_numbers_are() {
        let text = ApprovedText::parse("Hi, {{1}} of {{2}} here. {{ 1 }} {is} glad. }} {{").unwrap();
        let filled = text.filled(&["Dom {{2}}".to_owned(), "Acme".to_owned()]);
        assert_eq!(filled, "Hi, Dom {{2}} of Acme here. Dom {{2}} {is} glad. }} {{");
        assert_eq!(text.places(), 2);
        assert_eq!(
            text.filled(&["Dom".to_owned()]),
            "Hi, Dom of {{2}} here. Dom {is} glad. }} {{"
        );
        assert_eq!(
            ApprovedText::parse("Hello").unwrap().filled(&["x".to_owned()]),
            "Hello"
        );
    }

    #[test]
    fn what_meta_would_not_approve_is_refused_with_its_mend() {
        assert_eq!(refusal(" "), "the text of a template has 1 to 1024 characters");
        assert_eq!(
            refusal(&"é".repeat(1025)),
            "the text of a template has 1 to 1024 characters"
        );
        assert!(ApprovedText::parse(&"é".repeat(1024)).is_ok());
        assert_eq!(
            refusal("Hi {{name}}"),
            "{{name}} is no place for a parameter; write {{1}} for the first of body, {{2}} for the second"
        );
        for wrong in ["{{0}}", "{{-1}}", "{{}}", "{{100}}", "{{99999999999999999999}}"] {
            assert!(refusal(wrong).contains("is no place"), "{wrong}");
        }
        assert_eq!(
            refusal("{{3}} {{1}}"),
            "{{2}} is missing; the places are numbered from 1, each at least once"
        );
        assert_eq!(refusal("a\0"), "a text cannot hold the character U+0000");
    }
}
