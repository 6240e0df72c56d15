//! Kills the running service again and again, and judges from outside what it lost.
//!
//! The service is the real binary, built with the feature `failpoints`, as a child process on a real database. Meta and
//! the phones are the simulator, in this process, so that what they saw outlives every crash. The crate imports no crate
//! of the onboarding: it knows the service as the world knows it, by HTTP, by messages, and at the end by its books.
//!
//! | module | holds |
//! |---|---|
//! | `plan` | where and when each life ends, all from one seed |
//! | `life` | the child process |
//! | `database` | what the service keeps its books in, and what they say at the end |
//! | `company` | the company that is served, and its side in the simulator |
//! | `traffic` | clients who write, and what each of them is due |
//! | `witness` | what Meta and the phones saw, by life of the service |
//! | `run` | all of it together |
//! | `verdict` | pass, fail or invalid: a pure function of what was seen |

#![expect(
    clippy::print_stdout,
    reason = "telling the person at the terminal what it found is the job"
)]

mod company;
mod database;
mod life;
mod plan;
mod run;
mod traffic;
mod verdict;
mod witness;

use std::{
    hash::{BuildHasher, RandomState},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, ValueEnum};

use crate::{database::Kind, run::Report, verdict::Verdict};

/// Kills the running service again and again, and judges from outside what it lost.
#[derive(Debug, Parser)]
#[command(name = "crash-suite")]
struct Args {
    /// The service, built with the feature `failpoints`
    #[arg(long, value_name = "FILE")]
    server: PathBuf,
    /// How often it is killed
    #[arg(long, default_value_t = 100)]
    kills: u32,
    /// Repeats the choices of an earlier run; times differ all the same
    #[arg(long)]
    seed: Option<u64>,
    /// Where the service keeps its data
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Kind,
    /// How much faster than ours the service's clock runs, so that its leases run out while we watch
    #[arg(long, default_value_t = 10)]
    speed: u32,
    /// How many processes serve at once: with 2, a second one goes on while the first one dies
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=2))]
    replicas: u32,
    /// A mistake that the service is asked to make: then the run is good if it is caught
    #[arg(long, value_enum)]
    mistake: Option<Mistake>,
}

/// What the service can be asked to do wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mistake {
    /// Says 200 before a delivery is stored
    #[value(name = "ack_before_store")]
    AckBeforeStore,
    /// Works on a database that loses what it committed
    #[value(name = "trust_unsafe_durability")]
    TrustUnsafeDurability,
    /// Sends every message twice
    #[value(name = "send_twice")]
    SendTwice,
}

impl Mistake {
    fn name(self) -> &'static str {
        match self {
            Self::AckBeforeStore => "ack_before_store",
            Self::TrustUnsafeDurability => "trust_unsafe_durability",
            Self::SendTwice => "send_twice",
        }
    }

    /// Whether the run shows just this mistake.
    fn is_seen_in(self, report: &Report) -> bool {
        let figures = &report.figures;
        report.verdict == Verdict::Fail
            && match self {
                Self::AckBeforeStore | Self::TrustUnsafeDurability => figures.lost > 0,
                Self::SendTwice => figures.twice > 0,
            }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    if args.replicas > 1 && !args.database.serves_many() {
        println!(
            "--replicas: {} serves one process; add --database postgres",
            args.database
        );
        return ExitCode::FAILURE;
    }
    let seed = args.seed.unwrap_or_else(|| RandomState::new().hash_one("seed"));
    let mistake = args
        .mistake
        .map_or(String::new(), |mistake| format!(" --mistake {}", mistake.name()));
    let again = format!(
        "--database {} --replicas {} --kills {} --seed {seed}{mistake}",
        args.database, args.replicas, args.kills
    );
    println!("{again}");
    let order = run::Order {
        server: args.server,
        kills: args.kills,
        seed,
        database: args.database,
        speed: args.speed,
        replicas: args.replicas,
        mistake: args.mistake,
    };
    let good = match run::run(&order).await {
        Ok(report) => {
            println!("{report}");
            is_good(args.mistake, &report)
        }
        Err(error) => {
            println!("verdict: INVALID, because the run could not go on: {error:#}");
            false
        }
    };
    if good {
        return ExitCode::SUCCESS;
    }
    println!("again: cargo xtask crash {again}");
    ExitCode::FAILURE
}

/// A mistake must be caught, and for what it is; without one, all must be well.
fn is_good(mistake: Option<Mistake>, report: &Report) -> bool {
    let Some(mistake) = mistake else {
        return report.verdict == Verdict::Pass;
    };
    let caught = mistake.is_seen_in(report);
    let how = if caught {
        "was caught, as it must be"
    } else {
        "was NOT caught: this suite proves nothing"
    };
    println!("the mistake {} {how}", mistake.name());
    caught
}
