//! The text that a QR code types for the client.

use crate::{Extension, PhoneNumber, Placeholder, TextError, TextTemplate, Values};

/// Characters that a QR code types for the client at the most: as many as Meta takes for the codes that it draws itself
/// (`prefilled_message`); for other links it names no number.
pub const MOST_TYPED: usize = 140;

/// The text that a QR code types for the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrText(TextTemplate);

/// Why a text cannot be the text of QR codes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QrTextError {
    /// Not a valid text.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The code would not say whom the client wants.
    #[error("the text of QR codes must contain {{extension}}")]
    NoExtension,
}

impl QrText {
    /// Parses it; it must contain `{extension}`.
    pub fn parse(text: &str) -> Result<Self, QrTextError> {
        let text = TextTemplate::parse(text)?;
        if text.uses(Placeholder::Extension) {
            Ok(Self(text))
        } else {
            Err(QrTextError::NoExtension)
        }
    }

    /// The template of the text.
    pub fn template(&self) -> &TextTemplate {
        &self.0
    }

    /// What the code of somebody types; longer than [`MOST_TYPED`] there is no code.
    pub fn typed(&self, about: &Typed<'_>) -> String {
        self.0.render(&Values::from([
            (Placeholder::Extension, about.extension.to_string()),
            (Placeholder::UserName, about.name.to_owned()),
            (Placeholder::UserTitle, about.title.unwrap_or_default().to_owned()),
            (Placeholder::CompanyName, about.company.to_owned()),
            (Placeholder::PrimaryNumber, about.primary.to_string()),
        ]))
    }
}

/// Whom the text of a QR code is about.
#[derive(Debug, Clone, Copy)]
pub struct Typed<'a> {
    /// By which clients ask for the user.
    pub extension: &'a Extension,
    /// The user's name.
    pub name: &'a str,
    /// Their position.
    pub title: Option<&'a str>,
    /// The company's name.
    pub company: &'a str,
    /// The number that the client writes to.
    pub primary: &'a PhoneNumber,
}

impl Default for QrText {
    fn default() -> Self {
        Self::parse("{extension}").expect("the default text holds the placeholder")
    }
}
