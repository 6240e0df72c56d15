//! The binary as a child process.

use std::{
    io::{BufRead, BufReader, Read, Write as _},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

/// How long anything in these tests may take; on a busy machine a start alone takes seconds.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// The binary with an environment of its own: nothing of the developer's leaks in.
pub(crate) fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onboarding-server"));
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
        .env("ONBOARDING_LISTEN", "127.0.0.1:0")
        .env("ONBOARDING_OPS_LISTEN", "127.0.0.1:0");
    // No test leaves this machine: nobody answers there, unless a test says where Meta and Microsoft are.
    command.env("ONBOARDING_GRAPH_URL", "http://127.0.0.1:9");
    command.env("ONBOARDING_MICROSOFT_URL", "http://127.0.0.1:9");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A running binary; killed when dropped.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    errors: Receiver<String>,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the binary starts");
        let lines = lines_of(child.stdout.take().expect("piped"));
        let errors = lines_of(child.stderr.take().expect("piped"));
        Self { child, lines, errors }
    }

    /// The first line of standard output that holds `word`.
    pub(crate) fn line_with(&self, word: &str) -> String {
        first_with(&self.lines, word, &self.errors)
    }

    /// The first line of standard error that holds `word`.
    pub(crate) fn log_with(&self, word: &str) -> String {
        first_with(&self.errors, word, &self.lines)
    }

    /// Everything logged since the last look.
    pub(crate) fn log(&self) -> String {
        self.errors.try_iter().map(|line| line + "\n").collect()
    }

    /// Writes a line to its standard input, which has to be a pipe.
    pub(crate) fn tell(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().expect("piped");
        writeln!(input, "{line}").expect("it reads");
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop as an operator does, and gives its exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .expect("kill is there");
        self.child.wait().expect("it is our child").code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines_of(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                break;
            }
        }
    });
    receive
}

fn first_with(lines: &Receiver<String>, word: &str, others: &Receiver<String>) -> String {
    let mut seen = Vec::new();
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) if line.contains(word) => return line,
            Ok(line) => seen.push(line),
            Err(_) => {
                let others: Vec<_> = others.try_iter().collect();
                panic!("no line with {word:?}\nseen: {seen:#?}\non the other stream: {others:#?}");
            }
        }
    }
}
