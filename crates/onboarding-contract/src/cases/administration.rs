//! Companies and how they are configured.

use std::collections::BTreeMap;

use onboarding_core::{
    ApprovedText, CountryCode, Extension, ExternalCompanyId, ExternalIdentity, ExternalSubject, Features,
    GuessLimit, IdentityProvider, InvitationKind, Issuer, Language, Limits, Logo, OptOutWordList, OrgUnitId,
    ProfileChoice, ProfileField, QrText, Role, RoomActivation, SecretRef, SignInSettings, SubjectClaim,
    TeamsSignIn, TenantId, TextKey, TextTemplate, UserId,
    audit::Origin,
    config::{CompanyConfig, ConfigChange, UserConfig},
    ports::ApplyOutcome,
};
use onboarding_testkit::{
    PRIMARY, SECONDARIES, SG_PRIMARY, acme, all_changes, create, number, profile, user_named, with_pool_in_sg,
};

use crate::{
    bench::{Bench, initech, sorted},
    list::list_cases,
};

list_cases!(($) administration => administration_contract:
    a_configuration_is_read_back_as_it_was_written,
    a_company_that_does_not_exist_has_no_configuration,
    companies_are_listed_in_order,
    the_same_configuration_can_be_applied_twice,
    a_stale_revision_changes_nothing,
    a_company_is_created_once,
    every_change_counts_the_revision_up,
    two_users_may_swap_extensions,
    the_extension_of_a_user_who_left_is_free_again,
    a_user_who_comes_back_is_the_same_user,
    users_are_found_by_any_of_the_keys,
    users_are_found_by_what_a_provider_calls_them,
    two_users_may_swap_identities_and_who_left_has_none,
    what_is_taken_away_is_gone,
);

/// Nothing in it has the value that a forgetful store would make up.
fn elaborate() -> CompanyConfig {
    let mut config = with_pool_in_sg(acme());
    let settings = &mut config.settings;
    "Acme “亞太” & Söhne 🏦".clone_into(&mut settings.name);
    settings.country = CountryCode::parse("SG").unwrap();
    settings.whatsapp.access_token = SecretRef::File("/run/secrets/token".to_owned());
    settings.features = Features {
        auto_promotion: false,
        unique_phone_number: true,
        profile_choice: ProfileChoice::MostRecent,
        room_activation: RoomActivation::OnClientReply,
        invitation: InvitationKind::Link,
        link_fallback: true,
        pair_reuse_after_days: Some(30),
        waiting_list: true,
        mandatory_profile_fields: vec![ProfileField::ExternalCompany, ProfileField::Name],
    };
    let wrong_extensions = GuessLimit {
        attempts: 3,
        within: std::time::Duration::from_secs(61),
        lock: std::time::Duration::from_secs(7_201),
    };
    settings.limits = Limits {
        auto_replies_per_hour: 9,
        wrong_extensions,
        prospects_expire_after: None,
        waiting_expires_after: std::time::Duration::from_hours(7),
        link_expires_after: std::time::Duration::from_hours(8),
    };
    let words = OptOutWordList {
        stop: vec!["Schluss «jetzt»".to_owned()],
        start: vec!["weiter".to_owned(), "ja".to_owned()],
    };
    settings.opt_out.set(Language::parse("de").unwrap(), words);
    settings.qr_text = QrText::parse("Hi {extension}").unwrap();
    settings.qr_logo = Some(Logo::new(b"logo.svg", b"png".to_vec()));
    for template in settings.templates.values_mut() {
        template.text = Some(ApprovedText::parse("“{{1}}” {{2}}\n{{3}} 👋").unwrap());
    }
    let text = TextTemplate::parse("مرحبا {user_name} 👋\n{{tel}} {link}").unwrap();
    settings
        .texts
        .set(Language::parse("zh-HK").unwrap(), TextKey::HandOffLink, text);
    let kate = config
        .users
        .iter_mut()
        .find(|user| user.username == "kate")
        .unwrap();
    kate.title = Some("Director".to_owned());
    kate.email = None;
    kate.extension = None;
    kate.roles = vec![Role::Admin, Role::Auditor];
    kate.identities = vec![
        identity("https://login.example.com/", "00u1|kate"),
        identity("https://login.microsoftonline.com/t/v2.0", "0b2f"),
    ];
    config.settings.sign_in = every_way_in();
    let mut assigned = profile("c-2", "hk-private", "+5541987654321");
    assigned.assigned_to = vec!["dom".to_owned(), "kate".to_owned()];
    assigned.external_company = Some(ExternalCompanyId::parse("globex").unwrap());
    let mut bare = profile("c-1", "hk", "+85291234567");
    bare.phone_number = None;
    config.client_profiles = vec![bare, assigned];
    let hk = config
        .pools
        .iter_mut()
        .find(|pool| pool.id.as_str() == "hk")
        .unwrap();
    hk.org_units.push(OrgUnitId::parse("hk-private").unwrap());
    hk.draining = vec![number(SECONDARIES[1])];
    hk.default_country = None;
    hk.fallback_upward = false;
    hk.geography_mapping = BTreeMap::new();
    config
}

