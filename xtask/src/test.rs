//! `cargo xtask test`: everything that can fail, with the test runner's summary as the last lines.
//!
//! The order serves that summary: doctests, examples, the crash suite and a smoke run of the benchmark come first and stop
//! the run when they fail, so a green summary at the end of the output always means that all was green.

use anyhow::Result;
use cargo_metadata::{MetadataCommand, TargetKind};

use crate::{
    bench, crash,
    step::{self, cargo, heading},
    tools,
};

/// The crate whose examples are part of its documentation.
const DOCUMENTED_CRATE: &str = "onboarding-core";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Leave out the tests that drive a browser: those in a module named `browser`
    #[arg(long)]
    no_browser: bool,
    /// Filters and options for nextest, for example `a_name` or `-E 'package(onboarding-core)'`; with any of
    /// them only the suite runs, without doctests and examples
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "NEXTEST ARGS"
    )]
    nextest: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    tools::ensure(!args.no_browser)?;
    if args.nextest.is_empty() {
        return everything(!args.no_browser);
    }
    suite(!args.no_browser, &args.nextest)
}

/// All tests, for callers that have seen to the tools already.
pub(crate) fn everything(with_browser: bool) -> Result<()> {
    doctests()?;
    examples()?;
    crash::short()?;
    bench::smoke()?;
    suite(with_browser, &[])
}

fn doctests() -> Result<()> {
    heading("doctests");
    step::run(cargo([
        "test",
        "--workspace",
        "--doc",
        "--all-features",
        "--locked",
        "--no-fail-fast",
        "--quiet",
    ]))
}

/// Runs each example as its documentation says. Building the crate on its own also proves that it needs no
/// feature which only the rest of the workspace turns on.
fn examples() -> Result<()> {
    for example in example_names()? {
        heading(&format!("example {example}"));
        step::run(cargo([
            "run",
            "--quiet",
            "--locked",
            "-p",
            DOCUMENTED_CRATE,
            "--example",
            &example,
        ]))?;
    }
    Ok(())
}

fn example_names() -> Result<Vec<String>> {
    let metadata = MetadataCommand::new().no_deps().exec()?;
    let documented = metadata
        .packages
        .into_iter()
        .filter(|package| package.name == DOCUMENTED_CRATE);
    let targets = documented.flat_map(|package| package.targets);
    Ok(targets
        .filter(|target| target.kind.contains(&TargetKind::Example))
        .map(|target| target.name)
        .collect())
}

fn suite(with_browser: bool, extra: &[String]) -> Result<()> {
    heading(if with_browser {
        "tests"
    } else {
        "tests, without those that drive a browser"
    });
    let mut nextest = cargo(["nextest", "run", "--workspace", "--all-features", "--locked"]);
    if !with_browser {
        nextest.args(["--profile", "no-browser"]);
    }
    nextest.args(extra);
    step::run(nextest)
}
