//! Rules that every table keeps.

use diesel::{
    QueryableByName, RunQueryDsl, SqliteConnection,
    sql_types::{BigInt, Text},
};

use crate::{connection, file_in, fresh};

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    strict: i64,
}

#[derive(QueryableByName, Debug)]
struct FirstColumn {
    #[diesel(sql_type = Text)]
    index: String,
    #[diesel(sql_type = Text)]
    column: String,
}

fn tables(connection: &mut SqliteConnection) -> Vec<Table> {
    let query = "SELECT name, strict FROM pragma_table_list
        WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%' AND name <> '__diesel_schema_migrations'";
    diesel::sql_query(query).load(connection).expect("the tables")
}

#[test]
fn every_unique_index_begins_with_the_company() {
    let (folder, _store) = fresh();
    let mut connection = connection(&file_in(&folder));
    let tables = tables(&mut connection);
    assert!(tables.len() > 20, "{}", tables.len());
    for Table { name, strict } in tables {
        assert_eq!(strict, 1, "{name} is STRICT");
        let query = "SELECT list.name AS \"index\", info.name AS \"column\"
            FROM pragma_index_list(?1) AS list JOIN pragma_index_info(list.name) AS info
            WHERE list.\"unique\" AND info.seqno = 0";
        let columns: Vec<FirstColumn> = diesel::sql_query(query)
            .bind::<Text, _>(&name)
            .load(&mut connection)
            .expect("the indexes");
        assert!(!columns.is_empty(), "{name} has a primary key");
        for first in columns {
            assert_eq!(first.column, "company_id", "{name}, {}", first.index);
        }
    }
}

#[test]
fn every_foreign_key_carries_the_company() {
    let (folder, _store) = fresh();
    let mut connection = connection(&file_in(&folder));
    for Table { name, .. } in tables(&mut connection) {
        let query = "SELECT \"table\" AS \"index\", group_concat(\"from\") AS \"column\"
            FROM pragma_foreign_key_list(?1) GROUP BY id";
        let keys: Vec<FirstColumn> = diesel::sql_query(query)
            .bind::<Text, _>(&name)
            .load(&mut connection)
            .expect("the foreign keys");
        for key in keys {
            let carries = key.column.split(',').any(|column| column == "company_id");
            assert!(carries, "{name} refers to {} by {}", key.index, key.column);
        }
    }
}
