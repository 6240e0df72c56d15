//! Contacts that wait, for a promotion or for a number.

use std::time::Duration;

use onboarding_core::{
    Actor, Audience, NoticeKind, Prospect, ProspectState, TemplatePurpose, WaitsFor,
    config::CompanyConfig,
    ports::ProspectFilter,
    service::{Acted, Wish},
};
use onboarding_testkit::{PRIMARY, SentMessage, TestService, acme_id};

use crate::{
    JANE, acme_with_templates, acts, closes, done, jane_meets, jane_writes, live_rooms, news,
    nothing_is_violated, number_of, user,
};

async fn prospects(service: &TestService) -> Vec<Prospect> {
    let any = ProspectFilter::default();
    service.store.prospects(&acme_id(), any, 99).await.unwrap()
}

async fn without_promotion() -> TestService {
    let mut config = acme_with_templates();
    config.settings.features.auto_promotion = false;
    TestService::with(config).await
}

#[tokio::test]
async fn a_prospect_keeps_the_words_and_is_promoted_days_later_by_template() {
    let service = without_promotion().await;
    assert_eq!(
        jane_writes(&service, PRIMARY, "Hi #kate, a friend sent me").await,
        "prospect_received"
    );
    let prospect = prospects(&service).await.remove(0);
    assert_eq!(prospect.text, "Hi #kate, a friend sent me");
    let kate = user(&service, "kate").await;
    let told = service
        .store
        .notices(&acme_id(), Audience::User(kate.id).into(), 9)
        .await
        .unwrap();
    assert_eq!(told[0].notice.kind, NoticeKind::ProspectWaits);
    let mut seen = service.messages_to(JANE).len();
    service.clock.advance(Duration::from_hours(96));
    let promote = Wish::Promote {
        prospect: prospect.id,
        by: Actor::User(kate.id),
    };
    let room = done(acts(&service, promote.clone()).await).new_room.unwrap();
    let told = news(&service, &mut seen);
    assert_eq!(told.len(), 2);
    assert_eq!(
        (told[0].from.as_str(), told[0].template()),
        (PRIMARY, Some("acme_user_info"))
    );
    let number = number_of(&service, &room).await;
    assert_eq!(
        (told[1].from.as_str(), told[1].template()),
        (number.as_str(), Some("acme_invitation"))
    );
    let ended = prospects(&service).await.remove(0);
    assert_eq!(
        (ended.state, ended.room),
        (ProspectState::Promoted, Some(room.id))
    );
    assert_eq!(ended.ended_by, Some(Actor::User(kate.id)));
    assert!(
        matches!(acts(&service, promote).await, Acted::Prevented(_)),
        "once"
    );
    nothing_is_violated(&service).await;
}

#[tokio::test]
async fn a_rejected_prospect_hears_nothing_and_may_ask_again() {
    let service = without_promotion().await;
    jane_writes(&service, PRIMARY, "#kate").await;
    let mut seen = service.messages_to(JANE).len();
    let first = prospects(&service).await.remove(0);
    let reject = Wish::EndProspect {
        prospect: first.id,
        state: ProspectState::Rejected,
        by: Actor::Operator,
    };
    done(acts(&service, reject).await);
    service.clock.advance(Duration::from_mins(1));
    assert!(news(&service, &mut seen).is_empty());
    assert_eq!(jane_writes(&service, PRIMARY, "#kate").await, "prospect_received");
    let states: Vec<_> = prospects(&service).await.iter().map(|one| one.state).collect();
    assert_eq!(states, [ProspectState::Rejected, ProspectState::Waiting]);
}

#[tokio::test]
async fn a_prospect_expires_after_the_time_that_the_company_set() {
    let service = without_promotion().await;
    jane_writes(&service, PRIMARY, "#kate").await;
    service.clock.advance(Duration::from_hours(30 * 24));
    assert!(!service.upkeep.look_after(&acme_id()).await.unwrap().changed());
    service.clock.advance(Duration::from_secs(1));
    assert_eq!(service.upkeep.look_after(&acme_id()).await.unwrap().expired, 1);
    assert_eq!(prospects(&service).await[0].state, ProspectState::Expired);
    assert_eq!(service.upkeep.look_after(&acme_id()).await.unwrap().expired, 0);
    nothing_is_violated(&service).await;
}

/// Jane has a room on every number of the pool.
async fn full_for_jane() -> TestService {
    filled_for_jane(waiting_list_of_jane()).await
}

fn waiting_list_of_jane() -> CompanyConfig {
    let mut config = acme_with_templates();
    config.settings.features.waiting_list = true;
    config.settings.features.pair_reuse_after_days = Some(1);
    config.settings.limits.auto_replies_per_hour = 50;
    config.pools[0].secondaries.truncate(2);
    config
}

async fn filled_for_jane(config: CompanyConfig) -> TestService {
    let service = TestService::with(config).await;
    for extension in ["#kate", "#dom123456"] {
        jane_meets(&service, extension).await;
    }
    service
}

