//! The commands as an operator runs them, and what they say when something is wrong.

use std::{path::Path, process::Output};

use serde_json::json;
use tempfile::TempDir;

use crate::{
    demo::{Demo, JANE, PRIMARY, until},
    process::binary,
};

const MANIFEST: &str = include_str!("../../src/demo/company.toml");

/// A folder with a database, a manifest, and the secrets that it refers to.
struct Installation {
    folder: TempDir,
}

impl Installation {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        for name in ["app_secret", "verify_token", "access_token"] {
            std::fs::write(folder.path().join(name), format!("the {name}")).unwrap();
        }
        let new = Self { folder };
        new.write("acme.toml", MANIFEST);
        new
    }

    fn write(&self, name: &str, manifest: &str) {
        let text = manifest.replace("SECRETS", self.folder.path().to_str().unwrap());
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn run(&self, args: &[&str]) -> Output {
        let database = format!("sqlite://{}/onboarding.db", self.folder.path().display());
        binary()
            .args(args)
            .env("DATABASE_URL", database)
            .current_dir(self.folder.path())
            .output()
            .unwrap()
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn apply_says_what_it_changes_and_the_second_time_changes_nothing() {
    let installation = Installation::new();
    let dry = installation.run(&["apply", "--dry-run", "acme.toml"]);
    assert!(dry.status.success(), "{}", stderr(&dry));
    assert!(stdout(&dry).contains("acme: + user dom"), "{}", stdout(&dry));
    assert!(stdout(&dry).contains("none made"), "{}", stdout(&dry));
    let first = installation.run(&["apply", "acme.toml"]);
    assert!(
        stdout(&first).contains("change(s) made, revision 1"),
        "{}{}",
        stdout(&first),
        stderr(&first)
    );
    let second = installation.run(&["apply", "acme.toml"]);
    let said = stdout(&second);
    let lines: Vec<_> = said.lines().collect();
    assert_eq!((lines.len(), lines[0]), (2, "acme: nothing to change"), "{said}");
    assert!(
        lines[1].starts_with("acme: templates: not checked at WhatsApp"),
        "{said}"
    );
}

#[test]
fn a_change_is_shown_with_before_and_after() {
    let installation = Installation::new();
    assert!(installation.run(&["apply", "acme.toml"]).status.success());
    installation.write("acme.toml", &MANIFEST.replace("\"#kate\"", "\"#katarina\""));
    let changed = installation.run(&["apply", "acme.toml"]);
    let shown = stdout(&changed);
    assert!(
        shown.contains("~ user kate") && shown.contains("#kate") && shown.contains("#katarina"),
        "{shown}"
    );
}

#[test]
fn a_wrong_manifest_is_refused_as_a_whole_with_a_line_for_each_mistake() {
    let installation = Installation::new();
    let wrong = MANIFEST
        .replace("extension = \"#michael\"", "extension = \"#dom123456\"")
        .replace("{user_title} at", "{user_position} at")
        .replace("org_unit = \"hk-funds\"", "org_unit = \"hk-fonds\"");
    installation.write("wrong.toml", &wrong);
    let refused = installation.run(&["apply", "wrong.toml"]);
    assert!(!refused.status.success());
    let said = stderr(&refused);
    for (mistake, line) in [
        ("#dom123456", "michael"),
        ("{user_position}", "user_info"),
        ("hk-fonds", "kate"),
    ] {
        let number = said
            .lines()
            .find(|said| said.contains(mistake))
            .unwrap_or_else(|| panic!("{mistake}: {said}"));
        assert!(number.starts_with("wrong.toml:"), "{line}: {number}");
    }
    assert!(said.contains("nothing was changed"), "{said}");
    let qr = installation.run(&["qr", "dom"]);
    assert!(stderr(&qr).contains("no company yet"), "{}", stderr(&qr));
}

#[test]
fn a_manifest_brings_the_logo_of_its_codes_and_takes_it_away() {
    let installation = Installation::new();
    installation.write(
        "branded.toml",
        &format!("{MANIFEST}\n[qr]\nlogo = \"logo.svg\"\n"),
    );
    let missing = installation.run(&["apply", "branded.toml"]);
    assert!(!missing.status.success());
    assert!(
        stderr(&missing).contains("branded.toml: qr.logo: logo.svg: cannot be read"),
        "{}",
        stderr(&missing)
    );
    let logo = installation.path().join("logo.svg");
    std::fs::write(
        &logo,
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'/>",
    )
    .unwrap();
    let refused = installation.run(&["apply", "branded.toml"]);
    assert!(
        stderr(&refused).contains("give it in a darker colour"),
        "{}",
        stderr(&refused)
    );
    std::fs::write(
        &logo,
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><circle cx='4' cy='4' r='4'/></svg>",
    )
    .unwrap();
    assert!(installation.run(&["apply", "acme.toml"]).status.success());
    let ours = stdout(&installation.run(&["qr", "dom"]));
    let applied = installation.run(&["apply", "branded.toml"]);
    assert!(
        stdout(&applied).contains("QR logo changed"),
        "{}",
        stdout(&applied)
    );
    let again = installation.run(&["apply", "branded.toml"]);
    assert!(stdout(&again).contains("nothing to change"), "{}", stdout(&again));
    assert!(stdout(&installation.run(&["qr", "dom"])).contains("data:image/png;base64,"));
    assert!(installation.run(&["apply", "acme.toml"]).status.success());
    assert_eq!(stdout(&installation.run(&["qr", "dom"])), ours);
}

#[test]
fn a_qr_code_of_a_user_holds_the_link_to_the_primary() {
    let installation = Installation::new();
    assert!(installation.run(&["apply", "acme.toml"]).status.success());
    let png = installation.run(&["qr", "dom", "--format", "png", "--out", "dom.png"]);
    assert!(png.status.success(), "{}", stderr(&png));
    let picture = image::open(installation.path().join("dom.png"))
        .unwrap()
        .to_luma8();
    let mut prepared = rqrr::PreparedImage::prepare(picture);
    let decoded = prepared.detect_grids()[0].decode().unwrap().1;
    assert_eq!(decoded, "https://wa.me/85256428035?text=%23dom123456");
    let svg = installation.run(&["qr", "dom"]);
    assert!(stdout(&svg).contains("<svg"));
    let card = [
        "qr",
        "dom",
        "--format",
        "card",
        "--theme",
        "dark",
        "--language",
        "ar",
        "--size",
        "720",
    ];
    let card = installation.run(&[card.as_slice(), &["--out", "card.png"]].concat());
    assert!(card.status.success(), "{}", stderr(&card));
    let picture = image::open(installation.path().join("card.png")).unwrap();
    assert_eq!((picture.width(), picture.height()), (720, 960));
    let mut prepared = rqrr::PreparedImage::prepare(picture.to_luma8());
    let decoded = prepared.detect_grids()[0].decode().unwrap().1;
    assert_eq!(decoded, "https://wa.me/85256428035?text=%23dom123456");
    let small = installation.run(&["qr", "dom", "--size", "100"]);
    assert!(
        stderr(&small).contains("choose 128 to 4096"),
        "{}",
        stderr(&small)
    );
    let without = installation.run(&["qr", "priya"]);
    assert!(
        stderr(&without).contains("priya has no extension"),
        "{}",
        stderr(&without)
    );
    let nobody = installation.run(&["qr", "nobody"]);
    assert!(
        stderr(&nobody).contains("has no active user `nobody`"),
        "{}",
        stderr(&nobody)
    );
}

#[test]
fn each_mistake_of_set_up_is_one_line_and_a_failure() {
    let installation = Installation::new();
    let line_of = |key: &str, value: &str, args: &[&str]| {
        let output = binary()
            .args(args)
            .env(key, value)
            .current_dir(installation.path())
            .output()
            .unwrap();
        assert!(!output.status.success(), "{key}={value}");
        let said = stderr(&output);
        assert_eq!(said.trim().lines().count(), 1, "{said}");
        said
    };
    assert!(line_of("ONBOARDING_LISTN", "1", &["serve"]).contains("ONBOARDING_LISTN: no such setting"));
    assert!(line_of("DATABASE_URL", "mysql://x", &["serve"]).contains("DATABASE_URL: write sqlite://PATH"));
    assert!(line_of("ONBOARDING_LOG", "a=b=c", &["serve"]).contains("ONBOARDING_LOG"));
    assert!(line_of("DATABASE_URL", "sqlite:///proc/nothing/x.db", &["migrate"]).contains("/proc/nothing"));
    let missing = installation.run(&["apply", "nowhere.toml"]);
    assert!(
        stderr(&missing).contains("nowhere.toml: cannot be read"),
        "{}",
        stderr(&missing)
    );
    let config = installation.run(&["--config", "acme.toml", "serve"]);
    assert!(!config.status.success());
}

#[test]
fn serving_a_company_without_its_secrets_is_refused() {
    let installation = Installation::new();
    assert!(installation.run(&["apply", "acme.toml"]).status.success());
    std::fs::remove_file(installation.path().join("app_secret")).unwrap();
    let refused = installation.run(&["serve"]);
    assert!(!refused.status.success());
    let said = stderr(&refused);
    assert!(
        said.lines()
            .last()
            .unwrap()
            .contains("company acme: app_secret: the file"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_the_same_file_is_refused_in_one_line() {
    let demo = Demo::start();
    let database = format!("sqlite://{}/onboarding.db", demo.data.path().display());
    let second = binary()
        .arg("serve")
        .env("DATABASE_URL", database)
        .output()
        .unwrap();
    assert!(!second.status.success());
    let said = stderr(&second);
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    assert!(said.contains("in use by another process"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_address_is_named_with_its_setting() {
    let demo = Demo::start();
    let busy = demo.base.strip_prefix("http://").unwrap();
    let second = binary()
        .arg("demo")
        .env("ONBOARDING_LISTEN", busy)
        .output()
        .unwrap();
    assert!(!second.status.success());
    assert!(
        stderr(&second).contains("ONBOARDING_LISTEN: cannot listen on"),
        "{}",
        stderr(&second)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_demo_starts_again_with_its_record_and_stops_cleanly() {
    let demo = Demo::start();
    demo.writes(JANE, PRIMARY, "Hi there").await;
    demo.quiet().await;
    let again = demo.stop().start();
    assert_eq!(again.decision_on("Hi there").await.outcome, "no_extension");
}

/// The ids in the first column of `dead-letters`.
fn ids(listed: &str) -> Vec<String> {
    let rows = listed.lines().skip(1);
    rows.map(|row| row.split_whitespace().next().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_is_listed_and_replayed() {
    let demo = Demo::start();
    let unreachable = json!({"graph_error": {"code": 131_026, "next": 1}});
    demo.put("faults", unreachable).await;
    demo.writes(JANE, PRIMARY, "Hi there").await;
    demo.gave_up(1).await;
    let stopped = demo.stop();
    let listed = stdout(&stopped.run(&["dead-letters"]));
    let row = listed.lines().nth(1).unwrap();
    assert!(
        row.contains("acme") && row.contains("outbound") && row.contains("(WhatsApp 131026)"),
        "{listed}"
    );
    assert!(!listed.contains(JANE) && !listed.contains("Hi there"), "{listed}");
    let of_another = stdout(&stopped.run(&["dead-letters", "--company", "initech"]));
    assert_eq!(of_another, "no dead letters\n");
    let id = &ids(&listed)[0];
    let replayed = stopped.run(&["replay", id]);
    assert!(replayed.status.success(), "{}", stderr(&replayed));
    assert!(
        stdout(&replayed).contains("in its queue again"),
        "{}",
        stdout(&replayed)
    );
    assert_eq!(stdout(&stopped.run(&["dead-letters"])), "no dead letters\n");
    let again = stopped.start();
    // The simulator has forgotten that Jane wrote, and refuses it for that: what counts is that it was sent again.
    until("the next attempt", || async {
        let ledger = again.get("/simulator/api/ledger").await;
        let calls = ledger["graph_calls"].as_array()?;
        calls
            .iter()
            .any(|call| call["body"]["type"] == "text")
            .then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_that_cannot_be_says_why_and_what_to_do() {
    let demo = Demo::start();
    let undeliverable = json!({"graph_error": {"code": 131_026, "next": 1, "templates_only": true}});
    demo.put("faults", undeliverable).await;
    demo.writes(JANE, PRIMARY, "#dom123456").await;
    demo.gave_up(1).await;
    let stopped = demo.stop();
    let id = ids(&stdout(&stopped.run(&["dead-letters", "--limit", "1"]))).remove(0);
    let refused = stopped.run(&["replay", &id]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        stderr(&refused)
            .contains("its room is over; the client gets a new one by writing the extension again"),
        "{}",
        stderr(&refused)
    );
    let unknown = stopped.run(&["replay", "01a202f5-ece3-79be-8270-2839233b04fa"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(
        stderr(&unknown).contains("`onboarding-server dead-letters` lists them"),
        "{}",
        stderr(&unknown)
    );
    assert_eq!(
        stopped.run(&["replay", "no-id"]).status.code(),
        Some(2),
        "a mistake in the command line"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_may_be_is_told_and_fails() {
    let demo = Demo::start();
    demo.writes(JANE, PRIMARY, "#dom123456").await;
    demo.quiet().await;
    let stopped = demo.stop();
    let whole = stopped.run(&["verify"]);
    assert!(whole.status.success(), "{}", stderr(&whole));
    assert_eq!(
        stdout(&whole),
        "companies checked: 1; violations: 0; invariants broken: 0\n"
    );
    stopped.damage("UPDATE outbox SET progress = NULL");
    let damaged = stopped.run(&["verify"]);
    assert_eq!(damaged.status.code(), Some(1));
    let said = stdout(&damaged);
    assert!(
        said.lines().next().unwrap().starts_with("INV-16 acme: message "),
        "{said}"
    );
    assert!(
        said.ends_with("companies checked: 1; violations: 2; invariants broken: 1\n"),
        "{said}"
    );
    assert!(!said.contains(JANE), "{said}");
}
