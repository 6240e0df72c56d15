//! A PostgreSQL server of its own for tests, without Docker and without touching any other server.
//!
//! All tests of one run share it: its folder is named by the process that runs them, the first test starts it, and a
//! watchdog takes it away when that process is gone.

mod own;
mod pair;
mod secure;
mod victim;

use std::{
    env, fs,
    io::ErrorKind,
    os::unix::{fs::chown, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

pub use own::Own;
pub use pair::Pair;
pub use secure::Secure;
pub use victim::Victim;

const INSTALL: &str = "PostgreSQL 15 or newer is needed for these tests; install it with \
    `sudo apt-get install --no-install-recommends postgresql`, or set POSTGRES_BIN to the folder of its programs, \
    or ONBOARDING_TEST_POSTGRES_URL to a server on which databases may be created";

/// What makes a server fast that nobody will miss.
pub const FAST: &[&str] = &[
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "autovacuum=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_connections=300",
];

/// What holds data against a crash, whatever the defaults are.
pub const DURABLE: &[&str] = &["fsync=on", "full_page_writes=on", "synchronous_commit=on"];

/// A server that runs, reached through the socket in its folder.
pub struct Cluster {
    folder: PathBuf,
}

impl Cluster {
    /// The one that all tests of this run share, with whatever `prepare` does to it when it is new. Holds the other
    /// tests up until then.
    pub fn shared(prepare: impl FnOnce(&Self)) -> Self {
        let runner = std::os::unix::process::parent_id();
        let folder = roomy().join(format!("onboarding-postgres-{runner}-{}", started(runner)));
        fs::create_dir_all(&folder).expect("a folder for the server");
        let lock = fs::File::create(folder.join("lock")).expect("a lock");
        lock.lock().expect("the lock");
        let cluster = Self { folder };
        let ready = cluster.folder.join("ready");
        if !ready.exists() {
            cluster.start(FAST);
            cluster.watch(runner);
            prepare(&cluster);
            fs::write(ready, "").expect("the note that the server is ready");
        }
        cluster
    }

    /// One for a single test, gone with it.
    pub fn own(settings: &[&str]) -> Own {
        let cluster = Self::for_one_test();
        cluster.start(settings);
        Own(cluster)
    }

    /// A folder for a server, and nothing in it.
    fn for_one_test() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let nth = MADE.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("onboarding-postgres-own-{}-{nth}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for the server");
        Self { folder }
    }

    /// Where a database of this server is.
    pub fn url(&self, database: &str) -> String {
        let folder = self.folder.to_str().expect("Unicode").replace('/', "%2F");
        format!("postgres://postgres@{folder}/{database}")
    }

    fn start(&self, settings: &[&str]) {
        if let Some((user, group)) = other_user() {
            chown(&self.folder, Some(user), Some(group)).expect("the right to give the folder away");
        }
        let data = self.data();
        // Of an earlier run that was killed while it made them.
        if let Err(error) = fs::remove_dir_all(&data) {
            assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        }
        let data = data.to_str().expect("Unicode");
        let auth = [
            "--no-sync",
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
        ];
        run(program("initdb").args(["-D", data]).args(auth));
        self.note_options(settings);
        self.begin();
    }

    /// For this start and later ones.
    fn note_options(&self, settings: &[&str]) {
        let folder = self.folder.to_str().expect("Unicode");
        let mut options = format!("-c listen_addresses='' -c unix_socket_directories='{folder}'");
        for setting in settings {
            options.push_str(" -c ");
            options.push_str(setting);
        }
        fs::write(self.folder.join("options"), &options).expect("the options for later starts");
    }

    /// Starts the server on its data, with the options of its first start.
    fn begin(&self) {
        let data = self.data();
        let data = data.to_str().expect("Unicode");
        let options =
            fs::read_to_string(self.folder.join("options")).expect("the options of the first start");
        let log = self.folder.join("log");
        let log = log.to_str().expect("Unicode");
        run(program("pg_ctl").args(["-D", data, "-w", "-t", "60", "-o", &options, "-l", log, "start"]));
    }

    fn stop(&self) {
        let data = self.data();
        run(program("pg_ctl").args(["-D", data.to_str().expect("Unicode"), "-m", "immediate", "stop"]));
    }

    /// Stops the server and takes its folder away when the runner is gone. In a process group of its own, so that
    /// it outlives the test that started it. It looks with `ps`, because it may not signal a runner of another user.
    #[expect(
        clippy::zombie_processes,
        reason = "it outlives this process, and then the system waits for it"
    )]
    fn watch(&self, runner: u32) {
        let script = r#"
            while [ -d "/proc/$1" ] || ps -p "$1" >/dev/null 2>&1; do sleep 1; done
            "$2" -D "$3/data" -m immediate stop
            rm -rf "$3""#;
        let pg_ctl = binaries().join("pg_ctl");
        let mut watchdog = as_server(Command::new("sh"));
        watchdog
            .args(["-c", script, "watchdog"])
            .arg(runner.to_string())
            .arg(pg_ctl)
            .arg(&self.folder);
        watchdog
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        watchdog.spawn().expect("the watchdog");
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }
}

