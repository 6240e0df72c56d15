//! One value of the document.

use std::{fmt::Display, ops::RangeInclusive};

use toml::de::DeValue;

use super::{Report, Table};

/// A value with its path and line. What it should be, the method says that reads it; if it is something else,
/// that is reported and nothing is returned.
#[derive(Debug, Clone)]
pub(crate) struct Item<'r> {
    pub(crate) report: &'r Report,
    pub(crate) path: String,
    pub(crate) line: usize,
    value: &'r DeValue<'r>,
}

impl<'r> Item<'r> {
    pub(crate) fn new(report: &'r Report, path: String, line: usize, value: &'r DeValue<'r>) -> Self {
        report.place(&path, line);
        Self {
            report,
            path,
            line,
            value,
        }
    }

    /// Reports a mistake at this value.
    pub(crate) fn refuse(&self, message: impl Into<String>) {
        self.report.add(self.line, self.path.as_str(), message);
    }

    fn refuse_type(&self, expected: &str, mend: &str) {
        let found = match self.value {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.refuse(format!("expected {expected}, found {found}{mend}"));
    }

    pub(crate) fn text(&self) -> Option<&'r str> {
        let DeValue::String(text) = self.value else {
            let quotes = matches!(
                self.value,
                DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_)
            );
            self.refuse_type("text", if quotes { "; write it in quotes" } else { "" });
            return None;
        };
        Some(text)
    }

    pub(crate) fn string(&self) -> Option<String> {
        self.text().map(str::to_owned)
    }

    /// A text that means something; the error says what is wrong with it.
    pub(crate) fn parsed<T, E: Display>(&self, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        parse(self.text()?)
            .map_err(|error| self.refuse(error.to_string()))
            .ok()
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy + Display>(&self, all: &[T]) -> Option<T> {
        let text = self.text()?;
        let chosen = all.iter().copied().find(|one| one.to_string() == text);
        if chosen.is_none() {
            let words: Vec<_> = all.iter().map(T::to_string).collect();
            let start: String = text.chars().take(40).collect();
            self.refuse(format!(
                "`{start}` is not known; write one of {}",
                words.join(", ")
            ));
        }
        chosen
    }

    pub(crate) fn switch(&self) -> Option<bool> {
        let DeValue::Boolean(on) = self.value else {
            self.refuse_type("true or false", "");
            return None;
        };
        Some(*on)
    }

    pub(crate) fn number(&self, allowed: &RangeInclusive<u32>) -> Option<u32> {
        let (least, most) = (allowed.start(), allowed.end());
        let DeValue::Integer(integer) = self.value else {
            self.refuse_type(&format!("a whole number from {least} to {most}"), "");
            return None;
        };
        let number = u32::from_str_radix(integer.as_str(), integer.radix());
        let number = number.ok().filter(|number| allowed.contains(number));
        if number.is_none() {
            self.refuse(format!("{integer} is out of range; write {least} to {most}"));
        }
        number
    }

    /// The elements of a list.
    pub(crate) fn list(&self) -> Option<Vec<Item<'r>>> {
        let DeValue::Array(array) = self.value else {
            let tables = matches!(self.value, DeValue::Table(_));
            let mend = if tables {
                "; write its header in [[ ]]"
            } else {
                "; write it in [ ]"
            };
            self.refuse_type("a list", mend);
            return None;
        };
        let element = |(index, element): (usize, &'r toml::Spanned<DeValue<'r>>)| {
            let path = format!("{}[{index}]", self.path);
            Item::new(
                self.report,
                path,
                self.report.line_of(element.span().start),
                element.get_ref(),
            )
        };
        Some(array.iter().enumerate().map(element).collect())
    }

    /// Reads a table; a key that `read` does not ask for is refused afterwards. If this is no table, `read`
    /// gets an empty one that misses nothing.
    pub(crate) fn table<T>(&self, read: impl FnOnce(&mut Table<'r>) -> T) -> T {
        let entries = if let DeValue::Table(entries) = self.value {
            Some(entries)
        } else {
            self.refuse_type("a table", "");
            None
        };
        let mut table = Table::new(self.report, self.path.clone(), self.line, entries);
        let value = read(&mut table);
        table.refuse_unknown("key");
        value
    }
}
