//! The whole document.

use onboarding_core::config::{CompanyConfig, mistakes};
use toml::de::DeTable;

use crate::{
    CompanyManifest, channels, people,
    reader::{Found, Places, Report, Table},
    settings,
};

/// Reads one manifest with the places of its values, or says everything that is wrong with it.
pub(crate) fn read(text: &str) -> Result<(CompanyManifest, Places), Vec<Found>> {
    let report = Report::new(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors_of_syntax(&report, &errors));
    }
    let mut root = Table::root(&report, document.get_ref());
    let manifest = company_manifest(&mut root);
    root.refuse_unknown("key");
    report.add_mistakes(mistakes(&manifest.config));
    report.finish().map(|places| (manifest, places))
}

/// One for each line: what follows on the same line is mostly the echo of the first.
///
/// The parser's own rendering would show the line, which may hold a secret; its message does not.
fn errors_of_syntax(report: &Report, errors: &[toml::de::Error]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for error in errors {
        let line = report.line_of(error.span().map_or(0, |span| span.start));
        if !found.iter().any(|found| found.line == line) {
            found.push(Found {
                line,
                path: String::new(),
                message: format!("not TOML: {}", error.message()),
            });
        }
    }
    found
}

fn company_manifest(root: &mut Table<'_>) -> CompanyManifest {
    let (company, settings, logo) = settings::read(root);
    let config = CompanyConfig {
        settings,
        org_units: root.tables("org_units", people::org_unit),
        external_companies: root.tables("external_companies", people::external_company),
        users: root.tables("users", people::user),
        leavers: root.tables("leavers", people::leaver),
        client_profiles: root.tables("client_profiles", people::client_profile),
        official_accounts: root.tables("official_accounts", channels::official_account),
        pools: root.tables("pools", channels::pool),
    };
    CompanyManifest {
        company,
        config,
        logo,
    }
}