/// In memory where there is room; Docker gives 64 MB, which is none.
fn roomy() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let output = Command::new("df").args(["-Pk", "/dev/shm"]).output().ok();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let free = text
        .as_deref()
        .and_then(|text| text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok());
    if memory.is_dir() && free.is_some_and(|kilobytes: u64| kilobytes >= 2_000_000) {
        memory.to_owned()
    } else {
        env::temp_dir()
    }
}

/// When the process started, so that another one with its number later is another one.
fn started(process: u32) -> String {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().nth(19).unwrap_or("0").to_owned()
}

/// Where a program of the server's version is, such as `pgbench`.
pub fn tool(name: &str) -> PathBuf {
    binaries().join(name)
}

/// The folder with the newest programs that are new enough.
fn binaries() -> PathBuf {
    let named = env::var_os("POSTGRES_BIN").map(PathBuf::from);
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = named.into_iter().chain(env::split_paths(&path)).collect();
    let installed = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut installed: Vec<PathBuf> = installed.map(|version| version.path().join("bin")).collect();
    installed.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
    folders.extend(installed);
    let complete = |folder: &&PathBuf| {
        folder.join("initdb").is_file() && folder.join("pg_ctl").is_file() && version(folder) >= Some(15)
    };
    let folder = folders.iter().find(complete).expect(INSTALL);
    // Where these two are links the other programs may not be beside them.
    let real = fs::canonicalize(folder.join("initdb")).ok();
    let beside = real.as_deref().and_then(Path::parent).map(Path::to_owned);
    beside
        .filter(|folder| complete(&folder))
        .unwrap_or_else(|| folder.clone())
}

fn version(folder: &Path) -> Option<u32> {
    let output = Command::new(folder.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace()
        .find_map(|word| word.split(['.', 'b', 'r']).next()?.parse().ok())
}

fn program(name: &str) -> Command {
    as_server(Command::new(binaries().join(name)))
}

/// The user and group for the server, where we are root, as whom it refuses to run.
fn other_user() -> Option<(u32, u32)> {
    (id(&["-u"]) == Some(0)).then(|| {
        let user = id(&["-u", "postgres"]).expect(INSTALL);
        (user, id(&["-g", "postgres"]).expect(INSTALL))
    })
}

fn id(args: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(args).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// In a folder that this user may enter.
fn as_server(mut command: Command) -> Command {
    command.current_dir("/");
    if let Some((user, group)) = other_user() {
        command.uid(user).gid(group);
    }
    command
}

fn run(command: &mut Command) {
    // The server that pg_ctl leaves behind would hold a pipe open, and whoever reads it would wait for ever.
    let log = env::temp_dir().join(format!("onboarding-postgres-{}.log", std::process::id()));
    let file = fs::File::create(&log).expect("a log");
    let copy = file.try_clone().expect("the log twice");
    let status = command.stdin(Stdio::null()).stdout(file).stderr(copy).status();
    let told = fs::read_to_string(&log).unwrap_or_default();
    fs::remove_file(&log).expect("the log can go");
    assert!(
        status.is_ok_and(|status| status.success()),
        "{command:?} failed:\n{told}"
    );
}
