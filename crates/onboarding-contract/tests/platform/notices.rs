//! Webhooks.

use std::time::Duration;

use onboarding_core::{
    CloseReason, Health, NoticeContent, PlatformNotice, Restriction, Timestamp,
    ports::{Clock, RoomsOf},
};
use onboarding_testkit::{PRIMARY, acme_id, number};

use crate::{HK, WABA, World};

/// The WhatsApp Business Account of a secondary that stands apart.
const APART: &str = "waba-apart";

fn update(event: &str) -> NoticeContent {
    NoticeContent::Account {
        event: event.to_owned(),
        ban_state: None,
        restrictions: Vec::new(),
        violation: None,
        app: None,
        disconnection: None,
        number: None,
    }
}

fn ban(state: &str) -> NoticeContent {
    let NoticeContent::Account {
        event,
        restrictions,
        violation,
        app,
        disconnection,
        number,
        ..
    } = update("DISABLED_UPDATE")
    else {
        unreachable!("it is one");
    };
    let ban_state = Some(state.to_owned());
    NoticeContent::Account {
        event,
        ban_state,
        restrictions,
        violation,
        app,
        disconnection,
        number,
    }
}

fn restricted(kind: &str, until: Timestamp) -> NoticeContent {
    NoticeContent::Account {
        event: "ACCOUNT_RESTRICTION".to_owned(),
        ban_state: None,
        restrictions: vec![Restriction {
            kind: kind.to_owned(),
            expires_at: Some(until),
            remedy: Some("Read the policy.".to_owned()),
        }],
        violation: None,
        app: None,
        disconnection: None,
        number: None,
    }
}

fn template(event: &str) -> NoticeContent {
    NoticeContent::TemplateStatus {
        name: "acme_invitation".to_owned(),
        language: "en".to_owned(),
        event: event.to_owned(),
        reason: None,
    }
}

#[tokio::test]
async fn a_banned_account_takes_no_room_until_it_is_reinstated() {
    let world = World::new().await;
    world.told(ban("SCHEDULE_FOR_DISABLE")).await;
    assert_eq!(
        world.state(PRIMARY).await,
        (
            Health::Healthy,
            vec!["Meta will disable the account soon".to_owned()]
        )
    );
    world.told(ban("DISABLE")).await;
    assert_eq!(world.asks(HK, "#kate").await, "account_unhealthy");
    assert_eq!(
        world.state(PRIMARY).await.0,
        Health::Blocked,
        "and the page with the code says so"
    );
    world.told(ban("REINSTATE")).await;
    assert_eq!(world.asks(HK, "#kate").await, "onboarded");
}

/// Kate's client is on a secondary of another WhatsApp Business Account than the rest of the company.
async fn kates_client_on_an_account_apart() -> (World, String) {
    let world = World::new().await;
    assert_eq!(world.asks(HK, "#kate").await, "onboarded");
    let (_, number) = world.rooms().await.remove(0);
    let world = World::with(|config| {
        let apart = config
            .official_accounts
            .iter_mut()
            .find(|one| one.phone_number.digits() == number);
        APART.clone_into(&mut apart.unwrap().waba_id);
    })
    .await;
    assert_eq!(world.asks(HK, "#kate").await, "onboarded");
    assert_eq!(world.rooms().await[0].1, number, "the ladder chooses alike");
    (world, number)
}

#[tokio::test]
async fn a_number_that_whatsapp_bans_moves_its_rooms() {
    let (world, old) = kates_client_on_an_account_apart().await;
    let at = world.service.clock.now();
    world.told_of(APART, ban("SCHEDULE_FOR_DISABLE"), at).await;
    let warned = world.service.upkeep.look_after(&acme_id()).await.unwrap();
    assert!(!warned.changed(), "a warning moves nobody: {warned:?}");
    let before = world.service.messages_to(HK).len();
    let at = at + Duration::from_mins(1);
    world.told_of(APART, ban("DISABLE"), at).await;
    assert!(
        world
            .service
            .upkeep
            .look_after(&acme_id())
            .await
            .unwrap()
            .changed()
    );
    world.service.pump().await;
    let rooms = world.rooms().await;
    let [(room, new)] = rooms.as_slice() else {
        panic!("one room: {rooms:?}");
    };
    assert_ne!(*new, old);
    let told = world.service.messages_to(HK).split_off(before);
    let from: Vec<_> = told.iter().map(|message| message.from.as_str()).collect();
    assert_eq!(
        from,
        [PRIMARY, &format!("+{new}")],
        "a word from the primary, then the invitation"
    );
    let all = world
        .service
        .store
        .rooms(&acme_id(), RoomsOf::Anybody, 9)
        .await
        .unwrap();
    let ended = all.into_iter().find(|view| view.room.id != room.id).unwrap();
    let end = ended.end.unwrap();
    assert_eq!(
        (end.reason, end.note.as_deref()),
        (CloseReason::NumberRetired, Some("WhatsApp has banned the number"))
    );
    let again = world.service.upkeep.look_after(&acme_id()).await.unwrap();
    assert!(!again.changed(), "once is enough: {again:?}");
}

