//! `cargo xtask crash`: kills the running service again and again, and judges from outside what it lost.
//!
//! The builds are those of the tests, with all features, so nothing is built twice.

use std::path::PathBuf;

use anyhow::Result;
use cargo_metadata::MetadataCommand;

use crate::step::{self, cargo, command, heading};

/// Enough for two deaths at each place and some from outside.
const KILLS: &str = "100";

/// What each control is asked to get wrong, and how many kills it takes to be caught for sure.
const CONTROLS: [(&str, &str); 2] = [("ack_before_store", "12"), ("send_twice", "3")];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How often the service is killed
    #[arg(long, default_value_t = 1000)]
    kills: u32,
    /// Repeats the choices of an earlier run; without it they are new each time
    #[arg(long)]
    seed: Option<u64>,
    /// Where the service keeps its data
    #[arg(long, default_value = "sqlite")]
    database: String,
    /// How much faster than ours the service's clock runs
    #[arg(long, default_value_t = 10)]
    speed: u32,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let programs = Programs::build()?;
    let (kills, speed) = (args.kills.to_string(), args.speed.to_string());
    let mut options = vec!["--kills", &kills, "--speed", &speed, "--database", &args.database];
    let again = args.seed.map(|seed| seed.to_string());
    options.extend(again.iter().flat_map(|seed| ["--seed", seed]));
    programs.run(&options)
}

/// The part of the tests: a short run, and runs with mistakes that it must catch, or it proves nothing.
pub(crate) fn short() -> Result<()> {
    let programs = Programs::build()?;
    programs.run(&["--kills", KILLS])?;
    for (mistake, kills) in CONTROLS {
        programs.run(&["--kills", kills, "--mistake", mistake])?;
    }
    Ok(())
}

struct Programs {
    suite: PathBuf,
    server: PathBuf,
}

impl Programs {
    fn build() -> Result<Self> {
        heading("crash suite");
        step::run(cargo([
            "build",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--locked",
            "--quiet",
        ]))?;
        let metadata = MetadataCommand::new().no_deps().exec()?;
        let folder = metadata.target_directory.as_std_path().join("debug");
        Ok(Self {
            suite: folder.join("crash-suite"),
            server: folder.join("onboarding-server"),
        })
    }

    fn run(&self, options: &[&str]) -> Result<()> {
        let mut suite = command(&self.suite.to_string_lossy(), options.iter().copied());
        suite.arg("--server").arg(&self.server);
        step::run(suite)
    }
}
