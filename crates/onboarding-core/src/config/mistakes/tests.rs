use std::time::Duration;

use super::*;
use crate::{
    ApprovedText, CountryCode, Extension, ExternalCompany, ExternalCompanyId, Features, InvitationKind,
    Language, Limits, MOST_TYPED, OrgUnit, OrgUnitId, PhoneNumber, PoolId, QrText, Role, SecretRef, Template,
    TemplatePurpose, TextKey, TextTemplate, Texts, WhatsAppSecrets,
    config::{ClientProfileConfig, OfficialAccountConfig, PoolConfig, UserConfig},
};

fn unit_id(id: &str) -> OrgUnitId {
    OrgUnitId::parse(id).unwrap()
}

pub(in crate::config) fn phone(number: &str) -> PhoneNumber {
    PhoneNumber::parse(number).unwrap()
}

pub(in crate::config) fn unit(id: &str, parent: Option<&str>) -> OrgUnit {
    OrgUnit {
        id: unit_id(id),
        name: id.to_uppercase(),
        parent: parent.map(unit_id),
    }
}

pub(in crate::config) fn user(username: &str, extension: Option<&str>) -> UserConfig {
    UserConfig {
        username: username.to_owned(),
        name: format!("{username} AM"),
        email: None,
        title: None,
        org_unit: unit_id("hk"),
        extension: extension.map(|text| Extension::parse(text).unwrap()),
        external_companies: vec![ExternalCompanyId::parse("globex").unwrap()],
        roles: vec![Role::User],
        identities: Vec::new(),
    }
}

pub(in crate::config) fn profile(key: &str, number: &str) -> ClientProfileConfig {
    ClientProfileConfig {
        key: key.to_owned(),
        name: "Jane Roe".to_owned(),
        phone_number: Some(phone(number)),
        org_unit: unit_id("hk"),
        external_company: None,
        assigned_to: vec!["dom".to_owned()],
    }
}

pub(in crate::config) fn account(number: &str) -> OfficialAccountConfig {
    let phone_number = phone(number);
    let phone_number_id = format!("1{}", phone_number.digits());
    OfficialAccountConfig {
        phone_number,
        phone_number_id,
        waba_id: "2".to_owned(),
    }
}

pub(in crate::config) fn pool(id: &str, units: &[&str], primary: &str, secondaries: &[&str]) -> PoolConfig {
    PoolConfig {
        id: PoolId::parse(id).unwrap(),
        org_units: units.iter().map(|id| unit_id(id)).collect(),
        primary: phone(primary),
        secondaries: secondaries.iter().map(|number| phone(number)).collect(),
        draining: Vec::new(),
        default_country: None,
        fallback_upward: false,
        geography_mapping: BTreeMap::new(),
    }
}

/// A company without a mistake.
pub(in crate::config) fn sample() -> CompanyConfig {
    let secret = SecretRef::Env("SECRET".to_owned());
    let invitation = Template {
        name: "hi".to_owned(),
        language: "en".to_owned(),
        text: None,
        body: Vec::new(),
        buttons: Vec::new(),
    };
    CompanyConfig {
        settings: crate::CompanySettings {
            name: "Acme".to_owned(),
            country: CountryCode::parse("HK").unwrap(),
            default_language: Language::english(),
            languages: vec![Language::english()],
            whatsapp: WhatsAppSecrets {
                app_secret: secret.clone(),
                verify_token: secret.clone(),
                access_token: secret,
            },
            features: Features::default(),
            limits: Limits::default(),
            templates: BTreeMap::from([(TemplatePurpose::Invitation, invitation)]),
            qr_text: QrText::default(),
            qr_logo: None,
            texts: Texts::default(),
            opt_out: crate::OptOutWords::default(),
            sign_in: crate::SignInSettings::default(),
        },
        org_units: vec![unit("hk", None), unit("hk-private", Some("hk")), unit("sg", None)],
        external_companies: vec![ExternalCompany {
            id: ExternalCompanyId::parse("globex").unwrap(),
            name: "Globex".to_owned(),
        }],
        users: vec![
            user("dom", Some("#dom123456")),
            user("michael", Some("#michael")),
            user("kate", None),
        ],
        leavers: Vec::new(),
        client_profiles: vec![profile("cp-1", "+5541987654321"), profile("cp-2", "+85291234567")],
        official_accounts: ["+85256428035", "+85251079302", "+85251079303", "+85251079304"]
            .map(account)
            .into(),
        pools: vec![
            pool("hk", &["hk"], "+85256428035", &["+85251079302"]),
            pool("sg", &["sg"], "+85251079303", &["+85251079304"]),
        ],
    }
}

