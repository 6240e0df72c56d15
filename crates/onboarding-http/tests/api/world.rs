//! A company in which everything is there, beside one in which it is not.

use std::{sync::Arc, time::Duration};

use onboarding_core::{
    ButtonKey, ExternalCompany, ExternalCompanyId, ImportId, OrgUnit, OrgUnitId, Rate,
    access::TokenScope,
    audit::{AuditAction, AuditSubject, NewAuditEntry, Origin, SubjectKind},
    config::{ClientProfileConfig, CompanyConfig, ConfigChange},
    import::NewImport,
    ports::{Clock as _, OnboardingStore},
};
use onboarding_http::api::Limits;
use onboarding_testkit::{
    MemoryStore, PRIMARY, SeededEntropy, TestService, acme_id, create, profile, refused, user_named,
    with_pool_in_sg,
};

use crate::bench::{Bench, companies, initech};

/// As often as a test asks.
pub(crate) fn no_limits() -> Limits {
    let rate = Rate {
        burst: 1_000_000,
        every: Duration::from_micros(1),
    };
    Limits {
        caller: rate,
        stranger: rate,
    }
}

/// Acme has one at least of everything that the API shows, by keys that Initech has not; Initech has people who look.
pub(crate) async fn seeded() -> Bench {
    let [(_, ours), (_, theirs)] = companies();
    let entropy = SeededEntropy::new(8);
    let store: Arc<dyn OnboardingStore> = Arc::new(MemoryStore::new());
    let service = TestService::on(store.clone(), rich(ours)).await;
    create(store.as_ref(), &initech(), &theirs, &mut entropy.draw()).await;
    service.client("85291234567").sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    service.messenger.next(Err(refused(131_026)));
    service.client("85291234568").sends(PRIMARY, "hello").await;
    service.pump().await;
    let (config, revision) = store.config(&acme_id()).await.unwrap().unwrap();
    let mut settings = config.settings;
    settings.features.auto_promotion = false;
    let change = ConfigChange::PutCompany {
        new_key: ButtonKey::from_bytes([1; 32]),
        settings: Box::new(settings),
    };
    let now = service.clock.now();
    store
        .apply(&acme_id(), Some(revision), vec![change], &Origin::system(), now)
        .await
        .unwrap();
    service.client("85291234569").sends(PRIMARY, "#kate").await;
    service.client("85291234569").sends(PRIMARY, "#lee").await;
    service.pump().await;
    let bench = Bench::on(store, service.clock.clone(), entropy, no_limits()).await;
    bench.token(&acme_id(), &[TokenScope::RoomsRead]).await;
    let import = NewImport {
        id: ImportId::from_uuid(bench.draw().uuid(bench.clock.now())),
        may_give_roles: false,
        batches: Vec::new(),
        refused: Vec::new(),
    };
    let (by, now) = (Origin::operator("tests"), bench.clock.now());
    let begun = bench.api.store.begin_import(&acme_id(), import, &by, now).await;
    assert!(begun.unwrap());
    bench
}

/// The same with so long a trail as no test makes Initech's: the keys of its end are Acme's only.
pub(crate) async fn seeded_with_a_long_trail() -> Bench {
    let bench = seeded().await;
    let subject = AuditSubject::new(SubjectKind::User, "dom");
    let now = bench.clock.now();
    let entry = NewAuditEntry::new(&Origin::system(), AuditAction::Read, &subject, now);
    let entries = vec![entry; 1_000];
    bench.api.store.record_audit(&acme_id(), entries).await.unwrap();
    bench
}

fn rich(config: CompanyConfig) -> CompanyConfig {
    let mut config = with_pool_in_sg(config);
    config.org_units.push(OrgUnit {
        id: OrgUnitId::parse("zz-unit").unwrap(),
        name: "Zz".to_owned(),
        parent: None,
    });
    config.external_companies.push(ExternalCompany {
        id: ExternalCompanyId::parse("zz-firm").unwrap(),
        name: "Zz".to_owned(),
    });
    config.users.push(user_named("Zoe", "hk", "#zoe"));
    config.client_profiles.push(ClientProfileConfig {
        assigned_to: vec!["dom".to_owned()],
        ..profile("zz-cp", "hk", "+85291239999")
    });
    config
}
