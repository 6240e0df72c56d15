//! Tables of users as CSV.

use onboarding_core::{
    Extension, OrgUnitId, Role,
    config::UserConfig,
    import::{Column, ImportTable},
};
use onboarding_manifest::{MAX_TABLE_BYTES, MAX_TABLE_ROWS, TableError, read_users, write_users};
use proptest::prelude::*;

fn read(text: &str) -> ImportTable {
    read_users(text.as_bytes()).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

fn refused(bytes: &[u8]) -> String {
    read_users(bytes).expect_err("refused").to_string()
}

#[test]
fn a_table_is_read_with_its_lines_whoever_wrote_it() {
    for text in [
        "username,title\ndom,\"a \"\"b\"\", c\"\n\nkate,\n",
        "username,title\rdom,\"a \"\"b\"\", c\"\r\rkate,",
        "\u{feff}Username, TITLE \r\n dom ,\"a \"\"b\"\", c\"\r\n\r\nkate,",
    ] {
        let table = read(text);
        let rows: Vec<_> = table
            .rows
            .iter()
            .map(|row| (row.line, row.username(), row.cells[&Column::Title].as_str()))
            .collect();
        assert_eq!(rows, [(2, "dom", "a \"b\", c"), (4, "kate", "")], "{text:?}");
    }
}

#[test]
fn a_file_that_is_no_table_is_refused_with_the_mend() {
    let rows = "dom\n".repeat(MAX_TABLE_ROWS + 1);
    let many = format!("username\n{rows}");
    let large = "a".repeat(MAX_TABLE_BYTES + 1);
    for (bytes, words) in [
        (&b""[..], "first line names the columns: username, name"),
        (b"\n\n", "the table is empty"),
        (
            b"username;name\ndom;Dom\n",
            "separated by something else than commas",
        ),
        (
            b"username,phone\n",
            "line 1: there is no column `phone`; known are username, name",
        ),
        (
            b"username,name,username\n",
            "the column username stands there twice",
        ),
        (b"name,title\n", "the column username is missing"),
        (
            b"username,name\ndom,D\xf6m\n",
            "line 2: the table is not written in UTF-8",
        ),
        (many.as_bytes(), "more than 20000 rows"),
        (large.as_bytes(), "more than 4194304 bytes"),
    ] {
        let told = refused(bytes);
        assert!(told.contains(words), "{told}");
    }
    assert_eq!(read_users(b"name"), Err(TableError::NoUsername));
}

#[test]
fn a_row_that_cannot_be_read_is_told_by_its_line_and_the_others_are_read() {
    let table = read(&format!(
        "username,name\ndom\nkate,Kate\nlee,Lee,x\nann,\"A\nnn\"\nbob,{}\neve,\"Eve\n",
        "b".repeat(1_001)
    ));
    assert_eq!(table.rows.len(), 1);
    let told: Vec<_> = table
        .unreadable
        .iter()
        .map(|row| (row.line, row.mistakes[0].column, row.mistakes[0].message.as_str()))
        .collect();
    let [short, long, broken, huge, open] = told[..] else {
        panic!("{told:?}");
    };
    assert!(
        short.2.starts_with("has 1 cells where the header names 2"),
        "{short:?}"
    );
    assert_eq!((short.0, long.0), (2, 4));
    assert_eq!((broken.0, broken.1), (5, Some(Column::Name)));
    assert!(broken.2.contains("line break"));
    assert_eq!((huge.0, huge.2), (7, "has more than 1000 characters; shorten it"));
    assert!(open.0 == 8, "a quotation mark that never ends: {open:?}");
}

fn user(username: String, name: String, title: Option<String>) -> UserConfig {
    UserConfig {
        username,
        name,
        email: None,
        title,
        org_unit: OrgUnitId::parse("hk").expect("an id"),
        extension: Extension::parse("#dom").ok(),
        external_companies: Vec::new(),
        roles: vec![Role::User, Role::Admin],
        identities: Vec::new(),
    }
}

#[test]
fn no_cell_of_an_export_is_a_formula() {
    let formulas = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1:A9)", "'=1"];
    let users: Vec<_> = formulas
        .iter()
        .map(|text| user((*text).to_owned(), (*text).to_owned(), None))
        .collect();
    let text = write_users(&users);
    assert!(text.starts_with("username,name,email,title,org_unit,extension,external_companies,roles\r\n"));
    for line in text.lines().skip(1) {
        assert!(line.starts_with('\'') || line.starts_with("\"'"), "{line}");
    }
    let names: Vec<_> = read(&text)
        .rows
        .iter()
        .map(|row| row.username().to_owned())
        .collect();
    let mut expected = formulas.map(str::to_owned);
    expected.sort();
    assert_eq!(names, expected);
}

proptest! {
    /// Spaces around a cell are the one thing that a table does not keep.
    #[test]
    fn what_was_exported_is_read_back(name in "[^\\p{Cc}]{1,12}", title in proptest::option::of("[^\\p{Cc}]{0,12}")) {
        let text = write_users(&[user("dom".to_owned(), name.clone(), title.clone())]);
        let table = read(&text);
        prop_assert_eq!(table.rows.len(), 1);
        let cells = &table.rows[0].cells;
        prop_assert_eq!(cells[&Column::Name].as_str(), name.trim_matches(' '));
        prop_assert_eq!(cells[&Column::Title].as_str(), title.as_deref().unwrap_or_default().trim_matches(' '));
        prop_assert_eq!(cells[&Column::Roles].as_str(), "admin;user");
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_users(&bytes);
        let _ = read_users(&[b"username,name\n", &bytes[..]].concat());
    }
}
