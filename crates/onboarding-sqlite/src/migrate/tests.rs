use diesel::{Connection, RunQueryDsl, sql_types::Text};

use super::*;

#[derive(diesel::QueryableByName, Debug, PartialEq)]
struct Object {
    #[diesel(sql_type = Text)]
    sql: String,
}

fn schema(connection: &mut SqliteConnection) -> Vec<Object> {
    let own = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' ORDER BY name";
    diesel::sql_query(own).load(connection).unwrap()
}

#[test]
fn migrations_go_up_and_down_and_up() {
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    let done = bring_up_to_date(&mut connection, Migrations::Apply).unwrap();
    assert!(!done.is_empty());
    let up = schema(&mut connection);
    connection.revert_all_migrations(MIGRATIONS).unwrap();
    assert_eq!(schema(&mut connection), [], "down leaves nothing behind");
    bring_up_to_date(&mut connection, Migrations::Apply).unwrap();
    assert_eq!(schema(&mut connection), up);
    assert_eq!(
        bring_up_to_date(&mut connection, Migrations::Refuse).unwrap(),
        [""; 0]
    );
}