fn every_way_in() -> SignInSettings {
    SignInSettings {
        provider: Some(IdentityProvider {
            issuer: Issuer::parse("https://login.example.com/").unwrap(),
            client_id: "onboarding “é”".to_owned(),
            client_secret: SecretRef::File("/run/secrets/oidc".to_owned()),
            subject_claim: SubjectClaim::Oid,
            second_factor: true,
        }),
        local_accounts: true,
        teams: Some(TeamsSignIn {
            tenant: TenantId::parse("72f988bf-86f1-41af-91ab-2d7cd011db47").unwrap(),
            audience: "api".to_owned(),
        }),
    }
}

fn identity(issuer: &str, subject: &str) -> ExternalIdentity {
    ExternalIdentity {
        issuer: Issuer::parse(issuer).unwrap(),
        subject: ExternalSubject::parse(subject).unwrap(),
    }
}

async fn known_as(bench: &Bench, identity: &ExternalIdentity) -> Option<String> {
    let found = bench.store.user_known_as(&bench.company, identity).await.unwrap();
    found.map(|user| user.username)
}

async fn users_are_found_by_what_a_provider_calls_them(bench: &Bench) {
    let mut config = sorted(acme());
    let (ours, theirs) = ("https://login.example.com", "https://other.example.com");
    config.users[0].identities = vec![identity(ours, "1"), identity(theirs, "2")];
    config.users[1].identities = vec![identity(theirs, "1")];
    let (first, second) = (config.users[0].username.clone(), config.users[1].username.clone());
    bench.apply(bench.changes_to(&config)).await;
    assert_eq!(known_as(bench, &identity(ours, "1")).await, Some(first.clone()));
    assert_eq!(known_as(bench, &identity(theirs, "2")).await, Some(first));
    assert_eq!(known_as(bench, &identity(theirs, "1")).await, Some(second));
    for nobody in [identity(ours, "2"), identity("https://login.example.com/", "1")] {
        assert_eq!(known_as(bench, &nobody).await, None, "{nobody}");
    }
    let other = bench.with_another_company().await;
    assert_eq!(
        known_as(&other, &identity(ours, "1")).await,
        None,
        "another company's"
    );
}

async fn two_users_may_swap_identities_and_who_left_has_none(bench: &Bench) {
    let mut config = sorted(acme());
    let (one, two) = (
        identity("https://login.example.com", "1"),
        identity("https://login.example.com", "2"),
    );
    config.users[0].identities = vec![one.clone()];
    config.users[1].identities = vec![two.clone()];
    bench.apply(bench.changes_to(&config)).await;
    config.users[0].identities = vec![two.clone()];
    config.users[1].identities = vec![one.clone()];
    bench.apply(bench.changes_to(&config)).await;
    assert_eq!(
        known_as(bench, &two).await,
        Some(config.users[0].username.clone())
    );
    assert_eq!(
        known_as(bench, &one).await,
        Some(config.users[1].username.clone())
    );
    // Renamed: another user, under the same name at the provider.
    config.users[0].identities.clear();
    let leaver = ConfigChange::DeactivateUser {
        username: config.users[1].username.clone(),
        successor: None,
    };
    let mut heir = config.users[0].clone();
    heir.identities = vec![one.clone()];
    let put = ConfigChange::PutUser {
        new_id: UserId::from_uuid(bench.draw().uuid(bench.now())),
        user: heir.clone(),
    };
    bench.apply(vec![put, leaver]).await;
    assert_eq!(known_as(bench, &one).await, Some(heir.username));
    assert_eq!(known_as(bench, &two).await, None);
}