#[tokio::test]
async fn somebody_on_the_waiting_list_knows_their_place_and_is_connected_when_a_number_is_free() {
    let service = full_for_jane().await;
    let mut seen = service.messages_to(JANE).len();
    assert_eq!(
        jane_writes(&service, PRIMARY, "#michael").await,
        "no_secondary_number"
    );
    service.clock.advance(Duration::from_mins(1));
    assert_eq!(
        jane_writes(&service, PRIMARY, "#michael").await,
        "no_secondary_number"
    );
    let told = news(&service, &mut seen);
    assert_eq!(told.len(), 2);
    assert!(
        told.iter().all(|one| one.words().contains("number 1 on")),
        "{}",
        told[0].words()
    );
    assert_eq!(prospects(&service).await.len(), 1, "one place");
    for audience in [
        Audience::Admins,
        Audience::User(user(&service, "michael").await.id),
    ] {
        let told = service
            .store
            .notices(&acme_id(), audience.into(), 9)
            .await
            .unwrap();
        assert_eq!(told[0].notice.kind, NoticeKind::ClientTurnedAway);
    }
    assert!(!service.upkeep.look_after(&acme_id()).await.unwrap().changed());
    let room = live_rooms(&service).await.pop().unwrap();
    done(closes(&service, &room).await);
    assert!(
        !service.upkeep.look_after(&acme_id()).await.unwrap().changed(),
        "INV-31: not yet"
    );
    // The company lets a pair be used again after a day; the list holds no longer than that by default.
    service.clock.advance(Duration::from_hours(24));
    let upkept = service.upkeep.serve_waiting_list(&acme_id()).await.unwrap();
    assert_eq!(upkept, 1);
    service.pump().await;
    let michael = user(&service, "michael").await.id;
    let got = live_rooms(&service)
        .await
        .into_iter()
        .find(|one| one.user == michael)
        .unwrap();
    assert_eq!(got.account, room.account);
    let told = news(&service, &mut seen);
    assert_eq!(told.last().unwrap().template(), Some("acme_invitation"));
    assert_eq!(prospects(&service).await[0].state, ProspectState::Promoted);
    assert_eq!(service.upkeep.serve_waiting_list(&acme_id()).await.unwrap(), 0);
    nothing_is_violated(&service).await;
}

/// Jane waits for Michael as long as the company lets her; what she hears then.
async fn hears_of_the_expiry(service: &TestService, hours: u64) -> Vec<SentMessage> {
    jane_writes(service, PRIMARY, "#michael").await;
    let mut seen = service.messages_to(JANE).len();
    service
        .clock
        .advance(Duration::from_hours(hours) + Duration::from_secs(1));
    let upkept = service.upkeep.look_after(&acme_id()).await.unwrap();
    assert_eq!((upkept.expired, upkept.numbers_found), (1, 0));
    assert_eq!(prospects(service).await[0].state, ProspectState::Expired);
    service.pump().await;
    nothing_is_violated(service).await;
    news(service, &mut seen)
}

#[tokio::test]
async fn a_place_on_the_waiting_list_expires_and_the_client_is_told() {
    let service = full_for_jane().await;
    let told = hears_of_the_expiry(&service, 23).await;
    let [told] = told.as_slice() else {
        panic!("once: {told:?}");
    };
    assert_eq!(told.from.as_str(), PRIMARY);
    let words = told.words();
    assert!(words.contains("no longer on the waiting list"), "{words}");
    assert!(words.contains("#michael"), "she may ask again: {words}");
}

#[tokio::test]
async fn outside_the_window_the_expiry_is_told_by_template_or_not_at_all() {
    let mut config = waiting_list_of_jane();
    config.settings.limits.waiting_expires_after = Duration::from_hours(48);
    let service = filled_for_jane(config.clone()).await;
    let told = hears_of_the_expiry(&service, 48).await;
    let template = config.settings.templates[&TemplatePurpose::WaitingExpired]
        .name
        .clone();
    assert_eq!(told[0].template(), Some(template.as_str()));
    config.settings.templates.remove(&TemplatePurpose::WaitingExpired);
    let service = filled_for_jane(config).await;
    assert!(hears_of_the_expiry(&service, 48).await.is_empty());
}

#[tokio::test]
async fn whoever_asks_again_and_gets_a_number_leaves_the_waiting_list() {
    let service = full_for_jane().await;
    jane_writes(&service, PRIMARY, "#michael").await;
    let room = live_rooms(&service).await.pop().unwrap();
    done(closes(&service, &room).await);
    service.clock.advance(Duration::from_hours(24));
    assert_eq!(jane_writes(&service, PRIMARY, "#michael").await, "onboarded");
    let ended = prospects(&service).await.remove(0);
    assert_eq!(
        (ended.state, ended.ended_by),
        (ProspectState::Promoted, Some(Actor::Client))
    );
    assert_eq!(ended.waits_for, WaitsFor::Number);
    nothing_is_violated(&service).await;
}