#[tokio::test]
async fn while_every_number_is_banned_the_rooms_stay() {
    let (world, old) = kates_client_on_an_account_apart().await;
    let at = world.service.clock.now();
    world.told_of(WABA, ban("DISABLE"), at).await;
    world.told_of(APART, ban("DISABLE"), at).await;
    let looked = world.service.upkeep.look_after(&acme_id()).await.unwrap();
    assert_eq!(looked.rooms, [], "nothing is tried that cannot be");
    assert_eq!(world.rooms().await[0].1, old);
    world
        .told_of(WABA, ban("REINSTATE"), at + Duration::from_mins(1))
        .await;
    assert!(
        world
            .service
            .upkeep
            .look_after(&acme_id())
            .await
            .unwrap()
            .changed()
    );
    assert_ne!(world.rooms().await[0].1, old);
}

#[tokio::test]
async fn a_notice_that_comes_late_does_not_bring_an_old_state_back() {
    let world = World::new().await;
    world.told(ban("REINSTATE")).await;
    let earlier = world.service.clock.now() - Duration::from_hours(1);
    world.told_at(ban("DISABLE"), earlier).await;
    assert_eq!(world.asks(HK, "#kate").await, "onboarded");
}

#[tokio::test]
async fn a_restriction_ends_when_it_expires() {
    let world = World::new().await;
    let until = world.service.clock.now() + Duration::from_hours(72);
    world
        .told(restricted("RESTRICTED_CUSTOMER_INITIATED_MESSAGING", until))
        .await;
    assert_eq!(world.asks(HK, "#kate").await, "account_unhealthy");
    world.service.clock.advance(Duration::from_hours(72));
    assert_eq!(world.asks(HK, "#kate").await, "onboarded");
}

#[tokio::test]
async fn an_account_that_may_not_write_first_onboards_by_link_where_the_company_allows_it() {
    for (fallback, outcome) in [(false, "account_unhealthy"), (true, "onboarded")] {
        let world = World::with(|config| config.settings.features.link_fallback = fallback).await;
        let until = world.service.clock.now() + Duration::from_hours(72);
        world
            .told(restricted("RESTRICTED_BIZ_INITIATED_MESSAGING", until))
            .await;
        assert_eq!(world.asks(HK, "#kate").await, outcome);
        let sent = world.service.messenger.sent();
        assert!(
            sent.iter().all(|message| message.template().is_none()),
            "{sent:?}"
        );
        assert_eq!(sent[0].words().contains("https://wa.me/"), fallback, "{sent:?}");
    }
}

#[tokio::test]
async fn a_paused_template_gives_way_to_the_link_and_comes_back() {
    let world = World::with(|config| config.settings.features.link_fallback = true).await;
    world.told(template("PAUSED")).await;
    assert_eq!(world.asks(HK, "#kate").await, "onboarded");
    let sent = world.service.messenger.sent();
    assert!(
        sent.len() == 1 && sent[0].words().contains("https://wa.me/"),
        "{sent:?}"
    );
    world.told(template("APPROVED")).await;
    assert_eq!(world.asks("85290000000", "#kate").await, "onboarded");
    let last = world.service.messenger.sent().pop().unwrap();
    assert_eq!(last.template(), Some("acme_invitation"));
}

