//! The manifest that `connect` proposes: what WhatsApp tells, with places for what only people know.

use std::fmt::Write;

use onboarding_core::{ApprovedText, CountryCode, PhoneNumber};
use whatsapp_graph::client::Template;

use crate::connect::{Found, SecretReferences};

struct Number<'a> {
    phone: PhoneNumber,
    id: &'a str,
    waba_id: &'a str,
}

/// A manifest that `apply` takes as it is; the first number is the primary, and there is nobody yet to reach.
pub(crate) fn propose(found: &[Found], references: &SecretReferences) -> String {
    let numbers = numbers(found);
    let name = found
        .iter()
        .flat_map(|account| &account.numbers)
        .find_map(|number| number.verified_name.as_deref())
        .unwrap_or("My company");
    let country = numbers
        .first()
        .and_then(|number| number.phone.country())
        .map_or_else(|| "HK".to_owned(), |country: CountryCode| country.to_string());
    let invitation = found
        .iter()
        .flat_map(|account| &account.templates)
        .find(|one| invites(one));
    let mut text = String::from(
        "# Proposed by `onboarding-server connect`. Read it, name your people, then: onboarding-server apply FILE\n\n",
    );
    let mut line = |words: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{words}");
    };
    line("[company]".to_owned());
    line(format!("id = {}", quoted(&slug(name))));
    line(format!("name = {}", quoted(name)));
    line(format!("country = {}", quoted(&country)));
    line("default_language = \"en\"\nlanguages = [\"en\"]\n".to_owned());
    line("[whatsapp]".to_owned());
    line(format!("app_secret = {}", quoted(&references.app_secret)));
    line(format!("verify_token = {}", quoted(&references.verify_token)));
    line(format!("access_token = {}\n", quoted(&references.access_token)));
    if invitation.is_none() {
        line("[features]".to_owned());
        line(
            "# No approved invitation template was found: clients get a link to the secondary instead."
                .to_owned(),
        );
        line("invitation = \"link\"\n".to_owned());
    }
    line("[[org_units]]\nid = \"all\"\nname = \"Everybody\"\n".to_owned());
    line("# [[users]]\n# username = \"dom\"\n# name = \"Dom\"\n# org_unit = \"all\"\n# extension = \"#dom\"\n# roles = [\"user\"]\n".to_owned());
    for number in &numbers {
        line("[[official_accounts]]".to_owned());
        line(format!("phone_number = {}", quoted(number.phone.as_str())));
        line(format!("phone_number_id = {}", quoted(number.id)));
        line(format!("waba_id = {}\n", quoted(number.waba_id)));
    }
    if let [primary, secondaries @ ..] = numbers.as_slice() {
        let listed: Vec<_> = secondaries
            .iter()
            .map(|number| quoted(number.phone.as_str()))
            .collect();
        line("[[pools]]\nid = \"all\"\norg_units = [\"all\"]".to_owned());
        line("# Clients write to the primary first; conversations go on on the secondaries.".to_owned());
        line(format!("primary = {}", quoted(primary.phone.as_str())));
        line(format!("secondaries = [{}]\n", listed.join(", ")));
    }
    if let Some(template) = invitation {
        line("[templates.invitation]".to_owned());
        line(format!("name = {}", quoted(&template.name)));
        line(format!(
            "language = {}",
            quoted(template.language.as_deref().unwrap_or("en"))
        ));
        line(format!("body = [{}]", parameters(template).join(", ")));
        let text = template.body_text.as_deref();
        if let Some(text) = text.filter(|text| ApprovedText::parse(text).is_ok()) {
            line(format!("text = {}", quoted(text)));
        }
    }
    text
}

fn numbers(found: &[Found]) -> Vec<Number<'_>> {
    found
        .iter()
        .flat_map(|account| account.numbers.iter().map(move |number| (account, number)))
        .filter_map(|(account, number)| {
            let shown = number.display_phone_number.as_deref()?;
            let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
            Some(Number {
                phone: PhoneNumber::parse(&format!("+{digits}")).ok()?,
                id: &number.id,
                waba_id: &account.waba_id,
            })
        })
        .collect()
}

/// Approved, no marketing, and named like one.
fn invites(template: &Template) -> bool {
    template.status.as_deref() == Some("APPROVED")
        && template.category.as_deref() != Some("MARKETING")
        && template.name.contains("invit")
}

fn parameters(template: &Template) -> Vec<String> {
    let known = ["{user_name}", "{company_name}", "{secondary_number}"];
    let places = template.body_parameters.unwrap_or_default();
    (0..places)
        .map(|place| quoted(known[place.min(known.len() - 1)]))
        .collect()
}

/// As a TOML string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

fn slug(name: &str) -> String {
    let words = name.to_lowercase();
    let words = words
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let slug: String = words.collect::<Vec<_>>().join("-").chars().take(40).collect();
    let slug = slug.trim_matches('-');
    if slug.starts_with(|c: char| c.is_ascii_alphabetic()) {
        slug.to_owned()
    } else {
        "company".to_owned()
    }
}
