//! The company manifest: TOML read into the wished state of a company, every mistake named with its line. And the table of
//! users, which says less and fits a spreadsheet ([`read_users`]).
//!
//! A manifest is refused as a whole, with all of its mistakes at once: unknown keys, wrong types, values that
//! cannot be, and what does not fit together ([`onboarding_core::config::mistakes`]). `docs/manifest.md` lists
//! every key.
//!
//! ```
//! let text = "
//!     [company]
//!     id = 'acme'
//!     nmae = 'Acme Wealth'
//! ";
//! let errors = onboarding_manifest::parse("acme.toml", text).expect_err("much is missing");
//! assert!(errors.to_string().contains("acme.toml:4: company.nmae: unknown key; did you mean `name`?"));
//! ```

mod channels;
mod error;
mod manifest;
mod messages;
mod people;
mod reader;
mod settings;
mod several;
mod sign_in;
mod stand_in;
mod table;

use onboarding_core::{CompanyId, config::CompanyConfig};

pub use error::{ManifestError, ManifestErrors};
pub use several::parse_all;
pub use table::{MAX_TABLE_BYTES, MAX_TABLE_ROWS, TableError, read_users, write_users};

/// What one file says: a company and all that is wished for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyManifest {
    /// The company.
    pub company: CompanyId,
    /// Free of [`onboarding_core::config::mistakes`].
    pub config: CompanyConfig,
    /// The file with the logo of its QR codes, as it stands there: beside the manifest unless it says otherwise. It is not read here,
    /// and `config` is without a logo.
    pub logo: Option<String>,
}

/// Reads one manifest. `file_name` only serves to name the place of a mistake.
///
/// A file that is not TOML is told its syntax errors alone; otherwise all mistakes are told at once. No
/// message repeats a secret.
pub fn parse(file_name: &str, text: &str) -> Result<CompanyManifest, ManifestErrors> {
    match manifest::read(text) {
        Ok((manifest, _)) => Ok(manifest),
        Err(found) => Err(ManifestErrors::new(file_name, found)),
    }
}
