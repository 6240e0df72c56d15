//! Migrations in repositories made for the occasion: each test has a folder, and where needed a history, of
//! its own.

use tempfile::TempDir;

use super::*;

struct Repository {
    folder: TempDir,
}

impl Repository {
    fn without_history() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    fn new() -> Self {
        let repository = Self::without_history();
        repository.git(["init", "--quiet", "--initial-branch", "main"]);
        repository
    }

    /// A repository whose release `v1` has one migration.
    fn released() -> Self {
        let repository = Self::new();
        repository.migration("0001_init");
        repository.commit();
        repository.git(["tag", "v1"]);
        repository
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn git<const N: usize>(&self, args: [&str; N]) {
        let identity = [
            "-c",
            "user.name=Test",
            "-c",
            "user.email=test@localhost",
            "-c",
            "commit.gpgsign=false",
        ];
        git(self.root(), identity.into_iter().chain(args)).expect("git");
    }

    fn commit(&self) {
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--message", "change"]);
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("make the folder");
        fs::write(path, text).expect("write the file");
    }

    fn migration(&self, name: &str) {
        self.write(
            &format!("migrations/sqlite/{name}/up.sql"),
            "CREATE TABLE t (id TEXT);\n",
        );
        self.write(&format!("migrations/sqlite/{name}/down.sql"), "DROP TABLE t;\n");
    }

    fn violations(&self) -> Vec<String> {
        let report = frozen(self.root(), Some("v1")).expect("a judgement");
        assert_eq!(report.notes, Vec::<String>::new());
        report.violations
    }
}

#[test]
fn before_the_first_migration_there_is_nothing_to_say() {
    let repository = Repository::without_history();
    assert_eq!(pairs(repository.root()).expect("a judgement"), Report::default());
}

#[test]
fn a_migration_with_one_direction_is_named() {
    let repository = Repository::without_history();
    repository.migration("0001_init");
    repository.write("migrations/README.md", "About.\n");
    repository.write("migrations/sqlite/0002_more/up.sql", "SELECT 1;\n");
    let violations = pairs(repository.root()).expect("a judgement").violations;
    assert_eq!(violations.len(), 1);
    assert!(
        violations[0].starts_with("folder migrations/sqlite/0002_more must have down.sql: "),
        "{violations:?}"
    );
}

#[test]
fn before_the_release_everything_may_change() {
    let report = frozen(Repository::without_history().root(), None).expect("a judgement");
    assert_eq!(report.violations, Vec::<String>::new());
    assert_eq!(report.notes.len(), 1);
}

#[test]
fn without_the_history_there_is_a_note_and_no_verdict() {
    for repository in [Repository::without_history(), Repository::new()] {
        let report = frozen(repository.root(), Some("v1")).expect("a judgement");
        assert_eq!(report.violations, Vec::<String>::new());
        assert!(
            report.notes[0].contains("git fetch --tags --unshallow"),
            "{report:?}"
        );
    }
}

#[test]
fn new_migrations_are_welcome() {
    let repository = Repository::released();
    repository.migration("0002_more");
    assert_eq!(repository.violations(), Vec::<String>::new(), "not yet committed");
    repository.commit();
    assert_eq!(repository.violations(), Vec::<String>::new(), "committed");
}

#[test]
fn a_released_migration_may_not_change_even_before_a_commit() {
    let repository = Repository::released();
    repository.write(
        "migrations/sqlite/0001_init/up.sql",
        "CREATE TABLE other (id TEXT);\n",
    );
    let expected = [thawed("migrations/sqlite/0001_init/up.sql")];
    assert_eq!(repository.violations(), expected);
    repository.commit();
    assert_eq!(repository.violations(), expected);
}

#[test]
fn a_released_migration_may_not_be_moved_or_deleted() {
    let repository = Repository::released();
    let (old, new) = ("migrations/sqlite/0001_init", "migrations/sqlite/0001_start");
    fs::rename(repository.root().join(old), repository.root().join(new)).expect("rename");
    repository.commit();
    let expected = [
        thawed(&format!("{old}/down.sql")),
        thawed(&format!("{old}/up.sql")),
    ];
    assert_eq!(repository.violations(), expected);
}

#[test]
fn a_migration_that_came_after_the_release_is_frozen_on_main() {
    let repository = Repository::released();
    repository.migration("0002_more");
    repository.commit();
    repository.write(
        "migrations/sqlite/0002_more/up.sql",
        "CREATE TABLE other (id TEXT);\n",
    );
    repository.commit();
    assert_eq!(
        repository.violations(),
        [thawed("migrations/sqlite/0002_more/up.sql")]
    );
}

#[test]
fn a_migration_of_a_branch_may_change_until_it_is_merged() {
    let repository = Repository::released();
    repository.git(["update-ref", "refs/remotes/origin/main", "HEAD"]);
    repository.migration("0002_more");
    repository.commit();
    repository.write(
        "migrations/sqlite/0002_more/up.sql",
        "CREATE TABLE other (id TEXT);\n",
    );
    repository.commit();
    assert_eq!(repository.violations(), Vec::<String>::new());
}

#[test]
fn the_readme_beside_them_is_not_frozen() {
    let repository = Repository::released();
    repository.write("migrations/README.md", "About.\n");
    repository.commit();
    repository.git(["tag", "--force", "v1"]);
    repository.write("migrations/README.md", "More about.\n");
    assert_eq!(repository.violations(), Vec::<String>::new());
}
