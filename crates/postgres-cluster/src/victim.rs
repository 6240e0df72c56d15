//! A server that is killed with everything that belongs to it, and started again.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    os::unix::fs::chown,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
        mpsc::channel,
    },
    time::Duration,
};

use crate::{Cluster, other_user, program, run};

/// How long a start may take, with the recovery after a crash.
const PATIENCE: Duration = Duration::from_mins(2);

static MADE: AtomicU32 = AtomicU32::new(0);

/// A server that is our own child, so that nobody but us reaps it. Gone with its folder when it is dropped.
pub struct Victim {
    cluster: Cluster,
    settings: Vec<String>,
    server: Mutex<Option<Child>>,
}

impl Victim {
    /// A new one with these settings, running.
    pub fn new(settings: &[&str]) -> Self {
        let nth = MADE.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("onboarding-postgres-victim-{}-{nth}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for the server");
        if let Some((user, group)) = other_user() {
            chown(&folder, Some(user), Some(group)).expect("the right to give the folder away");
        }
        let cluster = Cluster { folder };
        let data = cluster.data();
        let auth = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"];
        run(program("initdb").arg("--no-sync").arg("-D").arg(data).args(auth));
        cluster.watch(std::process::id());
        let victim = Self {
            cluster,
            settings: settings.iter().map(|setting| (*setting).to_owned()).collect(),
            server: Mutex::new(None),
        };
        victim.start();
        victim
    }

    /// Where a database of this server is.
    pub fn url(&self, database: &str) -> String {
        self.cluster.url(database)
    }

    /// Starts it, unless it runs, and returns when it takes connections.
    pub fn start(&self) {
        let mut server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        if server.is_some() {
            return;
        }
        let mut command = program("postgres");
        command.arg("-D").arg(self.cluster.data());
        let folder = self.cluster.folder.to_str().expect("Unicode");
        let sockets = format!("unix_socket_directories={folder}");
        for setting in ["listen_addresses=", &sockets]
            .into_iter()
            .chain(self.settings.iter().map(String::as_str))
        {
            command.args(["-c", setting]);
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the server starts");
        let log = BufReader::new(child.stderr.take().expect("piped"));
        let (tell, told) = channel();
        std::thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                let ready = line.contains("ready to accept connections");
                // Nobody listens any more once it was ready; the log is read on, so that the server never waits.
                let _ = tell.send((ready, line));
            }
        });
        let mut said = String::new();
        loop {
            match told.recv_timeout(PATIENCE) {
                Ok((true, _)) => break,
                Ok((false, line)) => said = said + &line + "\n",
                Err(error) => panic!("the server does not start ({error}):\n{said}"),
            }
        }
        *server = Some(child);
    }

    /// Kills the server and every process of it, and returns when all are dead.
    ///
    /// A kill of the first process alone would let the others finish and answer what is under way.
    pub fn kill(&self) {
        let mut server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mut first) = server.take() else {
            return;
        };
        let id = first.id();
        // It makes no further process while it is stopped.
        signal("-STOP", &[id]);
        let mut all = children_of(id);
        all.push(id);
        signal("-KILL", &all);
        first.wait().expect("it is our child");
        while all.iter().any(|id| is_alive(*id)) {
            std::thread::yield_now();
        }
    }
}

impl Victim {
    /// Kills it and leaves its data behind, for people to look at. Gives the folder.
    pub fn keep(&self) -> PathBuf {
        self.kill();
        let folder = &self.cluster.folder;
        let mut kept = folder.clone().into_os_string();
        kept.push("-kept");
        let kept = PathBuf::from(kept);
        fs::rename(folder, &kept).expect("the folder can be moved");
        kept
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        self.kill();
        let _ = fs::remove_dir_all(&self.cluster.folder);
    }
}

fn signal(name: &str, processes: &[u32]) {
    let ids = processes.iter().map(u32::to_string);
    // One that has ended by itself is no mistake.
    let _ = Command::new("kill")
        .arg(name)
        .args(ids)
        .stderr(Stdio::null())
        .status();
}

/// The fields of a process after its name: state, parent, and others.
fn fields(process: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(PathBuf::from(format!("/proc/{process}/stat"))).ok()?;
    let after_name = stat.rsplit(')').next()?;
    Some(after_name.split_whitespace().map(str::to_owned).collect())
}

/// Servers do without grandchildren.
fn children_of(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|process| fields(*process).and_then(|fields| fields.get(1)?.parse().ok()) == Some(parent))
        .collect()
}

/// Whether it runs; one that only waits to be reaped does not.
fn is_alive(process: u32) -> bool {
    fields(process).is_some_and(|fields| fields.first().is_some_and(|state| state != "Z"))
}
