//! The commands of the command line, one module each.

mod accounts;
mod acting;
pub(crate) mod apply;
mod audit;
mod check;
mod connect;
mod dead_letters;
mod export;
mod identities;
mod import;
mod migrate;
mod pool;
mod profiles;
mod prospects;
pub(crate) mod qr;
mod quarantine;
mod replay;
mod rooms;
mod serve;
mod settle;
mod sign_in;
mod table;
mod teams_package;
mod templates;
mod token;
mod users;
mod verify;
mod verify_audit;

use std::{
    io::{ErrorKind, Write as _},
    process::ExitCode,
};

use crate::{
    cli::{Cli, Command, ServeArgs},
    demo,
    settings::Settings,
};

/// Runs what the command line asks for.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let settings = Settings::load(cli.config.as_deref())?;
    match cli.command.unwrap_or(Command::Serve(ServeArgs::default())) {
        Command::Demo(args) => demo::run(settings, args).await,
        Command::Serve(args) => serve::run(&settings, &args).await,
        Command::Migrate => migrate::run(&settings).await,
        Command::Apply(args) => apply::run(&settings, &args).await,
        Command::Check => check::run(&settings).await,
        Command::Connect(args) => connect::run(&settings, &args).await,
        Command::Qr(args) => qr::run(&settings, &args).await,
        Command::DeadLetters(args) => dead_letters::run(&settings, &args).await,
        Command::Replay { id } => replay::run(&settings, id).await,
        Command::Quarantine(args) => quarantine::run(&settings, &args).await,
        Command::Rooms(args) => rooms::run(&settings, &args).await,
        Command::Import(args) => import::run(&settings, &args).await,
        Command::Export(args) => export::run(&settings, &args).await,
        Command::Users(args) => users::run(&settings, &args).await,
        Command::Accounts(args) => accounts::run(&settings, &args).await,
        Command::Prospects(args) => prospects::run(&settings, &args).await,
        Command::Profiles(args) => profiles::run(&settings, &args).await,
        Command::Pool(args) => pool::run(&settings, &args).await,
        Command::Identities(args) => identities::run(&settings, &args).await,
        Command::Settle { id, verdict } => settle::run(&settings, id, verdict).await,
        Command::Verify => verify::run(&settings).await,
        Command::Audit(command) => audit::run(&settings, &command).await,
        Command::VerifyAudit(args) => verify_audit::run(&settings, &args).await,
        Command::Token(command) => token::run(&settings, command).await,
        Command::SignIn(args) => sign_in::run(&settings, &args).await,
        Command::TeamsPackage(args) => teams_package::run(&settings, &args).await,
    }
}

/// A line of a command's own output. Who reads may stop before the end, as `head` does.
pub(crate) fn say(line: &str) {
    if let Err(error) = writeln!(std::io::stdout().lock(), "{line}")
        && error.kind() != ErrorKind::BrokenPipe
    {
        let error = anyhow::Error::new(error).context("cannot write to standard output");
        crate::telemetry::complain(&error);
    }
}
