//! `cargo xtask crash`: kills the running service again and again, and judges from outside what it lost.
//!
//! The builds are those of the tests, with all features, so nothing is built twice.

use std::path::PathBuf;

use anyhow::Result;
use cargo_metadata::MetadataCommand;

use crate::step::{self, cargo, command, heading};

/// The short runs. The first is enough for two deaths at each place and some from outside; the others see what is
/// different with a server: its own deaths, and a second replica that outlives the first.
const SHORT: [&str; 3] = [
    "--kills 100",
    "--kills 30 --database postgres",
    "--kills 10 --database postgres --replicas 2",
];

/// What the service is asked to get wrong, with as many kills as it takes to be caught for sure.
const CONTROLS: [&str; 3] = [
    "--kills 12 --mistake ack_before_store",
    "--kills 3 --mistake send_twice",
    "--kills 12 --mistake trust_unsafe_durability --database postgres",
];

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
    /// How many processes serve at once: with 2, a second one goes on while the first one dies; PostgreSQL only
    #[arg(long, default_value_t = 1)]
    replicas: u32,
    /// A mistake that the service is asked to make: then the run is good if it is caught
    #[arg(long)]
    mistake: Option<String>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let programs = Programs::build()?;
    let [kills, speed, replicas] = [args.kills, args.speed, args.replicas].map(|number| number.to_string());
    let mut options = vec!["--database", &args.database, "--replicas", &replicas];
    options.extend(["--kills", &kills, "--speed", &speed]);
    let again = args.seed.map(|seed| seed.to_string());
    options.extend(again.iter().flat_map(|seed| ["--seed", seed]));
    options.extend(args.mistake.iter().flat_map(|mistake| ["--mistake", mistake]));
    programs.run(&options)
}

/// The part of the tests: short runs, and runs with mistakes that it must catch, or it proves nothing.
pub(crate) fn short() -> Result<()> {
    let programs = Programs::build()?;
    for options in SHORT.iter().chain(&CONTROLS) {
        let options: Vec<_> = options.split(' ').collect();
        programs.run(&options)?;
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
