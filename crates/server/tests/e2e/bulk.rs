//! Thousands of users at once, through the running service that dies meanwhile.

use std::{collections::BTreeMap, fmt::Write as _};

use reqwest::Response;
use serde_json::Value;

use crate::{
    deployment::{Deployment, Replica},
    process::PATIENCE,
    replicas::on_postgres,
};

const ROWS: usize = 5_000;

/// A service with the right to change the configuration, whose users it writes as a table.
struct Service<'a> {
    deployment: &'a Deployment,
    token: String,
}

impl<'a> Service<'a> {
    fn of(deployment: &'a Deployment) -> Self {
        let args = ["token", "create", "HR", "--scope", "config:write", "--days", "7"];
        let created = deployment.command(&args).output().unwrap();
        let said = String::from_utf8(created.stdout).unwrap();
        Self {
            deployment,
            token: said.lines().next().unwrap().to_owned(),
        }
    }

    async fn posts(&self, replica: &Replica, address: &str, table: String) -> Response {
        let asked = self.deployment.http.post(format!("{}{address}", replica.public));
        let asked = asked.bearer_auth(&self.token).header("Content-Type", "text/csv");
        asked.body(table).send().await.unwrap()
    }

    async fn begins(&self, replica: &Replica, address: &str, table: String) -> String {
        let begun = self.posts(replica, address, table).await;
        assert_eq!(begun.status().as_u16(), 201);
        begun.headers()["location"].to_str().unwrap().to_owned()
    }

    async fn gets(&self, replica: &Replica, address: &str) -> Value {
        let asked = self.deployment.http.get(format!("{}{address}", replica.public));
        let answer = asked.bearer_auth(&self.token).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{address}");
        answer.json().await.unwrap()
    }

    /// The import as soon as it is so.
    async fn until(&self, replica: &Replica, address: &str, so: impl Fn(&Value) -> bool) -> Value {
        let deadline = tokio::time::Instant::now() + 4 * PATIENCE;
        let mut every = tokio::time::interval(std::time::Duration::from_millis(100));
        loop {
            every.tick().await;
            let import = self.gets(replica, address).await;
            if so(&import) {
                return import;
            }
            assert!(tokio::time::Instant::now() < deadline, "{import}");
        }
    }
}

fn table(rows: usize) -> String {
    let mut table = "username,name,email,org_unit,extension\n".to_owned();
    for one in 0..rows {
        writeln!(table, "user{one},User {one},user{one}@acme.example,hk,#user{one}").unwrap();
    }
    table
}

fn done(import: &Value) -> u64 {
    import["done"].as_u64().unwrap()
}

/// How often each user was created, as the audit tells.
fn created(deployment: &Deployment) -> BTreeMap<String, u32> {
    let args = ["audit", "export", "--company", "acme"];
    let exported = deployment.command(&args).output().unwrap();
    assert!(
        exported.status.success(),
        "{}",
        String::from_utf8_lossy(&exported.stderr)
    );
    let mut created = BTreeMap::new();
    for line in String::from_utf8(exported.stdout).unwrap().lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        if entry["action"] == "create" && entry["subject_kind"] == "user" && entry["actor_kind"] == "token" {
            *created
                .entry(entry["subject_id"].as_str().unwrap().to_owned())
                .or_insert(0) += 1;
        }
    }
    created
}

