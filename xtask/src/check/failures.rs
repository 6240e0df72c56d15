//! The register of failures: every test that `docs/failures.md` names exists.

use std::fs;

use anyhow::{Context, Result};
use cargo_metadata::Metadata;

use super::{Report, sources::rust_files};

const REGISTER: &str = "docs/failures.md";

pub(super) fn check(metadata: &Metadata) -> Result<Report> {
    let root = metadata.workspace_root.as_std_path();
    let register = fs::read_to_string(root.join(REGISTER)).with_context(|| format!("read {REGISTER}"))?;
    let mut code = String::new();
    for file in rust_files(&root.join("crates"))? {
        code.push_str(&fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))?);
    }
    Ok(Report::violations(violations_of(&register, &code)))
}

fn violations_of(register: &str, code: &str) -> Vec<String> {
    let mut violations = Vec::new();
    for row in register.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let number = row.split('|').nth(1).unwrap_or_default().trim();
        let tests: Vec<_> = row.split('`').skip(1).step_by(2).collect();
        if tests.is_empty() {
            violations.push(format!(
                "row {number} of {REGISTER} names no test: name one, or move it to those not tested"
            ));
        }
        for test in tests
            .into_iter()
            .filter(|test| !code.contains(&format!("fn {test}(")))
        {
            violations.push(format!(
                "row {number} of {REGISTER} names the test {test}, which is nowhere: the failure is unguarded; name \
                 the test that took its place"
            ));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::violations_of;

    const HEAD: &str = "| # | what broke | tests |\n|---|---|---|\n";

    #[test]
    fn a_row_whose_tests_exist_passes() {
        let register = format!("{HEAD}| 1 | it fell | `it_stands`, `it_walks` |\n");
        assert!(violations_of(&register, "fn it_stands() {} async fn it_walks(bench: &Bench) {}").is_empty());
    }

    #[test]
    fn a_test_that_is_gone_and_a_row_without_one_are_told() {
        let register = format!("{HEAD}| 1 | it fell | `it_stands` |\n| 2 | it broke | |\n");
        let violations = violations_of(&register, "fn it_stands_still() {}");
        assert_eq!(violations.len(), 2, "{violations:?}");
    }
}
