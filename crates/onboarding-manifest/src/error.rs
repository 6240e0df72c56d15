//! Mistakes with their places.

use std::fmt;

use crate::reader::Found;

/// Every mistake of one or more manifests, by file and line; prints one line each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct ManifestErrors(Vec<ManifestError>);

/// A mistake and where it is; prints as `acme.toml:42: users[2].extension: …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestError {
    /// The file as the caller named it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// The key, such as `users[2].extension`; empty for an error of syntax.
    pub path: String,
    /// What is wrong and the mend; never a secret.
    pub message: String,
}

impl ManifestErrors {
    pub(crate) fn new(file: &str, found: Vec<Found>) -> Self {
        let mut errors = Self(Vec::new());
        errors.add(file, found);
        errors
    }

    /// Adds what was found in one more file.
    pub(crate) fn add(&mut self, file: &str, mut found: Vec<Found>) {
        found.sort_by_key(|one| one.line);
        let errors = found.into_iter().map(|Found { line, path, message }| {
            let file = file.to_owned();
            ManifestError {
                file,
                line,
                path,
                message,
            }
        });
        self.0.extend(errors);
    }

    /// The mistakes; files in the order in which they were given, each by line. Never empty.
    pub fn iter(&self) -> std::slice::Iter<'_, ManifestError> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a ManifestErrors {
    type Item = &'a ManifestError;
    type IntoIter = std::slice::Iter<'a, ManifestError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

fn lines(errors: &[ManifestError]) -> String {
    errors
        .iter()
        .map(ManifestError::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            path,
            message,
        } = self;
        let text = if path.is_empty() {
            message.clone()
        } else {
            format!("{path}: {message}")
        };
        write!(f, "{file}:{line}: ")?;
        // What the file says may be repeated here: it must neither break the line nor reach the terminal as
        // a command.
        text.chars().try_for_each(|c| {
            if c.is_control() {
                write!(f, "{}", c.escape_default())
            } else {
                write!(f, "{c}")
            }
        })
    }
}
