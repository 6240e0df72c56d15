//! Measures the running service against ceilings measured in the same run: `cargo xtask bench`, docs/performance.md.
//!
//! The service is the real binary, reached from outside over HTTP. Each of its figures stands beside a ceiling: the same
//! work done by something that does nothing else, on the same machine and the same database server. The two take turns,
//! so that whatever else the machine does hits both. The crate imports no crate of the onboarding.
//!
//! | module | holds |
//! |---|---|
//! | `plan`, `clock` | how much is measured, and how long |
//! | `company` | the company that is served, and the webhooks of its clients |
//! | `service` | the child process |
//! | `wire`, `load` | clients who write as fast as they are answered, or at a pace |
//! | `postgres`, `pgbench` | the database server, and the ceiling on it |
//! | `sqlite` | the ceiling of the embedded database |
//! | `measure` | one figure each |
//! | `report` | the table and the JSON |

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "talking to the person at the terminal is the job"
)]

mod clock;
mod company;
mod load;
mod measure;
mod pgbench;
mod plan;
mod postgres;
mod report;
mod service;
mod sqlite;
mod wire;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

use crate::{plan::Plan, report::Report};

/// Measures the running service against ceilings measured in the same run.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Args {
    /// The service
    #[arg(long, value_name = "FILE")]
    server: PathBuf,
    /// Writes the figures to this file, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// A few seconds each on little data: shows that every figure can be measured, and judges none
    #[arg(long)]
    smoke: bool,
    /// Clients stored where many are [default: 10 million, in a smoke run 20 thousand]
    #[arg(long, value_name = "N")]
    clients: Option<u32>,
    /// Rooms stored where many are [default: a tenth of the clients]
    #[arg(long, value_name = "N")]
    rooms: Option<u32>,
    /// Only the figures whose name contains this
    #[arg(long, value_name = "WORD")]
    only: Option<String>,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    let args = Args::parse();
    // Told to stop, it drops what it started, the database server with it.
    let outcome = tokio::select! {
        outcome = run(&args) => outcome,
        stopped = told_to_stop() => stopped,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> anyhow::Result<()> {
    let plan = Plan::new(args.smoke, args.clients, args.rooms)?;
    let server = std::path::absolute(&args.server)?;
    let report: Report = measure::all(&server, &plan, args.only.as_deref()).await?;
    println!("\n{report}");
    if let Some(file) = &args.json {
        let json = serde_json::to_string_pretty(&report)?;
        std::fs::write(file, json + "\n").with_context(|| format!("cannot write {}", file.display()))?;
    }
    report.require_every_figure(args.only.is_some())
}

async fn told_to_stop() -> anyhow::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    anyhow::bail!("told to stop")
}
