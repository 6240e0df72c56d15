//! SQLite: a file. It has no process of its own, so whoever kills the service has killed it.

use std::path::{Path, PathBuf};

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query,
    sql_types::{BigInt, Binary, Text},
};

use super::Books;

pub(crate) struct Sqlite {
    file: PathBuf,
}

#[derive(QueryableByName)]
struct Body {
    #[diesel(sql_type = Binary)]
    raw: Vec<u8>,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Message {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    recipient: String,
    #[diesel(sql_type = Text)]
    purpose: String,
    #[diesel(sql_type = Text)]
    state: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl Sqlite {
    pub(super) fn new(folder: &Path, name: &str) -> Self {
        let file = folder.join(format!("{name}.db"));
        Self { file }
    }

    pub(super) fn url(&self) -> String {
        format!("sqlite://{}", self.file.display())
    }

    pub(super) fn books(&self) -> anyhow::Result<Books> {
        let mut connection = SqliteConnection::establish(&self.file.to_string_lossy())?;
        let connection = &mut connection;
        let mut books = Books::default();
        for body in sql_query("SELECT raw FROM deliveries").load::<Body>(connection)? {
            *books.bodies.entry(body.raw).or_default() += 1;
        }
        let lines = sql_query("SELECT provider_message_id AS name FROM room_lines");
        for line in lines.load::<Named>(connection)? {
            *books.room_lines.entry(line.name).or_default() += 1;
        }
        let doubted = sql_query(
            "SELECT lower(hex(outbox_id)) AS id, recipient, purpose, state FROM outbox WHERE unknown_attempts >= 2",
        );
        for row in doubted.load::<Message>(connection)? {
            books.note_doubted(row.id, row.recipient, row.purpose, &row.state);
        }
        let refused = sql_query(
            "SELECT lower(hex(outbox_id)) AS id, recipient, purpose, state FROM outbox
             WHERE state = 'failed' AND unknown_attempts < 2 AND error_code IS NOT NULL",
        );
        for row in refused.load::<Message>(connection)? {
            books.note_refused(row.id, row.recipient, row.purpose);
        }
        let buried = sql_query("SELECT lane AS name FROM inbox WHERE buried <> 0");
        for lane in buried.load::<Named>(connection)? {
            books.note_dead_letter(&lane.name);
        }
        let mut count = |query: &str| -> anyhow::Result<u64> {
            Ok(u64::try_from(
                sql_query(query).get_result::<Count>(connection)?.count,
            )?)
        };
        books.unknown_attempts = count("SELECT COALESCE(SUM(unknown_attempts), 0) AS count FROM outbox")?;
        let checks = sql_query("SELECT integrity_check AS name FROM pragma_integrity_check")
            .load::<Named>(connection)?;
        let broken =
            sql_query("SELECT \"table\" AS name FROM pragma_foreign_key_check").load::<Named>(connection)?;
        let damage = checks
            .into_iter()
            .filter(|check| check.name != "ok")
            .chain(broken);
        books.damage = damage.map(|one| one.name).collect::<Vec<_>>().join("; ");
        Ok(books)
    }
}
