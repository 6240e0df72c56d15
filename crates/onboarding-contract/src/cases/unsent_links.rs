//! Links that do not reach the client.

use std::time::Duration;

use onboarding_core::{Audience, ChatRoom, DeliveryProgress, InvitationKind, RoomState, ports::StatusEffect};
use onboarding_testkit::{PRIMARY, SECONDARIES, TestService, acme, refused};

use crate::{bench::Bench, list::list_cases};

list_cases!(($) unsent_links => unsent_links_contract:
    a_link_that_does_not_arrive_ends_its_room_and_frees_the_number,
    a_link_that_failed_after_the_next_one_ends_nothing,
    a_link_that_failed_although_the_client_came_ends_nothing,
    a_failed_link_waits_for_its_follow_up,
);

const HK: &str = "85291234567";

/// A company of one secondary that brings its clients there by link.
async fn by_link(bench: &Bench) -> TestService {
    let mut config = acme();
    config.settings.features.invitation = InvitationKind::Link;
    config.pools[0].secondaries.truncate(1);
    TestService::on(bench.store.clone(), config).await
}

async fn asks(service: &TestService, extension: &str) -> String {
    service.clock.advance(Duration::from_mins(2));
    service.client(HK).sends(PRIMARY, extension).await;
    service.pump().await;
    service.outcomes().await.pop().unwrap()
}

async fn room(bench: &Bench) -> ChatRoom {
    bench
        .store
        .latest_rooms(&bench.company, 1)
        .await
        .unwrap()
        .remove(0)
}

async fn a_link_that_does_not_arrive_ends_its_room_and_frees_the_number(bench: &Bench) {
    let service = by_link(bench).await;
    let mut heard = 0;
    for (extension, at_once) in [("#dom123456", true), ("#kate", false)] {
        if at_once {
            service.messenger.next(Err(refused(131_026)));
        }
        assert_eq!(
            asks(&service, extension).await,
            "onboarded",
            "{extension}: the number is free"
        );
        if !at_once {
            let link = service.messages_to(HK).pop().unwrap();
            service.fails(&link, 131_026).await;
            service.pump().await;
            heard += 1;
        }
        let failed = room(bench).await;
        assert_eq!(failed.state, RoomState::Failed, "{extension}");
        let view = bench
            .store
            .room(&bench.company, failed.id)
            .await
            .unwrap()
            .unwrap();
        let why = view.failure.unwrap_or_default();
        assert!(why.contains("link") && why.contains("131026"), "{why}");
        for audience in [Audience::User(failed.user), Audience::Admins] {
            let notices = bench
                .store
                .notices(&bench.company, audience.into(), 9)
                .await
                .unwrap();
            let told = notices.iter().any(|one| one.notice.text.contains(&why));
            assert!(told, "{audience:?}: {notices:?}");
        }
        let arrived = service
            .messages_to(HK)
            .into_iter()
            .filter(|sent| sent.provider_id.is_some());
        assert_eq!(arrived.count(), heard, "the client is told nothing more");
        service.deliver.repair().await.unwrap();
        assert_eq!(service.pump().await, [], "and nothing is left to do");
    }
    service.assert_idle().await;
}

async fn a_link_that_failed_after_the_next_one_ends_nothing(bench: &Bench) {
    let service = by_link(bench).await;
    assert_eq!(asks(&service, "#dom123456").await, "onboarded");
    assert_eq!(asks(&service, "#dom123456").await, "reminded");
    let links = service.messages_to(HK);
    service.fails(&links[0], 131_026).await;
    service.pump().await;
    assert!(room(bench).await.waits_for_link(), "the second link stands");
    service.fails(&links[1], 131_026).await;
    service.pump().await;
    assert_eq!(room(bench).await.state, RoomState::Failed);
    service.assert_idle().await;
}

async fn a_link_that_failed_although_the_client_came_ends_nothing(bench: &Bench) {
    let service = by_link(bench).await;
    assert_eq!(asks(&service, "#dom123456").await, "onboarded");
    let link = service.messages_to(HK).pop().unwrap();
    service.client(HK).sends(SECONDARIES[0], "here I am").await;
    service.pump().await;
    service.fails(&link, 131_026).await;
    service.pump().await;
    assert_eq!(room(bench).await.state, RoomState::Active);
    assert_eq!(bench.store.failed_invitations(9).await.unwrap(), []);
    service.assert_idle().await;
}

async fn a_failed_link_waits_for_its_follow_up(bench: &Bench) {
    let service = by_link(bench).await;
    assert_eq!(asks(&service, "#dom123456").await, "onboarded");
    let link = service.messages_to(HK).pop().unwrap();
    // The status is stored, and the service falls before what follows from it.
    let id = link.outbox_id;
    assert_eq!(
        bench.reported(id, DeliveryProgress::Failed).await,
        StatusEffect::InvitationFailed(id)
    );
    assert!(room(bench).await.waits_for_link());
    let left = bench.store.failed_invitations(9).await.unwrap();
    assert_eq!(left.iter().map(|(_, id, _)| *id).collect::<Vec<_>>(), [id]);
    service.deliver.repair().await.unwrap();
    assert_eq!(room(bench).await.state, RoomState::Failed);
    assert_eq!(bench.store.failed_invitations(9).await.unwrap(), []);
    service.assert_idle().await;
}
