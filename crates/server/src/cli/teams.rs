//! What `teams-package` takes.

use std::path::PathBuf;

use clap::Args;
use uuid::Uuid;

/// The app with which Microsoft Teams shows Leap Work.
#[derive(Debug, Args)]
pub(crate) struct TeamsPackageArgs {
    /// Write the package to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// The company, where there is more than one.
    #[arg(long, value_name = "ID")]
    pub(crate) company: Option<String>,
    /// The application that Microsoft Entra knows this service by; without it Teams signs nobody in.
    #[arg(long, value_name = "GUID")]
    pub(crate) application: Option<Uuid>,
    /// Higher than that of the package before, so that Teams takes the new one.
    #[arg(long, value_name = "VERSION", default_value = "1.0.0")]
    pub(crate) app_version: String,
    /// The company's page on privacy [default: the address of this service].
    #[arg(long, value_name = "URL")]
    pub(crate) privacy_url: Option<String>,
    /// The company's terms of use [default: the address of this service].
    #[arg(long, value_name = "URL")]
    pub(crate) terms_url: Option<String>,
}
