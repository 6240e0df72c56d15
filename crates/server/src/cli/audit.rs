//! The command line of the audit.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Write the entries of a company to standard output, oldest first.
    Export(ExportArgs),
    /// Write a signed checkpoint a company to standard output. Keep it where nobody who can write the database can.
    Checkpoint(CheckpointArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Whose.
    #[arg(long, value_name = "ID")]
    pub(crate) company: String,
    /// JSON Lines, or a table.
    #[arg(long, value_enum, default_value = "jsonl")]
    pub(crate) format: ExportFormat,
    /// Nothing from before this time, such as 2026-01-31T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Nothing of this time or later.
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// A JSON object a line.
    Jsonl,
    /// A table with a line of headings.
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct CheckpointArgs {
    /// Only of this company.
    #[arg(long, value_name = "ID")]
    pub(crate) company: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyAuditArgs {
    /// Only of this company.
    #[arg(long, value_name = "ID")]
    pub(crate) company: Option<String>,
    /// A file with checkpoints, one a line; may be given again.
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Vec<PathBuf>,
    /// The public key of the checkpoints in PEM; without it, that of `ONBOARDING_AUDIT_KEY`.
    #[arg(long, value_name = "FILE")]
    pub(crate) public_key: Option<PathBuf>,
}
