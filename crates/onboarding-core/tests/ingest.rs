//! What is taken in, and from whom, however often and late it comes.

use std::{sync::Arc, time::Duration};

use onboarding_core::ports::Clock as _;
use onboarding_core::{
    CompanyId, InboundEvent,
    config::CompanyConfig,
    ports::OnboardingStore,
    service::{IncomingDelivery, IncomingElement, IngestService},
};
use onboarding_testkit::{
    LiteralDecoder, ManualClock, MemoryStore, PRIMARY, SeededEntropy, TestService, acme, acme_id, create,
    number, phone, text_from,
};

const JANE: &str = "447700900123";

#[tokio::test]
async fn a_captured_body_that_is_sent_again_after_days_has_no_second_effect() {
    let service = TestService::start().await;
    let message = service.client(JANE).sends(PRIMARY, "#dom123456").await;
    service.pump().await;
    for hours in [1, 6 * 24, 9 * 24, 31 * 24] {
        service.clock.advance(Duration::from_hours(hours));
        let report = service.arrives(PRIMARY, message.clone()).await;
        assert_eq!((report.stored, report.repeated), (0, 1), "after {hours} hours");
        assert!(service.pump().await.is_empty());
    }
    assert_eq!(service.outcomes().await, ["onboarded"]);
}

/// The same shape as [`acme`], with numbers and an account of its own.
fn another() -> CompanyConfig {
    let mut config = acme();
    let renumber = |text: &str| number(&text.replace("+8525", "+8526"));
    for account in &mut config.official_accounts {
        account.phone_number = renumber(account.phone_number.as_str());
        account.phone_number_id = format!("id-{}", account.phone_number.digits());
        "waba-another".clone_into(&mut account.waba_id);
    }
    for pool in &mut config.pools {
        pool.primary = renumber(pool.primary.as_str());
        for secondary in &mut pool.secondaries {
            *secondary = renumber(secondary.as_str());
        }
    }
    config
}

#[tokio::test]
async fn a_secret_opens_the_door_of_its_own_company_only() {
    let store: Arc<dyn OnboardingStore> = Arc::new(MemoryStore::new());
    let (clock, entropy) = (ManualClock::default(), SeededEntropy::new(7));
    let companies = [
        (acme_id(), acme()),
        (CompanyId::parse("another").unwrap(), another()),
    ];
    for (id, config) in &companies {
        create(store.as_ref(), id, config, &mut entropy.draw()).await;
    }
    let now = clock.now();
    let ingest = IngestService::new(store.clone(), Arc::new(clock), Arc::new(entropy));
    let decoder = LiteralDecoder::default();
    for (signer, _) in &companies {
        for (owner, config) in &companies {
            // A message to a number, and a notice about the whole account.
            let account = &config.official_accounts[0];
            let element = |number: Option<&String>| IncomingElement {
                waba_id: Some(account.waba_id.clone()),
                phone_number_id: number.cloned(),
                dedupe_key: format!("{} for {}, {number:?}", signer.as_str(), owner.as_str()),
                lane: None,
                payload: decoder.encode(InboundEvent::Message(text_from(phone(JANE), "hello", now))),
            };
            let report = ingest
                .accept(IncomingDelivery {
                    raw: Vec::new(),
                    verified_for: vec![signer.clone()],
                    elements: vec![element(Some(&account.phone_number_id)), element(None)],
                    broken: Vec::new(),
                })
                .await
                .unwrap();
            let own = signer == owner;
            assert_eq!(
                (report.stored, report.quarantined),
                if own { (2, 0) } else { (0, 2) },
                "{} signs for {}",
                signer.as_str(),
                owner.as_str()
            );
        }
    }
}
