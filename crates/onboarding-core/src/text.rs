//! The texts that a client sees: keys, placeholders, and templates with our defaults.
//!
//! Every text is per company and per language, editable, with a default (domain.md, "Messages to the client").

mod approved;
mod defaults;

pub use approved::{ApprovedText, ApprovedTextError};

use std::collections::BTreeMap;

use crate::{Language, named::named_enum};

named_enum! {
    /// Which text it is.
    TextKey {
        /// Primary: the client's text names no extension.
        NoExtension = "no_extension",
        /// Primary: nobody has the extension.
        ExtensionNotFound = "extension_not_found",
        /// Primary: too many wrong extensions.
        GuessingLocked = "guessing_locked",
        /// Primary: a number that the client asked about is ours, and whom they talk to there.
        NumberOfRoom = "number_of_room",
        /// Primary: a number that the client asked about is ours; they talk to nobody there.
        NumberOurs = "number_ours",
        /// Primary: a number that the client asked about is not ours.
        NumberNotOurs = "number_not_ours",
        /// Primary: the user's name and the number that will write.
        UserInfo = "user_info",
        /// Primary: the link to the number, where the company onboards by link instead of template.
        HandOffLink = "hand_off_link",
        /// Secondary: the client asked again for a user they already talk with.
        RoomReminder = "room_reminder",
        /// Primary: names the number of the existing room.
        RoomPointer = "room_pointer",
        /// Primary: no number of the pool is free for this client.
        NoSecondaryNumber = "no_secondary_number",
        /// Primary: the portfolio may not write to more new clients now.
        MessagingLimitReached = "messaging_limit_reached",
        /// Primary: the accounts that could serve are not healthy.
        AccountUnhealthy = "account_unhealthy",
        /// Primary: the invitation could not be delivered.
        InvitationFailed = "invitation_failed",
        /// Primary: automatic promotion is off, a user will look at the request.
        ProspectReceived = "prospect_received",
        /// Secondary: no room is live here.
        RoomClosed = "room_closed",
        /// Secondary, inside the 24-hour window: the company has just closed the room.
        RoomEnded = "room_ended",
        /// Secondary: the client declined the invitation.
        Declined = "declined",
        /// Primary: the room goes on on another number.
        RoomMoved = "room_moved",
        /// Primary: another user goes on with the client.
        RoomHandedOver = "room_handed_over",
        /// Any number: the client wants no more messages, and gets none.
        OptedOut = "opted_out",
        /// Primary: the client asks for somebody, and asked for no more messages before.
        StillOptedOut = "still_opted_out",
        /// Any number: the client wants messages again.
        OptedIn = "opted_in",
        /// Primary: no number is free for this client; they are on the waiting list.
        WaitingList = "waiting_list",
        /// Primary: the client waited for a number as long as the company lets them.
        WaitingExpired = "waiting_expired",
    }
}

named_enum! {
    /// What a text may hold in braces.
    Placeholder {
        /// The user's name.
        UserName = "user_name",
        /// The user's title; empty when they have none.
        UserTitle = "user_title",
        /// The company's name.
        CompanyName = "company_name",
        /// The extension with its `#`.
        Extension = "extension",
        /// The primary number with its `+`.
        PrimaryNumber = "primary_number",
        /// The secondary number with its `+`.
        SecondaryNumber = "secondary_number",
        /// The hand-off link.
        Link = "link",
        /// The place on the waiting list, from one.
        Position = "position",
        /// The number that the client asked about, with its `+`.
        AskedNumber = "asked_number",
    }
}

/// What the placeholders stand for in one message. A placeholder without a value becomes nothing.
pub type Values = BTreeMap<Placeholder, String>;

/// The longest text that WhatsApp takes (Meta: send messages), in characters.
pub const MAX_TEXT_LENGTH: usize = 4096;

/// A text with placeholders in braces, checked when made.
///
/// ```
/// use onboarding_core::{Placeholder, TextTemplate, Values};
///
/// let text = TextTemplate::parse("Hello from {company_name}").expect("known placeholders");
/// let values = Values::from([(Placeholder::CompanyName, "Acme".to_owned())]);
/// assert_eq!(text.render(&values), "Hello from Acme");
/// assert!(TextTemplate::parse("Hello {nobody}").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextTemplate {
    source: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Words(String),
    Value(Placeholder),
}

/// Why a string is not a [`TextTemplate`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// A name in braces that is none of [`Placeholder`].
    #[error("unknown placeholder {{{0}}}; known are {known}", known = known_placeholders())]
    UnknownPlaceholder(String),
    /// A `{` without its `}`.
    #[error("a {{ without its }}; write {{{{ for a brace itself")]
    UnclosedBrace,
    /// Empty, or longer than [`MAX_TEXT_LENGTH`].
    #[error("a text has 1 to 4096 characters")]
    Length,
    /// No database takes it.
    #[error("a text cannot hold the character U+0000")]
    Nul,
}

