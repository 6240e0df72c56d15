//! Source files: each says at its top what it is for, and none is too long to read.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use cargo_metadata::Metadata;

use super::Report;

const MAX_LINES: usize = 500;

/// Files that may be longer, each with its reason. A reason that could be said of any file is none.
const LONG_FILES: &[(&str, &str)] = &[];

pub(super) fn check(metadata: &Metadata) -> Result<Report> {
    let root = metadata.workspace_root.as_std_path();
    let mut violations = Vec::new();
    for package in &metadata.packages {
        let folder = package
            .manifest_path
            .parent()
            .context("a manifest lies in a folder")?;
        for file in rust_files(folder.as_std_path())? {
            let text = fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))?;
            violations.extend(violations_of(&shown(root, &file), &text));
        }
    }
    Ok(Report::violations(violations))
}

fn shown(root: &Path, file: &Path) -> String {
    file.strip_prefix(root).unwrap_or(file).display().to_string()
}

/// All Rust files below the folder in a stable order, without build output.
pub(super) fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() && !path.ends_with("target") {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

fn violations_of(file: &str, text: &str) -> Vec<String> {
    let mut violations = Vec::new();
    if !says_its_purpose(text) && !is_named_tests(file) {
        violations.push(format!(
            "file {file} must begin with a `//!` comment: a reader decides by it whether to read on; say what the \
             module is for"
        ));
    }
    let lines = text.lines().count();
    if lines > MAX_LINES && !LONG_FILES.iter().any(|(path, _)| *path == file) {
        violations.push(format!(
            "file {file} must not have {lines} lines: nobody reads more than {MAX_LINES} at once; split it by task, or \
             give a reason in xtask/src/check/sources.rs"
        ));
    }
    violations
}

/// The map of a crate may stand in its README, where it is read without the code.
fn says_its_purpose(text: &str) -> bool {
    text.starts_with("//!") || text.starts_with("#![doc = include_str!(")
}

/// `tests.rs` beside a module says what it is for by its name; a comment could only repeat it.
fn is_named_tests(file: &str) -> bool {
    Path::new(file).file_name().is_some_and(|name| name == "tests.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_file_with_a_purpose_passes() {
        assert_eq!(
            violations_of("a.rs", "//! Values.\n\nuse std::fmt;\n"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_readme_is_a_purpose_too() {
        let text = "#![doc = include_str!(\"../README.md\")]\n\nmod a;\n";
        assert_eq!(violations_of("crates/a/src/lib.rs", text), Vec::<String>::new());
    }

    #[test]
    fn a_file_without_a_purpose_is_named() {
        for text in [
            "",
            "use std::fmt;\n//! late\n",
            "/// of an item, not of the file\n",
            "// plain\n",
        ] {
            assert_eq!(violations_of("crates/a/src/lib.rs", text).len(), 1, "{text:?}");
        }
    }

    #[test]
    fn the_tests_of_a_module_need_no_purpose_but_other_test_files_do() {
        assert_eq!(
            violations_of("crates/a/src/phone/tests.rs", "use super::*;\n"),
            Vec::<String>::new()
        );
        assert_eq!(violations_of("crates/a/tests/pages.rs", "use a::*;\n").len(), 1);
    }

    #[test]
    fn the_limit_itself_is_allowed_and_one_more_is_not() {
        let of = |lines: usize| format!("//! Long.\n{}", "\n".repeat(lines - 1));
        assert_eq!(violations_of("a.rs", &of(MAX_LINES)), Vec::<String>::new());
        assert_eq!(violations_of("a.rs", &of(MAX_LINES + 1)).len(), 1);
    }

    #[test]
    fn the_files_of_this_crate_are_found_without_other_kinds() {
        let files = rust_files(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("a readable folder");
        assert!(files.iter().any(|file| file.ends_with("src/check/sources.rs")));
        assert!(
            files
                .iter()
                .all(|file| file.extension().is_some_and(|extension| extension == "rs"))
        );
    }
}
