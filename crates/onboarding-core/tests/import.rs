//! What an import of users does, and what it refuses.

use std::collections::BTreeMap;

use onboarding_core::{
    Role,
    config::{CompanyConfig, UserConfig, mistakes},
    import::{Column, ImportRow, Judged, Verdict, batches, cells_of, judge},
};
use onboarding_testkit::{acme, user_named};
use proptest::prelude::*;

/// Cells as `column=value`.
fn row(line: u32, cells: &[(&str, &str)]) -> ImportRow {
    let cell =
        |(column, cell): &(&str, &str)| (Column::from_name(column).expect("a column"), (*cell).to_owned());
    ImportRow {
        line,
        cells: cells.iter().map(cell).collect(),
    }
}

fn judged(rows: &[ImportRow]) -> Vec<Judged> {
    judge(&acme(), rows, true)
}

/// What is said of each row that is refused: line, column, message.
fn refusals(rows: &[Judged]) -> Vec<(u32, &'static str, String)> {
    let refused = rows.iter().filter_map(Judged::refused);
    refused
        .flat_map(|row| {
            row.mistakes.into_iter().map(move |mistake| {
                (
                    row.line,
                    mistake.column.map_or("", Column::as_str),
                    mistake.message,
                )
            })
        })
        .collect()
}

fn refusal(cells: &[(&str, &str)]) -> (&'static str, String) {
    let rows = judged(&[row(2, cells)]);
    let mut told = refusals(&rows);
    assert_eq!(told.len(), 1, "{told:?}");
    let (_, column, message) = told.remove(0);
    (column, message)
}

#[test]
fn each_row_creates_changes_or_keeps() {
    let rows = judged(&[
        row(
            2,
            &[
                ("username", "mia"),
                ("name", "Mia"),
                ("org_unit", "hk"),
                ("extension", "#mia"),
            ],
        ),
        row(3, &[("username", "dom"), ("title", "Director")]),
        row(4, &[("username", "kate"), ("extension", "#kate")]),
    ]);
    let Verdict::Create(mia) = &rows[0].verdict else {
        panic!("{:?}", rows[0]);
    };
    assert_eq!((mia.name.as_str(), &mia.roles), ("Mia", &vec![Role::User]));
    assert_eq!(
        rows[1].verdict.changes(),
        [(Column::Title, String::new(), "Director".to_owned())],
        "what has no column stays"
    );
    assert_eq!(rows[2].verdict, Verdict::Keep);
}

#[test]
fn an_empty_cell_empties_its_field() {
    let rows = judged(&[row(
        2,
        &[
            ("username", "dom"),
            ("extension", ""),
            ("external_companies", ""),
            ("email", ""),
        ],
    )]);
    let wished = rows[0].verdict.wished().expect("a change");
    assert_eq!((&wished.extension, &wished.email), (&None, &None));
    assert!(wished.external_companies.is_empty());
    assert_eq!(wished.name, "Dom");
}

#[test]
fn each_mistake_names_its_cell_in_the_words_of_the_manifest() {
    let mia = [("username", "mia"), ("name", "Mia"), ("org_unit", "hk")];
    let with = |column: &'static str, cell: &'static str| {
        let mut cells = mia.to_vec();
        cells.retain(|(name, _)| *name != column);
        cells.push((column, cell));
        refusal(&cells)
    };
    for (column, cell, words) in [
        ("username", "", "is empty"),
        ("name", "", "is empty"),
        ("org_unit", "zz", "there is no org unit `zz`; add it to org_units"),
        ("org_unit", "H K", "is not a valid id"),
        ("extension", "mia", "an extension begins with #"),
        ("extension", "#mi a", "only letters, digits"),
        ("extension", "#kate", "extension #kate is also user kate's"),
        ("extension", "#rnichael", "looks like #michael of user michael"),
        ("extension", "#m\u{456}a", "mixes letters of several scripts"),
        (
            "external_companies",
            "umbrella",
            "there is no external company `umbrella`",
        ),
        (
            "external_companies",
            "globex; globex",
            "stands in this list twice",
        ),
        ("roles", "boss", "no such value; known are user, admin, auditor"),
    ] {
        let (told, message) = with(column, cell);
        assert_eq!(told, column, "{cell:?}: {message}");
        assert!(message.contains(words), "{cell:?}: {message}");
    }
    let (column, message) = refusal(&[("username", "mia"), ("org_unit", "hk")]);
    assert_eq!(column, "name");
    assert!(message.contains("add the column name"), "{message}");
}

