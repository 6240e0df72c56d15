//! The logo in a company's QR codes.

use onboarding_core::{
    ButtonKey, CompanySettings, Logo, audit::Origin, config::ConfigChange, ports::ApplyOutcome,
};

use crate::{bench::Bench, list::list_cases};

list_cases!(($) logos => logos_contract:
    a_logo_is_stored_with_its_picture_and_named_without_it,
    other_changes_leave_the_logo,
    another_logo_takes_its_place_and_none_is_left,
    a_logo_without_its_picture_is_refused,
    a_company_never_sees_the_logo_of_another,
);

async fn put(bench: &Bench, settings: CompanySettings) -> ApplyOutcome {
    let put = ConfigChange::PutCompany {
        new_key: ButtonKey::mint(&mut bench.draw()),
        settings: Box::new(settings),
    };
    bench.apply(vec![put]).await
}

async fn with_logo(bench: &Bench, logo: Option<Logo>) {
    let mut settings = bench.config().await.0.settings;
    settings.qr_logo = logo;
    assert!(matches!(put(bench, settings).await, ApplyOutcome::Applied(_)));
}

async fn picture(bench: &Bench) -> Option<Vec<u8>> {
    let logo = bench.store.logo(&bench.company).await.unwrap()?;
    Some(logo.picture().expect("it is read with its picture").to_vec())
}

fn red() -> Logo {
    Logo::new(b"red.svg", vec![0, 255, 1])
}

fn blue() -> Logo {
    Logo::new(b"blue.png", vec![2; 100_000])
}

async fn a_logo_is_stored_with_its_picture_and_named_without_it(bench: &Bench) {
    assert_eq!(picture(bench).await, None);
    with_logo(bench, Some(blue())).await;
    for settings in [
        bench.config().await.0.settings,
        bench.company().await.settings.clone(),
    ] {
        let named = settings.qr_logo.expect("it is named");
        assert_eq!((named.picture(), &named), (None, &blue()));
    }
    assert_eq!(bench.store.logo(&bench.company).await.unwrap(), Some(blue()));
    assert_eq!(picture(bench).await, Some(vec![2; 100_000]));
}

async fn other_changes_leave_the_logo(bench: &Bench) {
    with_logo(bench, Some(red())).await;
    let mut settings = bench.config().await.0.settings;
    "Acme & Sons".clone_into(&mut settings.name);
    assert!(matches!(put(bench, settings).await, ApplyOutcome::Applied(_)));
    assert_eq!(picture(bench).await, Some(vec![0, 255, 1]));
    assert_eq!(bench.config().await.0.settings.qr_logo, Some(red()));
}

async fn another_logo_takes_its_place_and_none_is_left(bench: &Bench) {
    with_logo(bench, Some(red())).await;
    with_logo(bench, Some(blue())).await;
    assert_eq!(picture(bench).await, Some(vec![2; 100_000]));
    with_logo(bench, None).await;
    assert_eq!(picture(bench).await, None);
    assert_eq!(bench.company().await.settings.qr_logo, None);
}

async fn a_logo_without_its_picture_is_refused(bench: &Bench) {
    with_logo(bench, Some(red())).await;
    let (before, revision) = bench.config().await;
    let mut settings = before.settings.clone();
    settings.qr_logo = Logo::stored(blue().digest(), None);
    let change = ConfigChange::PutCompany {
        new_key: ButtonKey::mint(&mut bench.draw()),
        settings: Box::new(settings),
    };
    let (by, now) = (Origin::system(), bench.now());
    let refused = bench
        .store
        .apply(&bench.company, Some(revision), vec![change], &by, now)
        .await;
    assert!(refused.is_err(), "{refused:?}");
    assert_eq!(bench.config().await, (before, revision));
    assert_eq!(picture(bench).await, Some(vec![0, 255, 1]));
}

async fn a_company_never_sees_the_logo_of_another(bench: &Bench) {
    let other = bench.with_another_company().await;
    with_logo(bench, Some(red())).await;
    assert_eq!(picture(&other).await, None);
    with_logo(&other, Some(blue())).await;
    with_logo(bench, None).await;
    assert_eq!(picture(&other).await, Some(vec![2; 100_000]));
}
