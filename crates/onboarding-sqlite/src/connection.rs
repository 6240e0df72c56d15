//! Connections as the store wants them.

use diesel::{Connection, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_types::Text};

use crate::error::Error;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Write,
    Read,
}

/// Opens a connection.
///
/// `busy_timeout` comes first, or the next pragma itself may find the database locked. `synchronous = FULL` makes a
/// commit survive a power cut; group commit pays for it.
pub(crate) fn connect(file: &str, access: Access) -> Result<SqliteConnection, Error> {
    let mut connection = SqliteConnection::establish(file)?;
    connection.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;",
    )?;
    if access == Access::Read {
        connection.batch_execute("PRAGMA query_only = ON;")?;
    }
    Ok(connection)
}

/// The version of the SQLite that is linked.
pub(crate) fn sqlite_version(connection: &mut SqliteConnection) -> Result<String, Error> {
    Ok(diesel::select(diesel::dsl::sql::<Text>("sqlite_version()")).get_result(connection)?)
}

/// The first row of a pragma that answers with text.
pub(crate) fn pragma(connection: &mut SqliteConnection, pragma: &str) -> Result<String, Error> {
    #[derive(diesel::QueryableByName)]
    struct Answer {
        #[diesel(sql_type = Text)]
        answer: String,
    }
    let query = format!("SELECT CAST({pragma} AS TEXT) AS answer FROM pragma_{pragma}");
    Ok(diesel::sql_query(query).get_result::<Answer>(connection)?.answer)
}
