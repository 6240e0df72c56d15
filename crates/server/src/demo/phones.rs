//! The simulated world around the demo's company: numbers, templates, clients, and codes to scan.

use onboarding_core::{Company, config::CompanyConfig};
use onboarding_qr::{Mark, Size};
use whatsapp_simulator::{
    Account, AccountHealth, PhoneClient, Scannable, SimulatorConfig, Template, TemplateStatus,
};

use super::SharedSecrets;
use crate::commands::qr::code_of;

/// A WhatsApp in which the company's numbers exist and a few clients have phones.
pub(super) fn simulator_config(
    company: &Company,
    config: &CompanyConfig,
    secrets: &SharedSecrets,
) -> anyhow::Result<SimulatorConfig> {
    let mut world = SimulatorConfig::new(&secrets.app_secret, &secrets.access_token);
    world.accounts = accounts(company);
    world.templates = config.settings.templates.values().map(template).collect();
    world.clients = clients();
    for user in &config.users {
        if user.extension.is_some() {
            let code = code_of(company, Mark::Bubble, user)?;
            let (link, svg) = (code.link().to_owned(), code.svg(Size::CODE));
            let (title, subtitle) = (user.name.clone(), user.title.clone().unwrap_or_default());
            world.scannables.push(Scannable {
                title,
                subtitle,
                link,
                svg,
            });
        }
    }
    Ok(world)
}

fn accounts(company: &Company) -> Vec<Account> {
    let account = |account: &onboarding_core::OfficialAccount| Account {
        phone_number_id: account.phone_number_id.clone(),
        phone_number: account.phone_number.to_string(),
        waba_id: account.waba_id.clone(),
        verified_name: company.settings.name.clone(),
        advertised: company.pools.iter().any(|pool| pool.primary == account.id),
        health: AccountHealth::default(),
    };
    company.accounts.iter().map(account).collect()
}

/// As the company's manifest says that Meta approved it.
fn template(ours: &onboarding_core::Template) -> Template {
    Template {
        waba_id: None,
        name: ours.name.clone(),
        language: ours.language.clone(),
        body: ours
            .text
            .as_ref()
            .map_or("{{1}}", |text| text.source())
            .to_owned(),
        buttons: Vec::new(),
        status: TemplateStatus::Approved,
    }
}

fn clients() -> Vec<PhoneClient> {
    let client = |name: &str, phone: Option<&str>, bsuid: &str, username: Option<&str>| PhoneClient {
        name: name.to_owned(),
        phone: phone.map(str::to_owned),
        bsuid: bsuid.to_owned(),
        username: username.map(str::to_owned),
    };
    vec![
        client("Jane Roe", Some("447700900123"), "GB.1029384756", None),
        client("陳大文", Some("85291234567"), "HK.5647382910", None),
        client("Ana Souza", None, "BR.9988776655", Some("ana.souza")),
    ]
}
