//! No setting is forgotten: each, changed alone, is a change of the plan.

use std::time::Duration;

use super::*;
use crate::{
    CountryCode, ExternalCompanyId, ExternalIdentity, ExternalSubject, IdentityProvider, InvitationKind,
    Issuer, Language, Logo, ProfileChoice, ProfileField, QrText, RoomActivation, SecretRef, SubjectClaim,
    TeamsSignIn, TemplatePurpose, TenantId,
};

type Change = fn(&mut CompanyConfig);

fn swedish() -> Language {
    Language::parse("sv").unwrap()
}

fn macao() -> CountryCode {
    CountryCode::parse("MO").unwrap()
}

fn other_secret() -> SecretRef {
    SecretRef::File("/run/secret".to_owned())
}

fn provider() -> IdentityProvider {
    IdentityProvider {
        issuer: identity().issuer,
        client_id: "onboarding".to_owned(),
        client_secret: other_secret(),
        subject_claim: SubjectClaim::Sub,
        second_factor: false,
    }
}

fn teams() -> TeamsSignIn {
    TeamsSignIn {
        tenant: TenantId::parse("72f988bf-86f1-41af-91ab-2d7cd011db47").unwrap(),
        audience: "api".to_owned(),
    }
}

fn identity() -> ExternalIdentity {
    ExternalIdentity {
        issuer: Issuer::parse("https://login.example.com").unwrap(),
        subject: ExternalSubject::parse("u-1").unwrap(),
    }
}

/// What the plan says when only this was changed.
fn summary(change: Change) -> String {
    let mut wished = sample();
    change(&mut wished);
    lines(Some(&sample()), &wished).join("; ")
}

#[test]
fn of_the_company() {
    let changes: [(Change, &str); 14] = [
        (|config| config.settings.name = "B".into(), "name Acme → B"),
        (|config| config.settings.country = macao(), "country HK → MO"),
        (
            |config| config.settings.default_language = swedish(),
            "default language en → sv",
        ),
        (
            |config| config.settings.languages.push(swedish()),
            "languages en → en sv",
        ),
        (
            |config| config.settings.whatsapp.app_secret = other_secret(),
            "app secret env:SECRET → file:/run/secret",
        ),
        (
            |config| config.settings.whatsapp.verify_token = other_secret(),
            "verify token env:SECRET → file:/run/secret",
        ),
        (
            |config| config.settings.whatsapp.access_token = other_secret(),
            "access token env:SECRET → file:/run/secret",
        ),
        (
            |config| {
                let templates = &mut config.settings.templates;
                templates.insert(
                    TemplatePurpose::RoomReminder,
                    templates[&TemplatePurpose::Invitation].clone(),
                );
            },
            "template room_reminder changed",
        ),
        (
            |config| config.settings.qr_text = QrText::parse("Hi {extension}").unwrap(),
            "QR text {extension} → Hi {extension}",
        ),
        (
            |config| config.settings.qr_logo = Some(Logo::new(b"file", b"png".to_vec())),
            "QR logo changed",
        ),
        (
            |config| {
                let text = TextTemplate::parse("stängt").unwrap();
                config.settings.texts.set(swedish(), TextKey::RoomClosed, text);
            },
            "text sv.room_closed changed",
        ),
        (
            |config| config.settings.sign_in.provider = Some(provider()),
            "identity provider – → https://login.example.com as onboarding",
        ),
        (
            |config| config.settings.sign_in.local_accounts = true,
            "local accounts false → true",
        ),
        (
            |config| config.settings.sign_in.teams = Some(teams()),
            "teams – → 72f988bf-86f1-41af-91ab-2d7cd011db47 for api",
        ),
    ];
    for (change, expected) in changes {
        assert_eq!(summary(change), format!("~ company: {expected}"));
    }
}

