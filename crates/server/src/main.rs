//! The `onboarding-server` binary: configuration, wiring, shutdown. No rule of the onboarding lives here.

mod checkpoints;
mod cli;
mod commands;
mod connector;
mod demo;
mod environment;
#[cfg(feature = "failpoints")]
mod failpoints;
mod secrets;
mod serving;
mod settings;
mod store;
mod telemetry;
mod watch;
mod worker;

use std::process::ExitCode;

use clap::Parser;

/// Multi-threaded, because the workers of the queues run beside the HTTP workers.
#[tokio::main]
async fn main() -> ExitCode {
    #[cfg(feature = "failpoints")]
    if let Err(error) = failpoints::arm() {
        telemetry::complain(&error);
        return ExitCode::FAILURE;
    }
    let cli = cli::Cli::parse();
    match commands::run(cli).await {
        Ok(code) => code,
        Err(error) => {
            telemetry::complain(&error);
            ExitCode::FAILURE
        }
    }
}
