//! Looks at the server before anything relies on it.

use std::error::Error as StdError;

use diesel::{
    ConnectionError, QueryableByName,
    sql_types::{Bool, Integer, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{
    connection::Address,
    migrate::{Migrations, bring_up_to_date},
};

/// The first that keeps privileges of the schema `public` from everybody and copies databases by file.
const OLDEST_SERVER: i32 = 15;

/// Why a database cannot be used, with the mend.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL makes no sense. It is not shown, because it may hold a password.
    #[error("the DATABASE_URL is not valid; write postgres://USER:PASSWORD@HOST:5432/DATABASE")]
    Address,
    /// The certificates named in the URL cannot be read.
    #[error("cannot read the certificates in {0}; set sslrootcert to a PEM file")]
    RootCertificates(String),
    /// TLS cannot be set up.
    #[error("cannot set up TLS to the database")]
    Tls(#[source] Box<dyn StdError + Send + Sync>),
    /// Nobody answers, or the login is refused.
    #[error("cannot connect to the database at {server}; check that it runs, and the login in DATABASE_URL")]
    Unreachable {
        /// Host, port and name of the database.
        server: String,
        /// Why.
        #[source]
        source: ConnectionError,
    },
    /// The server lacks what the store needs.
    #[error("PostgreSQL {0} is too old; use 15 or newer")]
    OldServer(String),
    /// The server would lose what it acknowledged.
    #[error("the database has {setting} = off and would lose messages when it crashes; set {setting} = on")]
    UnsafeDurability {
        /// Which setting.
        setting: &'static str,
    },
    /// A newer version of the service migrated it.
    #[error(
        "the database was migrated by a newer version of this service (step {version}); run that version, or restore the backup made before it"
    )]
    Newer {
        /// The first step that is unknown here.
        version: String,
    },
    /// Migrations are pending and must not be applied.
    #[error("{count} migration(s) of the database are pending; run the migrate command first")]
    Pending {
        /// How many.
        count: usize,
    },
    /// A migration failed; the schema is as it was before it.
    #[error("cannot migrate the database")]
    Migration(#[source] Box<dyn StdError + Send + Sync>),
    /// Row-level security does not bind the login, which could see every company.
    #[error(
        "the login bypasses row-level security; run CREATE ROLE onboarding_app NOLOGIN, grant it to the login, and grant it SELECT, INSERT, UPDATE, DELETE on all tables but audit_events, where SELECT and INSERT must do"
    )]
    RowSecurityOff,
    /// A question at the start failed.
    #[error("cannot look at the database")]
    Database(#[source] Box<dyn StdError + Send + Sync>),
}

/// What the server says of itself.
#[derive(QueryableByName)]
struct Server {
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Text)]
    version: String,
    #[diesel(sql_type = Text)]
    fsync: String,
    #[diesel(sql_type = Text)]
    full_page_writes: String,
    #[diesel(sql_type = Text)]
    synchronous_commit: String,
}

const SERVER: &str = "
    SELECT current_setting('server_version_num')::integer AS number,
           current_setting('server_version') AS version,
           current_setting('fsync') AS fsync,
           current_setting('full_page_writes') AS full_page_writes,
           current_setting('synchronous_commit') AS synchronous_commit";

#[derive(QueryableByName)]
struct RowSecurity {
    #[diesel(sql_type = Bool)]
    active: bool,
}

/// Connects as the login, refuses a server that cannot be trusted, and brings the schema up to date. Gives the
/// migrations that were applied.
pub(crate) async fn examine(
    address: &Address,
    migrations: Migrations,
    allow_unsafe_durability: bool,
) -> Result<Vec<String>, OpenError> {
    let unreachable = |source| OpenError::Unreachable {
        server: address.shown(),
        source,
    };
    let mut connection = address.connect().await.map_err(unreachable)?;
    let server: Server = diesel::sql_query(SERVER)
        .get_result(&mut connection)
        .await
        .map_err(failed)?;
    refuse(&server, allow_unsafe_durability)?;
    bring_up_to_date(connection, migrations).await
}

fn refuse(server: &Server, allow_unsafe_durability: bool) -> Result<(), OpenError> {
    if server.number < OLDEST_SERVER * 10_000 {
        return Err(OpenError::OldServer(server.version.clone()));
    }
    let settings = [
        ("fsync", &server.fsync),
        ("full_page_writes", &server.full_page_writes),
        ("synchronous_commit", &server.synchronous_commit),
    ];
    let off = settings.into_iter().find(|(_, value)| *value == "off");
    match off {
        Some((setting, _)) if !allow_unsafe_durability => Err(OpenError::UnsafeDurability { setting }),
        _ => Ok(()),
    }
}

/// Refuses a connection that sees every company whatever the policies say.
pub(crate) async fn refuse_without_row_security(connection: &mut AsyncPgConnection) -> Result<(), OpenError> {
    let query = diesel::sql_query("SELECT row_security_active('companies') AS active");
    let row: RowSecurity = query.get_result(connection).await.map_err(failed)?;
    if row.active {
        Ok(())
    } else {
        Err(OpenError::RowSecurityOff)
    }
}

/// The error of a question that failed.
pub(crate) fn failed(error: impl Into<Box<dyn StdError + Send + Sync>>) -> OpenError {
    OpenError::Database(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> Server {
        Server {
            number: 150_018,
            version: "15.18".to_owned(),
            fsync: "on".to_owned(),
            full_page_writes: "on".to_owned(),
            synchronous_commit: "on".to_owned(),
        }
    }

    #[test]
    fn an_old_server_is_refused() {
        assert!(refuse(&server(), false).is_ok());
        let old = Server {
            number: 140_021,
            version: "14.21".to_owned(),
            ..server()
        };
        let told = refuse(&old, true).unwrap_err().to_string();
        assert_eq!(told, "PostgreSQL 14.21 is too old; use 15 or newer");
    }

    #[test]
    fn each_setting_that_loses_data_is_refused_by_name() {
        let off = || "off".to_owned();
        let broken = [
            (
                "fsync",
                Server {
                    fsync: off(),
                    ..server()
                },
            ),
            (
                "full_page_writes",
                Server {
                    full_page_writes: off(),
                    ..server()
                },
            ),
            (
                "synchronous_commit",
                Server {
                    synchronous_commit: off(),
                    ..server()
                },
            ),
        ];
        for (name, server) in broken {
            let told = refuse(&server, false).unwrap_err().to_string();
            assert!(told.ends_with(&format!("set {name} = on")), "{told}");
            assert!(refuse(&server, true).is_ok());
        }
        let weaker = Server {
            synchronous_commit: "local".to_owned(),
            ..server()
        };
        assert!(
            refuse(&weaker, false).is_ok(),
            "durable on this server is durable"
        );
    }
}