#[test]
fn of_its_features_and_limits() {
    let changes: [(Change, &str); 12] = [
        (
            |config| config.settings.features.auto_promotion = false,
            "auto_promotion true → false",
        ),
        (
            |config| config.settings.features.unique_phone_number = true,
            "unique_phone_number false → true",
        ),
        (
            |config| {
                config.settings.features.mandatory_profile_fields =
                    vec![ProfileField::Name, ProfileField::ExternalCompany];
            },
            "mandatory_profile_fields – → name, external_company",
        ),
        (
            |config| config.settings.features.profile_choice = ProfileChoice::MostRecent,
            "profile_choice random → most_recent",
        ),
        (
            |config| config.settings.features.room_activation = RoomActivation::OnClientReply,
            "room_activation on_creation → on_client_reply",
        ),
        (
            |config| config.settings.features.invitation = InvitationKind::Link,
            "invitation template → link",
        ),
        (
            |config| config.settings.features.link_fallback = true,
            "link_fallback false → true",
        ),
        (
            |config| config.settings.features.pair_reuse_after_days = Some(1),
            "pair_reuse_after_days 0 → 1",
        ),
        (
            |config| config.settings.limits.auto_replies_per_hour = 6,
            "auto_replies_per_hour 5 → 6",
        ),
        (
            |config| config.settings.limits.wrong_extensions.attempts = 6,
            "wrong extensions: attempts 5 → 6",
        ),
        (
            |config| config.settings.limits.wrong_extensions.within = Duration::from_secs(1),
            "wrong extensions: within 600s → 1s",
        ),
        (
            |config| config.settings.limits.wrong_extensions.lock = Duration::from_secs(1),
            "wrong extensions: lock 3600s → 1s",
        ),
    ];
    for (change, expected) in changes {
        assert_eq!(summary(change), format!("~ company: {expected}"));
    }
}

#[test]
fn of_units_users_and_profiles() {
    let changes: [(Change, &str); 17] = [
        (
            |config| config.org_units[0].name = "B".into(),
            "org unit hk: name HK → B",
        ),
        (
            |config| config.org_units[1].parent = None,
            "org unit hk-private: parent hk → –",
        ),
        (
            |config| config.external_companies[0].name = "B".into(),
            "external company globex: name Globex → B",
        ),
        (
            |config| config.users[0].name = "B".into(),
            "user dom: name dom AM → B",
        ),
        (
            |config| config.users[0].email = Some("a@b".into()),
            "user dom: email – → a@b",
        ),
        (
            |config| config.users[0].title = Some("B".into()),
            "user dom: title – → B",
        ),
        (
            |config| config.users[0].org_unit = config.org_units[2].id.clone(),
            "user dom: org unit hk → sg",
        ),
        (
            |config| config.users[0].extension = None,
            "user dom: extension #dom123456 → –",
        ),
        (
            |config| config.users[0].external_companies.clear(),
            "user dom: external companies −globex",
        ),
        (
            |config| config.users[0].roles.push(Role::Auditor),
            "user dom: roles +auditor",
        ),
        (
            |config| config.users[0].identities.push(identity()),
            "user dom: identities +u-1 of https://login.example.com",
        ),
        (
            |config| config.client_profiles[0].name = "B".into(),
            "client profile cp-1: name Jane Roe → B",
        ),
        (
            |config| config.client_profiles[0].phone_number = Some(phone("+85290000000")),
            "client profile cp-1: phone number changed",
        ),
        (
            |config| config.client_profiles[0].org_unit = config.org_units[2].id.clone(),
            "client profile cp-1: org unit hk → sg",
        ),
        (
            |config| config.client_profiles[0].external_company = ExternalCompanyId::parse("globex").ok(),
            "client profile cp-1: external company – → globex",
        ),
        (
            |config| config.client_profiles[0].assigned_to = vec!["kate".into()],
            "client profile cp-1: assigned to +kate −dom",
        ),
        (
            |config| config.client_profiles[0].assigned_to.push("kate".into()),
            "client profile cp-1: assigned to +kate",
        ),
    ];
    for (change, expected) in changes {
        assert_eq!(summary(change), format!("~ {expected}"));
    }
}

#[test]
fn of_accounts_and_pools() {
    let changes: [(Change, &str); 9] = [
        (
            |config| config.official_accounts[0].phone_number_id = "1".into(),
            "official account +85256428035: phone_number_id 185256428035 → 1",
        ),
        (
            |config| config.official_accounts[0].waba_id = "B".into(),
            "official account +85256428035: waba_id 2 → B",
        ),
        (
            |config| config.pools[0].org_units.push(config.org_units[1].id.clone()),
            "pool hk: org units +hk-private",
        ),
        (
            |config| config.pools[0].primary = phone("+85251079303"),
            "pool hk: primary +85256428035 → +85251079303",
        ),
        (
            |config| config.pools[0].secondaries.clear(),
            "pool hk: secondaries −1",
        ),
        (
            |config| config.pools[0].draining.push(phone("+85251079302")),
            "pool hk: draining +1",
        ),
        (
            |config| config.pools[0].default_country = Some(macao()),
            "pool hk: default country – → MO",
        ),
        (
            |config| config.pools[0].fallback_upward = true,
            "pool hk: fallback upward false → true",
        ),
        (
            |config| config.pools[0].geography_mapping.extend([(macao(), macao())]),
            "pool hk: geography mapping changed",
        ),
    ];
    for (change, expected) in changes {
        assert_eq!(summary(change), format!("~ {expected}"));
    }
}
