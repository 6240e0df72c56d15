//! The arguments of `import` and `export`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// A table of users as CSV; its first line names the columns.
    #[arg(required_unless_present = "resume", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Print what the table would do and do nothing.
    #[arg(long, conflicts_with = "resume")]
    pub(crate) dry_run: bool,
    /// Import the rows that are in order and leave out the others.
    #[arg(long, conflicts_with = "resume")]
    pub(crate) skip_refused: bool,
    /// Go on with the import that was begun and did not end.
    #[arg(long, conflicts_with = "file")]
    pub(crate) resume: bool,
    /// The company, where there is more than one.
    #[arg(long, value_name = "ID")]
    pub(crate) company: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ExportUsersArgs {
    /// Write to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The company, where there is more than one.
    #[arg(long, value_name = "ID")]
    pub(crate) company: Option<String>,
}
