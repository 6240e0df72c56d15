//! The project's own commands: `cargo xtask test`, `cargo xtask check`, `cargo xtask ci`.
//!
//! What a person runs before a commit and what continuous integration runs are the same program, so "it
//! passes here" means the same on both. Nothing in this crate is part of the product, and it imports none of
//! its crates.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "talking to the person at the terminal is the job"
)]

mod bench;
mod check;
mod ci;
mod crash;
mod packages;
mod step;
mod test;
mod tools;

use std::{env, path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use crate::step::StepFailed;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about,
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run every test: doctests, examples, then the suite; the runner's summary closes the output
    Test(test::Args),
    /// Bring what the tests need and the machine lacks, as `test` does, and run nothing
    Tools,
    /// Verify the rules that no compiler knows: layers, manifests, mocks, source files, migrations
    Check,
    /// All that must hold before a merge: format, lints, check, documentation, licences, tests
    Ci(ci::Args),
    /// Kill the running service again and again, and judge from outside what it lost
    Crash(crash::Args),
    /// Measure the running service against ceilings measured in the same run
    Bench(bench::Args),
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(&error),
    }
}

fn run(cli: Cli) -> Result<()> {
    let root = workspace_root()?;
    env::set_current_dir(&root).with_context(|| format!("enter {}", root.display()))?;
    match cli.task {
        Task::Test(args) => test::run(&args),
        Task::Tools => tools::ensure(true),
        Task::Check => check::run(),
        Task::Ci(args) => ci::run(&args),
        Task::Crash(args) => crash::run(&args),
        Task::Bench(args) => bench::run(&args),
    }
}

/// Read at run time: a checkout that was moved after its build is still found.
fn workspace_root() -> Result<PathBuf> {
    let manifest_dir = env::var_os("CARGO_MANIFEST_DIR").context("start this program as `cargo xtask`")?;
    let root = PathBuf::from(manifest_dir);
    Ok(root
        .parent()
        .context("xtask must lie inside the workspace")?
        .to_path_buf())
}

/// A failed step has spoken already, and its summary must stay the last line: only our own errors are
/// printed.
fn report(error: &anyhow::Error) -> ExitCode {
    if let Some(failed) = error.downcast_ref::<StepFailed>() {
        return failed.exit_code();
    }
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}
