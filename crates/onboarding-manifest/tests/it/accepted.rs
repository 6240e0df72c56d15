//! What is accepted, and what it means.

use std::{collections::BTreeMap, time::Duration};

use onboarding_core::{
    CountryCode, Features, GuessLimit, InvitationKind, Language, Limits, Role, SecretRef, TemplatePurpose,
    TextKey, TextTemplate,
};
use onboarding_manifest::parse;

use super::{ACME, LEAST, acme_with};

#[test]
fn the_sample_says_everything() {
    let manifest = parse("acme.toml", ACME).unwrap();
    assert_eq!(manifest.company.as_str(), "acme");
    let config = manifest.config;
    let settings = &config.settings;
    assert_eq!(
        (settings.name.as_str(), settings.country.as_str()),
        ("Acme Wealth", "HK")
    );
    assert_eq!(
        settings
            .languages
            .iter()
            .map(Language::as_str)
            .collect::<Vec<_>>(),
        ["en", "zh-HK"]
    );
    assert_eq!(
        settings.whatsapp.access_token,
        SecretRef::File("/run/secrets/acme-access-token".into())
    );
    assert_eq!(settings.features, Features::default());
    assert_eq!(settings.limits, Limits::default());
    let invitation = &settings.templates[&TemplatePurpose::Invitation];
    assert_eq!(
        invitation
            .body
            .iter()
            .map(TextTemplate::source)
            .collect::<Vec<_>>(),
        ["{user_name}", "{company_name}"]
    );
    let texts: Vec<_> = settings
        .texts
        .iter()
        .map(|(language, key, _)| (language.as_str(), key))
        .collect();
    assert_eq!(texts, [("en", TextKey::UserInfo), ("zh-HK", TextKey::RoomClosed)]);

    assert_eq!(config.org_units[1].parent.as_ref(), Some(&config.org_units[0].id));
    let [dom, kate] = &config.users[..] else {
        panic!("{:?}", config.users)
    };
    assert_eq!(
        dom.extension.as_ref().map(ToString::to_string),
        Some("#dom123456".into())
    );
    assert_eq!(
        (dom.title.as_deref(), dom.email.as_deref()),
        (Some("Relationship manager"), Some("dom@acme.example"))
    );
    assert_eq!(dom.external_companies, [config.external_companies[0].id.clone()]);
    assert_eq!(
        (&kate.roles[..], &kate.extension),
        (&[Role::Admin, Role::Auditor][..], &None)
    );
    assert_eq!(config.client_profiles[0].assigned_to, ["dom"]);
    assert_eq!(config.client_profiles[0].key, "cp-1");

    let accounts: Vec<_> = config
        .official_accounts
        .iter()
        .map(|account| account.phone_number.as_str())
        .collect();
    assert_eq!(accounts, ["+85256428035", "+85251079302", "+85251079303"]);
    let pool = &config.pools[0];
    assert_eq!(
        (pool.primary.as_str(), pool.secondaries.len(), pool.draining.len()),
        ("+85256428035", 2, 1)
    );
    assert!(pool.fallback_upward);
    let [hk, mo, cn] = ["HK", "MO", "CN"].map(|code| CountryCode::parse(code).unwrap());
    assert_eq!(pool.geography_mapping, BTreeMap::from([(mo, hk), (cn, hk)]));
    assert_eq!(pool.default_country, Some(hk));
}

#[test]
fn what_is_left_out_has_a_default() {
    let more = r#"
        [limits.wrong_extensions]
        attempts = 3
        [[org_units]]
        id = "hk"
        name = "Hong Kong"
        [[users]]
        username = "dom"
        name = "Dom AM"
        org_unit = "hk"
        [[client_profiles]]
        id = "cp-1"
        name = "Jane Roe"
        org_unit = "hk"
        [[official_accounts]]
        phone_number = "+85256428035"
        phone_number_id = "1"
        waba_id = "3"
        [[official_accounts]]
        phone_number = "+85251079302"
        phone_number_id = "2"
        waba_id = "3"
        [[pools]]
        id = "hk"
        org_units = ["hk"]
        primary = "+85256428035"
        secondaries = ["+85251079302"]
    "#;
    let config = parse("least.toml", &format!("{LEAST}{more}")).unwrap().config;
    let settings = &config.settings;
    assert_eq!(
        settings.languages,
        std::slice::from_ref(&settings.default_language)
    );
    assert_eq!(
        settings.features,
        Features {
            invitation: InvitationKind::Link,
            ..Features::default()
        }
    );
    let wrong_extensions = GuessLimit {
        attempts: 3,
        ..Limits::default().wrong_extensions
    };
    assert_eq!(
        settings.limits,
        Limits {
            wrong_extensions,
            ..Limits::default()
        }
    );
    assert_eq!(settings.qr_text.template().source(), "{extension}");
    assert!(settings.templates.is_empty() && settings.texts.iter().next().is_none());
    let user = &config.users[0];
    assert_eq!(
        (&user.roles[..], user.external_companies.len()),
        (&[Role::User][..], 0)
    );
    assert_eq!((&user.email, &user.title, &user.extension), (&None, &None, &None));
    let profile = &config.client_profiles[0];
    assert_eq!(
        (
            &profile.phone_number,
            &profile.external_company,
            profile.assigned_to.len()
        ),
        (&None, &None, 0)
    );
    let pool = &config.pools[0];
    assert!(!pool.fallback_upward && pool.draining.is_empty() && pool.geography_mapping.is_empty());
    assert_eq!(pool.default_country, None);
}

#[test]
fn numbers_have_units() {
    let text = acme_with("pair_reuse_after_days = 0", "pair_reuse_after_days = 0x1e");
    let text = text.replace(
        "within_seconds = 600, lock_minutes = 60",
        "within_seconds = 1_000, lock_minutes = 2",
    );
    let settings = parse("acme.toml", &text).unwrap().config.settings;
    assert_eq!(settings.features.pair_reuse_after_days, Some(30));
    let wrong = settings.limits.wrong_extensions;
    assert_eq!(
        (wrong.within, wrong.lock),
        (Duration::from_secs(1000), Duration::from_mins(2))
    );
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_do_no_harm() {
    let windows = format!("\u{feff}{}", ACME.replace('\n', "\r\n"));
    assert_eq!(parse("acme.toml", &windows), parse("acme.toml", ACME));
}

#[test]
fn the_reference_names_every_key_and_text() {
    let reference = include_str!("../../../../docs/manifest.md");
    let keys = ACME
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, _)| key);
    let texts = TextKey::ALL.iter().map(|key| key.as_str());
    for name in keys
        .chain(texts)
        .chain(["attempts", "within_seconds", "lock_minutes"])
    {
        assert!(reference.contains(&format!("`{name}`")), "{name}");
    }
}
