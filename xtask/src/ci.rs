//! `cargo xtask ci`: all that must hold before a merge. `.ci/run` calls it and nothing else.
//!
//! Warnings are errors here and nowhere else, and by flags of the tools instead of `RUSTFLAGS`, which would
//! make cargo build every dependency a second time.

use anyhow::Result;

use crate::{
    check,
    step::{self, cargo, heading},
    test, tools,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Leave out the tests that drive a browser
    #[arg(long)]
    no_browser: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    // First, so that a missing tool is known at once and not after the builds.
    tools::ensure(!args.no_browser)?;
    format()?;
    lints()?;
    check::run()?;
    documentation()?;
    licences()?;
    // Last: its summary closes the output.
    test::everything(!args.no_browser)
}

fn format() -> Result<()> {
    heading("format");
    step::run(cargo(["fmt", "--all", "--check"]))
}

fn lints() -> Result<()> {
    heading("lints");
    let scope = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--locked",
        "--quiet",
    ];
    step::run(cargo(scope.into_iter().chain(["--", "-D", "warnings"])))
}

fn documentation() -> Result<()> {
    heading("documentation");
    let mut doc = cargo([
        "doc",
        "--workspace",
        "--no-deps",
        "--all-features",
        "--locked",
        "--quiet",
    ]);
    doc.env("RUSTDOCFLAGS", "-D warnings");
    step::run(doc)
}

/// Security advisories are not looked at here: a merge must not fail because of what somebody published an hour
/// ago, and their database comes from the network.
fn licences() -> Result<()> {
    heading("licences, banned crates, sources");
    if !step::succeeds(cargo(["deny", "--version"])) {
        println!("not checked: cargo-deny is not installed (cargo install --locked cargo-deny)");
        return Ok(());
    }
    let deny = [
        "deny",
        "--all-features",
        "--locked",
        "check",
        "--hide-inclusion-graph",
    ];
    step::run(cargo(deny.into_iter().chain(["licenses", "bans", "sources"])))
}
