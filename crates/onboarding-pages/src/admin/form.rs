//! A form that changes something: fields with what is wrong at each, and a button.

use askama::Template;

use super::{AdminWords, Choice, EditWords, Section};
use crate::shell::Shell;

/// How a field is filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Not at all: it stands there to be read.
    Fixed(String),
    /// A line: its words, and whether it runs from left to right in every language.
    Line(String, bool),
    /// A number, as it was typed.
    Number(String),
    /// Several lines, and whether they run from left to right in every language.
    Area(String, bool),
    /// One of several: those, the chosen one, and the words for none of them where that can be.
    One(Vec<Choice>, String, Option<&'static str>),
    /// Any of several: those, and the chosen ones.
    Many(Vec<Choice>, Vec<String>),
    /// On or off.
    Switch(bool),
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// As the form sends it.
    pub name: String,
    /// As people read it.
    pub label: &'static str,
    /// What they should know before they fill it.
    pub hint: Option<&'static str>,
    /// How it is filled.
    pub input: Input,
    /// Whether it cannot be left empty.
    pub needed: bool,
    /// What is wrong with what was sent, and the mend; in English, as the API says it.
    pub mistakes: Vec<String>,
}

impl Field {
    /// Its id in the page.
    pub fn anchor(&self) -> String {
        format!("f-{}", self.name.replace('/', "-"))
    }

    /// What describes it to those who hear the page.
    fn described(&self) -> String {
        let anchor = self.anchor();
        let hint = self.hint.map(|_| format!("{anchor}-hint"));
        let wrong = (!self.mistakes.is_empty()).then(|| format!("{anchor}-wrong"));
        let all: Vec<_> = hint.into_iter().chain(wrong).collect();
        all.join(" ")
    }

    fn is_wrong(&self) -> bool {
        !self.mistakes.is_empty()
    }

    fn is_group(&self) -> bool {
        matches!(self.input, Input::Many(..))
    }
}

/// What came of the form when it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused<'a> {
    /// What is wrong stands at its fields; and here what belongs to none, in English, as the API says it.
    Mistakes(&'a [String]),
    /// Somebody else changed it meanwhile.
    Stale,
}

/// A form.
#[derive(Debug, Template)]
#[template(path = "admin/form.html")]
pub struct FormPage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// Where one came from, and goes back to.
    pub section: Section,
    /// What it is about.
    pub title: &'a str,
    /// What one should know before.
    pub about: Option<&'a str>,
    /// Where it goes.
    pub action: &'a str,
    /// Names the state that the reader sees, so that nobody overwrites what they have not seen; empty for what is new.
    pub tag: &'a str,
    /// The fields.
    pub fields: &'a [Field],
    /// Why the last try came to nothing.
    pub refused: Option<Refused<'a>>,
    /// Words of the button.
    pub button: &'a str,
    /// Whether it does what cannot be undone.
    pub danger: bool,
    /// What else can be done with the thing: where, and its words.
    pub also: &'a [(String, &'a str)],
    /// A way to what takes the thing away: where, and its words.
    pub removal: Option<(&'a str, &'a str)>,
}

impl FormPage<'_> {
    fn a(&self) -> &'static AdminWords {
        self.shell.tongue.admin_words()
    }

    fn e(&self) -> &'static EditWords {
        self.shell.tongue.edit_words()
    }

    fn section(&self) -> Section {
        self.section
    }
}

/// How a text looks to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preview<'a> {
    /// The language, as a tag.
    pub language: &'a str,
    /// The text with made-up values.
    pub text: &'a str,
}

/// One text of the company, in one language.
#[derive(Debug, Template)]
#[template(path = "admin/text.html")]
pub struct TextPage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// What the text is for, as the manifest and the API write it.
    pub key: &'a str,
    /// The language.
    pub language: &'a str,
    /// Where the form goes.
    pub action: &'a str,
    /// Names the state that the reader sees.
    pub tag: &'a str,
    /// The text.
    pub field: &'a Field,
    /// What may stand in braces.
    pub placeholders: &'a [&'a str],
    /// How it looks to a client, in each language of the company.
    pub previews: &'a [Preview<'a>],
    /// Whether the company has one of its own.
    pub is_own: bool,
    /// Why the last try came to nothing.
    pub refused: Option<Refused<'a>>,
}

impl TextPage<'_> {
    fn a(&self) -> &'static AdminWords {
        self.shell.tongue.admin_words()
    }

    fn e(&self) -> &'static EditWords {
        self.shell.tongue.edit_words()
    }

    #[expect(clippy::unused_self, reason = "templates ask every page for its part")]
    fn section(&self) -> Section {
        Section::Texts
    }
}
