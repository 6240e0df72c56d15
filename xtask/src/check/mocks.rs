//! Mocks do not ship: nothing that is built without the `mocks` feature reaches mockall.

use anyhow::{Result, ensure};
use cargo_metadata::Metadata;

use super::Report;
use crate::step::{self, cargo};

pub(super) fn check(metadata: &Metadata) -> Result<Report> {
    // All targets, because a leak on one system is a leak.
    let tree =
        "tree --workspace --locked --edges normal --target all --invert mockall --prefix none --format {p}";
    let output = step::capture(cargo(tree.split(' ')))?;
    let said = String::from_utf8_lossy(&output.stderr);
    // No crate of the whole lock file needs mockall: cargo calls that an error, we do not.
    let absent = said.contains("did not match any packages");
    ensure!(
        output.status.success() || absent,
        "cargo tree failed: {}",
        said.trim()
    );
    let members: Vec<&str> = metadata
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let leak = leak(&String::from_utf8_lossy(&output.stdout), &members);
    Ok(Report::violations(leak.into_iter().collect()))
}

/// One line however many crates are reached, because there is one cause: somebody turned the feature on.
fn leak(tree: &str, members: &[&str]) -> Option<String> {
    let reached = importers(tree, members);
    if reached.is_empty() {
        return None;
    }
    Some(format!(
        "crates {} must not depend on mockall: mocks would ship in the binary; turn the feature `mocks` on under \
         [dev-dependencies] only (cargo tree --workspace --edges normal,features --invert mockall shows who does not)",
        reached.join(", ")
    ))
}

/// The workspace crates among the lines of an inverted tree.
fn importers<'a>(tree: &str, members: &[&'a str]) -> Vec<&'a str> {
    let named = |member: &&str| tree.lines().any(|line| line.split(' ').next() == Some(*member));
    members.iter().copied().filter(|member| named(member)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_tree_is_no_leak() {
        assert_eq!(leak("", &["onboarding-core"]), None);
    }

    #[test]
    fn a_leak_is_one_line_that_names_each_crate_on_the_way() {
        let tree = "mockall v0.15.0\nonboarding-core v0.0.0 (/somewhere)\nserver v0.0.0 (/somewhere) (*)\n";
        let line = leak(tree, &["onboarding-core", "onboarding", "server"]).expect("a leak");
        assert!(
            line.starts_with("crates onboarding-core, server must not depend on mockall: "),
            "{line}"
        );
        assert!(!line.contains('\n'));
    }
}
