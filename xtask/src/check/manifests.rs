//! Manifests: the lints apply everywhere, and versions are written once, in the root.

use std::fs;

use anyhow::{Context, Result};
use cargo_metadata::Metadata;
use toml::{Table, Value};

use super::Report;

const KINDS: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

pub(super) fn check(metadata: &Metadata) -> Result<Report> {
    let mut violations = Vec::new();
    for package in &metadata.packages {
        let path = &package.manifest_path;
        let text = fs::read_to_string(path).with_context(|| format!("read {path}"))?;
        let manifest: Table = text.parse().with_context(|| format!("parse {path}"))?;
        violations.extend(violations_of(&package.name, &manifest));
    }
    Ok(Report::violations(violations))
}

fn violations_of(name: &str, manifest: &Table) -> Vec<String> {
    let mut violations = Vec::new();
    if !is_inherited(manifest.get("lints")) {
        violations.push(format!(
            "crate {name} must inherit the lints: forbidden calls would pass in it; write `[lints]` and `workspace = true`"
        ));
    }
    for table in dependency_tables(manifest) {
        let own = table
            .entries
            .iter()
            .filter(|(_, value)| !may_stand(table.kind, value));
        violations.extend(own.map(|(dependency, _)| {
            format!(
                "crate {name} must inherit {dependency} in [{}]: versions are written once, in the root; write \
                 `{dependency}.workspace = true` and the version under [workspace.dependencies]",
                table.kind
            )
        }));
    }
    violations
}

struct DependencyTable<'a> {
    kind: &'static str,
    entries: &'a Table,
}

/// The three tables of the manifest, and the three of each `[target.…]`.
fn dependency_tables(manifest: &Table) -> Vec<DependencyTable<'_>> {
    let targets = manifest
        .get("target")
        .and_then(Value::as_table)
        .into_iter()
        .flat_map(Table::values);
    let holders = std::iter::once(manifest).chain(targets.filter_map(Value::as_table));
    let tables = holders.flat_map(|holder| {
        KINDS.iter().filter_map(|kind| {
            let entries = holder.get(*kind)?.as_table()?;
            Some(DependencyTable { kind, entries })
        })
    });
    tables.collect()
}

/// A dev-dependency on one of ours may be a bare path: core and its testkit import each other in tests, and a
/// version there would close a circle when the crates are published.
fn may_stand(kind: &str, dependency: &Value) -> bool {
    let bare_path = dependency.get("path").is_some() && dependency.get("version").is_none();
    is_inherited(Some(dependency)) || (kind == "dev-dependencies" && bare_path)
}

fn is_inherited(value: Option<&Value>) -> bool {
    value
        .and_then(|value| value.get("workspace"))
        .and_then(Value::as_bool)
        == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(manifest: &str) -> Vec<String> {
        violations_of("a", &manifest.parse().expect("a manifest"))
    }

    #[test]
    fn inherited_lints_and_dependencies_are_what_we_want() {
        let manifest = r#"
            [lints]
            workspace = true
            [dependencies]
            serde.workspace = true
            tokio = { workspace = true, features = ["net"] }
            [dev-dependencies]
            onboarding-testkit = { path = "../onboarding-testkit" }
        "#;
        assert_eq!(judged(manifest), Vec::<String>::new());
    }

    #[test]
    fn a_crate_without_the_lints_is_named() {
        assert_eq!(judged("[dependencies]").len(), 1);
        assert_eq!(judged("[lints]\nworkspace = false").len(), 1);
    }

    #[test]
    fn a_version_of_its_own_is_found_in_every_table() {
        let manifest = r#"
            lints.workspace = true
            [dependencies]
            serde = "1"
            [dev-dependencies]
            proptest = { version = "1" }
            onboarding-testkit = { path = "../onboarding-testkit", version = "1" }
            [build-dependencies]
            cc = { git = "somewhere" }
            [target.'cfg(unix)'.dependencies]
            libc = "1"
        "#;
        let found = judged(manifest).join("\n");
        for name in [
            "serde in [dependencies]",
            "proptest",
            "onboarding-testkit",
            "cc",
            "libc",
        ] {
            assert!(
                found.contains(&format!("must inherit {name}")),
                "{name} in {found}"
            );
        }
    }

    #[test]
    fn a_path_in_the_shipped_code_is_inherited_too() {
        let manifest =
            "lints.workspace = true\n[dependencies]\nonboarding-core = { path = \"../onboarding-core\" }";
        assert_eq!(judged(manifest).len(), 1);
    }
}
