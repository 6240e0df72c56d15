//! The commands of the audit, as an operator and a verifier run them.

use std::{
    fs,
    process::{Command, Output},
};

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use tempfile::TempDir;

use crate::process::binary;

const MANIFEST: &str = include_str!("../../src/demo/company.toml");

/// A database with a company, and a key that signs.
struct Audited(TempDir);

impl Audited {
    fn new() -> Self {
        let new = Self(TempDir::new().unwrap());
        for name in ["app_secret", "verify_token", "access_token"] {
            fs::write(new.0.path().join(name), format!("the {name}")).unwrap();
        }
        let manifest = MANIFEST.replace("SECRETS", new.0.path().to_str().unwrap());
        fs::write(new.0.path().join("acme.toml"), manifest).unwrap();
        new.makes_a_key("key");
        assert!(new.run(&["apply", "acme.toml"]).status.success());
        new
    }

    fn makes_a_key(&self, name: &str) {
        let (key, public) = (format!("{name}.pem"), format!("{name}.pub.pem"));
        for args in [
            &["genpkey", "-algorithm", "ed25519", "-out", &key][..],
            &["pkey", "-in", &key, "-pubout", "-out", &public],
        ] {
            let made = Command::new("openssl")
                .args(args)
                .current_dir(self.0.path())
                .output()
                .unwrap();
            assert!(made.status.success());
        }
    }

    fn run(&self, args: &[&str]) -> Output {
        binary()
            .args(args)
            .env(
                "DATABASE_URL",
                format!("sqlite://{}/onboarding.db", self.0.path().display()),
            )
            .env("ONBOARDING_AUDIT_KEY", "file:key.pem")
            .env_remove("SUDO_USER")
            .env("LOGNAME", "olga")
            .current_dir(self.0.path())
            .output()
            .unwrap()
    }

    /// What the command prints, and whether it succeeds.
    fn says(&self, args: &[&str]) -> (String, bool) {
        let output = self.run(args);
        let told = [output.stdout, output.stderr].concat();
        (String::from_utf8(told).unwrap(), output.status.success())
    }

    fn keeps_a_checkpoint(&self) {
        let (line, done) = self.says(&["audit", "checkpoint"]);
        assert!(done, "{line}");
        fs::write(self.0.path().join("checkpoints.jsonl"), line).unwrap();
    }

    fn tampers(&self, sql: &str) {
        let file = self.0.path().join("onboarding.db");
        let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
        let free = "DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_deleted;";
        connection.batch_execute(&format!("{free} {sql}")).unwrap();
    }
}

const CHECK: [&str; 3] = ["verify-audit", "--checkpoint", "checkpoints.jsonl"];

#[test]
fn a_whole_audit_is_found_whole_with_either_half_of_the_key() {
    let audited = Audited::new();
    audited.keeps_a_checkpoint();
    let whole = "companies checked: 1; checkpoints: 1; findings: 0\n".to_owned();
    assert_eq!(audited.says(&CHECK), (whole.clone(), true));
    let with_public_key = [&CHECK[..], &["--public-key", "key.pub.pem"]].concat();
    assert_eq!(audited.says(&with_public_key), (whole, true));
}

#[test]
fn a_changed_entry_fails_the_check_with_a_line() {
    let audited = Audited::new();
    audited.tampers("UPDATE audit_events SET actor_id = 'somebody' WHERE sequence = 3");
    let (told, whole) = audited.says(&["verify-audit"]);
    let line = "acme: entry 3 is not the one that was written there: it was changed, inserted or moved\n";
    assert!(
        told.starts_with(line) && told.ends_with("findings: 1\n"),
        "{told}"
    );
    assert!(!whole);
}

#[test]
fn a_hidden_cut_fails_the_check_against_a_checkpoint_only() {
    let audited = Audited::new();
    audited.keeps_a_checkpoint();
    audited.tampers(
        "DELETE FROM audit_events WHERE sequence > 3;
         UPDATE audit_heads SET sequence = 3, hash = (SELECT hash FROM audit_events WHERE sequence = 3)",
    );
    assert!(audited.says(&["verify-audit"]).1);
    let (told, whole) = audited.says(&CHECK);
    assert!(
        told.contains("and the last one is 3: entries were cut off") && !whole,
        "{told}"
    );
}

#[test]
fn a_checkpoint_that_the_key_did_not_sign_is_a_finding() {
    let audited = Audited::new();
    audited.keeps_a_checkpoint();
    audited.makes_a_key("other");
    let with_another = [&CHECK[..], &["--public-key", "other.pub.pem"]].concat();
    let (told, whole) = audited.says(&with_another);
    assert!(
        told.contains("checkpoints.jsonl: line 1: this key did not sign the checkpoint") && !whole,
        "{told}"
    );

    let file = audited.0.path().join("checkpoints.jsonl");
    let forged = fs::read_to_string(&file)
        .unwrap()
        .replace("\"sequence\":", "\"sequence\":1");
    fs::write(&file, forged).unwrap();
    assert!(!audited.says(&CHECK).1);
}

#[test]
fn what_is_exported_says_who_did_what() {
    let audited = Audited::new();
    let (lines, done) = audited.says(&["audit", "export", "--company", "acme"]);
    assert!(done, "{lines}");
    let entries: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let user = entries.iter().find(|entry| entry["subject_id"] == "dom").unwrap();
    assert_eq!(
        (
            &user["actor_kind"],
            &user["actor_id"],
            &user["action"],
            &user["subject_kind"]
        ),
        (
            &"operator".into(),
            &"olga".into(),
            &"create".into(),
            &"user".into()
        )
    );
    let after: serde_json::Value = serde_json::from_str(user["after"].as_str().unwrap()).unwrap();
    assert!(after["extension"].is_string());

    let (table, done) = audited.says(&["audit", "export", "--company", "acme", "--format", "csv"]);
    assert!(
        done && table.starts_with("company,sequence,at,actor_kind,"),
        "{table}"
    );
    assert_eq!(table.lines().count(), entries.len() + 1);
    assert!(table.contains(",official_account,'+852"), "no formula: {table}");

    let early = [
        "audit",
        "export",
        "--company",
        "acme",
        "--to",
        "2020-01-01T00:00:00Z",
    ];
    assert_eq!(audited.says(&early), (String::new(), true));
}

#[test]
fn what_is_missing_is_said_with_the_mend() {
    let audited = Audited::new();
    fs::remove_file(audited.0.path().join("key.pem")).unwrap();
    let (told, done) = audited.says(&["audit", "checkpoint"]);
    assert!(
        told.contains("ONBOARDING_AUDIT_KEY: the file key.pem cannot be read") && !done,
        "{told}"
    );
    let (told, done) = audited.says(&["audit", "export", "--company", "nobody"]);
    assert!(told.contains("there is no company nobody") && !done, "{told}");
    let (told, done) = audited.says(&["audit", "export", "--company", "acme", "--from", "monday"]);
    assert!(
        told.contains("--from: `monday` is no time; write 2026-01-31T00:00:00Z") && !done,
        "{told}"
    );
}
