//! The company that is served, and its side in the simulator. Each of its texts begins with its own name in brackets,
//! so that what a client hears can be told apart without knowing how the service makes texts.

use std::{fmt::Write as _, path::Path, time::Duration};

use whatsapp_simulator::{
    Account, AccountHealth, Latencies, Retries, SimulatorConfig, Template, TemplateStatus,
};

/// Users with an extension.
pub(crate) const USERS: usize = 40;

/// The number that clients write to first, in digits.
pub(crate) const PRIMARY: &str = "85256428035";

/// The numbers of the conversations, in digits.
pub(crate) const SECONDARIES: [&str; 3] = ["85251079302", "85251079303", "85251079304"];

/// The template that invites.
pub(crate) const INVITATION: &str = "client_invitation";

/// The template that reminds.
pub(crate) const REMINDER: &str = "room_reminder";

/// Secrets by name.
pub(crate) const SECRETS: [&str; 3] = ["app_secret", "verify_token", "access_token"];

/// The name of a user, as clients read it.
pub(crate) fn user_name(user: usize) -> String {
    format!("User-{user:03}")
}

/// What a client writes to reach a user.
pub(crate) fn extension(user: usize) -> String {
    format!("#user{user:03}")
}

/// The manifest of the company, with its secrets in this folder.
pub(crate) fn manifest(secrets: &Path) -> String {
    let mut manifest = String::from(HEAD);
    for name in SECRETS {
        let _ = writeln!(
            manifest,
            "{name} = {:?}",
            format!("file:{}/{name}", secrets.display())
        );
    }
    manifest.push_str(BODY);
    for user in 0..USERS {
        let _ = writeln!(
            manifest,
            "[[users]]\nusername = \"u{user:03}\"\nname = \"{}\"\norg_unit = \"hk\"\nextension = \"{}\"",
            user_name(user),
            extension(user),
        );
    }
    for (nth, number) in numbers() {
        let _ = writeln!(
            manifest,
            "[[official_accounts]]\nphone_number = \"+{number}\"\nphone_number_id = \"{}\"\nwaba_id = \"200\"",
            phone_number_id(nth),
        );
    }
    manifest.push_str(TAIL);
    manifest
}

/// The simulator's side of the company.
pub(crate) fn simulator(seed: u64) -> SimulatorConfig {
    let mut config = SimulatorConfig::new("the app_secret", "the access_token");
    config.seed = seed;
    config.latencies = Latencies {
        inbound: Duration::ZERO,
        sent: Duration::from_millis(5),
        delivered: Duration::from_millis(5),
        read: Duration::ZERO,
    };
    config.retries = Retries {
        timeout: Duration::from_secs(5),
        pauses: [30, 60, 120, 250, 500].map(Duration::from_millis).to_vec(),
        // As stubborn as Meta, who goes on for seven days.
        attempts: 100_000,
    };
    config.accounts = numbers()
        .map(|(nth, number)| Account {
            phone_number_id: phone_number_id(nth),
            phone_number: format!("+{number}"),
            waba_id: "200".to_owned(),
            verified_name: "Crash Test Bank".to_owned(),
            advertised: nth == 0,
            health: AccountHealth::default(),
        })
        .collect();
    config.templates = [INVITATION, REMINDER]
        .map(|name| Template {
            waba_id: None,
            name: name.to_owned(),
            language: "en".to_owned(),
            body: format!("[{name}] {{{{1}}}}"),
            buttons: Vec::new(),
            status: TemplateStatus::Approved,
        })
        .to_vec();
    config
}

/// The digits of the number with this id at Meta.
pub(crate) fn number_of(id: &str) -> Option<&'static str> {
    numbers()
        .find(|(nth, _)| phone_number_id(*nth) == id)
        .map(|(_, number)| number)
}

fn numbers() -> impl Iterator<Item = (usize, &'static str)> {
    std::iter::once(PRIMARY).chain(SECONDARIES).enumerate()
}

fn phone_number_id(nth: usize) -> String {
    format!("10000000000000{nth}")
}

const HEAD: &str = r#"[company]
id = "crash"
name = "Crash Test Bank"
country = "HK"
default_language = "en"
languages = ["en"]

[whatsapp]
"#;

const BODY: &str = r#"
[limits]
# Every answer is due, so that one that does not come is lost.
auto_replies_per_hour = 1000
wrong_extensions = { attempts = 100, within_seconds = 600, lock_minutes = 1 }

[[org_units]]
id = "hk"
name = "Hong Kong"

"#;

const TAIL: &str = r#"
[[pools]]
id = "hk"
org_units = ["hk"]
primary = "+85256428035"
secondaries = ["+85251079302", "+85251079303", "+85251079304"]
default_country = "HK"

[templates.invitation]
name = "client_invitation"
language = "en"
body = ["{user_name}"]

[templates.room_reminder]
name = "room_reminder"
language = "en"
body = ["{user_name}"]

[texts.en]
no_extension = "[no_extension]"
extension_not_found = "[extension_not_found]"
guessing_locked = "[guessing_locked]"
user_info = "[user_info] {user_name} {secondary_number}"
hand_off_link = "[hand_off_link] {link}"
room_reminder = "[room_reminder] {user_name}"
room_pointer = "[room_pointer] {user_name} {secondary_number}"
no_secondary_number = "[no_secondary_number] {user_name}"
messaging_limit_reached = "[messaging_limit_reached]"
account_unhealthy = "[account_unhealthy]"
invitation_failed = "[invitation_failed] {user_name} {extension}"
prospect_received = "[prospect_received] {user_name}"
room_closed = "[room_closed] {primary_number}"
"#;
