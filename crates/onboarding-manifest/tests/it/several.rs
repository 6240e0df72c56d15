//! Several files in one call.

use insta::assert_snapshot;
use onboarding_manifest::parse_all;

use super::{ACME, LEAST, acme_with};

#[test]
fn each_file_is_a_company() {
    let manifests = parse_all(&[("acme.toml", ACME), ("least.toml", LEAST)]).unwrap();
    let companies: Vec<_> = manifests
        .iter()
        .map(|manifest| manifest.company.as_str())
        .collect();
    assert_eq!(companies, ["acme", "least"]);
}

#[test]
fn two_files_of_one_company_are_refused() {
    let errors = parse_all(&[("acme.toml", ACME), ("more.toml", ACME)]).unwrap_err();
    assert_snapshot!(errors, @"more.toml:4: company.id: company `acme` is also in acme.toml; write all of a company in one file");
}

#[test]
fn a_number_belongs_to_one_company() {
    let other = acme_with(r#"id = "acme""#, r#"id = "other""#);
    let other = other
        .replace("100000000000001", "100000000000009")
        .replace("5107", "5108");
    let other = other.replace("+852 5107 9303", "+85251089303");
    let errors = parse_all(&[("acme.toml", ACME), ("other.toml", &other)]).unwrap_err();
    assert_snapshot!(errors, @"
    other.toml:65: official_accounts[0].phone_number: `+85256428035` is also in acme.toml; a number belongs to one company
    other.toml:71: official_accounts[1].phone_number_id: `100000000000002` is also in acme.toml; a number belongs to one company
    other.toml:76: official_accounts[2].phone_number_id: `100000000000003` is also in acme.toml; a number belongs to one company
    ");
}

#[test]
fn the_mistakes_of_all_files_are_told() {
    let errors = parse_all(&[("z.toml", "[company"), ("least.toml", LEAST), ("a.toml", "\n[[")]).unwrap_err();
    assert_snapshot!(errors, @"
    z.toml:1: not TOML: unclosed table, expected `]`
    a.toml:2: not TOML: unquoted keys cannot be empty, expected letters, numbers, `-`, `_`
    ");
}
