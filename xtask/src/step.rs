//! Steps: child processes with a heading above them, whose own output is the message.

use std::{
    env, fmt,
    process::{Command, ExitCode, Output, Stdio},
};

use anyhow::{Context, Result, ensure};

/// A child process ended with a failure that it has already explained on the terminal.
#[derive(Debug)]
pub(crate) struct StepFailed {
    code: u8,
}

impl StepFailed {
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for StepFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a step failed with exit code {}", self.code)
    }
}

impl std::error::Error for StepFailed {}

/// One line for human eyes between the outputs of two steps.
pub(crate) fn heading(title: &str) {
    println!("\n== {title}");
}

/// The cargo that started us, so that the toolchain stays the same throughout.
pub(crate) fn cargo<'a>(args: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args);
    command
}

pub(crate) fn command<'a>(program: &str, args: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(program);
    command.args(args);
    command
}

/// Runs with the terminal's output. Input is closed: no step may wait for an answer that CI cannot give.
pub(crate) fn run(mut command: Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("start {}", shown(&command)))?;
    if status.success() {
        return Ok(());
    }
    // A child killed by a signal has no code.
    let code = status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1);
    Err(StepFailed { code }.into())
}

/// Runs silently and gives back what was printed, whatever the exit code.
pub(crate) fn capture(mut command: Command) -> Result<Output> {
    command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("start {}", shown(&command)))
}

/// Runs silently; the standard output of a success, or an error with all that was said.
pub(crate) fn stdout_of(command: Command) -> Result<String> {
    let name = shown(&command);
    let output = capture(command)?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{name} failed ({}): {}",
        output.status,
        said.trim()
    );
    String::from_utf8(output.stdout).with_context(|| format!("read the output of {name}"))
}

/// Whether the program can be started and says that all is well.
pub(crate) fn succeeds(mut command: Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