/// What is wrong with the sample after `change`, one line each.
pub(super) fn after(change: impl FnOnce(&mut CompanyConfig)) -> Vec<String> {
    let mut config = sample();
    change(&mut config);
    mistakes(&config)
        .into_iter()
        .map(|mistake| format!("{}: {}", mistake.path, mistake.message))
        .collect()
}

fn paths(change: impl FnOnce(&mut CompanyConfig)) -> Vec<String> {
    after(change)
        .iter()
        .filter_map(|line| line.split(':').next().map(str::to_owned))
        .collect()
}

#[test]
fn the_sample_has_none() {
    assert_eq!(after(|_| ()), Vec::<String>::new());
}

#[test]
fn languages_must_be_listed() {
    let swedish = Language::parse("sv").unwrap();
    let found = after(|config| {
        config.settings.texts.set(
            swedish.clone(),
            TextKey::RoomClosed,
            TextTemplate::parse("stängt").unwrap(),
        );
        config.settings.default_language = swedish;
        config.settings.languages.push(Language::english());
    });
    assert_eq!(
        found,
        [
            "company.default_language: `sv` is not among company.languages; add it there or name one of them",
            "company.languages[1]: `en` stands in this list twice; remove one",
            "texts.sv: nobody is answered in `sv`; add it to company.languages or remove its texts",
        ]
    );
}

#[test]
fn an_invitation_needs_its_template_or_is_a_link() {
    let without = |config: &mut CompanyConfig| config.settings.templates.clear();
    assert_eq!(
        after(without),
        [
            "templates.invitation: there is no template to invite with; add [templates.invitation], or set \
          features.invitation = \"link\""
        ]
    );
    let link = |config: &mut CompanyConfig| {
        without(config);
        config.settings.features.invitation = InvitationKind::Link;
    };
    assert_eq!(after(link), Vec::<String>::new());
    let nameless = |config: &mut CompanyConfig| {
        for template in config.settings.templates.values_mut() {
            template.name.clear();
            template.language = "\t".to_owned();
        }
    };
    assert_eq!(
        paths(nameless),
        ["templates.invitation.name", "templates.invitation.language"]
    );
}

#[test]
fn the_text_of_a_template_has_a_place_for_each_parameter() {
    let found = after(|config| {
        for template in config.settings.templates.values_mut() {
            template.text = Some(ApprovedText::parse("Hello, {{1}} of {{2}}").unwrap());
            template.body = vec![TextTemplate::parse("{user_name}").unwrap()];
        }
    });
    assert_eq!(
        found,
        [
            "templates.invitation.text: it has 2 place(s) for parameters and body gives 1; make them the same number"
        ]
    );
}

