//! The company that is served, and what its clients write.

use std::{fmt::Write as _, path::Path, sync::Arc, time::Duration};

use whatsapp_graph::AppSecret;
use whatsapp_simulator::{Account, AccountHealth, Latencies, SimulatorConfig, Template, TemplateStatus};

use crate::{load::Write, wire::Webhook};

/// The company's id.
pub(crate) const COMPANY: &str = "bench";

/// Units, each with a pool of its own: one primary and [`SECONDARIES`].
pub(crate) const UNITS: u32 = 60;
pub(crate) const SECONDARIES: u32 = 4;

/// Users of each unit.
pub(crate) const USERS: u32 = 5;

const APP_SECRET: &str = "the app_secret";
pub(crate) const ACCESS_TOKEN: &str = "the access_token";
const WABA: &str = "200";

/// Writes the manifest and the secrets into this folder.
pub(crate) fn write(folder: &Path) -> anyhow::Result<()> {
    let secrets = [
        ("app_secret", APP_SECRET),
        ("verify_token", "the verify_token"),
        ("access_token", ACCESS_TOKEN),
    ];
    let mut manifest = format!(
        "[company]\nid = {COMPANY:?}\nname = \"Bench Bank\"\ncountry = \"HK\"\ndefault_language = \"en\"\n\
         languages = [\"en\"]\n\n[whatsapp]\n"
    );
    for (name, secret) in secrets {
        let file = folder.join(name);
        std::fs::write(&file, format!("{secret}\n"))?;
        writeln!(manifest, "{name} = {:?}", format!("file:{}", file.display()))?;
    }
    for unit in 0..UNITS {
        writeln!(
            manifest,
            "\n[[org_units]]\nid = \"unit-{unit}\"\nname = \"Unit {unit}\""
        )?;
        for user in unit * USERS..(unit + 1) * USERS {
            writeln!(
                manifest,
                "\n[[users]]\nusername = \"user-{user}\"\nname = \"User {user}\"\norg_unit = \"unit-{unit}\"\n\
                 extension = \"{}\"",
                extension(user),
            )?;
        }
        let numbers: Vec<u32> = (unit * (SECONDARIES + 1)..(unit + 1) * (SECONDARIES + 1)).collect();
        for number in &numbers {
            writeln!(
                manifest,
                "\n[[official_accounts]]\nphone_number = \"+{}\"\nphone_number_id = \"{}\"\nwaba_id = {WABA:?}",
                phone_number(*number),
                phone_number_id(*number),
            )?;
        }
        let secondaries: Vec<String> = numbers[1..]
            .iter()
            .map(|number| format!("+{}", phone_number(*number)))
            .collect();
        writeln!(
            manifest,
            "\n[[pools]]\nid = \"pool-{unit}\"\norg_units = [\"unit-{unit}\"]\nprimary = \"+{}\"\n\
             secondaries = {secondaries:?}\ndefault_country = \"HK\"",
            phone_number(numbers[0]),
        )?;
    }
    manifest.push_str(
        "\n[templates.invitation]\nname = \"client_invitation\"\nlanguage = \"en\"\nbody = [\"{user_name}\"]\n",
    );
    std::fs::write(folder.join("company.toml"), manifest)?;
    Ok(())
}

/// The simulator's side of the company. No status comes back: what is measured is the sending.
pub(crate) fn simulator() -> SimulatorConfig {
    let mut config = SimulatorConfig::new(APP_SECRET, ACCESS_TOKEN);
    config.latencies = Latencies {
        sent: Duration::from_hours(1),
        ..Latencies::NONE
    };
    config.accounts = (0..UNITS * (SECONDARIES + 1))
        .map(|number| Account {
            phone_number_id: phone_number_id(number),
            phone_number: format!("+{}", phone_number(number)),
            waba_id: WABA.to_owned(),
            verified_name: "Bench Bank".to_owned(),
            advertised: false,
            health: AccountHealth::default(),
        })
        .collect();
    config.templates = vec![Template {
        waba_id: None,
        name: "client_invitation".to_owned(),
        language: "en".to_owned(),
        body: "{{1}} will write to you here.".to_owned(),
        buttons: Vec::new(),
        status: TemplateStatus::Approved,
    }];
    config
}

/// A client who was never heard of scans a user's code.
pub(crate) fn new_clients() -> Write {
    clients(|number| (format!("8526{number:07}"), true))
}

/// Of two clients one is new, and the other is one of those stored who have no room yet.
pub(crate) fn new_and_stored_clients(first: u32, last: u32) -> Write {
    let without_room = u64::from(last - first);
    clients(move |number| {
        if number % 2 == 0 {
            return (format!("8526{number:07}"), true);
        }
        // Steps of a large prime go everywhere.
        let stored = u64::from(first) + number * 7_654_321 % without_room;
        (format!("8529{stored:07}"), false)
    })
}

/// The phone of the n-th client, and whether WhatsApp names its user id too.
fn clients(phone: impl Fn(u64) -> (String, bool) + Send + Sync + 'static) -> Write {
    let secret = AppSecret::new(APP_SECRET);
    let sent_at = std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
    Arc::new(move |number| {
        let (phone, named) = phone(number);
        let body = body(number, &phone, named, sent_at);
        Webhook {
            signature: secret.sign(&body),
            body,
        }
    })
}

/// A webhook in the shape of 2026.
fn body(number: u64, phone: &str, named: bool, sent_at: u64) -> Vec<u8> {
    let user = u32::try_from(number % u64::from(UNITS * USERS)).unwrap_or_default();
    let primary = user / USERS * (SECONDARIES + 1);
    let (to, to_id, extension) = (phone_number(primary), phone_number_id(primary), extension(user));
    let (user_id, from_user_id) = if named {
        (
            format!(r#","user_id":"HK.{phone}""#),
            format!(r#","from_user_id":"HK.{phone}""#),
        )
    } else {
        (String::new(), String::new())
    };
    format!(
        r#"{{"object":"whatsapp_business_account","entry":[{{"id":"{WABA}","changes":[{{"value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"{to}","phone_number_id":"{to_id}"}},"contacts":[{{"profile":{{"name":"Client {phone}"}},"wa_id":"{phone}"{user_id}}}],"messages":[{{"from":"{phone}"{from_user_id},"id":"wamid.HBgL{sent_at}{number:016}","timestamp":"{sent_at}","text":{{"body":"Hello, I would like to talk to you {extension}"}},"type":"text"}}]}},"field":"messages"}}]}}]}}"#
    )
    .into_bytes()
}

fn extension(user: u32) -> String {
    format!("#user{user:04}")
}

/// The digits of a number of the company.
fn phone_number(number: u32) -> String {
    format!("85251{number:06}")
}

/// Graph's id of a number of the company.
pub(crate) fn phone_number_id(number: u32) -> String {
    format!("1000000000{number:05}")
}
