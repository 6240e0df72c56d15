//! Manifests of several companies together.

use std::collections::BTreeMap;

use onboarding_core::CompanyId;

use crate::{
    CompanyManifest, ManifestErrors, manifest,
    reader::{Found, Places},
};

/// Reads the manifests of several companies, given as (file name, text); each file is one company.
///
/// Refuses, besides what [`crate::parse`] refuses in each, two files of one company and a WhatsApp number or
/// its id in two companies. Nothing is returned unless all files are right.
pub fn parse_all(files: &[(&str, &str)]) -> Result<Vec<CompanyManifest>, ManifestErrors> {
    let mut errors = ManifestErrors::new("", Vec::new());
    let mut owners = Owners::default();
    let mut manifests = Vec::new();
    for (file, text) in files {
        let (manifest, found) = match manifest::read(text) {
            Ok((manifest, places)) => {
                let found = owners.add(file, &manifest, &places);
                (Some(manifest), found)
            }
            Err(found) => (None, found),
        };
        errors.add(file, found);
        manifests.extend(manifest);
    }
    if errors.iter().next().is_none() {
        Ok(manifests)
    } else {
        Err(errors)
    }
}

/// Which file was the first to name something that only one company can have.
#[derive(Default)]
struct Owners {
    of_companies: BTreeMap<CompanyId, String>,
    of_numbers: BTreeMap<String, String>,
}

impl Owners {
    fn add(&mut self, file: &str, manifest: &CompanyManifest, places: &Places) -> Vec<Found> {
        let mut found = Vec::new();
        let mut refuse = |path: String, message: String| {
            found.push(Found {
                line: places.line(&path),
                path,
                message,
            });
        };
        let company = &manifest.company;
        if let Some(first) = self.of_companies.get(company) {
            // Its numbers are in both files, too; that goes without saying.
            let message =
                format!("company `{company}` is also in {first}; write all of a company in one file");
            refuse("company.id".to_owned(), message);
            return found;
        }
        self.of_companies.insert(company.clone(), file.to_owned());
        for (index, account) in manifest.config.official_accounts.iter().enumerate() {
            let number = account.phone_number.to_string();
            for (key, value) in [
                ("phone_number", &number),
                ("phone_number_id", &account.phone_number_id),
            ] {
                if let Some(first) = self.of_numbers.get(value) {
                    let message = format!("`{value}` is also in {first}; a number belongs to one company");
                    refuse(format!("official_accounts[{index}].{key}"), message);
                } else {
                    self.of_numbers.insert(value.clone(), file.to_owned());
                }
            }
        }
        found
    }
}