fn known_placeholders() -> String {
    Placeholder::ALL
        .iter()
        .map(|p| format!("{{{p}}}"))
        .collect::<Vec<_>>()
        .join(", ")
}

impl TextTemplate {
    /// Parses a text; `{{` and `}}` stand for braces.
    pub fn parse(source: &str) -> Result<Self, TextError> {
        if source.trim().is_empty() || source.chars().count() > MAX_TEXT_LENGTH {
            return Err(TextError::Length);
        }
        if source.contains('\0') {
            return Err(TextError::Nul);
        }
        let mut parts = Vec::new();
        let mut words = String::new();
        let mut rest = source;
        while let Some(at) = rest.find(['{', '}']) {
            words.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            let after = &rest[at + 1..];
            if let Some(escaped) = after.strip_prefix(brace) {
                words.push_str(brace);
                rest = escaped;
            } else if brace == "}" {
                words.push('}');
                rest = after;
            } else {
                let (name, next) = after.split_once('}').ok_or(TextError::UnclosedBrace)?;
                let value = Placeholder::from_name(name)
                    .ok_or_else(|| TextError::UnknownPlaceholder(name.chars().take(40).collect()))?;
                if !words.is_empty() {
                    parts.push(Part::Words(std::mem::take(&mut words)));
                }
                parts.push(Part::Value(value));
                rest = next;
            }
        }
        words.push_str(rest);
        if !words.is_empty() {
            parts.push(Part::Words(words));
        }
        Ok(Self {
            source: source.to_owned(),
            parts,
        })
    }

    /// As the admin wrote it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether the placeholder occurs.
    pub fn uses(&self, placeholder: Placeholder) -> bool {
        self.parts.contains(&Part::Value(placeholder))
    }

    /// The text with its values, cut to what WhatsApp takes.
    pub fn render(&self, values: &Values) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Words(words) => text.push_str(words),
                Part::Value(name) => text.push_str(values.get(name).map_or("", String::as_str)),
            }
        }
        text.chars().take(MAX_TEXT_LENGTH).collect()
    }
}

/// The texts that a company wrote itself; what is missing comes from our defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts(BTreeMap<Language, BTreeMap<TextKey, TextTemplate>>);

impl Texts {
    /// Sets one text.
    pub fn set(&mut self, language: Language, key: TextKey, text: TextTemplate) {
        self.0.entry(language).or_default().insert(key, text);
    }

    /// Every text of the company's own.
    pub fn iter(&self) -> impl Iterator<Item = (&Language, TextKey, &TextTemplate)> {
        self.0
            .iter()
            .flat_map(|(language, texts)| texts.iter().map(move |(key, text)| (language, *key, text)))
    }

    /// The company's text in the language, else our default in it, else the company's in its default
    /// language, else our English one.
    pub fn render(&self, key: TextKey, language: &Language, default: &Language, values: &Values) -> String {
        self.template(key, language, default).render(values)
    }

    /// The text that [`Self::render`] fills.
    pub fn template(&self, key: TextKey, language: &Language, default: &Language) -> TextTemplate {
        let own = |language: &Language| self.own(key, language).cloned();
        own(language)
            .or_else(|| defaults::text(key, language))
            .or_else(|| own(default))
            .unwrap_or_else(|| defaults::english(key))
    }

    /// The company's own text in the language, if it wrote one.
    pub fn own(&self, key: TextKey, language: &Language) -> Option<&TextTemplate> {
        self.0.get(language).and_then(|texts| texts.get(&key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_named() {
        let error = TextTemplate::parse("Hi {user}").unwrap_err().to_string();
        assert!(
            error.starts_with("unknown placeholder {user}; known are {user_name}"),
            "{error}"
        );
        assert_eq!(
            TextTemplate::parse("Hi {user_name"),
            Err(TextError::UnclosedBrace)
        );
        assert_eq!(TextTemplate::parse("  "), Err(TextError::Length));
        assert_eq!(TextTemplate::parse("a\0"), Err(TextError::Nul));
        assert_eq!(
            TextTemplate::parse("{{x}} }").unwrap().render(&Values::new()),
            "{x} }"
        );
    }

    #[test]
    fn every_key_has_a_default_in_every_language_that_has_any() {
        for key in TextKey::ALL {
            for tag in ["en", "zh-HK"] {
                assert!(
                    defaults::text(*key, &Language::parse(tag).unwrap()).is_some(),
                    "{key} {tag}"
                );
            }
        }
    }

    #[test]
    fn own_text_then_our_default_then_the_default_language() {
        let [en, hk, sv] = ["en", "zh-HK", "sv"].map(|tag| Language::parse(tag).unwrap());
        let mut texts = Texts::default();
        texts.set(
            en.clone(),
            TextKey::RoomClosed,
            TextTemplate::parse("closed").unwrap(),
        );
        let show = |language: &Language| texts.render(TextKey::RoomClosed, language, &en, &Values::new());
        assert_eq!(show(&en), "closed");
        assert_ne!(show(&hk), "closed", "our own Chinese text is better than English");
        assert_eq!(show(&sv), "closed");
    }
}
