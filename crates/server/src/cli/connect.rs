//! What `connect` takes.

use std::path::PathBuf;

use clap::Args;

/// From an access token to a working set-up.
#[derive(Debug, Args)]
pub(crate) struct ConnectArgs {
    /// Where the access token is: `env:NAME` or `file:PATH`.
    #[arg(long, value_name = "REF")]
    pub(crate) access_token: String,
    /// Where the secret of the app is: `env:NAME` or `file:PATH`.
    #[arg(long, value_name = "REF")]
    pub(crate) app_secret: String,
    /// Where the verify token is, a word of your own that Meta shows when it asks for the callback: `env:NAME` or `file:PATH`.
    #[arg(long, value_name = "REF")]
    pub(crate) verify_token: String,
    /// Only this WhatsApp Business Account; may be given several times. Without it, all that the token names.
    #[arg(long, value_name = "ID")]
    pub(crate) account: Vec<String>,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write the proposed manifest to this file, which must not exist, instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}