/// Nothing is drawn that would not open WhatsApp with all that the company wants typed.
#[test]
fn a_code_types_no_more_than_whatsapp_takes() {
    let with = |text: String| after(move |config| config.settings.qr_text = QrText::parse(&text).unwrap());
    let room = |extension: &str| MOST_TYPED - extension.len();
    assert_eq!(
        with(format!("{{extension}}{}", "x".repeat(room("#dom123456")))),
        Vec::<String>::new()
    );
    assert_eq!(
        with(format!("{{extension}}{}", "é".repeat(room("#michael")))),
        [
            "users[0].extension: with it the code would type 142 characters, and WhatsApp types 140 at the most; shorten \
             it or the company's qr.text"
        ]
    );
    assert_eq!(
        with(format!("{{extension}}{}", "x".repeat(MOST_TYPED))),
        [
            "qr.text: it has 140 characters without an extension, and WhatsApp types 140 at the most; shorten it"
        ]
    );
    let named = with(format!(
        "{{extension}} {{primary_number}} {}",
        "x".repeat(room("#dom123456 +85256428035"))
    ));
    assert_eq!(named.len(), 1, "{named:?}");
}

#[test]
fn limits_have_bounds() {
    let found = after(|config| {
        config.settings.features.pair_reuse_after_days = Some(3651);
        config.settings.limits.auto_replies_per_hour = 0;
        config.settings.limits.wrong_extensions.attempts = 101;
        config.settings.limits.wrong_extensions.within = Duration::ZERO;
        config.settings.limits.wrong_extensions.lock = Duration::from_secs(59);
    });
    assert_eq!(
        found,
        [
            "features.pair_reuse_after_days: 3651 is out of range; write 0 to 3650",
            "limits.auto_replies_per_hour: 0 is out of range; write 1 to 1000",
            "limits.wrong_extensions.attempts: 101 is out of range; write 1 to 100",
            "limits.wrong_extensions.within_seconds: 0 is out of range; write 1 to 86400",
            "limits.wrong_extensions.lock_minutes: 0 is out of range; write 1 to 10080",
        ]
    );
}

#[test]
fn the_units_form_a_tree() {
    let found = after(|config| {
        config.org_units[0].parent = Some(unit_id("hk-private"));
        config.org_units[2].parent = Some(unit_id("moon"));
        config.org_units.push(unit("hk", None));
        config.org_units.push(unit("self", Some("self")));
        config.org_units.push(unit("below", Some("self")));
    });
    assert_eq!(
        found,
        [
            "org_units[3].id: `hk` is also org_units[0].id; give each its own",
            "org_units[2].parent: there is no org unit `moon`; add it to org_units or name one that is there",
            "org_units[4].parent: the parents form a ring (self → self); give one of these units another parent or none",
        ],
        "a unit that is there twice has the parent of the last"
    );
    let found = after(|config| config.org_units[0].parent = Some(unit_id("hk-private")));
    assert_eq!(
        found,
        [
            "org_units[0].parent: the parents form a ring (hk → hk-private → hk); give one of these units another \
          parent or none"
        ]
    );
}

#[test]
fn a_ring_is_told_at_its_first_unit_wherever_one_comes_upon_it() {
    let found = after(|config| {
        config.org_units = vec![
            unit("below", Some("c")),
            unit("a", Some("c")),
            unit("b", Some("a")),
        ];
        config.org_units.push(unit("c", Some("b")));
        config.users.clear();
        config.client_profiles.clear();
        config.pools.clear();
    });
    assert_eq!(
        found,
        [
            "org_units[1].parent: the parents form a ring (a → c → b → a); give one of these units another parent or \
          none"
        ]
    );
}

#[test]
fn extensions_clash_by_key_and_by_look() {
    let found = after(|config| {
        config.users.push(user("eve", Some("#rnichael")));
        config.users.push(user("max", Some("#Michael")));
    });
    assert_eq!(
        found,
        [
            "users[3].extension: extension #rnichael looks like #michael of user michael; choose one that cannot be \
             mistaken for it",
            "users[4].extension: extension #michael is also user michael's; give one of them another",
        ]
    );
}

