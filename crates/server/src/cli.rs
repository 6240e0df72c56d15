//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use uuid::Uuid;

/// Brings a client who writes on WhatsApp to the right employee, on the record.
#[derive(Debug, Parser)]
#[command(name = "onboarding-server", version, propagate_version = true, after_help = ENVIRONMENT)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// TOML file with settings; the environment overrides it.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

const ENVIRONMENT: &str = "\
Settings (environment, or the same in lower case without ONBOARDING_ in the file of --config):
  DATABASE_URL              sqlite://PATH or postgres://…  [default: sqlite://data/onboarding.db]
  ONBOARDING_LISTEN         public address  [default: 127.0.0.1:8080]
  ONBOARDING_OPS_LISTEN     address of /livez, /readyz, /metrics  [default: 127.0.0.1:9090]
  ONBOARDING_PUBLIC_URL     base of links  [default: from the listener]
  ONBOARDING_GRAPH_URL      Graph API, without version  [default: https://graph.facebook.com]
  ONBOARDING_GRAPH_VERSION  [default: v26.0]
  ONBOARDING_LOG            tracing filter  [default: info]";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The whole product on this machine, with a simulated WhatsApp and a phone page. Nothing leaves it.
    Demo(DemoArgs),
    /// The service (the default).
    Serve(ServeArgs),
    /// Bring the database to this version.
    Migrate,
    /// Make companies be what their manifests say. Running it twice changes nothing.
    Apply(ApplyArgs),
    /// Check configuration, database, and each official account against the Graph API.
    Check,
    /// A user's QR code.
    Qr(QrArgs),
    /// List what was given up, newest first: what came in and could not be handled, what could not be sent.
    DeadLetters(DeadLettersArgs),
    /// Put something that was given up back into its queue.
    Replay {
        /// The id that `dead-letters` shows.
        id: Uuid,
    },
    /// List the elements of webhooks that could not be read or are of no company here, newest first.
    Quarantine(QuarantineArgs),
    /// Check the invariants on what is stored. One line a violation; fails if there is one.
    Verify,
    /// Not in this version yet: API tokens, which come with the API.
    Token,
    /// Not in this version yet: check the audit chain, which comes with the API.
    VerifyAudit,
}

#[derive(Debug, Default, Args)]
pub(crate) struct DemoArgs {
    /// Keep the state in this folder instead of a temporary one.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Debug, Default, Args)]
pub(crate) struct ServeArgs {
    /// Refuse to start on a database of an older version instead of migrating it.
    #[arg(long)]
    pub(crate) no_migrate: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    /// Company manifests, one a company.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print the changes and make none.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct QrArgs {
    /// Username of the user.
    pub(crate) user: String,
    /// The company, where there is more than one.
    #[arg(long)]
    pub(crate) company: Option<String>,
    /// The code alone, or a card with name, title, company and what to do.
    #[arg(long, value_enum, default_value = "svg")]
    pub(crate) format: QrFormat,
    /// Surroundings of the card.
    #[arg(long, value_enum, default_value = "light")]
    pub(crate) theme: QrTheme,
    /// Language of the card's sentence, such as zh-HK; without it, the first two of the company's.
    #[arg(long, value_name = "TAG")]
    pub(crate) language: Option<String>,
    /// Width in pixels, 128 to 4096; a card's height is four thirds of it [default: 720, a card 1080].
    #[arg(long, value_name = "PX")]
    pub(crate) size: Option<u32>,
    /// Write to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DeadLettersArgs {
    /// Only of this company.
    #[arg(long, value_name = "ID")]
    pub(crate) company: Option<String>,
    /// How many at the most.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) limit: u32,
}

#[derive(Debug, Args)]
pub(crate) struct QuarantineArgs {
    /// How many at the most.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) limit: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum QrFormat {
    /// The code as vectors.
    Svg,
    /// The code as pixels.
    Png,
    /// The card as PNG, or as SVG where the name of FILE ends in .svg.
    Card,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum QrTheme {
    Light,
    Dark,
}