#[test]
fn of_two_rows_that_clash_the_later_one_is_refused() {
    let new = |line, username: &'static str, extension: &'static str| {
        row(
            line,
            &[
                ("username", username),
                ("name", "N"),
                ("org_unit", "hk"),
                ("extension", extension),
            ],
        )
    };
    let rows = judged(&[
        new(2, "ann", "#ann"),
        new(3, "bob", "#ann"),
        new(4, "ann", "#anna"),
    ]);
    let told = refusals(&rows);
    assert_eq!(
        told,
        [
            (
                3,
                "extension",
                "extension #ann is also user ann's; give one of them another".to_owned()
            ),
            (
                4,
                "username",
                "`ann` is also on line 2; keep one of them".to_owned()
            ),
        ]
    );
}

#[test]
fn two_users_swap_extensions_in_one_batch() {
    let rows = judged(&[
        row(2, &[("username", "dom"), ("extension", "#kate")]),
        row(3, &[("username", "lee"), ("title", "T")]),
        row(4, &[("username", "kate"), ("extension", "#dom123456")]),
    ]);
    assert_eq!(refusals(&rows), []);
    let batches = batches(&acme(), &rows);
    let batch = batches.iter().find(|batch| batch.contains(&0)).expect("a batch");
    assert!(batch.contains(&2), "{batches:?}");
}

#[test]
fn who_is_refused_keeps_the_extension_that_another_row_wanted() {
    let rows = judged(&[
        row(2, &[("username", "dom"), ("extension", "#kate")]),
        row(3, &[("username", "lee"), ("extension", "#dom123456")]),
        row(
            4,
            &[("username", "kate"), ("extension", "#new"), ("org_unit", "zz")],
        ),
    ]);
    let lines: Vec<_> = refusals(&rows)
        .into_iter()
        .map(|(line, column, _)| (line, column))
        .collect();
    assert_eq!(lines, [(2, "extension"), (3, "extension"), (4, "org_unit")]);
}

#[test]
fn roles_are_given_by_who_may() {
    let rows = [
        row(2, &[("username", "dom"), ("roles", "user;admin")]),
        row(3, &[("username", "lee"), ("name", "Li")]),
    ];
    let refused = refusals(&judge(&acme(), &rows, false));
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!((refused[0].0, refused[0].1), (2, "roles"));
    assert_eq!(refusals(&judge(&acme(), &rows, true)), []);
}

#[test]
fn a_company_keeps_an_admin_and_gets_the_new_one_first() {
    let mut config = acme();
    for user in &mut config.users {
        user.roles = vec![if user.username == "kate" {
            Role::Admin
        } else {
            Role::User
        }];
    }
    let leaves = row(2, &[("username", "kate"), ("roles", "user")]);
    let refused = refusals(&judge(&config, std::slice::from_ref(&leaves), true));
    assert_eq!((refused[0].0, refused[0].1), (2, "roles"));
    assert!(refused[0].2.contains("no admin any more"));
    let mut rows = vec![leaves];
    rows.extend((3..150).map(|line| {
        let username = format!("user{line}");
        row(
            line,
            &[("username", &username), ("name", "N"), ("org_unit", "hk")],
        )
    }));
    rows.push(row(200, &[("username", "dom"), ("roles", "admin")]));
    let judged = judge(&config, &rows, true);
    assert_eq!(refusals(&judged), []);
    let order = batches(&config, &judged).concat();
    let place = |one: usize| order.iter().position(|place| *place == one);
    assert!(
        place(rows.len() - 1) < place(0),
        "dom becomes one before kate stops"
    );
}

