//! `cargo xtask bench`: measures the running service against ceilings measured in the same run. docs/performance.md says
//! how to read what it prints.

use std::path::{Path, PathBuf};

use anyhow::Result;
use cargo_metadata::MetadataCommand;

use crate::step::{self, cargo, command, heading};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Writes the figures to this file too, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// A second or so each, on little data and as the tests were built: shows that every figure can be measured
    #[arg(long)]
    smoke: bool,
    /// Clients stored where many are [default: 10 million]
    #[arg(long, value_name = "N")]
    clients: Option<u32>,
    /// Rooms stored where many are [default: a tenth of the clients]
    #[arg(long, value_name = "N")]
    rooms: Option<u32>,
    /// Only the figures whose name contains this: deliveries, onboardings, messages, sizes, sqlite
    #[arg(long, value_name = "WORD")]
    only: Option<String>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    if args.smoke {
        build(&["--workspace", "--all-targets", "--all-features"])?;
    } else {
        build(&["--release", "--package", "server", "--package", "bench"])?;
    }
    let folder = target_directory()?.join(if args.smoke { "debug" } else { "release" });
    let mut options = Vec::new();
    let json = args.json.as_ref().map(|file| file.to_string_lossy().into_owned());
    let numbers = [args.clients, args.rooms].map(|number| number.map(|number| number.to_string()));
    for (name, value) in [
        ("--json", json.as_ref()),
        ("--clients", numbers[0].as_ref()),
        ("--rooms", numbers[1].as_ref()),
        ("--only", args.only.as_ref()),
    ] {
        options.extend(value.iter().flat_map(|value| [name, value.as_str()]));
    }
    if args.smoke {
        options.push("--smoke");
    }
    start(&folder, &options)
}

/// The part of the tests: every figure must come, and none is judged.
pub(crate) fn smoke() -> Result<()> {
    heading("bench, as a smoke run");
    build(&["--workspace", "--all-targets", "--all-features"])?;
    start(&target_directory()?.join("debug"), &["--smoke"])
}

/// With the features of the tests where the tests are built too, so that nothing is built twice.
fn build(what: &[&str]) -> Result<()> {
    let mut build = cargo(["build", "--locked", "--quiet"]);
    build.args(what);
    step::run(build)
}

fn start(folder: &Path, options: &[&str]) -> Result<()> {
    let mut bench = command(&folder.join("bench").to_string_lossy(), options.iter().copied());
    bench.arg("--server").arg(folder.join("onboarding-server"));
    step::run(bench)
}

fn target_directory() -> Result<PathBuf> {
    let metadata = MetadataCommand::new().no_deps().exec()?;
    Ok(metadata.target_directory.into_std_path_buf())
}
