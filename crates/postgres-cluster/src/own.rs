//! A server for one test, which may suffer.

use std::{fs, process::Command};

use crate::{Cluster, as_server, binaries};

/// A server that stops when it is dropped.
pub struct Own(pub Cluster);

impl Own {
    /// Stops it at once, as a crash does: whoever is connected is cut off, and nobody can connect.
    pub fn stop(&self) {
        self.0.stop();
    }

    /// Starts it again after [`Own::stop`], with what it had stored.
    pub fn start_again(&self) {
        self.0.begin();
    }

    /// Stops the time of all its processes: connections stand, and nobody answers.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Ends what [`Own::freeze`] began.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    /// `psql` with these words for a database, past every policy; it says only what was asked.
    pub fn psql(&self, database: &str, sql: &str) -> Command {
        let beside = binaries().join("psql");
        let path = if beside.is_file() { beside } else { "psql".into() };
        let mut command = as_server(Command::new(path));
        command.args(["-U", "postgres", "-qAt", "-c", sql, "-h"]);
        command.arg(&self.0.folder).arg(database);
        command
    }

    fn signal(&self, name: &str) {
        let note = fs::read_to_string(self.0.data().join("postmaster.pid")).expect("the server runs");
        let first = note.lines().next().expect("its number").to_owned();
        let told = Command::new("ps").args(["-o", "pid=", "--ppid", &first]).output();
        let told = String::from_utf8(told.expect("ps is there").stdout).expect("numbers");
        let children = told.split_whitespace().map(str::to_owned);
        let all: Vec<String> = std::iter::once(first).chain(children).collect();
        // A child that ended meanwhile is no mistake.
        Command::new("kill")
            .arg(name)
            .args(all)
            .status()
            .expect("kill is there");
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // One that was stopped has no such note.
        if self.0.data().join("postmaster.pid").exists() {
            self.0.stop();
        }
        fs::remove_dir_all(&self.0.folder).expect("the folder can go");
    }
}
