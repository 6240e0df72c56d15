//! The register of failures: `docs/failures.md` has all of them, and every test that it names is one.

use std::{collections::BTreeSet, fs};

use anyhow::{Context, Result};
use cargo_metadata::Metadata;

use super::{Report, sources::rust_files};

const REGISTER: &str = "docs/failures.md";

/// How many failures the register of the project has.
const ROWS: usize = 45;

pub(super) fn check(metadata: &Metadata) -> Result<Report> {
    let root = metadata.workspace_root.as_std_path();
    let register = fs::read_to_string(root.join(REGISTER)).with_context(|| format!("read {REGISTER}"))?;
    let mut tests = BTreeSet::new();
    for file in rust_files(&root.join("crates"))? {
        let code = fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))?;
        tests.extend(tests_in(&code));
    }
    Ok(Report::violations(violations_of(&register, ROWS, &tests)))
}

/// The names of the functions that a test runner runs: those under an attribute for it, and the cases of the contract,
/// which stand in a list.
fn tests_in(code: &str) -> Vec<String> {
    let (mut tests, mut is_test, mut in_list) = (Vec::new(), false, false);
    for line in code.lines().map(str::trim) {
        if line.starts_with("list_cases!(") {
            in_list = true;
        } else if in_list && line == ");" {
            in_list = false;
        } else if in_list {
            tests.push(line.trim_end_matches(',').to_owned());
        } else if line.starts_with("#[") {
            is_test |= line == "#[test]" || line.contains("::test]") || line.contains("::test(");
        } else if is_test && let Some((_, after)) = line.split_once("fn ") {
            tests.extend(after.split_once('(').map(|(name, _)| name.to_owned()));
            is_test = false;
        } else if !line.starts_with("//") {
            is_test = false;
        }
    }
    tests
}

fn violations_of(register: &str, rows: usize, tests: &BTreeSet<String>) -> Vec<String> {
    let mut violations = Vec::new();
    let mut numbers = Vec::new();
    for row in register.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let number = row.split('|').nth(1).unwrap_or_default().trim();
        numbers.push(number.to_owned());
        let named: Vec<_> = row.split('`').skip(1).step_by(2).collect();
        if named.is_empty() {
            violations.push(format!(
                "row {number} of {REGISTER} names no test: name one, or move it to those not tested"
            ));
        }
        for test in named.into_iter().filter(|test| !tests.contains(*test)) {
            violations.push(format!(
                "row {number} of {REGISTER} names the test {test}, which no runner runs: the failure is unguarded; \
                 name the test that took its place"
            ));
        }
    }
    let expected: Vec<_> = (1..=rows).map(|number| number.to_string()).collect();
    if numbers != expected {
        violations.push(format!(
            "{REGISTER} must have the rows 1 to {rows}, each once and in order"
        ));
    }
    violations
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{tests_in, violations_of};

    const HEAD: &str = "| # | what broke | tests |\n|---|---|---|\n";

    fn tests(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn a_row_whose_tests_exist_passes() {
        let register = format!("{HEAD}| 1 | it fell | `it_stands`, `it_walks` |\n");
        let violations = violations_of(&register, 1, &tests(&["it_stands", "it_walks"]));
        assert!(violations.is_empty(), "{violations:?}");
    }

    #[test]
    fn a_test_that_is_gone_and_a_row_without_one_are_told() {
        let register = format!("{HEAD}| 1 | it fell | `it_stands` |\n| 2 | it broke | |\n");
        let violations = violations_of(&register, 2, &tests(&["it_stands_still"]));
        assert_eq!(violations.len(), 2, "{violations:?}");
    }

    #[test]
    fn a_row_that_is_gone_is_told() {
        let register = format!("{HEAD}| 2 | it fell | `it_stands` |\n");
        let violations = violations_of(&register, 2, &tests(&["it_stands"]));
        assert_eq!(violations.len(), 1, "{violations:?}");
    }

    #[test]
    fn only_what_a_runner_runs_is_a_test() {
        let code = "list_cases!(($) rooms => rooms_contract:\n    a_case,\n);\n\
                    #[tokio::test(flavor = \"multi_thread\")]\n#[expect(lint)]\nasync fn it_stands() {}\n\
                    #[test]\nfn it_walks(word in any::<String>()) {}\n\
                    /// Helps.\nfn it_helps() {}\n#[derive(Test)]\nstruct It;\nfn it_rests() {}\n";
        assert_eq!(tests_in(code), ["a_case", "it_stands", "it_walks"]);
    }
}