async fn a_configuration_is_read_back_as_it_was_written(bench: &Bench) {
    let wished = sorted(elaborate());
    assert!(matches!(
        bench.apply(bench.changes_to(&wished)).await,
        ApplyOutcome::Applied(_)
    ));
    let (read, revision) = bench.config().await;
    assert_eq!(read, wished);
    let company = bench.company().await;
    assert_eq!(
        (&company.settings, company.revision),
        (&wished.settings, revision)
    );
    assert_eq!(company.accounts.len(), wished.official_accounts.len());
    let hk = company
        .pools
        .iter()
        .find(|pool| pool.id.as_str() == "hk")
        .unwrap();
    assert_eq!(hk.primary, bench.account_with(PRIMARY).await);
    assert_eq!(hk.draining, [bench.account_with(SECONDARIES[1]).await]);
    assert!(hk.secondaries.contains(&hk.draining[0]));
}

async fn a_company_that_does_not_exist_has_no_configuration(bench: &Bench) {
    let nobody = onboarding_core::CompanyId::parse("nobody").unwrap();
    assert_eq!(bench.store.config(&nobody).await.unwrap(), None);
    assert_eq!(bench.store.company(&nobody).await.unwrap(), None);
}

async fn companies_are_listed_in_order(bench: &Bench) {
    let other = bench.with_another_company().await;
    let before = onboarding_core::CompanyId::parse("aaa").unwrap();
    let mut bare = acme();
    (bare.official_accounts, bare.pools) = (Vec::new(), Vec::new());
    create(bench.store.as_ref(), &before, &bare, &mut bench.draw()).await;
    let ids = bench.store.company_ids().await.unwrap();
    assert_eq!(ids, [before, bench.company.clone(), other.company.clone()]);
}

async fn the_same_configuration_can_be_applied_twice(bench: &Bench) {
    let (before, revision) = bench.config().await;
    let dom = bench.user("#dom123456").await;
    let again = bench.apply(bench.changes_to(&acme())).await;
    assert_eq!(again, ApplyOutcome::Applied(revision + 1));
    assert_eq!(bench.config().await, (before, revision + 1));
    assert_eq!(bench.user("#dom123456").await, dom, "what has a key keeps its id");
}

async fn a_stale_revision_changes_nothing(bench: &Bench) {
    let (before, revision) = bench.config().await;
    for stale in [revision - 1, revision + 1] {
        let changes = bench.changes_to(&elaborate());
        let outcome = bench
            .store
            .apply(
                &bench.company,
                Some(stale),
                changes,
                &Origin::system(),
                bench.now(),
            )
            .await
            .unwrap();
        assert_eq!(outcome, ApplyOutcome::Stale);
    }
    assert_eq!(bench.config().await, (before, revision));
}

async fn a_company_is_created_once(bench: &Bench) {
    let (before, revision) = bench.config().await;
    let again = bench
        .store
        .apply(
            &bench.company,
            None,
            bench.changes_to(&elaborate()),
            &Origin::system(),
            bench.now(),
        )
        .await;
    assert_eq!(again.unwrap(), ApplyOutcome::Stale);
    assert_eq!(bench.config().await, (before, revision));
    let nobody = onboarding_core::CompanyId::parse("nobody").unwrap();
    let changes = all_changes(&initech(), &mut bench.draw());
    let onto_nothing = bench
        .store
        .apply(&nobody, Some(1), changes, &Origin::system(), bench.now())
        .await
        .unwrap();
    assert_eq!(onto_nothing, ApplyOutcome::Stale);
    assert_eq!(bench.store.config(&nobody).await.unwrap(), None);
}

async fn every_change_counts_the_revision_up(bench: &Bench) {
    let (_, before) = bench.config().await;
    for step in 1..=3 {
        let change = ConfigChange::PutOrgUnit(acme().org_units[0].clone());
        assert_eq!(
            bench.apply(vec![change]).await,
            ApplyOutcome::Applied(before + step)
        );
        assert_eq!(bench.company().await.revision, before + step);
    }
}

