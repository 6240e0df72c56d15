//! What can go wrong below the ports.

use std::fmt;

use diesel::result::DatabaseErrorKind;
use onboarding_core::ports::StoreError;

/// Why a transaction did not come to its end. Becomes the source of a [`StoreError`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The server refused a statement, or the connection broke.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
    /// No connection could be had.
    #[error("no connection to the database")]
    Pool(#[source] diesel_async::pooled_connection::deadpool::PoolError),
    /// A row holds what this version cannot read.
    #[error(transparent)]
    BadRow(#[from] BadRow),
    /// A value could not be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The caller asked for something that cannot be stored.
    #[error("{0}")]
    Impossible(String),
}

impl Error {
    /// The error of a port.
    pub(crate) fn while_trying_to(self, operation: &'static str) -> StoreError {
        StoreError::new(operation, self)
    }

    /// Whether the server undid the transaction only because it met another: the same again will do.
    pub(crate) fn was_a_collision(&self) -> bool {
        match self {
            Self::Database(diesel::result::Error::DatabaseError(kind, told)) => {
                matches!(kind, DatabaseErrorKind::SerializationFailure)
                    // 40P01, for which Diesel has no kind. A server that speaks another language than English gives an
                    // ordinary error instead, and the queue tries again later.
                    || told.message() == "deadlock detected"
            }
            _ => false,
        }
    }

    /// Whether the connection broke, so that another one is needed.
    pub(crate) fn was_the_connection(&self) -> bool {
        use diesel::result::Error as Diesel;
        match self {
            Self::Database(Diesel::DatabaseError(kind, told)) => match kind {
                DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection => true,
                // 57P01 to 57P03: the server ends or restarts, and the connection with it.
                DatabaseErrorKind::Unknown => told.message().contains("terminating connection"),
                _ => false,
            },
            Self::Database(Diesel::BrokenTransactionManager) => true,
            _ => false,
        }
    }
}

/// Makes sure that a write met the one row that it was meant for.
pub(crate) fn exactly_one(rows: usize, what: &'static str) -> Result<(), Error> {
    if rows == 1 {
        Ok(())
    } else {
        Err(Error::Impossible(format!("{what}: {rows} rows instead of one")))
    }
}

/// A row that cannot be read: damaged, or written by another version. It names the place, not the value, which may be
/// personal data.
#[derive(Debug, thiserror::Error)]
#[error("column {column} of {table} cannot be read in row {row}")]
pub(crate) struct BadRow {
    table: &'static str,
    column: &'static str,
    row: String,
}

/// Where a value stands, for the error should it make no sense.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The table.
    pub(crate) table: &'static str,
    /// The key of the row.
    pub(crate) row: &'a (dyn fmt::Display + Sync),
}

impl Place<'_> {
    /// The value, or the error that names its column.
    pub(crate) fn read<T>(self, column: &'static str, value: impl IntoRead<T>) -> Result<T, BadRow> {
        value.into_read().ok_or_else(|| BadRow {
            table: self.table,
            column,
            row: self.row.to_string(),
        })
    }
}

/// What parsing gives: an option or a result, whose error is dropped because it may quote the value.
pub(crate) trait IntoRead<T> {
    /// The value, if there is one.
    fn into_read(self) -> Option<T>;
}

impl<T> IntoRead<T> for Option<T> {
    fn into_read(self) -> Self {
        self
    }
}

impl<T, E> IntoRead<T> for Result<T, E> {
    fn into_read(self) -> Option<T> {
        self.ok()
    }
}

/// Ends a transaction early, with everything that it wrote undone.
pub(crate) enum Undo<T> {
    /// By an answer: a conflict is one.
    Answer(T),
    /// By an error.
    Error(Error),
}

impl<T, E: Into<Error>> From<E> for Undo<T> {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}