async fn is_made_once_though_the_service_is_killed(deployment: &Deployment) {
    let service = Service::of(deployment);
    let replica = deployment.serve();
    let address = service.begins(&replica, "/api/v1/imports", table(ROWS)).await;
    let import = service
        .until(&replica, &address, |import| done(import) > 500)
        .await;
    assert!(done(&import) < ROWS as u64, "killed in the middle: {import}");
    // Dropped, it is killed and has no time to end anything.
    drop(replica);
    let replica = deployment.serve();
    let import = service
        .until(&replica, &address, |import| import["state"] == "finished")
        .await;
    for (count, expected) in [
        ("total", ROWS),
        ("created", ROWS),
        ("changed", 0),
        ("unchanged", 0),
        ("refused", 0),
    ] {
        assert_eq!(import[count], expected, "{import}");
    }
    let again = service
        .posts(&replica, "/api/v1/imports?dry_run=true", table(ROWS))
        .await;
    let again: Value = again.json().await.unwrap();
    assert_eq!(again["unchanged"], ROWS);
    assert_eq!(replica.running.stop(), Some(0));
    let created = created(deployment);
    assert_eq!(created.len(), ROWS);
    assert!(
        created.values().all(|times| *times == 1),
        "each user is created once"
    );
    deployment.is_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_rows_are_made_once_though_the_service_is_killed() {
    is_made_once_though_the_service_is_killed(&Deployment::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_rows_are_made_once_on_postgres_too() {
    let (deployment, _cluster) = on_postgres();
    is_made_once_though_the_service_is_killed(&deployment).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_stopped_leaves_what_it_did_and_does_no_more() {
    let deployment = Deployment::new();
    let service = Service::of(&deployment);
    let replica = deployment.serve();
    let address = service.begins(&replica, "/api/v1/imports", table(ROWS)).await;
    service
        .until(&replica, &address, |import| done(import) > 100)
        .await;
    let stopped = service
        .posts(&replica, &format!("{address}/stop"), String::new())
        .await;
    let stopped: Value = stopped.json().await.unwrap();
    assert_eq!(stopped["state"], "stopped");
    let count = stopped["created"].as_u64().unwrap();
    assert!(count < ROWS as u64, "{stopped}");
    assert_eq!(replica.running.stop(), Some(0));
    assert_eq!(
        created(&deployment).len() as u64,
        count,
        "the audit tells as many"
    );
    let out = deployment
        .command(&["export", "--out", "users.csv"])
        .output()
        .unwrap();
    assert!(out.status.success());
    let users = std::fs::read_to_string(deployment.folder.path().join("users.csv")).unwrap();
    assert_eq!(
        users.lines().filter(|line| line.starts_with("user")).count() as u64 - 1,
        count
    );
}

/// One row of each kind that is refused, by the command line.
#[test]
fn each_bad_row_is_told_with_its_line_and_the_others_are_made() {
    let deployment = Deployment::new();
    let table = "username,name,org_unit,extension,roles\r\n\
        ann,Ann,hk,#ann,\r\n\
        bob,Bob,zz,#bob,\r\n\
        cleo,Cleo,hk,#ann,\r\n\
        ann,Ann again,hk,#ann2,\r\n\
        dan,Dan,hk,dan,\r\n\
        eve,,hk,#eve,\r\n\
        fay,Fay,hk,#d\u{43e}m,\r\n\
        gus,Gus,hk,#gus,boss\r\n\
        hal,Hal,hk\r\n\
        ivy,\"I\nvy\",hk,#ivy,\r\n\
        jo,Jo,hk,#jo,user\r\n";
    std::fs::write(
        deployment.folder.path().join("bad.csv"),
        format!("\u{feff}{table}"),
    )
    .unwrap();
    let run = |args: &[&str]| {
        let output = deployment.command(args).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        (
            output.status.code(),
            said,
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let lines = [
        "line 3: org_unit: there is no org unit `zz`; add it to org_units or name one that is there",
        "line 4: extension: extension #ann is also user ann's; give one of them another",
        "line 5: username: `ann` is also on line 2; keep one of them",
        "line 6: extension: an extension begins with #, for example #michael",
        "line 7: name: is empty; write at least one visible character",
        "line 8: extension: the extension mixes letters of several scripts; write it with letters of one script",
        "line 9: roles: no such value; known are user, admin, auditor",
        "line 10: has 3 cells where the header names 5 columns",
        "line 11: name: holds a line break or another control character; write it on one line",
    ];
    let (code, said, error) = run(&["import", "bad.csv"]);
    assert_eq!(code, Some(1));
    for line in lines {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert!(
        error.contains("9 rows are refused, and nothing was done"),
        "{error}"
    );
    let (code, said, _) = run(&["import", "bad.csv", "--dry-run"]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("line 2: + user ann: username – → ann, name – → Ann"),
        "{said}"
    );
    assert!(
        said.contains("11 rows: 2 created, 0 changed, 0 unchanged, 9 refused; nothing was done"),
        "{said}"
    );
    let (code, said, _) = run(&["import", "bad.csv", "--skip-refused"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(
        said.lines().filter(|line| line.starts_with("line ")).count(),
        9,
        "{said}"
    );
    assert!(
        said.contains("finished: 11 rows: 2 created, 0 changed, 0 unchanged, 9 refused"),
        "{said}"
    );
    let (code, users, _) = run(&["export"]);
    assert_eq!(code, Some(0));
    assert!(
        users.contains("\r\nann,Ann,,,hk,#ann,,user\r\n") && users.contains("\r\njo,Jo,"),
        "{users}"
    );
    let (code, _, error) = run(&["import", "--resume"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("no import runs"), "{error}");
}
