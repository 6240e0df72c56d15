//! A server and its standby.

use std::os::unix::fs::chown;

use crate::{Cluster, DURABLE, Own, other_user, program, run};

/// What the first one is started with: whoever is told that something is stored is told so when the standby has it.
const TELLS_WHEN_BOTH_HAVE_IT: &[&str] = &[
    "wal_level=replica",
    "max_wal_senders=4",
    "synchronous_standby_names=*",
];

/// Two servers, of which the second has everything that the first one told anybody is stored.
pub struct Pair {
    /// The one that takes writes, until the other takes over.
    pub first: Own,
    /// The standby.
    pub second: Own,
}

impl Pair {
    /// Both, running.
    pub fn new() -> Self {
        let settings: Vec<&str> = [DURABLE, TELLS_WHEN_BOTH_HAVE_IT].concat();
        let first = Cluster::own(&settings);
        let copy = Cluster::for_one_test();
        if let Some((user, group)) = other_user() {
            chown(&copy.folder, Some(user), Some(group)).expect("the right to give the folder away");
        }
        run(program("pg_basebackup")
            .args([
                "-U",
                "postgres",
                "-X",
                "stream",
                "-c",
                "fast",
                "-R",
                "--no-sync",
                "-h",
            ])
            .arg(&first.0.folder)
            .arg("-D")
            .arg(copy.data()));
        copy.note_options(DURABLE);
        copy.begin();
        Self {
            first,
            second: Own(copy),
        }
    }

    /// Where a database is on whichever of the two takes writes.
    pub fn url(&self, database: &str) -> String {
        let folder = |own: &Own| own.0.folder.to_str().expect("Unicode").replace('/', "%2F");
        format!(
            "postgres://postgres@{},{}/{database}?target_session_attrs=read-write",
            folder(&self.first),
            folder(&self.second)
        )
    }

    /// The standby takes over, whatever became of the first.
    pub fn promote(&self) {
        let data = self.second.0.data();
        run(program("pg_ctl").args(["-D", data.to_str().expect("Unicode"), "-w", "promote"]));
    }

    /// The rows of a query on the server that took over.
    pub fn on_the_second(&self, database: &str, query: &str) -> Vec<String> {
        let told = self.second.psql(database, query).output().expect("psql is there");
        let rows = String::from_utf8_lossy(&told.stdout);
        rows.lines().map(str::to_owned).collect()
    }
}

impl Default for Pair {
    fn default() -> Self {
        Self::new()
    }
}