#[tokio::test]
async fn a_disabled_template_without_a_fallback_opens_no_room_that_would_fail() {
    let world = World::new().await;
    for event in ["PAUSED", "DISABLED", "ARCHIVED", "REJECTED", "DELETED"] {
        world.told(template(event)).await;
        assert_eq!(world.asks(HK, "#kate").await, "account_unhealthy", "{event}");
    }
    world.told(template("REINSTATED")).await;
    assert_eq!(world.asks(HK, "#kate").await, "onboarded");
}

#[tokio::test]
async fn a_template_made_a_marketing_template_is_replaced_or_sent_all_the_same() {
    let recategorised = || NoticeContent::TemplateCategory {
        name: "acme_invitation".to_owned(),
        language: "en".to_owned(),
        previous: Some("UTILITY".to_owned()),
        category: "MARKETING".to_owned(),
        coming: None,
    };
    for (fallback, by_template) in [(true, false), (false, true)] {
        let world = World::with(|config| config.settings.features.link_fallback = fallback).await;
        world.told(recategorised()).await;
        assert_eq!(world.asks(HK, "#kate").await, "onboarded");
        let last = world.service.messenger.sent().pop().unwrap();
        assert_eq!(last.template().is_some(), by_template);
    }
}

#[tokio::test]
async fn a_template_that_is_not_the_companys_changes_nothing() {
    let world = World::new().await;
    let before = world.company().await.revision;
    world
        .told(NoticeContent::TemplateStatus {
            name: "newsletter".to_owned(),
            language: "en".to_owned(),
            event: "DISABLED".to_owned(),
            reason: None,
        })
        .await;
    assert_eq!(world.company().await.revision, before);
}

#[tokio::test]
async fn a_messaging_limit_from_a_webhook_is_known_before_it_is_hit() {
    let world = World::new().await;
    let limit = Some("1".to_owned());
    world.told(NoticeContent::Capability { limit }).await;
    assert_eq!(world.asks(HK, "#kate").await, "onboarded");
    assert_eq!(
        world.asks("85290000000", "#kate").await,
        "messaging_limit_reached"
    );
    let sent = world.service.messenger.sent();
    assert_eq!(
        sent.iter().filter(|message| message.template().is_some()).count(),
        1
    );
    world.service.clock.advance(Duration::from_hours(24));
    assert_eq!(
        world.asks("85290000000", "#kate").await,
        "onboarded",
        "it counts the last day"
    );
}

#[tokio::test]
async fn a_client_beyond_the_messaging_limit_gets_the_link_where_the_company_allows_it() {
    let world = World::with(|config| config.settings.features.link_fallback = true).await;
    let limit = Some("TIER_0".to_owned());
    world.told(NoticeContent::Capability { limit }).await;
    assert_eq!(world.asks(HK, "#kate").await, "onboarded");
    let sent = world.service.messenger.sent();
    assert!(
        sent.len() == 1 && sent[0].words().contains("https://wa.me/"),
        "{sent:?}"
    );
}

#[tokio::test]
async fn the_primary_of_a_user_tells_whether_clients_can_be_answered() {
    let world = World::new().await;
    world.told(ban("DISABLE")).await;
    let company = world.company().await;
    let unit = company
        .org_units
        .iter()
        .find(|unit| unit.id.as_str() == "hk-private")
        .unwrap();
    let now = world.service.clock.now();
    let (primary, state) = company.primary_state(&unit.id, now).unwrap();
    assert_eq!(
        (&primary.phone_number, state.health),
        (&number(PRIMARY), Health::Blocked)
    );
    let finding = &state.findings[0];
    assert_eq!(finding.reason, "Meta has disabled the account");
    assert!(
        finding
            .remedy
            .as_deref()
            .is_some_and(|remedy| remedy.contains("review"))
    );
    let nowhere = company
        .org_units
        .iter()
        .find(|unit| unit.id.as_str() == "sg")
        .unwrap();
    assert_eq!(company.primary_state(&nowhere.id, now), None, "no pool serves it");
}

#[tokio::test]
async fn a_notice_of_no_company_here_is_put_aside() {
    let world = World::new().await;
    let notice = PlatformNotice {
        waba_id: Some("another".to_owned()),
        at: None,
        content: update("ACCOUNT_DELETED"),
    };
    let report = world.service.notice("another", notice).await;
    assert_eq!((report.stored, report.quarantined), (0, 1));
}