fn put_user(bench: &Bench, user: UserConfig) -> ConfigChange {
    ConfigChange::PutUser {
        new_id: bench.mint(UserId::from_uuid),
        user,
    }
}

async fn two_users_may_swap_extensions(bench: &Bench) {
    let (dom, kate) = (bench.user("#dom123456").await, bench.user("#kate").await);
    let changes = vec![
        put_user(bench, user_named("Dom", "hk-private", "#kate")),
        put_user(bench, user_named("Kate", "hk-private", "#dom123456")),
    ];
    assert!(matches!(bench.apply(changes).await, ApplyOutcome::Applied(_)));
    assert_eq!(bench.user("#kate").await.id, dom.id);
    assert_eq!(bench.user("#dom123456").await.id, kate.id);
}

async fn the_extension_of_a_user_who_left_is_free_again(bench: &Bench) {
    let kate = bench.user("#kate").await;
    bench
        .apply(vec![ConfigChange::DeactivateUser {
            username: "kate".to_owned(),
            successor: None,
        }])
        .await;
    let found = bench.users_with(&["#kate"]).await;
    assert!(found.iter().all(|user| !user.active), "nobody active has it");
    assert!(
        bench
            .config()
            .await
            .0
            .users
            .iter()
            .all(|user| user.username != "kate")
    );

    bench
        .apply(vec![put_user(bench, user_named("Karl", "hk", "#kate"))])
        .await;
    let found = bench.users_with(&["#kate"]).await;
    assert_eq!(found.len(), 1, "at most one user a key: {found:?}");
    assert!(found[0].active && found[0].username == "karl" && found[0].id != kate.id);
}

async fn a_user_who_comes_back_is_the_same_user(bench: &Bench) {
    let kate = bench.user("#kate").await;
    bench
        .apply(vec![ConfigChange::DeactivateUser {
            username: "kate".to_owned(),
            successor: None,
        }])
        .await;
    bench
        .apply(vec![put_user(bench, user_named("Kate", "hk", "#kate.new"))])
        .await;
    let back = bench.user("#kate.new").await;
    assert_eq!(
        (back.id, back.active, back.org_unit.as_str()),
        (kate.id, true, "hk")
    );
    assert!(bench.users_with(&["#kate"]).await.is_empty());
}

async fn users_are_found_by_any_of_the_keys(bench: &Bench) {
    let found = bench.users_with(&["#nobody", "#lee", "#michael", "#lee"]).await;
    let mut names: Vec<_> = found.iter().map(|user| user.username.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["lee", "michael"]);
    assert!(bench.users_with(&[]).await.is_empty());
    let dom = bench.user("#dom123456").await;
    assert_eq!(dom.extension, Extension::parse("#dom123456").ok());
    let external: Vec<_> = dom
        .external_companies
        .iter()
        .map(ExternalCompanyId::as_str)
        .collect();
    assert_eq!(
        (external, dom.name.as_str(), dom.active),
        (vec!["globex"], "Dom", true)
    );
}

async fn what_is_taken_away_is_gone(bench: &Bench) {
    let wished = with_pool_in_sg(acme());
    bench.apply(bench.changes_to(&wished)).await;
    let globex = ExternalCompanyId::parse("globex").unwrap();
    let outcome = bench
        .apply(vec![
            put_user(bench, user_named("Dom", "hk-private", "#dom123456")),
            ConfigChange::RemoveExternalCompany(globex),
            ConfigChange::RemovePool(wished.pools[1].id.clone()),
            ConfigChange::DeactivateUser {
                username: "lee".to_owned(),
                successor: None,
            },
            ConfigChange::RemoveOrgUnit(OrgUnitId::parse("sg").unwrap()),
        ])
        .await;
    assert!(matches!(outcome, ApplyOutcome::Applied(_)), "{outcome:?}");
    let (config, _) = bench.config().await;
    assert!(config.external_companies.is_empty());
    assert_eq!(config.pools.len(), 1);
    assert!(config.org_units.iter().all(|unit| unit.id.as_str() != "sg"));
    assert_eq!(
        config.official_accounts.len(),
        wished.official_accounts.len(),
        "accounts stay"
    );
    let company = bench.company().await;
    assert!(company.pool_of(bench.account_with(SG_PRIMARY).await).is_none());
    assert_eq!(company.org_units.len(), 2);
}