#[test]
fn people_refer_to_what_is_there() {
    let moon = || unit_id("moon");
    let initech = || ExternalCompanyId::parse("initech").unwrap();
    let found = paths(|config| {
        config.users[0].org_unit = moon();
        config.users[1].external_companies.push(initech());
        config.users[2].username = "dom".to_owned();
        config.users[2].roles = vec![Role::User, Role::Admin, Role::User];
        config.users[2].title = Some(" ".to_owned());
        config.users[2].name = "Kate\nAM".to_owned();
        config.client_profiles[0].org_unit = moon();
        config.client_profiles[0].external_company = Some(initech());
        config.client_profiles[0].assigned_to.push("kate".to_owned());
        config.client_profiles[1].key = "cp-1".to_owned();
        config
            .external_companies
            .push(config.external_companies[0].clone());
    });
    assert_eq!(
        found,
        [
            "external_companies[1].id",
            "users[2].username",
            "users[0].org_unit",
            "users[1].external_companies[1]",
            "users[2].name",
            "users[2].title",
            "users[2].roles[2]",
            "client_profiles[1].id",
            "client_profiles[0].org_unit",
            "client_profiles[0].external_company",
            "client_profiles[0].assigned_to[1]",
        ]
    );
}

#[test]
fn one_number_may_be_one_profile_in_whatever_spelling() {
    let twice = |config: &mut CompanyConfig| {
        config.client_profiles[1].phone_number = Some(phone("+554187654321"));
    };
    assert_eq!(
        after(twice),
        Vec::<String>::new(),
        "several profiles may share a number"
    );
    let found = after(|config| {
        twice(config);
        config.settings.features.unique_phone_number = true;
    });
    assert_eq!(
        found,
        [
            "client_profiles[1].phone_number: the same number as client_profiles[0].phone_number; correct one of them, \
          or set features.unique_phone_number = false if several profiles may share a number"
        ]
    );
}

#[test]
fn a_pool_serves_units_with_numbers_of_its_own() {
    let found = after(|config| {
        config.pools[0].secondaries.push(phone("+85256428035"));
        config.pools[0].secondaries.push(phone("+85251079302"));
        config.pools[0].secondaries.push(phone("+85299999999"));
        config.pools[0].draining.push(phone("+85251079304"));
        config.pools[1].org_units = vec![unit_id("sg"), unit_id("hk"), unit_id("moon"), unit_id("sg")];
        config.pools[1].primary = phone("+85251079302");
        config.pools[1].secondaries.clear();
        config
            .pools
            .push(pool("sg", &[], "+85251079303", &["+85251079304"]));
    });
    assert_eq!(
        found,
        [
            "pools[2].id: `sg` is also pools[1].id; give each its own",
            "pools[0].secondaries[1]: +85256428035 is the primary of this pool, which never carries a conversation; \
             take it off this list",
            "pools[0].secondaries[2]: +85251079302 stands in this list twice; remove one",
            "pools[0].secondaries[3]: +85299999999 is no official account; add it to official_accounts or correct it",
            "pools[0].draining[0]: +85251079304 is no secondary of this pool; add it to secondaries or take it off \
             here",
            "pools[1].org_units[1]: `hk` is served by pool `hk`; a unit has one pool, take it off one",
            "pools[1].org_units[2]: there is no org unit `moon`; add it to org_units or name one that is there",
            "pools[1].org_units[3]: `sg` stands in this list twice; remove one",
            "pools[1].secondaries: the pool has no secondary, so no conversation could open; list one at least",
            "pools[1].primary: +85251079302 is in pool `hk`; a number belongs to one pool, take it out of one",
            "pools[2].org_units: the pool serves no org unit; list one at least",
        ]
    );
}

#[test]
fn an_account_has_its_own_number_and_id() {
    let found = paths(|config| {
        config.official_accounts.push(account("+85251079302"));
        config.official_accounts[2].waba_id.clear();
    });
    assert_eq!(
        found,
        [
            "official_accounts[4].phone_number",
            "official_accounts[4].phone_number_id",
            "official_accounts[2].waba_id"
        ]
    );
}
