//! Migrations: complete, reversible on paper, and append-only once a release has carried them out into the
//! world.

use std::{collections::HashSet, fs, path::Path};

use anyhow::{Context, Result};
use cargo_metadata::Metadata;

use super::Report;
use crate::step::{self, command};

/// The revision with the whole first schema; later the tag of the first release. From there on a migration that is on
/// the main branch may have run on a database that we cannot reach, so it may not change any more.
const FROZEN_FROM: Option<&str> = Some("5347ae5e6b557b6927396cc1633825cb1dfe88f2");

pub(super) fn check(metadata: &Metadata) -> Result<Report> {
    let root = metadata.workspace_root.as_std_path();
    Ok(pairs(root)?.merge(frozen(root, FROZEN_FROM)?))
}

/// Every `migrations/DATABASE/NAME/` has both directions.
fn pairs(root: &Path) -> Result<Report> {
    let mut violations = Vec::new();
    for database in folders(&root.join("migrations"))? {
        for migration in folders(&root.join("migrations").join(&database))? {
            let path = format!("migrations/{database}/{migration}");
            let absent = ["up.sql", "down.sql"]
                .into_iter()
                .filter(|file| !root.join(&path).join(file).is_file());
            violations.extend(absent.map(|file| {
                format!(
                    "folder {path} must have {file}: an operator goes forward and back with them; write it, and say in a \
                     comment of down.sql what it cannot bring back"
                )
            }));
        }
    }
    Ok(Report::violations(violations))
}

/// Names of the folders inside, sorted; none if there is no such folder, as before the first migration.
fn folders(path: &Path) -> Result<Vec<String>> {
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(path).with_context(|| format!("list {}", path.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// A clone without the history cannot be judged, which is worth a note and no failure: the full clone of the
/// next merge will judge it.
fn frozen(root: &Path, release: Option<&str>) -> Result<Report> {
    let Some(release) = release else {
        return Ok(Report::note(
            "nothing was released yet, so migrations may still change in place",
        ));
    };
    if !is_commit(root, release) {
        return Ok(Report::note(format!(
            "not compared with release {release}, which this copy does not have; to compare: git fetch --tags --unshallow"
        )));
    }
    let mut changed = changed_since(root, release, "migrations")?;
    for Addition { commit, file } in additions(root, release)? {
        changed.extend(changed_since(root, &commit, &file)?);
    }
    changed.sort();
    changed.dedup();
    Ok(Report::violations(
        changed.iter().map(|file| thawed(file)).collect(),
    ))
}

fn thawed(file: &str) -> String {
    format!(
        "file {file} must not change: databases that have run it would differ from new ones; undo the change and add a \
         new migration"
    )
}

struct Addition {
    commit: String,
    file: String,
}

/// Migrations that came to the main branch after the release, each with the commit that brought it. On a
/// branch its own new migrations are not among them: they may change until they are merged.
fn additions(root: &Path, release: &str) -> Result<Vec<Addition>> {
    let main = if is_commit(root, "origin/main") {
        "origin/main"
    } else {
        "HEAD"
    };
    let range = format!("{release}..{main}");
    let log = [
        "log",
        "--reverse",
        "--first-parent",
        "-m",
        "--no-renames",
        "--diff-filter=A",
        "--name-only",
    ];
    let log = git(
        root,
        log.into_iter()
            .chain(["--format=commit %H", &range, "--", "migrations"]),
    )?;
    Ok(parse_additions(&log))
}

/// Of a file that was added twice the first commit counts.
fn parse_additions(log: &str) -> Vec<Addition> {
    let mut commit = "";
    let mut seen = HashSet::new();
    let mut additions = Vec::new();
    for line in log.lines().filter(|line| !line.is_empty()) {
        if let Some(hash) = line.strip_prefix("commit ") {
            commit = hash;
        } else if is_sql(line) && seen.insert(line) {
            additions.push(Addition {
                commit: commit.to_owned(),
                file: line.to_owned(),
            });
        }
    }
    additions
}

/// SQL files under the path that differ now, committed or not, from what they were in the revision; additions
/// excepted.
fn changed_since(root: &Path, revision: &str, path: &str) -> Result<Vec<String>> {
    let diff = git(
        root,
        [
            "diff",
            "--no-renames",
            "--diff-filter=a",
            "--name-only",
            revision,
            "--",
            path,
        ],
    )?;
    Ok(diff
        .lines()
        .filter(|file| is_sql(file))
        .map(str::to_owned)
        .collect())
}

/// The README beside the migrations stays free to change.
fn is_sql(file: &str) -> bool {
    Path::new(file)
        .extension()
        .is_some_and(|extension| extension == "sql")
}

/// False also without git or outside a repository.
fn is_commit(root: &Path, revision: &str) -> bool {
    git(
        root,
        [
            "rev-parse",
            "--quiet",
            "--verify",
            &format!("{revision}^{{commit}}"),
        ],
    )
    .is_ok()
}

fn git<'a>(root: &Path, args: impl IntoIterator<Item = &'a str>) -> Result<String> {
    let mut git = command("git", args);
    git.current_dir(root);
    step::stdout_of(git)
}

#[cfg(test)]
mod tests;