#[test]
fn what_a_user_is_written_as_is_read_as_that_user() {
    for user in acme().users {
        let row = ImportRow {
            line: 2,
            cells: cells_of(&user),
        };
        assert_eq!(judged(&[row])[0].verdict, Verdict::Keep, "{}", user.username);
    }
}

/// The company after the rows, made as a store makes them.
fn make(config: &mut CompanyConfig, rows: &[Judged]) {
    for user in rows.iter().filter_map(|row| row.verdict.wished()) {
        config.users.retain(|one| one.username != user.username);
        config.users.push(user.clone());
    }
}

fn company() -> CompanyConfig {
    let mut config = acme();
    config.users = (0..6)
        .map(|place| user_named(&format!("U{place}"), "hk", &format!("#e{place}")))
        .collect();
    config.client_profiles = Vec::new();
    config
}

fn any_row() -> impl Strategy<Value = (u8, Option<u8>, bool)> {
    (
        0_u8..9,
        proptest::option::of(0_u8..9),
        proptest::bool::weighted(0.15),
    )
}

proptest! {
    /// Whatever is wished, every batch in its turn passes the rules, is judged then as it was judged at first, and leads to
    /// the company that the preview promised.
    #[test]
    fn batches_lead_step_by_step_to_what_was_previewed(wishes in proptest::collection::vec(any_row(), 0..12)) {
        let config = company();
        let rows: Vec<_> = (2..).zip(&wishes).map(|(line, (who, extension, bad))| {
            let extension = extension.map_or_else(String::new, |one| format!("#e{one}"));
            let (username, unit) = (format!("u{who}"), if *bad { "zz" } else { "hk" });
            row(line, &[("username", &username), ("name", "N"), ("org_unit", unit), ("extension", &extension)])
        }).collect();
        let previewed = judge(&config, &rows, true);
        let mut promised = config.clone();
        make(&mut promised, &previewed);
        prop_assert_eq!(mistakes(&promised), vec![]);

        let mut made = config.clone();
        for batch in batches(&config, &previewed) {
            let batch: Vec<_> = batch.into_iter().map(|place| rows[place].clone()).collect();
            let judged = judge(&made, &batch, true);
            prop_assert!(refusals(&judged).is_empty(), "{:?}", refusals(&judged));
            make(&mut made, &judged);
            prop_assert_eq!(mistakes(&made), vec![]);
        }
        let by_name = |config: &CompanyConfig| -> BTreeMap<String, UserConfig> {
            config.users.iter().map(|user| (user.username.clone(), user.clone())).collect()
        };
        prop_assert_eq!(by_name(&made), by_name(&promised));
    }
}

#[test]
fn thousands_of_rows_that_hang_together_are_judged_in_a_moment() {
    let mut config = acme();
    config.users = (0..5_000)
        .map(|place| user_named(&format!("U{place}"), "hk", &format!("#e{place}")))
        .collect();
    // Each wants the extension of the next; the last is refused, and so is everybody.
    let mut rows: Vec<_> = (0..5_000_u32)
        .map(|place| {
            let (username, extension) = (format!("u{place}"), format!("#e{}", place + 1));
            row(place + 2, &[("username", &username), ("extension", &extension)])
        })
        .collect();
    assert!(
        judge(&config, &rows, true)
            .iter()
            .all(|row| row.refused().is_none())
    );
    assert_eq!(batches(&config, &judge(&config, &rows, true)).len(), 1);
    rows[4_999].cells.insert(Column::OrgUnit, "zz".to_owned());
    let judged = judge(&config, &rows, true);
    assert!(judged.iter().all(|row| row.refused().is_some()));
}
