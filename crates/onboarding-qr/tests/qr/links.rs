//! What a code says, and when there is none.

use onboarding_core::{
    ButtonKey, Company, FactName, Health, MOST_TYPED, OfficialAccount, OfficialAccountId, Platform,
    PlatformFact, Pool, QrText, Subject, Timestamp, config::UserConfig,
};
use onboarding_qr::{Code, CodeState, Mark, NoCode, NotEncodable, code_state, link_for};
use onboarding_testkit::{acme, acme_id, number};
use uuid::Uuid;

fn company() -> Company {
    let config = acme();
    let accounts: Vec<OfficialAccount> = (1..)
        .zip(config.official_accounts)
        .map(|(id, account)| OfficialAccount {
            id: OfficialAccountId::from_uuid(Uuid::from_u128(id)),
            phone_number: account.phone_number,
            phone_number_id: account.phone_number_id,
            waba_id: account.waba_id,
            retired: false,
        })
        .collect();
    let primary = accounts
        .iter()
        .find(|account| account.phone_number == number("+85256428035"));
    let primary = primary.unwrap().id;
    let pools = config.pools.into_iter().map(|pool| Pool {
        id: pool.id,
        org_units: pool.org_units,
        primary,
        secondaries: Vec::new(),
        draining: Vec::new(),
        default_country: None,
        fallback_upward: false,
        geography_mapping: std::collections::BTreeMap::new(),
    });
    Company {
        id: acme_id(),
        revision: 1,
        settings: config.settings,
        org_units: config.org_units,
        external_companies: config.external_companies,
        pools: pools.collect(),
        accounts,
        platform: Platform::default(),
        button_key: ButtonKey::from_bytes([7; 32]),
    }
}

fn user(username: &str) -> UserConfig {
    let mut users = acme().users.into_iter();
    users.find(|user| user.username == username).unwrap()
}

const DOM: &str = "https://wa.me/85256428035?text=%23dom123456";

#[test]
fn a_link_goes_to_the_primary_of_the_pool_that_serves_the_unit_or_one_above() {
    assert_eq!(link_for(&company(), &(&user("dom")).into()).as_deref(), Ok(DOM));
}

#[test]
fn the_companys_text_is_typed_and_only_ascii_is_encoded() {
    let mut company = company();
    company.settings.qr_text = QrText::parse("Grüß Gott 👋 {extension} & {user_name}").unwrap();
    let link = link_for(&company, &(&user("dom")).into()).unwrap();
    assert!(link.is_ascii(), "{link}");
    assert!(link.ends_with("%20%23dom123456%20%26%20Dom"), "{link}");
}

#[test]
fn each_reason_for_no_code_names_its_mend() {
    let mut without = user("dom");
    without.extension = None;
    let none = link_for(&company(), &(&without).into()).unwrap_err();
    assert_eq!(
        none.to_string(),
        "dom has no extension: give them one in the manifest"
    );
    let unserved = link_for(&company(), &(&user("lee")).into()).unwrap_err();
    assert_eq!(
        unserved.to_string(),
        "no pool serves lee's unit sg: give the unit, or one above it, a pool"
    );
    let mut gone = company();
    gone.accounts.clear();
    let gone = link_for(&gone, &(&user("dom")).into()).unwrap_err();
    assert_eq!(
        gone.to_string(),
        "the primary account of pool hk is out of use: give the pool another primary"
    );
}

#[test]
fn a_text_that_whatsapp_would_not_type_as_a_whole_gives_no_code() {
    let mut company = company();
    let link = |company: &Company| link_for(company, &(&user("dom")).into());
    let room = MOST_TYPED - " #dom123456".len();
    // Letters count, not the bytes that they are encoded in.
    company.settings.qr_text = QrText::parse(&format!("{} {{extension}}", "您".repeat(room))).unwrap();
    assert!(link(&company).is_ok());
    company.settings.qr_text = QrText::parse(&format!("{} {{extension}}", "您".repeat(room + 1))).unwrap();
    let refused = link(&company).unwrap_err().to_string();
    assert_eq!(
        refused,
        "the text of dom's code has 141 characters, and WhatsApp types 140 at the most: shorten the company's qr.text or \
         the extension"
    );
}

#[test]
fn a_page_tells_a_ready_code_from_one_with_an_issue_and_from_none() {
    let mut company = company();
    let link = DOM.to_owned();
    for (health, state) in [
        (Health::Unknown, CodeState::Ready { link: link.clone() }),
        (Health::Limited, CodeState::Ready { link: link.clone() }),
        (Health::Blocked, CodeState::AccountIssue { link: link.clone() }),
    ] {
        let fact = PlatformFact::good(Subject::App, FactName::Token, "", Timestamp::EPOCH);
        company.platform.put(fact.but(health, "for the test"));
        assert_eq!(
            code_state(&company, &(&user("dom")).into(), Timestamp::EPOCH),
            state
        );
    }
    let state = code_state(&company, &(&user("lee")).into(), Timestamp::EPOCH);
    assert!(
        matches!(state, CodeState::Missing(NoCode::NoPool { .. })),
        "{state:?}"
    );
}

#[test]
fn what_a_code_cannot_hold_is_refused() {
    let refused = |link: &str| Code::new(link, Mark::Bubble).map(|_| ()).unwrap_err();
    assert_eq!(refused("https://wa.me/1?text=ü"), NotEncodable::NotAscii);
    assert_eq!(refused(&"x".repeat(1274)), NotEncodable::TooLong { length: 1274 });
}
